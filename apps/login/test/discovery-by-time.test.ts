import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY } from '#support/primitives/durations.ts';
import { Browser } from './browser.ts';
import { basic, PASSWORD } from './steps.ts';
import { openWorld, type World } from './world.ts';

/** Samples of each kind at each question, taken in turn: QUALITY.md's C5. They say something on a machine that does nothing else, so CI counts statements instead. */
const SAMPLES = Number(process.env.HITOKAGI_TIME_SAMPLES ?? (process.env.HITOKAGI_FULL_CAMPAIGN ? 1_200 : 0));
const SEED = Number(process.env.HITOKAGI_SEED ?? 20_261_123);
/** In milliseconds; and the part of guesses that the best threshold gets right. */
const MOST = { apart: 1, right: 0.52 };

/** Names are of one length, so that pages are too. */
const KINDS = {
  known: 'aaa1@example.co.jp',
  'without a password': 'aaa2@example.co.jp',
  suspended: 'aaa3@example.co.jp',
  unknown: 'aaa4@example.co.jp',
};
type Kind = keyof typeof KINDS;

let world: World;
beforeAll(async () => {
  world = await openWorld({ work: false });
  await world.addConsole('sms');
  await world.addPerson(KINDS.known, { sms: '1' }, { password: PASSWORD });
  await world.addPerson(KINDS['without a password'], { sms: '2' });
  await world.addPerson(KINDS.suspended, { sms: '3' }, { password: PASSWORD, state: 'suspended' });
  await world.addPerson('asks@example.co.jp', { sms: '5' }, { password: PASSWORD });
});
afterAll(() => world.close());

type Question = { name: string; prepare(address: string): Promise<() => Promise<number>> };

const QUESTIONS: readonly Question[] = [
  {
    name: 'a sign-in',
    async prepare(address) {
      const browser = new Browser(world);
      return async () =>
        (
          await browser.request('POST', '/sign-in', {
            email_address: address,
            password: 'Wrong-but-typed 99',
          })
        ).statusCode;
    },
  },
  {
    name: 'a request for a code',
    async prepare(address) {
      const browser = new Browser(world);
      return async () => (await browser.request('POST', '/reset', { email_address: address })).statusCode;
    },
  },
  {
    name: 'a guess at a code',
    async prepare(address) {
      const browser = new Browser(world);
      const asked = await browser.request('POST', '/reset', { email_address: address });
      const page = String(asked.headers.location).split('?')[0] ?? '';
      const form = { code: '00000000', password: PASSWORD, confirmation: PASSWORD };
      return async () => (await browser.request('POST', page, form)).statusCode;
    },
  },
  {
    name: 'a console’s question for another login ID',
    prepare: async (address) => async () =>
      (
        await world.app.server.inject({
          method: 'POST',
          url: '/api/console/v1/login-id-changes',
          headers: { host: 'login.example.co.jp', authorization: basic('sms') },
          payload: { consoleUserId: '5', newEmailAddress: address, locale: 'ja' },
        })
      ).statusCode,
  },
];

/** Another day: no limit of the day before counts. */
async function anotherDay(): Promise<void> {
  world.pass(1 * DAY);
  await world.database.pool.query('delete from sign_in_throttle');
}

describe('C5: how long an answer takes does not tell who has an account', () => {
  it('everybody costs the same statements', async () => {
    const counts: Record<string, Record<string, unknown>> = {};
    // The first answer of each kind fills caches.
    for (const round of ['first', 'counted'])
      for (const { name, prepare } of QUESTIONS)
        for (const [kind, address] of Object.entries(KINDS)) {
          await anotherDay();
          const ask = await prepare(address);
          const before = world.database.statements();
          const status = await ask();
          if (round === 'counted')
            (counts[name] ??= {})[kind] = { status, statements: world.database.statements() - before };
        }
    for (const [name, kinds] of Object.entries(counts))
      for (const [kind, cost] of Object.entries(kinds))
        expect(cost, `${name}: ${kind}`).toEqual(kinds.unknown);
    expect(Object.keys(counts)).toHaveLength(QUESTIONS.length);
  });

  it.runIf(SAMPLES > 0)(
    'and the same time: medians lie together, and no threshold guesses better than chance',
    { timeout: 7_200_000 },
    async () => {
      console.info(`HITOKAGI_SEED=${SEED}, ${SAMPLES} samples of each kind at each question`);
      let state = SEED >>> 0;
      const chance = (): number => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state / 2 ** 32;
      };
      const told: string[] = [];
      for (const { name, prepare } of QUESTIONS) {
        const times = new Map<Kind, number[]>(Object.keys(KINDS).map((kind) => [kind as Kind, []]));
        for (let round = -5; round < SAMPLES; round += 1) {
          await anotherDay();
          const order = [...times.keys()]
            .map((kind) => ({ kind, at: chance() }))
            .toSorted((one, other) => one.at - other.at);
          for (const { kind } of order) {
            const ask = await prepare(KINDS[kind]);
            const begun = performance.now();
            await ask();
            if (round >= 0) times.get(kind)?.push(performance.now() - begun);
          }
        }
        const unknown = times.get('unknown') ?? [];
        for (const [kind, mine] of times) {
          if (kind === 'unknown') continue;
          const apart = Math.abs(median(mine) - median(unknown));
          const right = guessedRight(mine, unknown);
          const line = `${name}, ${kind} or unknown: medians ${apart.toFixed(2)} ms apart, ${(100 * right).toFixed(1)} % guessed right`;
          console.info(line);
          // As many guesses as there are: three standard deviations are chance.
          if (apart > MOST.apart || right > MOST.right + 1.5 / Math.sqrt(SAMPLES)) told.push(line);
        }
      }
      expect(told).toEqual([]);
    },
  );
});

/** The threshold that parts the first halves best, tried on the second halves. */
function guessedRight(one: readonly number[], other: readonly number[]): number {
  const half = Math.floor(one.length / 2);
  const part = (threshold: number, mine: readonly number[], theirs: readonly number[]): number =>
    (mine.filter((time) => time > threshold).length + theirs.filter((time) => time <= threshold).length) /
    (mine.length + theirs.length);
  let best = { threshold: 0, right: 0.5, above: true };
  for (const threshold of [...one.slice(0, half), ...other.slice(0, half)]) {
    const right = part(threshold, one.slice(0, half), other.slice(0, half));
    if (Math.max(right, 1 - right) > best.right)
      best = { threshold, right: Math.max(right, 1 - right), above: right >= 0.5 };
  }
  const right = part(best.threshold, one.slice(half), other.slice(half));
  return best.above ? right : 1 - right;
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}
