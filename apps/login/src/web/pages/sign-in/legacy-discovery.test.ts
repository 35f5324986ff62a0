import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as argon2 from '@node-rs/argon2';
import type * as legacyVerifier from '#domain/credentials/legacy-verifier.ts';
import { DAY, HOUR } from '#support/primitives/durations.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { acceptLegacy, addLegacyPerson, legacyHash, STRONG } from '#test/legacy.ts';
import { authorizeUrl, PASSWORD, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

/** What was computed, in its order. */
const work = vi.hoisted(() => ({ done: [] as string[] }));
vi.mock('@node-rs/argon2', async (original) => {
  const real = await original<typeof argon2>();
  return {
    ...real,
    verify: (...input: Parameters<typeof real.verify>) => {
      work.done.push('argon2');
      return real.verify(...input);
    },
  };
});
vi.mock('#domain/credentials/legacy-verifier.ts', async (original) => {
  const real = await original<typeof legacyVerifier>();
  return {
    createLegacyVerifier() {
      const verifier = real.createLegacyVerifier();
      return {
        ...verifier,
        verify: (hash: string, password: string) => {
          work.done.push(`legacy ${hash.split('$').slice(0, 2).join('$')}`);
          return verifier.verify(hash, password);
        },
      };
    },
  };
});

/** Enough iterations for one verification to take several times what the rest of a sign-in does. */
const ITERATIONS = 200_000;
const FULL = Boolean(process.env.HITOKAGI_FULL_CAMPAIGN);
const KINDS = ['kaa1', 'kaa2', 'kaa3', 'kaa4', 'kaa5', 'kaa6'] as const;
const NAMES = {
  kaa1: 'unknown',
  kaa2: 'without a password',
  kaa3: 'with a legacy password',
  kaa4: 'with a password',
  kaa5: 'suspended, with a legacy password',
  kaa6: 'of another console',
};

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
  await world.addConsole('mail');
  await acceptLegacy(world, 'sms', 'imported');
  const hash = legacyHash(STRONG, ITERATIONS);
  await world.addPerson('kaa2@example.co.jp', { sms: '2' });
  await addLegacyPerson(world, 'sms', 'kaa3@example.co.jp', hash);
  await world.addPerson('kaa4@example.co.jp', { sms: '4' }, { password: PASSWORD });
  await addLegacyPerson(world, 'sms', 'kaa5@example.co.jp', hash, { state: 'suspended' });
  await world.addPerson('kaa6@example.co.jp', { mail: '6' });
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.database.db.deleteFrom('sign_in_throttle').execute();
  world.pass(1 * DAY);
  work.done.length = 0;
});

async function attempt(who: string, path = '/sign-in', browser = new Browser(world)): Promise<Answer> {
  return browser.request('POST', path, {
    email_address: `${who}@example.co.jp`,
    password: 'Wrong-but-typed 99',
  });
}

describe('C4: where legacy passwords are accepted, a refused sign-in tells a stranger nothing', () => {
  it.each(['pending', 'alone'])(
    'status, headers, cookies and page are byte-equal for everybody (%s)',
    async (where) => {
      const stories = [];
      for (const who of KINDS) {
        const browser = new Browser(world);
        const path = where === 'pending' ? (await browser.open(authorizeUrl('sms').url)).path : '/sign-in';
        const steps = [];
        for (let i = 0; i < 6; i++) steps.push(seenIn(await attempt(who, path, browser), who, browser));
        stories.push(steps);
      }
      expect(stories[0]?.map((step) => step.status)).toEqual([401, 401, 401, 401, 401, 429]);
      for (const [nth, story] of stories.entries())
        expect(story, NAMES[KINDS[nth] ?? 'kaa1']).toEqual(stories[0]);
    },
  );
});

