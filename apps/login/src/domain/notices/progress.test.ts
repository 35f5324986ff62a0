import { sql, type RawBuilder } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from '#test/world.ts';
import { EXACT_UP_TO, listNotices, listStatement, noticeProgress } from './progress.ts';
import { listRecipients, recipientsStatement } from './recipients.ts';
import { addUpNotices } from './tally.ts';
import { announce } from './test-world.ts';

/** People of the big notice; a million with HITOKAGI_FULL_CAMPAIGN. */
const PEOPLE = process.env.HITOKAGI_FULL_CAMPAIGN ? 1_000_000 : 20_000;

let world: World;
let consoleId: string;
let big: string;
const db = () => world.database.db;
beforeAll(async () => {
  world = await openWorld({ work: false });
  consoleId = await world.addConsole('sms');
  await sql`
    insert into account (id, email_address, email_key, name, company, created_at, updated_at)
    select 'acc_' || lpad(i::text, 7, '0'), 'p' || i || '@example.co.jp', 'p' || i || '@example.co.jp', '見本', '', ${world.now}, ${world.now}
    from generate_series(1, ${PEOPLE}::int) i`.execute(db());
  await sql`
    insert into console_link (console_id, console_user_id, account_id, created_at)
    select ${consoleId}, i, 'acc_' || lpad(i::text, 7, '0'), ${world.now} from generate_series(1, ${PEOPLE}::int) i`.execute(
    db(),
  );
  big = await announce(db(), consoleId, world.now);
  await sql`
    update notice_recipient set verdict_at = ${world.now}::timestamptz - interval '1 hour', recipient = 'x',
      state = case when right(account_id, 2) = '07' then 'refused' when right(account_id, 3) = '011' then 'waiting' else 'accepted' end`.execute(
    db(),
  );
  await sql`vacuum analyze`.execute(db());
}, 600_000);
afterAll(() => world.close());

/** The figures as counting every recipient gives them. */
async function counted(noticeId: string): Promise<Record<string, number>> {
  const { rows } = await sql<Record<string, number>>`
    select count(*)::int as total, count(*) filter (where r.state = 'waiting')::int as waiting, count(*) filter (where r.state = 'queued')::int as queued,
      count(*) filter (where r.state = 'queued' and m.tries > 0)::int as deferred, count(*) filter (where r.state = 'accepted')::int as accepted,
      count(*) filter (where r.state = 'refused')::int as refused, count(*) filter (where r.state = 'bounced')::int as bounced,
      count(*) filter (where r.state = 'dropped')::int as dropped,
      count(*) filter (where r.settled_at is null and (r.state in ('refused', 'bounced') or r.drop_reason = 'left-audience'))::int as unreached
    from notice_recipient r left join message m on m.id = r.message_id where r.notice_id = ${noticeId}`.execute(
    db(),
  );
  return rows[0] ?? {};
}

type Node = { 'Relation Name'?: string; 'Actual Rows': number; 'Actual Loops': number; Plans?: Node[] };

/** Rows that a statement reads, by table. */
async function rowsRead(statement: RawBuilder<unknown>): Promise<Record<string, number>> {
  const { rows } = await sql<{
    'QUERY PLAN': [{ Plan: Node }];
  }>`explain (analyze, format json) ${statement}`.execute(db());
  const read: Record<string, number> = {};
  const walk = (node: Node): void => {
    const name = node['Relation Name'];
    if (name) read[name] = (read[name] ?? 0) + Math.round(node['Actual Rows'] * node['Actual Loops']);
    (node.Plans ?? []).forEach(walk);
  };
  walk(rows[0]?.['QUERY PLAN'][0].Plan as Node);
  return read;
}

async function median(act: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 9; i++) {
    const began = performance.now();
    await act();
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[4] ?? 0;
}

