import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mailCommand } from '#app/cli/commands/mail.ts';
import { addOperator } from '#domain/operators/operators.ts';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { mailStatement } from '#domain/person/mail-ledger.ts';
import { queueMail } from '#support/mail/mail.ts';
import { HOUR, MINUTE } from '#support/primitives/durations.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { PASSWORD, signIn, textOf as plainTextOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

const PAYLOAD = '"><script>alert(1)</script>';
const SECRET = 'a-secret-of-the-params';
let world: World;
let browser: Browser;
let token = '';
beforeAll(async () => {
  world = await openWorld({ work: false });
  const { db } = world.database;
  const emailAddress = 'clerk@example.co.jp';
  await world.addPerson(emailAddress, {}, { password: PASSWORD });
  await addOperator(db, { emailAddress, role: 'support' }, { actor: 'operator:cli', now: world.now });
  browser = new Browser(world);
  await signIn(browser, '/sign-in', emailAddress);
  const by = { actor: 'operator:cli', now: world.now };
  token = (await createOperatorToken(db, { name: 'x', role: 'support' }, by)).token;
  const person = await world.addPerson('taro@example.co.jp', {}, { name: PAYLOAD });
  const queued: string[] = [];
  for (const [i, template] of ['set-up', 'password-set', 'password-set', 'set-up', 'later-kind'].entries())
    queued.push(
      await queueMail(
        db,
        world.app ? { enqueueAll: async () => undefined } : (undefined as never),
        {
          template,
          recipient: `Taro${i}@Example.co.jp`,
          locale: 'ja',
          params: { secret: SECRET },
          accountId: person,
        },
        new Date(world.now.getTime() - i * MINUTE),
      ),
    );
  await db
    .updateTable('message')
    .set({ tries: 3, smtp_response: `451 later ${PAYLOAD}` })
    .where('id', '=', queued[1] ?? '')
    .execute();
  await db
    .updateTable('message')
    .set({ state: 'refused', smtp_response: '550 no such user', ended_at: world.now })
    .where('id', '=', queued[2] ?? '')
    .execute();
  await db
    .updateTable('message')
    .set({ state: 'accepted', smtp_response: '250 ok', ended_at: new Date(world.now.getTime() - HOUR) })
    .where('id', '=', queued[3] ?? '')
    .execute();
  ids.push(...queued);
}, 60_000);
afterAll(() => world.close());
const ids: string[] = [];

function textOf(page: Answer): string {
  expect(page.body).not.toContain('<script>alert');
  expect(page.body).not.toContain(SECRET);
  return plainTextOf(page);
}

async function api(method: 'GET' | 'POST', path: string) {
  const answer = await world.app.server.inject({
    method,
    url: `/api/operator/v1${path}`,
    headers: { host: 'login.example.co.jp', authorization: `Bearer ${token}` },
  });
  expect(answer.body).not.toContain(SECRET);
  return answer;
}

async function cli(...args: string[]): Promise<string> {
  let output = '';
  const write = (text: string) => (output += text);
  const command = mailCommand({
    openDatabase: async () => world.database,
    openJobs: async () => ({ enqueue: async () => undefined }),
    clock: () => world.now,
    locale: 'en',
    output: { write },
    errors: { write },
  });
  await command.parseAsync(args, { from: 'user' });
  process.exitCode = 0;
  expect(output).not.toContain(SECRET);
  return output;
}

type Mails = { items: { id: string; fate: string }[]; next: string | null };
const listed = async (query: string): Promise<string[]> =>
  (await api('GET', `/mails${query}`)).json<Mails>().items.map(({ id }) => id);

/** The page of an act that would only be refused says so and what to do, and has no button for it. */
async function cannot(path: string, words: string): Promise<void> {
  const page = await browser.open(path);
  expect([page.statusCode, textOf(page)]).toEqual([200, expect.stringContaining(words)]);
  expect(textOf(page)).toContain('いまは実行できません');
  expect(page.body).not.toContain(`action="${path}"`);
}

