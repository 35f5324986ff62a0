import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '#support/primitives/durations.ts';
import { openSmtp } from '#test/smtp.ts';
import { openWorld, type World } from '#test/world.ts';
import { sendDueNotices } from './send.ts';
import { addPeople, announce, statesOf, until } from './test-world.ts';

let world: World;
let smtp: Awaited<ReturnType<typeof openSmtp>>;
let sms: string;
let people: string[];
beforeAll(async () => {
  smtp = await openSmtp();
  world = await openWorld({
    environment: {
      HITOKAGI_SMTP_URL: `smtp://127.0.0.1:${smtp.port}`,
      HITOKAGI_NOTICES_PER_SECOND: '500',
      HITOKAGI_MAIL_RETRY_AFTER: '1',
    },
  });
  sms = await world.addConsole('sms');
  people = await addPeople(world.database.db, sms, 30, world.now);
});
afterAll(async () => {
  await world.close();
  await smtp.close();
});
beforeEach(() => Object.assign(smtp, { behaviour: 'accept', behaviourOf: undefined, arrived: [] }));

const noticeOf = (id: string) =>
  world.database.db.selectFrom('notice').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const ended = (id: string) => until(async () => (await noticeOf(id)).ended_at !== null);

describe('R14: a notice goes out by itself', () => {
  it('not before its time, then to everybody of its audience, once, with the verdict of each', async () => {
    const { db } = world.database;
    smtp.behaviourOf = (address) =>
      address.startsWith('person1@')
        ? 'refuse-recipient'
        : address.startsWith('person2@')
          ? 'refuse-message'
          : 'accept';
    const id = await announce(db, sms, world.now, { sendAt: new Date(world.now.getTime() + 1 * HOUR) });
    await new Promise((done) => setTimeout(done, 2_500));
    expect(await statesOf(db, id)).toEqual({ waiting: 30 });
    world.pass(1 * HOUR);
    await ended(id);
    expect(await statesOf(db, id)).toEqual({ accepted: 28, refused: 2 });
    expect(smtp.arrived.map((mail) => mail.recipients[0]).sort()).toHaveLength(29);
    expect(new Set(smtp.arrived.map((mail) => mail.recipients[0])).size).toBe(29);
    const rows = await db
      .selectFrom('notice_recipient')
      .selectAll()
      .where('notice_id', '=', id)
      .where('state', '=', 'refused')
      .execute();
    expect(rows.map((row) => [row.recipient, row.smtp_response, row.verdict_at]).sort()).toEqual([
      ['person1@example.co.jp', expect.stringContaining('550 no such mailbox'), world.now],
      ['person2@example.co.jp', expect.stringContaining('554 looks like spam'), world.now],
    ]);
    const [mail] = smtp.arrived;
    expect(mail?.parsed.subject).toBe(
      '【重要】2027年3月31日(水)から管理画面smsのログイン方法が変わります｜絶対リーチ! 統合認証',
    );
  });

  it('a deferred mail is tried again until it is taken, and holds nobody up', async () => {
    const tries = new Map<string, number>();
    smtp.behaviourOf = (address) => {
      const n = (tries.get(address) ?? 0) + 1;
      tries.set(address, n);
      return address.startsWith('person3@') && n <= 2 ? 'defer-recipient' : 'accept';
    };
    const id = await announce(world.database.db, sms, world.now);
    await until(async () => ((await statesOf(world.database.db, id)).accepted ?? 0) >= 29);
    await ended(id);
    expect(await statesOf(world.database.db, id)).toEqual({ accepted: 30 });
    expect(smtp.arrived).toHaveLength(30);
  });

  it('whoever has left the audience meanwhile gets none: closed, only the API, and for a reminder moved', async () => {
    const { db } = world.database;
    const [closed = '', apiOnly = '', moved = ''] = people;
    const id = await announce(db, sms, world.now, {
      kind: 'reminder',
      daysBefore: 30,
      sendAt: new Date(world.now.getTime() + 1 * DAY),
      audience: 'not-moved',
    });
    await db.updateTable('account').set({ state: 'closed' }).where('id', '=', closed).execute();
    await db.updateTable('console_link').set({ api_only: true }).where('account_id', '=', apiOnly).execute();
    await db
      .insertInto('sign_in_day')
      .values({
        console_id: sms,
        account_id: moved,
        kind: 'unified',
        day: '2026-11-23',
        first_at: world.now,
        last_at: world.now,
      })
      .execute();
    world.pass(1 * DAY);
    await ended(id);
    expect(await statesOf(db, id)).toEqual({ accepted: 27, dropped: 3 });
    const dropped = await db
      .selectFrom('notice_recipient')
      .select(['account_id', 'drop_reason'])
      .where('notice_id', '=', id)
      .where('state', '=', 'dropped')
      .execute();
    expect(Object.fromEntries(dropped.map((row) => [row.account_id, row.drop_reason]))).toEqual({
      [closed]: 'left-audience',
      [apiOnly]: 'left-audience',
      [moved]: 'moved',
    });
    await db.updateTable('account').set({ state: 'active' }).where('id', '=', closed).execute();
    await db.updateTable('console_link').set({ api_only: false }).where('account_id', '=', apiOnly).execute();
    await db.deleteFrom('sign_in_day').execute();
  });

  it('two nodes that hand out at once never take the same person', async () => {
    const other = await world.addConsole('mail');
    await addPeople(world.database.db, other, 400, world.now, 'other');
    const id = await announce(world.database.db, other, world.now);
    const idle = jobsThatOnlyCount();
    await Promise.all(
      Array.from({ length: 8 }, () => sendDueNotices(world.database.db, idle, 20, world.now)),
    );
    const { rows } = await sql<{ n: number; people: number }>`
      select count(*)::int as n, count(distinct account_id)::int as people from message
      where params ->> 'noticeId' = ${id}`.execute(world.database.db);
    expect(rows[0]?.n).toBe(rows[0]?.people);
    expect(rows[0]?.n).toBeGreaterThan(0);
    world.pass(2 * MINUTE);
    await until(async () => {
      world.pass(1 * MINUTE);
      return (await noticeOf(id)).ended_at !== null;
    }, 60_000);
    expect(await statesOf(world.database.db, id)).toEqual({ accepted: 400 });
    expect(new Set(smtp.arrived.map((mail) => mail.recipients[0])).size).toBe(smtp.arrived.length);
  }, 90_000);
});

function jobsThatOnlyCount() {
  return {
    enqueue: async () => undefined,
    enqueueAll: async () => undefined,
    pending: async () => [],
    work: async () => undefined,
    stop: async () => undefined,
  };
}
