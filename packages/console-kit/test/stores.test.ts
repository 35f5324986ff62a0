import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase } from '../../../test-support/fresh-database.ts';
import {
  type KitStores,
  type LoginIdStore,
  memoryLoginIdStore,
  memoryStores,
  postgresLoginIdStore,
  postgresSchema,
  postgresStores,
  type SignedIn,
} from '../src/index.ts';

const NOW = new Date('2026-11-22T03:00:00Z');
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
let now = NOW;
let pool: pg.Pool;

beforeAll(async () => {
  pool = new pg.Pool({ connectionString: (await freshDatabase()).url, max: 10 });
  await pool.query(postgresSchema);
  await pool.query(postgresSchema); // at every start
  await pool.query(
    `CREATE TABLE "user" (id bigint PRIMARY KEY, email text NOT NULL, login_id_version integer)`,
  );
  await pool.query(`CREATE UNIQUE INDEX ON "user" (lower(email))`);
});
afterAll(() => pool.end());

const makers: Record<
  string,
  () => Promise<{ stores: KitStores; loginIds: LoginIdStore; addressOf: (id: string) => Promise<unknown> }>
> = {
  memory: async () => {
    const loginIds = memoryLoginIdStore(['1', '2', '3'].map(user));
    return {
      stores: memoryStores(() => now),
      loginIds,
      addressOf: async (id) => loginIds.people.get(id)?.emailAddress,
    };
  },
  PostgreSQL: async () => {
    const { rows } = await pool.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
    );
    await pool.query(`TRUNCATE ${rows.map(({ name }) => `"${name}"`).join(', ')}`);
    await pool.query(
      `INSERT INTO "user" SELECT n, 'user' || n || '@example.co.jp' FROM generate_series(1, 3) n`,
    );
    return {
      stores: postgresStores(pool, () => now),
      loginIds: postgresLoginIdStore(pool, {
        table: 'user',
        id: 'id',
        emailAddress: 'email',
        version: 'login_id_version',
      }),
      addressOf: async (id) =>
        (await pool.query<{ email: string }>('SELECT email FROM "user" WHERE id = $1', [id])).rows[0]?.email,
    };
  },
};
const user = (consoleUserId: string) => ({
  consoleUserId,
  emailAddress: `user${consoleUserId}@example.co.jp`,
  version: null,
});

