import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { Browser } from './browser.ts';
import { codeWays, type Asked, type Way } from './code-ways.ts';
import type { Change } from './console-api.ts';
import { askByOperator } from './operator-change.ts';
import { basic, codeIn, otherCode, PASSWORD } from './steps.ts';
import { openWorld, type World } from './world.ts';

/** Stories of random steps; `HITOKAGI_FULL_CAMPAIGN=1`: 1,500 of each kind of code. */
const STORIES = process.env.HITOKAGI_FULL_CAMPAIGN === '1' ? 1_500 : 25;

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
  await world.addConsole('mail');
});
afterAll(() => world.close());
beforeEach(() => world.pass(2 * DAY));

const { reset, change, byOperator, steps } = codeWays(() => world);
const KINDS = [reset, change, byOperator].map((way): [string, Way] => [way.purpose, way]);
const { person, call, begin, confirm, addressOf, atCodePage, finish, passwordOf } = steps;

describe.each(KINDS)('V1: a code to %s', (_purpose, way) => {
  it('typed 50 times at once is accepted once', async () => {
    const at = await way.ask();
    const code = await at.arrived();
    const answers = await Promise.all(Array.from({ length: 50 }, () => at.type(code)));
    expect(answers.filter((answer) => answer === 'accepted')).toHaveLength(1);
    expect(answers.every((answer) => answer === 'accepted' || answer < 500)).toBe(true);
  });

  it('is found by 50 guesses at once only if it is among the five that are looked at', async () => {
    const at = await way.ask();
    const code = await at.arrived();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => at.type(String((Number(code) + 1 + i) % 1e8).padStart(8, '0'))),
    );
    expect(answers.filter((answer) => answer === 422)).toHaveLength(5);
    expect(answers.filter((answer) => answer === 429)).toHaveLength(45);
    expect(await at.type(code)).toBe(429);
  });

  it.each([
    [9 * MINUTE + 59 * SECOND, 'accepted'],
    [10 * MINUTE - 1, 'accepted'],
    [10 * MINUTE, 422],
    [10 * MINUTE + 1 * SECOND, 422],
  ])('%d ms after it was made: %s', async (age, answer) => {
    const at = await way.ask();
    const code = await at.arrived();
    world.pass(age);
    expect(await at.type(code)).toBe(answer);
  });

  it.each<[string, (at: Asked, code: string) => Promise<void>]>([
    [
      'found expired',
      async (at, code) => {
        world.pass(10 * MINUTE);
        expect(await at.type(code)).toBe(422);
      },
    ],
    [
      'found expired beside a younger one',
      async (at, code) => {
        world.pass(10 * MINUTE);
        expect(await at.again()).toBe(true);
        expect(await at.type(code)).toBe(422);
      },
    ],
    [
      'ended by five wrong tries and the next code',
      async (at, code) => {
        for (let i = 0; i < 5; i++) await at.type(otherCode(code));
        expect(await at.type(code)).toBe(429);
        world.pass(60 * SECOND);
        expect(await at.again()).toBe(true);
        await at.arrived();
      },
    ],
    [
      'pushed out by two younger ones',
      async (at) => {
        for (let i = 0; i < 2; i++) {
          world.pass(60 * SECOND);
          expect(await at.again()).toBe(true);
          await at.arrived();
        }
      },
    ],
    [
      'used',
      async (at, code) => {
        expect(await at.type(code)).toBe('accepted');
      },
    ],
  ])('that was %s is not revived by a clock that is set back', async (_name, ends) => {
    const at = await way.ask();
    const code = await at.arrived();
    const begun = world.now;
    await ends(at, code);
    const ended = world.now;
    const steps = [1, 30 * SECOND, 60 * SECOND + 1, 5 * MINUTE, 9 * MINUTE + 59 * SECOND, 20 * MINUTE, DAY];
    for (const back of steps) {
      world.now = new Date(ended.getTime() - back);
      expect([back, await at.type(code)]).not.toEqual([back, 'accepted']);
    }
    world.now = begun;
    expect(await at.type(code)).not.toBe('accepted');
  });

  it('shares five tries between the newest two', async () => {
    const at = await way.ask();
    const first = await at.arrived();
    for (let i = 0; i < 3; i++) expect(await at.type(otherCode(first))).toBe(422);
    world.pass(60 * SECOND);
    expect(await at.again()).toBe(true);
    const second = await at.arrived();
    for (let i = 0; i < 2; i++) expect(await at.type(otherCode(second))).toBe(422);
    for (const code of [first, second]) expect(await at.type(code)).toBe(429);
  });

  it('of somebody else, for the same purpose, opens nothing', async () => {
    const [mine, theirs] = [await way.ask(), await way.ask()];
    const code = await theirs.arrived();
    await mine.arrived();
    expect(await mine.type(code)).toBe(422);
    expect(await theirs.type(code)).toBe('accepted');
  });

  it(
    `keeps its promises in ${STORIES} stories of random steps and times`,
    { timeout: 3_600_000 },
    async () => {
      const step = fc.oneof(
        { weight: 3, arbitrary: fc.constant({ do: 'again' as const }) },
        {
          weight: 6,
          arbitrary: fc.record({
            do: fc.constant('type' as const),
            nth: fc.constantFrom(0, 0, 0, 1, 1, 2, 3),
          }),
        },
        { weight: 3, arbitrary: fc.constant({ do: 'guess' as const }) },
        {
          weight: 5,
          arbitrary: fc.record({
            do: fc.constant('wait' as const),
            for: fc.constantFrom(
              ...[1, SECOND, 59 * SECOND, 61 * SECOND, 5 * MINUTE, 10 * MINUTE, 10 * MINUTE, 16 * MINUTE],
              ...[-1, -SECOND, -61 * SECOND, -5 * MINUTE, -9 * MINUTE, -11 * MINUTE, -15 * MINUTE],
            ),
          }),
        },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 18 }), async (steps) => {
          world.pass(2 * DAY);
          const at = await way.ask();
          const codes = [{ code: await at.arrived(), issued: world.now, over: false }];
          let accepted = 0;
          let guesses = 0;
          let tries = 0;
          // Whenever a code is looked at, right or wrong, all that are expired by then are over for good, wherever the clock is set.
          const looked = (): void => {
            if (tries < 5 && guesses < 30)
              for (const seen of codes)
                seen.over ||= seen.issued.getTime() + 10 * MINUTE <= world.now.getTime();
          };
          for (const one of steps) {
            if (one.do === 'wait') world.pass(one.for);
            if (one.do === 'again' && (await at.again())) {
              if (tries >= 5) for (const old of codes) old.over = true;
              if (tries >= 5) tries = 0;
              codes.unshift({ code: await at.arrived(), issued: world.now, over: false });
            }
            if (one.do === 'guess') {
              const answer = await at.type(otherCode(codes[0]?.code ?? ''));
              expect(answer).not.toBe('accepted');
              looked();
              if (accepted === 0 && tries < 5) guesses += 1;
              if (accepted === 0 && tries < 5) tries += 1;
            }
            if (one.do === 'type') {
              const typed = codes[one.nth];
              if (!typed) continue;
              const expired = typed.issued.getTime() + 10 * MINUTE <= world.now.getTime();
              const good =
                !typed.over && !expired && one.nth < 2 && tries < 5 && guesses < 30 && accepted === 0;
              const answer = await at.type(typed.code);
              looked();
              expect([answer === 'accepted', JSON.stringify(steps)]).toEqual([good, JSON.stringify(steps)]);
              if (answer === 'accepted') accepted += 1;
            }
          }
          expect(accepted).toBeLessThanOrEqual(1);
        }),
        { numRuns: STORIES },
      );
    },
  );
});

