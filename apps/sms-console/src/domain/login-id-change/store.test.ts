import { randomUUID } from 'node:crypto';
import type { LoginIdChange, LoginIdStore } from '@hitokagi/console-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase } from '../../../../../test-support/fresh-database.ts';
import { openDatabase, type Db } from '#support/db/database.ts';
import { migrate } from '#support/db/migrate.ts';
import { after, HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { loginIdStore } from './store.ts';

let db: Db;
let store: LoginIdStore;
const NOW = new Date('2026-11-22T03:00:00Z');
const SOON = after(NOW, 8 * SECOND);
const SENT = { id: 'lic_1', sentFrom: 'no-reply@x.jp', codeExpiresAt: SOON, resendAt: SOON };
beforeAll(async () => {
  db = openDatabase((await freshDatabase()).url, () => undefined);
  await migrate(db);
  store = loginIdStore(db, () => NOW);
});
afterAll(() => db.destroy());
beforeEach(async () => {
  await db.deleteFrom('person').execute();
  await db.deleteFrom('company').execute();
});

async function person(emailAddress: string): Promise<string> {
  const company = await db
    .insertInto('company')
    .values({ name: '見本商事 株式会社' })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ name: '見本商事 株式会社' }))
    .returning('id')
    .executeTakeFirstOrThrow();
  const row = {
    company_id: company.id,
    email_address: emailAddress,
    name: '見本 花子',
    locale: 'ja' as const,
  };
  const { id } = await db
    .insertInto('person')
    .values({ ...row, created_at: NOW })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}
const addressOf = async (id: string) =>
  (await db.selectFrom('person').select('email_address').where('id', '=', id).executeTakeFirst())
    ?.email_address;
const statesOf = async (id: string) =>
  (
    await db
      .selectFrom('login_id_outbox')
      .select(['number', 'state', 'reason'])
      .where('person_id', '=', id)
      .orderBy('number')
      .execute()
  ).map((row) => [row.number, row.state, row.reason]);
const wish = (consoleUserId: string, newEmailAddress: string, busyUntil = SOON): Promise<LoginIdChange> =>
  store.add(
    { key: randomUUID(), consoleUserId, newEmailAddress, locale: 'ja', sid: null, notedAt: NOW },
    busyUntil,
  );
const apply = (consoleUserId: string, emailAddress: string, version: number, key?: string) =>
  store.apply({ consoleUserId, emailAddress, version, ...(key === undefined ? {} : { key }) });

describe('R18: the outbox in the console’s database', () => {
  test('numbers per person without a gap or a double, also when they come at once', async () => {
    const id = await person('a@example.jp');
    const added = await Promise.all(
      Array.from({ length: 12 }, (_, index) => wish(id, `a${index}@example.jp`)),
    );
    expect(added.map((one) => one.number).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, index) => index + 1),
    );
    expect((await store.find(id))?.number).toBe(12);
  });

  test('two hundred due changes, eight callers: each gets others, nobody gets one twice', async () => {
    for (let index = 0; index < 200; index += 1)
      await wish(await person(`p${index}@example.jp`), `n${index}@example.jp`, NOW);
    const later = { now: after(NOW, SECOND), busyUntil: after(NOW, HOUR) };
    const got = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const mine: string[] = [];
        // Whoever finds only rows that others are just taking looks again, as the next round of a node does.
        for (let empty = 0; empty < 3;) {
          const change = await store.claim(later);
          if (change === null) empty += 1;
          else mine.push(change.key);
        }
        return mine;
      }),
    );
    expect(new Set(got.flat()).size).toBe(200);
    expect(got.flat()).toHaveLength(200);
  });

  test('a change waits while an earlier one of the person is busy or confirming', async () => {
    const id = await person('a@example.jp');
    const first = await wish(id, 'b@example.jp');
    const second = await wish(id, 'c@example.jp');
    expect(second.busyUntil).toBeNull();
    expect(await store.claim({ now: after(NOW, SECOND), busyUntil: SOON })).toBeNull();
    expect(await store.claim({ now: after(SOON, 1), busyUntil: after(SOON, MINUTE) })).toMatchObject({
      key: second.key,
    });
    expect(await store.write(first, { state: 'code-sent', sent: SENT })).toBeNull();
  });

  test('who looks gets their own awaited change before its time, unless the login server set that; one of many callers has it', async () => {
    const [id, other, told] = [
      await person('a@example.jp'),
      await person('b@example.jp'),
      await person('c@example.jp'),
    ];
    const later = after(NOW, HOUR);
    const paused = async (of: string, tries: number) =>
      store.write(await wish(of, `new-${of}@example.jp`), { tries, nextTryAt: later, busyUntil: null });
    await paused(id, 3);
    await paused(other, 3);
    await paused(told, 0);
    const look = (consoleUserId: string, now = NOW) => store.claim({ now, busyUntil: SOON, consoleUserId });
    expect(await store.claim({ now: NOW, busyUntil: SOON })).toBeNull();
    const got = await Promise.all(Array.from({ length: 8 }, () => look(id)));
    expect(got.filter((one) => one !== null)).toMatchObject([{ consoleUserId: id, tries: 3 }]);
    expect(await look(told)).toBeNull();
    expect(await look(told, later)).toMatchObject({ consoleUserId: told });
    const sent = { state: 'code-sent', sent: SENT, tries: 3, nextTryAt: NOW, busyUntil: null } as const;
    const change = await store.find(other);
    if (change) await store.write(change, sent);
    expect(await look(other, later)).toBeNull();
  });

  test('one of two writers with the same revision wins', async () => {
    const change = await wish(await person('a@example.jp'), 'b@example.jp');
    const written = await Promise.all([
      store.write(change, { state: 'code-sent', sent: SENT }),
      store.write(change, { state: 'cancelled', reason: 'by-person' }),
    ]);
    expect(written.filter((one) => one !== null)).toHaveLength(1);
  });

  test('a comparison is one caller’s until its time is over', async () => {
    const turns = await Promise.all(
      Array.from({ length: 6 }, () => store.takeCompareTurn({ now: NOW, until: after(NOW, HOUR) })),
    );
    expect(turns.filter(Boolean)).toHaveLength(1);
    expect(await store.takeCompareTurn({ now: after(NOW, HOUR), until: after(NOW, 2 * HOUR) })).toBe(true);
    await store.setNextCompare(NOW);
    expect(await store.takeCompareTurn({ now: NOW, until: after(NOW, HOUR) })).toBe(true);
  });
});

