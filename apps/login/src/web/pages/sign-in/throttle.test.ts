import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as argon2 from '@node-rs/argon2';
import { HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { PASSWORD, setPassword, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

const hashes = vi.hoisted(() => ({ computed: 0 }));
vi.mock('@node-rs/argon2', async (original) => {
  const real = await original<typeof argon2>();
  return {
    ...real,
    verify: (...input: Parameters<typeof real.verify>) => {
      hashes.computed++;
      return real.verify(...input);
    },
  };
});

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
});
afterAll(() => world.close());
beforeEach(() => world.pass(24 * HOUR));

/** One attempt, from a network of its own unless a browser is given. */
async function attempt(address: string, password: string, browser = new Browser(world)): Promise<Answer> {
  return browser.request('POST', '/sign-in', { email_address: address, password });
}

async function failures(address: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) expect((await attempt(address, 'wrong')).statusCode).toBe(401);
}

const throttleRow = (key: string) =>
  world.database.db.selectFrom('sign_in_throttle').selectAll().where('key', '=', key).executeTakeFirst();

describe('R2: wrong passwords slow down', () => {
  it.each([['known@example.co.jp'], ['unknown@example.co.jp']])(
    'five are free, then each costs twice the wait, from 1 s to 15 min (%s)',
    async (address) => {
      if (address.startsWith('known')) await world.addPerson(address, {}, { password: PASSWORD });
      await failures(address, 5);
      for (const seconds of [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]) {
        const early = await attempt(address, 'wrong');
        expect(early.statusCode).toBe(429);
        expect(early.headers['retry-after']).toBe(String(seconds));
        expect(textOf(early)).toContain(`パスワードの間違いが続いたため、あと${seconds}秒お待ちください。`);
        expect(early.body).toContain(`value="${address}"`);
        world.pass(seconds * SECOND - 1);
        expect((await attempt(address, 'wrong')).statusCode).toBe(429);
        world.pass(1);
        expect((await attempt(address, 'wrong')).statusCode).toBe(401);
      }
    },
  );

  it('while one waits no hash is computed and the wait does not grow, and even the right password waits', async () => {
    await world.addPerson('waits@example.co.jp', {}, { password: PASSWORD });
    await failures('waits@example.co.jp', 5);
    for (const seconds of [1, 2, 4]) {
      world.pass(seconds * SECOND);
      await failures('waits@example.co.jp', 1);
    }
    hashes.computed = 0;
    for (let i = 0; i < 20; i++)
      expect((await attempt('waits@example.co.jp', PASSWORD)).headers['retry-after']).toBe('8');
    expect(hashes.computed).toBe(0);
    world.pass(8 * SECOND);
    expect((await attempt('waits@example.co.jp', PASSWORD)).statusCode).toBe(303);
    expect(hashes.computed).toBe(1);
  });

  it('a success clears the counter: five are free again', async () => {
    await world.addPerson('forgetful@example.co.jp', {}, { password: PASSWORD });
    await failures('forgetful@example.co.jp', 4);
    expect((await attempt('forgetful@example.co.jp', PASSWORD)).statusCode).toBe(303);
    await failures('forgetful@example.co.jp', 5);
    expect((await attempt('forgetful@example.co.jp', PASSWORD)).statusCode).toBe(429);
  });

  it('C2: every spelling of one address has one counter', async () => {
    const spellings = [
      'Tanaka@example.co.jp',
      ' tanaka@EXAMPLE.co.jp',
      'ｔａｎａｋａ＠example.co.jp',
      'TANAKA@example。co.jp',
      'tanaka@example.co.jp　',
    ];
    for (const spelling of spellings) expect((await attempt(spelling, 'wrong')).statusCode).toBe(401);
    for (const spelling of spellings) expect((await attempt(spelling, 'wrong')).statusCode).toBe(429);
    expect((await attempt('tanaka+2@example.co.jp', 'wrong')).statusCode).toBe(401);
  });

  it('C1: of 1,000 attempts at once on one account at most 10 hashes are computed', async () => {
    await world.addPerson('target@example.co.jp', {}, { password: PASSWORD });
    hashes.computed = 0;
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, i) => attempt('target@example.co.jp', `guess ${i}`)),
    );
    expect(hashes.computed).toBeGreaterThan(0);
    expect(hashes.computed).toBeLessThanOrEqual(10);
    // On a busy machine some find no database connection free in time and are told to come again (S2): refused as well.
    expect(answers.filter((one) => one.statusCode === 429 || one.statusCode === 503)).toHaveLength(
      1_000 - hashes.computed,
    );
  });

  it('C2: the failures of one’s account are counted in the database, not in this process', async () => {
    await failures('kept@example.co.jp', 4);
    expect(await throttleRow('account:kept@example.co.jp')).toMatchObject({ attempts: 4 });
  });
});

