import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase, templateDatabase } from '../../../../../test-support/fresh-database.ts';
import { openDatabase, type Database } from '#support/db/database.ts';
import { migrate } from '#support/db/migrate.ts';
import { after, DAY, HOUR } from '#support/primitives/durations.ts';
import { eraseAudit } from './erase.ts';
import { auditHead, headOf } from './head.ts';
import { recordEvent } from './record.ts';
import { searchAudit } from './search.ts';
import { sealEvents } from './seal.ts';
import { trimAudit } from './trim.ts';
import { verifyAudit, type AuditVerdict } from './verify.ts';

const KEY = Buffer.alloc(32, 7);
let now = new Date('2026-11-22T01:00:00Z');
const clock = (): Date => now;
let database: Database;

beforeEach(async () => {
  now = new Date('2026-11-22T01:00:00Z');
  const template = await templateDatabase('audit_template', async (empty) => {
    const one = openDatabase(empty, { connections: 1 });
    await migrate(one);
    await one.close();
  });
  database = openDatabase((await freshDatabase({ template })).url, { connections: 4 });
});
afterEach(() => database.close());

const record = (more: Partial<Parameters<typeof recordEvent>[1]> = {}): Promise<void> =>
  recordEvent(database.db, {
    at: now,
    action: 'login-id.changed',
    actor: 'console:sms',
    accountId: 'acc_gone',
    clientIp: '192.0.2.77',
    requestId: 'req_1',
    detail: {
      from: 'gone@example.co.jp',
      to: 'new@example.co.jp',
      version: 3,
      reason: 'She rang from 03-1234-5678',
      userAgent: 'Gone/1.0',
    },
    ...more,
  });
const verify = (head?: string): Promise<AuditVerdict> =>
  verifyAudit(database.db, KEY, { now, ...(head ? { head: headOf(head) } : {}) });
const erase = (): Promise<number> =>
  eraseAudit(database.db, KEY, 'acc_gone', { actor: 'operator:cli', reason: 'asked for it', clock });
const PERSONAL = /gone@|new@|192\.0\.2\.77|1234|Gone\/1/;
const everything = async (): Promise<string> =>
  JSON.stringify(
    (
      await sql`select e::text, s.erased::text, s.salt from audit_event e left join audit_seal s on s.event_id = e.id where e.action <> 'audit.erased'`.execute(
        database.db,
      )
    ).rows,
  );

describe('R27: erasing what is personal', () => {
  it('leaves who, what and when, no personal part anywhere, and a chain that is whole', async () => {
    await record();
    await record({
      actor: 'acc_gone',
      accountId: null,
      action: 'account.sign-in-refused',
      detail: { reason: 'password-wrong', userAgent: 'Gone/1.0' },
    });
    await sealEvents(database.db, KEY, clock);
    const head = (await auditHead(database.db)).text;
    await record({ detail: { userAgent: 'Gone/1.0', method: 'password' } });
    expect(await everything()).toMatch(PERSONAL);
    expect(await erase()).toBe(3);
    expect(await everything()).not.toMatch(PERSONAL);
    expect(await verify(head)).toMatchObject({ ok: true, erasedEvents: 3 });
    const { entries } = await searchAudit(
      database.db,
      { accountId: 'acc_gone', actions: ['login-id.changed'] },
      { limit: 9 },
    );
    expect(
      entries.map(({ detail, requestId, erased, clientIp }) => ({ detail, requestId, erased, clientIp })),
    ).toEqual([
      { detail: { method: 'password' }, requestId: 'req_1', erased: true, clientIp: null },
      { detail: { version: 3 }, requestId: 'req_1', erased: true, clientIp: null },
    ]);
    const { entries: refused } = await searchAudit(database.db, { actors: ['acc_gone'] }, { limit: 9 });
    expect(refused).toMatchObject([{ reason: 'password-wrong', userAgent: null, erased: true }]);
    // Once more there is nothing to do; the act itself is recorded and sealed.
    expect(await erase()).toBe(0);
    await sealEvents(database.db, KEY, clock);
    const { entries: acts } = await searchAudit(database.db, { actions: ['audit.erased'] }, { limit: 9 });
    expect(acts).toMatchObject([{ accountId: 'acc_gone', reason: 'asked for it', detail: { events: 3 } }]);
    expect(await verify(head)).toMatchObject({ ok: true, unsealed: 0 });
  });

  it('touches nobody else’s events, and not what the person did to others as an operator', async () => {
    await record({ accountId: 'acc_other', actor: 'acc_other' });
    await record({ accountId: 'acc_other', actor: 'operator:acc_gone' });
    await record({ accountId: 'acc_other', actor: 'acc_gone' });
    expect(await erase()).toBe(0);
    expect((await everything()).match(/192\.0\.2\.77/g)).toHaveLength(3);
  });

  it.each([
    ['what was kept is altered', `update audit_event set detail = '{"version": 4}'`, 'event-altered'],
    ['what was erased is put in anew', `update audit_event set client_ip = '192.0.2.1'`, 'event-altered'],
    [
      'more is erased with the salt of what was kept',
      `with e as (update audit_event set detail = '{}' where action = 'login-id.changed' returning id) update audit_seal set erased = (select jsonb_object_agg(key, jsonb_build_object('leaf', coalesce(value->>'leaf', repeat('0', 64)))) from jsonb_each(erased)) where event_id = (select id from e)`,
      'event-altered',
    ],
    [
      'the mark of the server is another',
      `update audit_seal set erased_mac = sha256('x') where erased is not null`,
      'erasure-forged',
    ],
  ])('A3: after an erasure it is found when %s', async (_, tamper, fault) => {
    await record();
    expect(await erase()).toBe(1);
    expect(await verify()).toMatchObject({ ok: true, erasedEvents: 1 });
    await sql.raw(tamper).execute(database.db);
    expect(await verify()).toMatchObject({ ok: false, fault, eventId: '1' });
  });
});