describe('V1: a code for one thing is no code for another', () => {
  it('to set a password and to change the login ID: neither opens the other, of the same account and mailbox', async () => {
    const one = await person();
    const two = await person();
    // Two's change goes to the mailbox of one, as far as its code does: one leaves the address first.
    const at = await atCodePage(one.address);
    world.pass(61 * SECOND);
    const wanted = `swap-${one.userId}@example.co.jp`;
    const mine = (await begin(one.userId, wanted)).json<Change>();
    const changeCode = codeIn((await world.nextMail(wanted)).text);
    expect((await confirm(mine.id, at.code)).statusCode).toBe(422);
    expect((await finish(at, changeCode)).statusCode).toBe(422);
    const other = (await begin(two.userId, `swap-${two.userId}@example.co.jp`)).json<Change>();
    expect((await confirm(other.id, changeCode)).statusCode).toBe(422);
    expect(await passwordOf(one.accountId)).toBeUndefined();
    expect(await addressOf(two.accountId)).toBe(two.address);
    expect((await confirm(mine.id, changeCode)).statusCode).toBe(200);
    // The password's code went to the address that the account has left.
    expect((await finish(at, at.code)).statusCode).toBe(422);
    expect(await passwordOf(one.accountId)).toBeUndefined();
  });

  it('what an operator began and what a console began: neither code nor way opens the other', async () => {
    const one = await person();
    const [regained, wanted] = [`op-${one.userId}@example.co.jp`, `own-${one.userId}@example.co.jp`];
    expect((await askByOperator(world, one.accountId, regained)).statusCode).toBe(201);
    const operatorMail = (await world.nextMail(regained)).text;
    const own = (await begin(one.userId, wanted)).json<Change>();
    const ownCode = codeIn((await world.nextMail(wanted)).text);
    const changes = await world.database.db
      .selectFrom('login_id_change')
      .select(['id', 'request_id', 'console_id'])
      .where('account_id', '=', one.accountId)
      .execute();
    const operators = changes.find((change) => change.console_id === null);
    const pageOf = (requestId = ''): string => `/login-id/code/${requestId}`;
    const type = (path: string, code: string) => new Browser(world).request('POST', path, { code });
    expect((await type(pageOf(operators?.request_id), ownCode)).statusCode).toBe(422);
    expect((await confirm(own.id, codeIn(operatorMail))).statusCode).toBe(422);
    // A console does not see what an operator began, and no page of ours takes what a console began.
    expect((await confirm(operators?.id ?? '', codeIn(operatorMail))).statusCode).toBe(404);
    const consoles = changes.find((change) => change.console_id !== null);
    expect((await type(pageOf(consoles?.request_id), ownCode)).statusCode).toBe(410);
    expect(await addressOf(one.accountId)).toBe(one.address);
    expect((await type(pageOf(operators?.request_id), codeIn(operatorMail))).statusCode).toBe(200);
    expect(await addressOf(one.accountId)).toBe(regained);
    expect((await confirm(own.id, ownCode)).statusCode).toBe(409);
  });

  it('the change of one console is none in another, with the right code and the right user', async () => {
    const { accountId, address } = await person();
    const console = await world.database.db
      .selectFrom('console')
      .select('id')
      .where('client_id', '=', 'mail')
      .executeTakeFirstOrThrow();
    await world.database.db
      .insertInto('console_link')
      .values({ console_id: console.id, console_user_id: 'm1', account_id: accountId, created_at: world.now })
      .execute();
    const begun = await begin((await userOf(accountId)) ?? '', `elsewhere-${accountId}@example.co.jp`);
    const { id } = begun.json<Change>();
    const code = codeIn((await world.nextMail(`elsewhere-${accountId}@example.co.jp`)).text);
    for (const path of [
      `/login-id-changes/${id}`,
      `/login-id-changes/${id}/confirm`,
      `/login-id-changes/${id}/resend`,
    ]) {
      const answer = await call(
        path.endsWith(id) ? 'GET' : 'POST',
        path,
        path.endsWith('confirm') ? { code } : undefined,
        { authorization: basic('mail') },
      );
      expect([path, answer.statusCode]).toEqual([path, 404]);
    }
    expect(await addressOf(accountId)).toBe(address);
  });
});