describe(`R14, R25: figures of a notice to ${PEOPLE} people`, () => {
  it('are read without reading its recipients, and a page answers in 200 ms', async () => {
    await addUpNotices(db());
    for (const wanted of [
      {},
      { consoleId },
      { state: 'sending' as const },
      { consoleId, state: 'ended' as const },
    ]) {
      const read = await rowsRead(listStatement(wanted, world.now));
      expect(read.notice_recipient ?? 0, JSON.stringify(wanted)).toBeLessThanOrEqual(EXACT_UP_TO);
      expect(read.notice_tally ?? 0).toBeLessThan(200);
    }
    const list = await median(() => listNotices(db(), {}, world.now));
    const pages: number[] = [];
    for (const state of ['refused', 'waiting', 'bounced', 'unreached', 'accepted', 'deferred'] as const) {
      const read = await rowsRead(recipientsStatement(big, { state }, 51));
      expect(read.notice_recipient ?? 0, state).toBeLessThanOrEqual(EXACT_UP_TO);
      pages.push(await median(() => listRecipients(db(), big, { state })));
    }
    process.stdout.write(
      `notices: list ${list.toFixed(1)} ms, slowest page of recipients ${Math.max(...pages).toFixed(1)} ms\n`,
    );
    expect(Math.max(list, ...pages)).toBeLessThan(200);
  });

  it('are those that counting gives, whatever happens to recipients, and while they are added up', async () => {
    const check = async () => {
      const progress = await noticeProgress(db(), big, world.now);
      expect(progress).toMatchObject(await counted(big));
      return progress;
    };
    await check();
    const few = sql`notice_id = ${big} and account_id < 'acc_0000100'`;
    await sql`
      insert into message (id, template, recipient, locale, params, account_id, bulk, created_at)
      select 'msg_' || account_id, 'notice', 'x', 'ja', ${JSON.stringify({ noticeId: big })}::jsonb, account_id, true, ${world.now}
      from notice_recipient where ${few}`.execute(db());
    await sql`update notice_recipient set state = 'queued', message_id = 'msg_' || account_id where ${few}`.execute(
      db(),
    );
    await check();
    await sql`update message set tries = tries + 1`.execute(db());
    expect((await check())?.deferred).toBe(99);
    await sql`update message set tries = tries + 1`.execute(db());
    await addUpNotices(db());
    expect((await check())?.deferred).toBe(99);
    await sql`update message set state = 'dropped'`.execute(db());
    await sql`update notice_recipient set state = 'dropped', drop_reason = case when account_id < 'acc_0000050' then 'left-audience' else 'moved' end where ${few}`.execute(
      db(),
    );
    expect((await check())?.deferred).toBe(0);
    await sql`update notice_recipient set settled_at = ${world.now}, settlement = 'told-otherwise' where ${few} and account_id < 'acc_0000020'`.execute(
      db(),
    );
    await sql`update notice_recipient set delayed_at = ${world.now} where ${few}`.execute(db());
    await sql`delete from notice_recipient where ${few} and account_id < 'acc_0000010'`.execute(db());
    await check();
    await Promise.all([addUpNotices(db()), addUpNotices(db()), addUpNotices(db())]);
    await check();
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from notice_tally`.execute(db());
    expect(rows[0]?.n).toBeLessThan(60);
  });

  it('know who has left the audience as long as the unreached are few', async () => {
    const small = await announce(db(), await world.addConsole('mail'), world.now);
    expect(await noticeProgress(db(), small, world.now)).toMatchObject({ total: 0, unreached: 0 });
    const mail = (await noticeProgress(db(), small, world.now))?.consoleId ?? '';
    await sql`
      insert into console_link (console_id, console_user_id, account_id, created_at)
      select ${mail}, i, 'acc_' || lpad(i::text, 7, '0'), ${world.now} from generate_series(1, 3) i`.execute(
      db(),
    );
    await sql`
      insert into notice_recipient (notice_id, account_id, state) select ${small}, account_id, 'bounced' from console_link where console_id = ${mail}`.execute(
      db(),
    );
    expect((await noticeProgress(db(), small, world.now))?.unreached).toBe(3);
    await sql`update console_link set api_only = true where console_id = ${mail} and console_user_id = '2'`.execute(
      db(),
    );
    expect((await noticeProgress(db(), small, world.now))?.unreached).toBe(2);
    expect((await listRecipients(db(), small, { state: 'unreached' })).recipients).toHaveLength(2);
  });
});