describe('C5: and it takes everybody the same work', () => {
  it('one Argon2 hash and one legacy hash of the console’s, in this order', async () => {
    for (const who of KINDS) {
      work.done.length = 0;
      await attempt(who);
      expect(work.done, NAMES[who]).toEqual(['argon2', `legacy pbkdf2_sha256$${ITERATIONS}`]);
    }
  });

  it('whoever has a password and types it right causes no legacy hash', async () => {
    const browser = new Browser(world);
    await browser.request('POST', '/sign-in', { email_address: 'kaa4@example.co.jp', password: PASSWORD });
    expect(work.done).toEqual(['argon2']);
  });

  it('of two formats each address meets always the same, and each about as often as people have it', async () => {
    const other = await openWorld();
    try {
      await other.addConsole('sms');
      await acceptLegacy(other, 'sms', 'imported');
      // Before the import there is nothing to compute for anybody; that is forgotten at once.
      work.done.length = 0;
      await new Browser(other).request('POST', '/sign-in', {
        email_address: 'early@example.co.jp',
        password: 'x',
      });
      expect(work.done).toEqual(['argon2']);
      for (let i = 0; i < 3; i++)
        await addLegacyPerson(other, 'sms', `django${i}@example.co.jp`, legacyHash(STRONG, 1_000));
      await addLegacyPerson(other, 'sms', 'md5@example.co.jp', '$1$mihon12$JGUWIh3.6ejRHhHCtOJnH1');
      const seen: string[][] = [];
      for (let round = 0; round < 2; round++) {
        work.done.length = 0;
        for (let i = 0; i < 40; i++)
          await new Browser(other).request('POST', '/sign-in', {
            email_address: `nobody${i}@example.co.jp`,
            password: 'x',
          });
        seen.push(work.done.filter((one) => one.startsWith('legacy')));
      }
      expect(seen[1]).toEqual(seen[0]);
      const md5 = seen[0]?.filter((one) => one === 'legacy $1').length ?? 0;
      expect(md5).toBeGreaterThan(1);
      expect(md5).toBeLessThan(25);
    } finally {
      await other.close();
    }
  });

  // For a machine that does nothing else: with other work the samples say more of that than of us.
  it.runIf(FULL)(
    'interleaved samples of its time do not tell people apart',
    { timeout: 600_000 },
    async () => {
      const rounds = 90;
      const times = new Map(KINDS.map((who) => [who, [] as number[]]));
      for (let round = -1; round < rounds; round++) {
        world.pass(1 * HOUR);
        for (const who of shuffled(KINDS)) {
          const browser = new Browser(world);
          const begun = performance.now();
          await attempt(who, '/sign-in', browser);
          if (round >= 0) times.get(who)?.push(performance.now() - begun);
        }
      }
      const medians = KINDS.map((who) => median(times.get(who) ?? []));
      console.log(
        `medians of ${rounds} interleaved samples: ${KINDS.map((who, i) => `${NAMES[who]} ${medians[i]?.toFixed(1)} ms`).join(', ')}`,
      );
      // Without the work in vain they would lie a whole legacy hash apart, which is most of each.
      expect(Math.max(...medians) - Math.min(...medians)).toBeLessThan(Math.min(...medians) / 10);
    },
  );
});

describe('C1: guessing legacy passwords', () => {
  it('is counted as any sign-in: of 200 attempts at once at most 10 hashes of each kind are computed', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => attempt('kaa3')));
    expect(work.done.filter((one) => one === 'argon2').length).toBeLessThanOrEqual(10);
    expect(work.done.filter((one) => one !== 'argon2').length).toBeLessThanOrEqual(10);
    expect(answers.every((one) => [401, 429, 503].includes(one.statusCode))).toBe(true);
    const waiting = await attempt('kaa3');
    expect(textOf(waiting)).toContain('パスワードの間違いが続いたため');
  });

  it('a right one clears the counter', async () => {
    for (let i = 0; i < 3; i++) await attempt('kaa3');
    const right = await new Browser(world).request('POST', '/sign-in', {
      email_address: 'kaa3@example.co.jp',
      password: STRONG,
    });
    expect(right.statusCode).toBe(303);
    const row = await world.database.db
      .selectFrom('sign_in_throttle')
      .select('attempts')
      .where('key', '=', 'account:kaa3@example.co.jp')
      .executeTakeFirst();
    expect(row).toBeUndefined();
  });
});

function seenIn(answer: Answer, who: string, browser: Browser) {
  const secrets = [...browser.cookies.values()].map((cookie) => cookie.value);
  const mask = (text: string): string =>
    [...secrets, String(answer.headers['x-request-id'])]
      .reduce((masked, secret) => masked.replaceAll(secret, 'SECRET'), text)
      .replace(/\/sign-in\/[\w-]{21,}/g, '/sign-in/UID')
      .replace(/expires=[^;"]+/gi, 'expires=TIME')
      .replaceAll(who, 'WHO');
  const { date: _, ...headers } = answer.headers;
  return { status: answer.statusCode, headers: mask(JSON.stringify(headers)), body: mask(answer.body) };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map((one) => one.value);
}