describe('V1: steps out of order', () => {
  it('nothing is accepted before a code has been mailed, nor for a request that never was', async () => {
    const stopped = await openWorld({ work: false });
    await stopped.addConsole('sms');
    const early = codeWays(() => stopped);
    for (const way of [early.reset, early.change, early.byOperator]) {
      const at = await way.ask();
      for (const code of ['00000000', '12345678', '', '0', ' ', '\u0000', 'null', 'undefined'])
        expect(await at.type(code)).not.toBe('accepted');
    }
    await stopped.close();
    const browser = new Browser(world);
    await browser.request('POST', '/reset', { email_address: 'nobody@example.co.jp' });
    for (const id of ['vrq_00000000000000000000000000', 'undefined', 'null', '__proto__'])
      expect(
        (
          await browser.request('POST', `/reset/${id}`, {
            code: '12345678',
            password: PASSWORD,
            confirmation: PASSWORD,
          })
        ).statusCode,
      ).toBe(404);
  });

  it('after its end a request takes no code, sends none and lets nobody in', async () => {
    for (const [, way] of KINDS) {
      const at = await way.ask();
      const first = await at.arrived();
      world.pass(61 * SECOND);
      expect(await at.again()).toBe(true);
      const second = await at.arrived();
      expect(await at.type(first)).toBe('accepted');
      const mails = world.mails.length;
      for (const code of [first, second, otherCode(second)]) expect(await at.type(code)).not.toBe('accepted');
      world.pass(61 * SECOND);
      expect(await at.again()).toBe(false);
      const codesSent = world.mails.slice(mails).filter((mail) => /\d{4} \d{4}/.test(mail.text));
      expect(codesSent).toEqual([]);
    }
  });
});