describe.each(Object.entries(makers))('R33: the stores in %s', (_name, make) => {
  let stores: KitStores;
  let ids: LoginIdStore;
  let addressOf: (id: string) => Promise<unknown>;
  beforeEach(async () => {
    now = NOW;
    ({ stores, loginIds: ids, addressOf } = await make());
  });
  const identity = (sid: string | null, startedAt = NOW): SignedIn => ({
    ok: true,
    sub: 'acc_1',
    sid,
    consoleUserId: '1',
    emailAddress: null,
    emailVerified: false,
    name: null,
    idToken: `token-${sid}`,
    authTime: null,
    startedAt,
    returnPath: '/',
  });
  const wish = (key: string, address = 'new@example.co.jp', consoleUserId = '1') =>
    ids.add(
      { key, consoleUserId, newEmailAddress: address, locale: 'ja', sid: null, notedAt: now },
      later(10),
    );

  test('a token is used by one of twenty callers at once, and can be forgotten after it has expired', async () => {
    const used = await Promise.all(
      Array.from({ length: 20 }, () => stores.logoutTokens.firstUse('jti', later(60))),
    );
    expect(used.filter(Boolean)).toHaveLength(1);
    now = later(120);
    expect(await stores.logoutTokens.firstUse('other', later(180))).toBe(true);
    expect(await stores.logoutTokens.firstUse('other', later(180))).toBe(false);
  });

  test('plan and place are kept as they were last saved', async () => {
    expect([await stores.plan.load(), await stores.endedSessions.load()]).toEqual([null, null]);
    const plan = { consoleId: 'con_1', revision: 3, linkAt: null } as never;
    await stores.plan.save({ consoleId: 'con_1', revision: 2 } as never);
    await stores.plan.save(plan);
    await stores.endedSessions.save('17');
    expect([await stores.plan.load(), await stores.endedSessions.load()]).toEqual([plan, '17']);
  });

  test('legacy sign-ins come oldest first and stay until they are removed; each id once', async () => {
    for (const id of ['b', 'a', 'c', 'a'])
      await stores.legacySignIns.add({ id, consoleUserId: '1', at: NOW });
    expect((await stores.legacySignIns.oldest(2)).map(({ id }) => id)).toEqual(['b', 'a']);
    await stores.legacySignIns.remove(['b', 'gone']);
    expect(await stores.legacySignIns.oldest(9)).toEqual([
      { id: 'a', consoleUserId: '1', at: NOW },
      { id: 'c', consoleUserId: '1', at: NOW },
    ]);
  });

  test('received events are known', async () => {
    expect(await stores.receivedEvents.has('set_1')).toBe(false);
    await stores.receivedEvents.add('set_1', later(60));
    await stores.receivedEvents.add('set_1', later(60));
    expect(await stores.receivedEvents.has('set_1')).toBe(true);
  });

  test('R9: a session ends by its sid, or with all of its account, only if it began before; once', async () => {
    await stores.sessions.bind('a', identity('sid-1'));
    await stores.sessions.bind('b', identity('sid-1', later(10)));
    await stores.sessions.bind('c', identity(null));
    expect(await stores.sessions.endBySid('sid-1', { startedBefore: later(1) })).toBe(1);
    expect(await stores.sessions.endBySid('sid-1', { startedBefore: later(1) })).toBe(0);
    const ended = async () =>
      (await Promise.all(['a', 'b', 'c'].map((id) => stores.sessions.find(id)))).map(
        (one) => one?.endedAt !== null,
      );
    expect(await ended()).toEqual([true, false, false]);
    expect(await stores.sessions.endBySub('acc_1', { startedBefore: later(60) })).toBe(2);
    expect(await ended()).toEqual([true, true, true]);
  });

  test('R9: a binding is found by the session id, replaced by a new one, and released once', async () => {
    expect(await stores.sessions.find('a')).toBeNull();
    await stores.sessions.bind('a', identity('sid-1'));
    await stores.sessions.endBySid('sid-1', { startedBefore: later(1) });
    await stores.sessions.bind('a', identity('sid-2'));
    const kept = {
      sub: 'acc_1',
      sid: 'sid-2',
      idToken: 'token-sid-2',
      consoleUserId: '1',
      startedAt: NOW,
      endedAt: null,
    };
    expect(await stores.sessions.find('a')).toEqual(kept);
    expect(await stores.sessions.release('a')).toEqual(kept);
    expect(await stores.sessions.release('a')).toBeNull();
  });

  test('R18: wishes are numbered, replace those not told yet, and wait behind one that is being confirmed', async () => {
    const first = await wish('k1');
    expect(first).toMatchObject({ number: 1, state: 'noted', busyUntil: later(10), revision: 1, sent: null });
    const sent = { id: 'lic_1', sentFrom: 'a@example.co.jp', codeExpiresAt: later(600), resendAt: later(60) };
    const told = await ids.write(first, { state: 'code-sent', sent, busyUntil: null });
    expect(told).toMatchObject({ state: 'code-sent', sent, revision: 2 });
    expect(await ids.write(first, { tries: 1 })).toBeNull(); // an old revision
    expect(await ids.write(told!, { state: 'confirming' })).toMatchObject({ state: 'confirming' });
    const second = await wish('k2', 'two@example.co.jp');
    expect(second).toMatchObject({ number: 2, busyUntil: null });
    await wish('k3', 'three@example.co.jp');
    expect(await ids.find('1')).toMatchObject({ key: 'k3', number: 3 });
    expect(await ids.claim({ now: later(1), busyUntil: later(11) })).toMatchObject({ key: 'k1' });
    expect(await ids.claim({ now: later(1), busyUntil: later(11) })).toBeNull();
  });

  test('R18: a change that is due is claimed by one of ten callers at once', async () => {
    const noted = await wish('k1');
    await ids.write(noted, { busyUntil: null });
    const claim = () => ids.claim({ now: later(1), busyUntil: later(11) });
    const claimed = await Promise.all(Array.from({ length: 10 }, claim));
    expect(claimed.filter((one) => one !== null)).toHaveLength(1);
    expect(await ids.claim({ now: later(1), busyUntil: later(11), consoleUserId: '1' })).toBeNull();
    expect(await ids.claim({ now: later(12), busyUntil: later(20), consoleUserId: '1' })).toMatchObject({
      key: 'k1',
    });
  });

  test('R18: an address is taken over by a greater version only; its own change becomes applied, earlier ones end', async () => {
    const first = await wish('k1');
    await ids.write(first, { state: 'confirming' });
    await wish('k2', 'two@example.co.jp');
    const change = { consoleUserId: '1', emailAddress: 'two@example.co.jp', version: 4 };
    expect(await ids.apply({ ...change, key: 'k2' })).toBe('applied');
    expect(await ids.find('1')).toBeNull();
    expect(await addressOf('1')).toBe('two@example.co.jp');
    expect(await ids.apply({ ...change, emailAddress: 'old@example.co.jp', version: 4 })).toBe('known');
    expect(await addressOf('1')).toBe('two@example.co.jp');
    expect(await ids.page('1', 1)).toEqual([user('2')]);
    expect(await ids.page(null, 1)).toEqual([
      { consoleUserId: '1', emailAddress: 'two@example.co.jp', version: 4 },
    ]);
  });

  test('R18: an address of another user is refused, of an unknown user too', async () => {
    await wish('k1', 'USER2@example.co.jp');
    const taken = { consoleUserId: '1', emailAddress: 'USER2@example.co.jp', version: 1, key: 'k1' };
    expect(await ids.apply(taken)).toBe('address-in-use');
    expect(await ids.find('1')).toBeNull();
    expect(await addressOf('1')).toBe('user1@example.co.jp');
    for (const consoleUserId of ['99', 'not-of-this-form'])
      expect(await ids.apply({ consoleUserId, emailAddress: 'x@example.co.jp', version: 1 })).toBe(
        'user-unknown',
      );
  });

  test('R18: one of ten nodes compares', async () => {
    const turn = () => ids.takeCompareTurn({ now, until: later(60) });
    const turns = await Promise.all(Array.from({ length: 10 }, turn));
    expect(turns.filter(Boolean)).toHaveLength(1);
    await ids.setNextCompare(NOW);
    expect(await turn()).toBe(true);
  });
});
