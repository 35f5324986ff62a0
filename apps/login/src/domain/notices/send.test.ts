import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '#support/primitives/durations.ts';
import { openSmtp } from '#test/smtp.ts';
import { CONSOLE_SECRET, MASTER_SECRET, openWorld, type World } from '#test/world.ts';
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

  it('what was cancelled with a change of the plan is dropped, and the notice ends', async () => {
    const { db } = world.database;
    const later = new Date(world.now.getTime() + 1 * DAY);
    const id = await announce(db, sms, world.now, { kind: 'completion', sendAt: later });
    await db.updateTable('notice').set({ cancelled_at: world.now }).where('id', '=', id).execute();
    await ended(id);
    expect(await statesOf(db, id)).toEqual({ dropped: 30 });
    expect(smtp.arrived).toEqual([]);
  });

  it('V3: a name from an import begins no header and reaches no other mailbox', async () => {
    const { db } = world.database;
    const [person = ''] = people;
    await db
      .updateTable('account')
      .set({
        name: 'x\r\nBcc: victim@example.co.jp\r\n\r\nhello',
        company: '\r\nRCPT TO:<victim@example.co.jp>',
      })
      .where('id', '=', person)
      .execute();
    const id = await announce(db, sms, world.now, { texts: { ja: { subject: '{name}\u2028{company}' } } });
    await ended(id);
    const mail = smtp.arrived.find((one) => one.recipients[0] === 'person0@example.co.jp');
    expect(smtp.arrived.flatMap((one) => one.recipients)).not.toContain('victim@example.co.jp');
    expect(mail?.recipients).toEqual(['person0@example.co.jp']);
    expect([...(mail?.parsed.headers.keys() ?? [])].sort()).toEqual(
      [...(smtp.arrived.find((one) => one !== mail)?.parsed.headers.keys() ?? [])].sort(),
    );
    expect(mail?.parsed.subject).toContain('x Bcc: victim@example.co.jp hello');
    await db.updateTable('account').set({ name: '見本 0', company: '' }).where('id', '=', person).execute();
  });

  it('V4: job rows hold ids only; neither they nor mails nor messages hold a secret', async () => {
    const { rows } = await sql<{ data: object }>`select data from jobs.job where name = 'mail.bulk'`.execute(
      world.database.db,
    );
    expect(rows.length).toBeGreaterThan(20);
    for (const { data } of rows)
      expect(data).toEqual({ messageId: expect.stringMatching(/^msg_/) as string });
    const messages = await world.database.db.selectFrom('message').select('params').execute();
    for (const { params } of messages)
      expect(params).toEqual({ noticeId: expect.stringMatching(/^ntc_/) as string });
    const id = await announce(world.database.db, sms, world.now);
    await ended(id);
    for (const { parsed } of smtp.arrived) {
      const said = `${parsed.subject}${parsed.text}${parsed.html || ''}`;
      for (const secret of [MASTER_SECRET, CONSOLE_SECRET]) expect(said).not.toContain(secret);
      expect(said).not.toMatch(/\b(acc|ntc|msg|con)_[0-9a-z]{20}/);
      expect(said).not.toMatch(/\b\d{4} ?\d{4}\b/);
    }
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