describe('R2: after 100 wrong passwords in a row', () => {
  it('only the reset helps, and it clears everything; no other account is touched', async () => {
    await world.addPerson('hundred@example.co.jp', { sms: '100' }, { password: PASSWORD });
    await failures('hundred@example.co.jp', 4);
    await world.database.db
      .updateTable('sign_in_throttle')
      .set({ attempts: 98 })
      .where('key', '=', 'account:hundred@example.co.jp')
      .execute();
    await failures('hundred@example.co.jp', 1);
    world.pass(15 * MINUTE);
    await failures('hundred@example.co.jp', 1);
    for (const wait of [0, 15 * MINUTE, 365 * 24 * HOUR]) {
      world.pass(wait);
      const refused = await attempt('hundred@example.co.jp', PASSWORD);
      expect(refused.statusCode).toBe(401);
      expect(textOf(refused)).toContain(
        'パスワードではログインできません。「パスワードを忘れた方はこちら」から設定し直すと、すぐにログインできます。',
      );
    }
    const done = await setPassword(
      world,
      new Browser(world),
      '/sign-in',
      'hundred@example.co.jp',
      'Yama-no-oto 42 desu',
    );
    expect([done.statusCode, done.path]).toEqual([200, '/reset/done']);
    expect(await throttleRow('account:hundred@example.co.jp')).toBeUndefined();
    expect((await attempt('hundred@example.co.jp', 'Yama-no-oto 42 desu')).statusCode).toBe(303);
  });
});

describe('R2: one network', () => {
  it('may fail 20 times in 5 minutes, then hears 429 with Retry-After, and the window ends by itself', async () => {
    const browser = new Browser(world);
    for (let i = 0; i < 20; i++)
      expect((await attempt(`spray${i}@example.co.jp`, 'wrong', browser)).statusCode).toBe(401);
    world.pass(2 * MINUTE);
    const refused = await attempt('spray21@example.co.jp', 'wrong', browser);
    expect(refused.statusCode).toBe(429);
    expect(refused.headers['retry-after']).toBe('180');
    expect(textOf(refused)).toContain(
      'お使いのネットワークからのログインの失敗が続いたため、あと約3分お待ちください。',
    );
    expect((await attempt('spray22@example.co.jp', 'wrong')).statusCode).toBe(401);
    world.pass(3 * MINUTE);
    expect((await attempt('spray23@example.co.jp', 'wrong', browser)).statusCode).toBe(401);
  });

  it('successes do not count: an office of many behind one address can sign in', async () => {
    const browser = new Browser(world);
    await world.addPerson('office@example.co.jp', {}, { password: PASSWORD });
    for (let i = 0; i < 25; i++)
      expect((await attempt('office@example.co.jp', PASSWORD, browser)).statusCode).toBe(303);
  });

  it('is the /64 for IPv6, and an account’s counter is not used up by it', async () => {
    const of = (host: string): Browser => Object.assign(new Browser(world), { ip: `2001:db8:1:2::${host}` });
    for (let i = 0; i < 20; i++) await attempt(`six${i}@example.co.jp`, 'wrong', of(i.toString(16)));
    expect((await attempt('six@example.co.jp', 'wrong', of('abcd'))).statusCode).toBe(429);
    expect(
      (
        await attempt(
          'six@example.co.jp',
          'wrong',
          Object.assign(new Browser(world), { ip: '2001:db8:1:3::1' }),
        )
      ).statusCode,
    ).toBe(401);
    expect(await throttleRow('account:six@example.co.jp')).toMatchObject({ attempts: 1 });
  });

  it('C1: 200 attempts at once from one network compute at most 20 hashes', async () => {
    const browser = new Browser(world);
    hashes.computed = 0;
    await Promise.all(
      Array.from({ length: 200 }, (_, i) => attempt(`storm${i}@example.co.jp`, 'wrong', browser)),
    );
    expect(hashes.computed).toBe(20);
  });

  it('V2: a forged X-Forwarded-For buys no new counter', async () => {
    const browser = new Browser(world);
    for (let i = 0; i < 20; i++)
      await browser.request(
        'POST',
        '/sign-in',
        { email_address: `forged${i}@example.co.jp`, password: 'wrong' },
        { 'x-forwarded-for': `192.0.2.${i}`, forwarded: `for=192.0.2.${i}` },
      );
    expect(
      (
        await browser.request(
          'POST',
          '/sign-in',
          { email_address: 'forged@example.co.jp', password: 'wrong' },
          { 'x-forwarded-for': '192.0.2.99' },
        )
      ).statusCode,
    ).toBe(429);
  });

  it('C3: the reset is never blocked by password failures, of the account or of the network', async () => {
    await world.addPerson('victim@example.co.jp', { sms: '77' }, { password: PASSWORD });
    const browser = new Browser(world);
    for (let i = 0; i < 30; i++) await attempt('victim@example.co.jp', 'wrong', browser);
    expect((await attempt('victim@example.co.jp', PASSWORD, browser)).statusCode).toBe(429);
    expect(
      (await setPassword(world, browser, '/sign-in', 'victim@example.co.jp', 'Umi-no-oto 43 desu')).path,
    ).toBe('/reset/done');
  });
});