describe('V1: 30 guesses a day for an account, over all its codes', () => {
  it('at changes to ever new addresses, and then at its password too; a day later it goes on', async () => {
    const one = await person();
    for (let round = 0; round < 6; round++) {
      const wanted = `guess-${round}-${one.userId}@example.co.jp`;
      const { id } = (await begin(one.userId, wanted)).json<Change>();
      const code = codeIn((await world.nextMail(wanted)).text);
      for (let i = 0; i < 5; i++) expect((await confirm(id, otherCode(code))).statusCode).toBe(422);
    }
    const wanted = `guess-last-${one.userId}@example.co.jp`;
    const last = (await begin(one.userId, wanted)).json<Change>();
    const code = codeIn((await world.nextMail(wanted)).text);
    expect((await confirm(last.id, code)).statusCode).toBe(429);
    const at = await atCodePage(one.address);
    expect((await finish(at, at.code)).statusCode).toBe(429);
    expect(await passwordOf(one.accountId)).toBeUndefined();
    expect(await addressOf(one.accountId)).toBe(one.address);
    world.pass(DAY);
    const later = await atCodePage(one.address);
    expect((await finish(later, later.code)).path).toBe('/reset/done');
  });

  it('also when seven changes are guessed at all at once', async () => {
    const one = await person();
    const changes: { id: string; code: string }[] = [];
    for (let round = 0; round < 7; round++) {
      const wanted = `parallel-${round}-${one.userId}@example.co.jp`;
      const { id } = (await begin(one.userId, wanted)).json<Change>();
      changes.push({ id, code: codeIn((await world.nextMail(wanted)).text) });
    }
    // An attacker may find a way to keep them open side by side.
    await world.database.db
      .updateTable('login_id_change')
      .set({ superseded_at: null })
      .where('account_id', '=', one.accountId)
      .execute();
    const answers = await Promise.all(
      changes.flatMap(({ id, code }) => Array.from({ length: 5 }, () => confirm(id, otherCode(code)))),
    );
    expect(answers.filter((answer) => answer.statusCode === 422)).toHaveLength(30);
    expect(answers.filter((answer) => answer.statusCode === 429)).toHaveLength(5);
  });

  it('and asking again, another browser, another console and a clock set back reset nothing', async () => {
    const one = await person();
    for (let round = 0; round < 6; round++) {
      const at = await atCodePage(one.address);
      for (let i = 0; i < 5; i++) expect((await finish(at, otherCode(at.code))).statusCode).toBe(422);
      world.pass(16 * MINUTE);
    }
    const wanted = `other-way-${one.userId}@example.co.jp`;
    const { id } = (await begin(one.userId, wanted)).json<Change>();
    const code = codeIn((await world.nextMail(wanted)).text);
    expect((await confirm(id, code)).statusCode).toBe(429);
    world.pass(-2 * MINUTE);
    expect((await confirm(id, code)).statusCode).toBe(429);
    expect(await addressOf(one.accountId)).toBe(one.address);
  });
});

async function userOf(accountId: string): Promise<string | undefined> {
  const link = await world.database.db
    .selectFrom('console_link')
    .select('console_user_id')
    .where('account_id', '=', accountId)
    .orderBy('created_at')
    .executeTakeFirst();
  return link?.console_user_id;
}