describe('R18: addresses are taken over by version', () => {
  test('thirty versions at once in any order end with the newest; the history has what was in force, in order', async () => {
    const id = await person('v0@example.jp');
    await Promise.all(
      Array.from({ length: 30 }, (_, index) => index + 1)
        .toSorted(() => Math.random() - 0.5)
        .map((version) => apply(id, `v${version}@example.jp`, version)),
    );
    expect(await addressOf(id)).toBe('v30@example.jp');
    const history = await db
      .selectFrom('login_id_history')
      .select(['version', 'address', 'previous_address as previous'])
      .where('person_id', '=', id)
      .orderBy('id')
      .execute();
    expect(history.map((row) => row.version)).toEqual(
      history.map((row) => row.version).toSorted((a, b) => a - b),
    );
    expect(history.slice(1).map((row) => row.previous)).toEqual(
      history.slice(0, -1).map((row) => row.address),
    );
  });

  test('the confirmed change is applied with its row; a later wish stays, an earlier one ends', async () => {
    const id = await person('a@example.jp');
    const first = await wish(id, 'b@example.jp');
    await store.write(first, { state: 'code-sent', sent: SENT, busyUntil: null });
    const later = await wish(id, 'c@example.jp');
    expect(await apply(id, 'b@example.jp', 1, first.key)).toBe('applied');
    expect(await apply(id, 'b@example.jp', 1, first.key)).toBe('known');
    expect(await statesOf(id)).toEqual([
      [1, 'applied', null],
      [2, 'noted', null],
    ]);
    expect(await apply(id, 'elsewhere@example.jp', 2)).toBe('applied');
    expect(await statesOf(id)).toEqual([
      [1, 'applied', null],
      [2, 'ended', 'changed-meanwhile'],
    ]);
    expect(await store.write(later, { state: 'code-sent', sent: SENT })).toBeNull();
  });

  test('what came long ago and comes again settles no new wish for the same address', async () => {
    const id = await person('a@example.jp');
    await apply(id, 'b@example.jp', 1);
    await apply(id, 'a@example.jp', 2);
    await wish(id, 'b@example.jp');
    expect(await apply(id, 'b@example.jp', 1)).toBe('known');
    expect(await statesOf(id)).toEqual([[1, 'noted', null]]);
  });

  test('two people who change places, told in the wrong order: the second waits for the first and gets it by itself', async () => {
    const [x, y] = [await person('x@example.jp'), await person('y@example.jp')];
    expect(await apply(x, 'Y@example.jp', 1)).toBe('address-in-use');
    expect(await addressOf(x)).toBe('x@example.jp');
    expect(await apply(y, 'free@example.jp', 1)).toBe('applied');
    expect(await addressOf(x)).toBe('Y@example.jp');
    expect(await apply(y, 'x@example.jp', 2)).toBe('applied');
    expect([await addressOf(x), await addressOf(y)]).toEqual(['Y@example.jp', 'x@example.jp']);
  });

  test('an address that another person has ends the change by name; a newer one clears it', async () => {
    const id = await person('a@example.jp');
    await person('b@example.jp');
    const change = await wish(id, 'b@example.jp');
    await store.write(change, { state: 'code-sent', sent: SENT });
    expect(await apply(id, 'b@example.jp', 1, change.key)).toBe('address-in-use');
    expect(await statesOf(id)).toEqual([[1, 'refused', 'address-in-use']]);
    const waiting = () =>
      db.selectFrom('person').select('waiting_address').where('id', '=', id).executeTakeFirstOrThrow();
    expect(await waiting()).toEqual({ waiting_address: 'b@example.jp' });
    expect(await apply(id, 'a@example.jp', 2)).toBe('applied');
    expect(await waiting()).toEqual({ waiting_address: null });
  });

  test('nobody with this id, or no id of ours at all', async () => {
    expect(await apply('987654321', 'a@example.jp', 1)).toBe('user-unknown');
    expect(await apply("1'; drop table person", 'a@example.jp', 1)).toBe('user-unknown');
  });

  test('pages of people go in the order of their ids, each once', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 12; index += 1) ids.push(await person(`p${index}@example.jp`));
    const seen: string[] = [];
    for (let page = await store.page(null, 5); page.length > 0;)
      page = await store.page(seen[seen.push(...page.map((one) => one.consoleUserId)) - 1] ?? null, 5);
    expect(seen).toEqual(ids);
  });
});