describe('R27: the end of the time that events are kept', () => {
  const months = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      for (let n = 0; n < 3; n++) await record();
      await sealEvents(database.db, KEY, clock);
      now = after(now, 30 * DAY);
    }
  };

  it('removes whole links from the beginning, records it, and the rest is verified as before', async () => {
    await months(16);
    const head = (await auditHead(database.db)).text;
    // The last is 30 days old, the first 480.
    expect(await trimAudit(database.db, KEY, 400, now)).toBe(9);
    expect(await trimAudit(database.db, KEY, 400, now)).toBe(0);
    await sealEvents(database.db, KEY, clock);
    expect(await verify(head)).toMatchObject({ ok: true, removedEvents: 9, events: 13 * 3 + 1 });
    expect(await verify('1:' + '0'.repeat(64))).toMatchObject({ ok: false, fault: 'head-too-old' });
    const { entries } = await searchAudit(database.db, { actions: ['audit.trimmed'] }, { limit: 9 });
    expect(entries).toMatchObject([{ actor: 'system', detail: { to: '3', events: 9 } }]);
    expect(await trimAudit(database.db, KEY, 0, after(now, 9_000 * DAY))).toBe(0);
    expect(await trimAudit(database.db, KEY, 90, after(now, 9_000 * DAY))).toBe(40);
    // Everything is gone but the record of it, which hangs on what was removed.
    await sealEvents(database.db, KEY, clock);
    await record();
    await sealEvents(database.db, KEY, clock);
    expect(await verify()).toMatchObject({ ok: true, removedEvents: 49, events: 2 });
  });

  it('waits until a day has gathered, and never passes a younger event', async () => {
    await record();
    await record({ at: after(now, 2 * DAY) });
    await sealEvents(database.db, KEY, clock);
    expect(await trimAudit(database.db, KEY, 90, after(now, 91.5 * DAY))).toBe(0);
    expect(await trimAudit(database.db, KEY, 90, after(now, 92.5 * DAY))).toBe(0);
    expect(await trimAudit(database.db, KEY, 90, after(now, 93 * DAY + HOUR))).toBe(2);
  });

  it('two nodes at once remove each event once', async () => {
    await months(16);
    const removed = await Promise.all([0, 1, 2, 3].map(() => trimAudit(database.db, KEY, 100, now)));
    expect(removed.reduce((a, b) => a + b)).toBe(13 * 3);
    expect(await verify()).toMatchObject({ ok: true, removedEvents: 39 });
  });
});