describe('R25, R26: the queue of mails', () => {
  it('is searched by address, kind and state, page by page, by page, call and command alike', async () => {
    expect(await listed('?recipient=taro2%40example.co.jp')).toEqual([ids[2]]);
    expect(await listed('?template=set-up')).toEqual([ids[0], ids[3]]);
    expect(await listed('?fate=waiting')).toEqual([ids[0], ids[1], ids[4]]);
    expect(await listed('?fate=deferred')).toEqual([ids[1]]);
    expect(await listed('?fate=refused&template=password-set')).toEqual([ids[2]]);
    expect(await listed('?fate=bounced')).toEqual([]);
    const all: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const page: Mails = (
        await api('GET', `/mails?limit=2${next === '' ? '' : `&cursor=${next}`}`)
      ).json<Mails>();
      all.push(...page.items.map(({ id }) => id));
      next = page.next;
    }
    expect(all).toEqual(expect.arrayContaining(ids));
    expect(new Set(all).size).toBe(all.length);

    const page = await browser.open('/operator/mail?address=TARO1%40example.co.jp');
    expect(textOf(page)).toContain('Taro1@');
    expect(page.body.match(/href="\/operator\/mail\/msg_/g)).toHaveLength(1);
    expect(textOf(await browser.open('/operator/mail?fate=bounced'))).toContain(
      '条件に合うメールはありません',
    );
    expect(await cli('list', '--state', 'deferred')).toContain(ids[1]);
    expect(JSON.parse(await cli('show', ids[2] ?? '', '--json'))).toMatchObject({
      fate: 'refused',
      response: '550 no such user',
    });
    expect(await cli('show', 'msg_none')).toContain('There is no mail msg_none');
  });

  it('one page a mail tells its fate, tries and the mail server’s words, never what it says', async () => {
    const page = await browser.open(`/operator/mail/${ids[1] ?? ''}`);
    for (const words of ['再送中', '3回', '451 later', '今すぐ送り直す', 'アカウントを開く'])
      expect(textOf(page)).toContain(words);
    expect(textOf(await browser.open(`/operator/mail/${ids[2] ?? ''}`))).not.toContain('今すぐ送り直す');
    expect(textOf(await browser.open(`/operator/mail/${ids[4] ?? ''}`))).toContain('later-kind');
    await browser.request('POST', '/language', { lang: 'en', return_path: '/' });
    expect(textOf(await browser.open(`/operator/mail/${ids[3] ?? ''}`))).toContain(
      'The receiving mail server took it',
    );
    expect(textOf(await browser.open('/operator/mail'))).toContain('Mails by hour');
    await browser.request('POST', '/language', { lang: 'ja', return_path: '/' });
    expect((await browser.request('GET', '/operator/mail/msg_none')).statusCode).toBe(404);
    expect((await api('GET', '/mails/msg_none')).json()).toMatchObject({ code: 'mail-unknown' });
  });

  it('what waits is tried at once or given up; what has ended or is under way is not', async () => {
    const path = `/operator/mail/${ids[1] ?? ''}`;
    await browser.submit(await browser.open(`${path}/retry`), `${path}/retry`, {});
    const jobs = await sql<{ data: { messageId: string } }>`
      select data from jobs.job where name = 'mail.send'`.execute(world.database.db);
    expect(jobs.rows.map(({ data }) => data.messageId)).toEqual([ids[1]]);
    await world.database.db
      .updateTable('message')
      .set({ handed_over_at: world.now })
      .where('id', '=', ids[1] ?? '')
      .execute();
    for (const act of ['retry', 'give-up']) await cannot(`${path}/${act}`, '少し待って');
    expect((await api('POST', `/mails/${ids[1] ?? ''}/give-up`)).json()).toMatchObject({
      code: 'mail-under-way',
    });
    expect(await cli('retry', ids[1] ?? '')).toContain('is being handed over');
    await world.database.db
      .updateTable('message')
      .set({ handed_over_at: null })
      .where('id', '=', ids[1] ?? '')
      .execute();
    const confirm = await browser.open(`${path}/give-up`);
    expect(textOf(confirm)).toContain('元に戻せません');
    expect(textOf(await browser.submit(confirm, `${path}/give-up`, {}))).toContain('Given up by an operator');
    const again = await browser.submit(confirm, `${path}/give-up`, {});
    expect([again.statusCode, textOf(again)]).toEqual([
      409,
      expect.stringContaining('すでに結果が出ています'),
    ]);
    for (const act of ['retry', 'give-up'])
      await cannot(`${path}/${act}`, 'アカウントのページから新しいメールを送ってください');
    expect((await api('POST', `/mails/${ids[2] ?? ''}/retry`)).json()).toMatchObject({ code: 'mail-ended' });
    expect((await api('POST', `/mails/${ids[0] ?? ''}/retry`)).statusCode).toBe(202);
    expect(await cli('give-up', ids[4] ?? '')).toContain('is given up');
    expect(await cli('give-up', ids[4] ?? '')).toContain('has its verdict');
    const events = await world.database.db
      .selectFrom('audit_event')
      .select('action')
      .where('action', 'like', 'mail.%')
      .orderBy('id')
      .execute();
    expect(events.map(({ action }) => action)).toEqual([
      'mail.retried',
      'mail.abandoned',
      'mail.retried',
      'mail.abandoned',
    ]);
  });

  it('a notice that is given up is listed among those whom it did not reach', async () => {
    const { db } = world.database;
    const consoleId = await world.addConsole('sms');
    const accountId = await world.addPerson('notice@example.co.jp', { sms: 'n1' });
    const notice = { id: 'ntc_sample', console_id: consoleId, kind: 'correction', created_by: 'system' };
    await db
      .insertInto('notice')
      .values({ ...notice, send_at: world.now, created_at: world.now, texts: '{}' } as never)
      .execute();
    const id = await queueMail(
      db,
      { enqueueAll: async () => undefined },
      {
        template: 'notice',
        recipient: 'notice@example.co.jp',
        locale: 'ja',
        params: { noticeId: notice.id },
        accountId,
        bulk: true,
      },
      world.now,
    );
    await db
      .insertInto('notice_recipient')
      .values({ notice_id: notice.id, account_id: accountId, message_id: id, state: 'queued' } as never)
      .execute();
    expect((await api('POST', `/mails/${id}/give-up`)).statusCode).toBe(202);
    const recipient = await db.selectFrom('notice_recipient').selectAll().executeTakeFirstOrThrow();
    expect(recipient).toMatchObject({ state: 'refused', settled_at: null });
    await db.updateTable('notice_recipient').set({ state: 'bounced' }).execute();
    expect(await listed('?fate=bounced')).toEqual([id]);
  });

  it('says how the mail server takes mails', async () => {
    const health = (await api('GET', '/mail-health')).json<{ hours: object[] }>();
    expect(health).toMatchObject({ waiting: 1, lastAcceptedAt: expect.any(String) });
    expect(health.hours).toHaveLength(24);
    expect(health.hours.at(-2)).toMatchObject({ accepted: 1 });
    expect(await cli('health')).toContain('1 waiting');
  });

  it('a list of a few among many comes from an index, whatever is asked for', async () => {
    const { db } = world.database;
    await sql`
      insert into message (id, template, recipient, locale, params, state, created_at, ended_at)
      select 'msg_many' || i, case when i % 1000 = 0 then 'rare' else 'password-set' end, 'p' || i || '@example.co.jp', 'ja', '{}',
        case when i % 700 = 0 then 'refused' when i % 900 = 0 then 'queued' else 'accepted' end,
        ${world.now}::timestamptz - i * interval '1 minute', ${world.now}::timestamptz - i * interval '1 minute'
      from generate_series(1, 20000) i`.execute(db);
    await sql`analyze message`.execute(db);
    for (const filter of [
      { recipient: 'p77@example.co.jp' },
      { template: 'rare' },
      { fate: 'refused' as const },
      { fate: 'waiting' as const },
      {},
    ]) {
      const statement = mailStatement(filter, { limit: 50 });
      const { rows } = await sql<{
        'QUERY PLAN': [{ Plan: Node }];
      }>`explain (analyze, format json) ${statement}`.execute(db);
      const read = nodesIn(rows[0]?.['QUERY PLAN'][0].Plan).filter(
        (node) => node['Relation Name'] === 'message',
      );
      expect(read.length, JSON.stringify(filter)).toBeGreaterThan(0);
      for (const node of read) {
        expect(node['Node Type'], JSON.stringify(filter)).not.toBe('Seq Scan');
        const looked = node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0);
        expect(looked, JSON.stringify(filter)).toBeLessThan(200);
      }
    }
  });
});

type Node = {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Rows Removed by Filter'?: number;
  Plans?: Node[];
};

function nodesIn(node: Node | undefined): Node[] {
  return node ? [node, ...(node.Plans ?? []).flatMap(nodesIn)] : [];
}