describe('C3: a browser in which the person signed in within 90 days', () => {
  const KNOWN = 'known;/';
  async function signedIn(address: string): Promise<Browser> {
    const browser = new Browser(world);
    expect((await attempt(address, PASSWORD, browser)).statusCode).toBe(303);
    return browser;
  }
  /** A stranger at 50 attempts a second, from as many networks as it takes. */
  async function besiege(address: string): Promise<void> {
    for (let i = 0; i < 8; i++)
      await Promise.all(Array.from({ length: 50 }, () => attempt(address, 'wrong')));
  }

  it('signs in at once while a stranger keeps guessing, also past a hundred failures and in the stranger’s own network', async () => {
    await world.addPerson('owner@example.co.jp', {}, { password: PASSWORD });
    const owner = await signedIn('owner@example.co.jp');
    await besiege('owner@example.co.jp');
    expect((await attempt('owner@example.co.jp', PASSWORD)).statusCode).toBe(429);
    expect((await attempt('owner@example.co.jp', PASSWORD, owner)).statusCode).toBe(303);
    // The stranger’s failures are not forgotten by it.
    expect((await attempt('owner@example.co.jp', PASSWORD)).statusCode).toBe(429);
    await world.database.db
      .updateTable('sign_in_throttle')
      .set({ attempts: 100 })
      .where('key', '=', 'account:owner@example.co.jp')
      .execute();
    expect(textOf(await attempt('owner@example.co.jp', PASSWORD))).toContain(
      'パスワードではログインできません',
    );
    expect((await attempt('owner@example.co.jp', PASSWORD, owner)).statusCode).toBe(303);
    const neighbour = Object.assign(new Browser(world), { ip: owner.ip });
    for (let i = 0; i < 21; i++) await attempt(`neighbour${i}@example.co.jp`, 'wrong', neighbour);
    expect((await attempt('neighbour@example.co.jp', 'wrong', neighbour)).statusCode).toBe(429);
    expect((await attempt('owner@example.co.jp', PASSWORD, owner)).statusCode).toBe(303);
  });

  it('has the same limits for itself: five free, pauses, and after a hundred only the reset', async () => {
    await world.addPerson('thief@example.co.jp', {}, { password: PASSWORD });
    const browser = await signedIn('thief@example.co.jp');
    hashes.computed = 0;
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => attempt('thief@example.co.jp', 'wrong', browser)),
    );
    expect(answers.filter((one) => one.statusCode === 401)).toHaveLength(5);
    expect(hashes.computed).toBe(5);
    expect((await attempt('thief@example.co.jp', PASSWORD, browser)).headers['retry-after']).toBe('1');
    expect(await throttleRow('account:thief@example.co.jp')).toBeUndefined();
    world.pass(1 * SECOND);
    expect((await attempt('thief@example.co.jp', PASSWORD, browser)).statusCode).toBe(303);
    await world.database.db.updateTable('known_browser').set({ attempts: 100 }).execute();
    expect(textOf(await attempt('thief@example.co.jp', PASSWORD, browser))).toContain(
      'パスワードではログインできません',
    );
    for (const key of browser.cookies.keys()) if (key !== KNOWN) browser.cookies.delete(key);
    await setPassword(world, browser, '/sign-in', 'thief@example.co.jp', 'Yama-no-oto 42 desu');
    expect((await attempt('thief@example.co.jp', 'Yama-no-oto 42 desu', browser)).statusCode).toBe(303);
  });

  it('is a stranger to every other account, after 90 days, after a new password, and with a secret of its own making', async () => {
    await world.addPerson('mine@example.co.jp', {}, { password: PASSWORD });
    await world.addPerson('other@example.co.jp', {}, { password: PASSWORD });
    const mine = await signedIn('mine@example.co.jp');
    await failures('other@example.co.jp', 5);
    expect((await attempt('other@example.co.jp', PASSWORD, mine)).statusCode).toBe(429);

    await failures('mine@example.co.jp', 5);
    const forged = new Browser(world);
    forged.cookies.set(KNOWN, { value: 'x'.repeat(43), path: '/' });
    expect((await attempt('mine@example.co.jp', PASSWORD, forged)).statusCode).toBe(429);
    expect((await attempt('mine@example.co.jp', PASSWORD, mine)).statusCode).toBe(303);

    await setPassword(world, new Browser(world), '/sign-in', 'mine@example.co.jp', 'Yama-no-oto 42 desu');
    await failures('mine@example.co.jp', 5);
    expect((await attempt('mine@example.co.jp', 'Yama-no-oto 42 desu', mine)).statusCode).toBe(429);

    const late = await signedIn('other@example.co.jp').catch(() => undefined);
    expect(late).toBeUndefined();
    world.pass(1 * MINUTE);
    const browser = await signedIn('other@example.co.jp');
    world.pass(90 * 24 * HOUR);
    await failures('other@example.co.jp', 5);
    expect((await attempt('other@example.co.jp', PASSWORD, browser)).statusCode).toBe(429);
  });

  it('C4: learns nothing: a refusal sets no cookie, and its stored mark is a keyed hash', async () => {
    await world.addPerson('silent@example.co.jp', {}, { password: PASSWORD });
    const browser = new Browser(world);
    expect((await attempt('silent@example.co.jp', 'wrong', browser)).headers['set-cookie']).toBeUndefined();
    expect((await attempt('silent@example.co.jp', PASSWORD, browser)).statusCode).toBe(303);
    const secret = browser.cookies.get(KNOWN)?.value ?? '';
    expect(secret).toMatch(/^[\w-]{43}$/);
    const stored = JSON.stringify(await world.database.db.selectFrom('known_browser').selectAll().execute());
    expect(stored).not.toContain(secret);
    const [known, unknown] = [
      await attempt('silent@example.co.jp', 'wrong', browser),
      await attempt('nobody@example.co.jp', 'wrong', browser),
    ];
    expect(known.headers['set-cookie']).toBeUndefined();
    expect(known.body.replaceAll(/silent|req_\w+/g, '')).toBe(unknown.body.replaceAll(/nobody|req_\w+/g, ''));
  });
});

describe('O1: when more people sign in than passwords can be checked', () => {
  it('the others are told so at once, may come again, and have not used up an attempt', async () => {
    await world.addPerson('crowd@example.co.jp', {}, { password: PASSWORD });
    const before = hashes.computed;
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, i) => attempt(`crowd${i}@example.co.jp`, 'wrong')),
    );
    const refused = answers.filter((answer) => answer.statusCode === 503);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every((answer) => answer.headers['retry-after'] === '5')).toBe(true);
    expect(textOf(refused[0] as Answer)).toContain('ただいま混み合っています');
    expect(hashes.computed - before).toBe(answers.length - refused.length);
    const { counted } = await world.database.db
      .selectFrom('sign_in_throttle')
      .where('key', 'like', 'account:crowd%')
      .select((eb) => eb.fn.countAll<string>().as('counted'))
      .executeTakeFirstOrThrow();
    expect(Number(counted)).toBe(answers.length - refused.length);
    expect((await attempt('crowd@example.co.jp', PASSWORD)).statusCode).toBe(303);
  });
});
