import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { headersOnly, postfix } from '#domain/notices/bounces/test-notifications.ts';
import { addPeople, announce, until } from '#domain/notices/test-world.ts';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import { secretHash } from '#support/primitives/secrets.ts';
import { openSmtp } from '#test/smtp.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
let smtp: Awaited<ReturnType<typeof openSmtp>>;
let notice: string;
let people: string[];
const tokens = { viewer: '', support: '', administrator: '' };
type Role = keyof typeof tokens;

beforeAll(async () => {
  smtp = await openSmtp();
  smtp.behaviourOf = (address) => (/^p[01]@|^p[01]\D/.test(address) ? 'refuse-recipient' : 'accept');
  world = await openWorld({
    environment: {
      HITOKAGI_SMTP_URL: `smtp://127.0.0.1:${smtp.port}`,
      HITOKAGI_NOTICES_PER_SECOND: '500',
    },
  });
  const sms = await world.addConsole('sms');
  people = await addPeople(world.database.db, sms, 5, world.now, 'p');
  for (const role of Object.keys(tokens) as Role[])
    tokens[role] = (
      await createOperatorToken(
        world.database.db,
        { name: role, role },
        { actor: 'operator:cli', now: world.now },
      )
    ).token;
  notice = await announce(world.database.db, sms, world.now, {
    texts: { en: { subject: 'News of {console}' } },
  });
  await until(
    async () =>
      (await call('viewer', 'GET', `/notices/${notice}`)).json<{ state: string }>().state === 'ended',
  );
});
afterAll(async () => {
  await world.close();
  await smtp.close();
});

function call(
  role: Role,
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  payload?: object | Buffer,
  type?: string,
  key?: string,
) {
  return world.app.server.inject({
    method,
    url: `/api/operator/v1${path}`,
    headers: {
      host: 'login.example.co.jp',
      authorization: `Bearer ${tokens[role]}`,
      ...(type && { 'content-type': type }),
      ...(key && { 'idempotency-key': key }),
    },
    ...(payload === undefined ? {} : { payload }),
  });
}
const codeOf = (answer: Awaited<ReturnType<typeof call>>) => [
  answer.statusCode,
  answer.json<{ code?: string }>().code,
];

describe('R25, R26: notices by the operator API', () => {
  it('lists notices with their progress, of one console or all', async () => {
    const list = await call('viewer', 'GET', '/notices?console=sms');
    expect(list.statusCode, list.body).toBe(200);
    expect(list.json<{ items: object[] }>().items).toEqual([
      expect.objectContaining({
        id: notice,
        console: 'sms',
        kind: 'announcement',
        state: 'ended',
        total: 5,
        accepted: 3,
        refused: 2,
        unreached: 2,
        cutOverAt: '2027-03-31T13:00:00.000Z',
        createdBy: 'operator:cli',
      }),
    ]);
    expect(
      (await call('viewer', 'GET', `/notices?cursor=${Buffer.from(notice).toString('base64url')}`)).json(),
    ).toEqual({ items: [], next: null });
    expect(codeOf(await call('viewer', 'GET', '/notices?console=none'))).toEqual([404, 'console-unknown']);
    expect(codeOf(await call('viewer', 'GET', '/notices/ntc_none'))).toEqual([404, 'notice-unknown']);
    expect(codeOf(await call('viewer', 'GET', '/notices?limit=0'))).toEqual([422, 'malformed']);
  });

  it('pages through recipients by state', async () => {
    const page = await call('support', 'GET', `/notices/${notice}/recipients?state=unreached&limit=1`);
    expect(page.statusCode, page.body).toBe(200);
    const { items: recipients, next } = page.json<{ items: { accountId: string }[]; next: string }>();
    expect(recipients).toHaveLength(1);
    const rest = await call('support', 'GET', `/notices/${notice}/recipients?state=unreached&cursor=${next}`);
    expect(rest.json()).toMatchObject({ items: [{ state: 'refused', settlement: null }], next: null });
    expect(
      (await call('support', 'GET', `/notices/${notice}/recipients?state=accepted`)).json<{
        items: [];
      }>().items,
    ).toHaveLength(3);
    expect(codeOf(await call('support', 'GET', `/notices/${notice}/recipients?state=nonsense`))).toEqual([
      422,
      'malformed',
    ]);
    expect(codeOf(await call('support', 'GET', '/notices/ntc_none/recipients'))).toEqual([
      404,
      'notice-unknown',
    ]);
  });

  it('previews a notice, and a draft with its words', async () => {
    const preview = await call(
      'support',
      'GET',
      `/notices/${notice}/preview?locale=en&accountId=${people[2] ?? ''}`,
    );
    expect(preview.json()).toMatchObject({
      locale: 'en',
      subject: 'News of Console sms | Zettai Reach! Unified Login',
    });
    expect((await call('viewer', 'GET', '/notices?state=ended')).json()).toMatchObject({
      items: [{ id: notice }],
    });
    expect((await call('viewer', 'GET', '/notices?state=cancelled')).json()).toEqual({
      items: [],
      next: null,
    });
    expect(codeOf(await call('support', 'GET', `/notices/${notice}/preview?accountId=acc_none`))).toEqual([
      404,
      'recipient-unknown',
    ]);
    const draft = (more: object) =>
      call('viewer', 'POST', '/consoles/sms/notice-preview', {
        kind: 'announcement',
        cutOverAt: '2027-03-31T22:00:00+09:00',
        ...more,
      });
    expect(
      (await draft({ texts: { ja: { body: '{name} 様\n\n{cutOverDate}' } } })).json<{ text: string }>().text,
    ).toMatch(/^見本 太郎 様\n\n2027年3月31日\(水\)/);
    const wrong = await draft({ texts: { en: { subject: '{nmae}' } } });
    expect(wrong.json()).toMatchObject({
      status: 422,
      code: 'placeholder-unknown',
      detail: 'There is no placeholder {nmae}, which stands in the English subject.',
    });
    expect(codeOf(await draft({ cutOverAt: null }))).toEqual([422, 'malformed']);
    const test = (more: object) =>
      call('support', 'POST', '/consoles/sms/notice-test', {
        kind: 'announcement',
        cutOverAt: '2027-03-31T22:00:00+09:00',
        emailAddress: 'you@example.co.jp',
        ...more,
      });
    expect((await test({})).statusCode).toBe(202);
    expect(codeOf(await test({ emailAddress: 'you' }))).toEqual([422, 'address-malformed']);
    expect(codeOf(await test({ texts: { ja: { body: '{nmae}' } } }))).toEqual([422, 'placeholder-unknown']);
    const queued = await world.database.db
      .selectFrom('message')
      .select('locale')
      .where('recipient', '=', 'you@example.co.jp')
      .execute();
    expect(queued.map(({ locale }) => locale).sort()).toEqual(['en', 'ja']);
    expect((await draft({ kind: 'correction', cutOverAt: null })).statusCode).toBe(200);
    const words = { texts: { ja: { subject: '{console}のお知らせ' } }, revision: 0 };
    const set = (kind: string, body: object, role: Role = 'administrator') =>
      call(role, 'PUT', `/consoles/sms/notice-words/${kind}`, body);
    expect((await set('announcement', words)).json()).toMatchObject({ ...words, revision: 1 });
    expect((await draft({})).json<{ subject: string }>().subject).toMatch(/^管理画面smsのお知らせ/);
    expect(codeOf(await set('announcement', words))).toEqual([409, 'words-changed']);
    expect(codeOf(await set('withdrawn', { texts: { en: { body: '{cutOverDate}' } }, revision: 0 }))).toEqual(
      [422, 'placeholder-without-value'],
    );
    expect(codeOf(await set('announcement', words, 'support'))).toEqual([403, 'role-missing']);
    expect(
      (await call('viewer', 'GET', '/consoles/sms/notice-words')).json<{ items: object[] }>().items,
    ).toMatchObject([
      { kind: 'announcement', revision: 1, whole: { ja: { subject: '{console}のお知らせ' } } },
      { kind: 'reminder', revision: 0, texts: {}, changedBy: null },
      { kind: 'postponed' },
      { kind: 'withdrawn' },
      { kind: 'completion' },
    ]);
    expect(codeOf(await draft({ consoleId: 'con_x' }))).toEqual([422, 'malformed']);
  });

  it('sends a test, which counts in nothing', async () => {
    const before = (await call('viewer', 'GET', `/notices/${notice}`)).json<object>();
    const sent = await call('support', 'POST', `/notices/${notice}/test`, {
      emailAddress: 'operator@example.co.jp',
    });
    expect([sent.statusCode, sent.json()]).toEqual([
      202,
      { messageId: expect.stringMatching(/^msg_/) as string, recipient: 'operator@example.co.jp' },
    ]);
    await until(async () => smtp.arrived.some((mail) => mail.recipients.includes('operator@example.co.jp')));
    expect((await call('viewer', 'GET', `/notices/${notice}`)).json()).toMatchObject({
      ...before,
      perMinute: expect.any(Number) as number,
    });
    expect(
      codeOf(await call('support', 'POST', `/notices/${notice}/test`, { emailAddress: 'a@b@c' })),
    ).toEqual([422, 'address-malformed']);
  });

  it('settles a person; refusals say what to do', async () => {
    const settle = (person: string | undefined, body: object) =>
      call('support', 'POST', `/notices/${notice}/recipients/${person ?? ''}/settle`, body);
    expect(codeOf(await settle(people[0], { kind: 'told-otherwise', note: '' }))).toEqual([
      422,
      'note-missing',
    ]);
    expect(codeOf(await settle(people[0], { kind: 'told-otherwise' }))).toEqual([422, 'malformed']);
    expect(codeOf(await settle(people[0], { kind: 'told-otherwise', note: 'x', settledBy: 'me' }))).toEqual([
      422,
      'malformed',
    ]);
    const unchanged = await settle(people[0], { kind: 'new-address', emailAddress: 'p0@example.co.jp' });
    expect(codeOf(unchanged)).toEqual([422, 'address-unchanged']);
    expect(unchanged.json<{ detail: string }>().detail).toContain('Correct the address in the console first');
    expect(
      codeOf(await settle(people[0], { kind: 'new-address', emailAddress: 'other@example.co.jp' })),
    ).toEqual([409, 'address-not-login-id']);
    expect((await settle(people[0], { kind: 'told-otherwise', note: 'by telephone' })).statusCode).toBe(204);
    expect(codeOf(await settle(people[0], { kind: 'api-only' }))).toEqual([409, 'recipient-settled']);
    expect(codeOf(await settle(people[4], { kind: 'api-only' }))).toEqual([409, 'recipient-not-unreached']);
    expect(codeOf(await settle('acc_none', { kind: 'api-only' }))).toEqual([404, 'recipient-unknown']);
  });

  it('takes bounces as message/rfc822, up to 1 MiB', async () => {
    const row = await world.database.db
      .selectFrom('notice_recipient')
      .selectAll()
      .where('account_id', '=', people[3] ?? '')
      .executeTakeFirstOrThrow();
    const mail = postfix({
      messageId: `<${row.message_id ?? ''}@login.example.co.jp>`,
      address: row.recipient ?? '',
    });
    const feed = (body: Buffer, type = 'message/rfc822') =>
      call('support', 'POST', '/notice-bounces', body, type);
    const first = await feed(mail);
    expect([first.statusCode, first.json()]).toEqual([
      200,
      { outcome: 'bounced', people: [{ noticeId: notice, accountId: people[3], status: '5.1.1' }] },
    ]);
    expect((await feed(mail)).json()).toEqual({ outcome: 'known', people: [] });
    expect(codeOf(await feed(Buffer.from('Subject: hi\r\n\r\nhi')))).toEqual([422, 'not-a-notification']);
    expect(codeOf(await feed(Buffer.from('{}'), 'application/json'))).toEqual([422, 'malformed']);
    expect((await feed(Buffer.alloc(1024 * 1024 + 1, 'x'))).statusCode).toBe(413);
    expect((await feed(Buffer.from('x'), 'text/plain')).statusCode).toBe(422);
    expect((await call('viewer', 'GET', `/notices/${notice}`)).json()).toMatchObject({
      bounced: 1,
      unreached: 2,
    });
  });

  it('cancels; who has ended or was cancelled is told so', async () => {
    const { id: sms } = await world.database.db.selectFrom('console').select('id').executeTakeFirstOrThrow();
    const planned = await announce(world.database.db, sms, world.now, {
      kind: 'completion',
      sendAt: new Date(world.now.getTime() + 10 * MINUTE),
    });
    const answer = await call('administrator', 'POST', `/notices/${planned}/cancel`);
    expect([answer.statusCode, answer.json()]).toEqual([200, { dropped: 5, accepted: 0 }]);
    expect(codeOf(await call('administrator', 'POST', `/notices/${planned}/cancel`))).toEqual([
      409,
      'notice-cancelled',
    ]);
    expect(codeOf(await call('administrator', 'POST', `/notices/${notice}/cancel`))).toEqual([
      409,
      'notice-ended',
    ]);
  });

  it('A1: each call has its role', async () => {
    const table: [Role | 'nobody', 'GET' | 'POST', string, object?][] = [
      ['viewer', 'GET', '/notices'],
      ['viewer', 'GET', `/notices/${notice}`],
      ['support', 'GET', `/notices/${notice}/recipients`],
      ['viewer', 'GET', `/notices/${notice}/preview`],
      ['support', 'GET', `/notices/${notice}/preview?accountId=${people[2] ?? ''}`],
      ['viewer', 'POST', '/consoles/sms/notice-preview', { kind: 'correction', cutOverAt: null }],
      ['support', 'POST', `/notices/${notice}/test`, { emailAddress: 'x' }],
      ['support', 'POST', `/notices/${notice}/recipients/acc_none/settle`, { kind: 'api-only' }],
      ['support', 'POST', '/notice-bounces', {}],
      ['administrator', 'POST', `/notices/${notice}/cancel`],
    ];
    const order: Role[] = ['viewer', 'support', 'administrator'];
    for (const [least, method, path, body] of table)
      for (const role of order) {
        const answer = await call(role, method, path, body);
        const allowed = order.indexOf(role) >= order.indexOf(least as Role);
        expect(answer.statusCode === 403, `${role} ${method} ${path}`).toBe(!allowed);
      }
  });

  it('every act is in the audit log with the token as actor', async () => {
    const events = await world.database.db
      .selectFrom('audit_event')
      .select(['action', 'actor'])
      .where('action', 'like', 'notice.%')
      .where('actor', '!=', 'operator:cli')
      .orderBy('id')
      .execute();
    expect(events.map((event) => event.action)).toEqual([
      'notice.tested',
      'notice.tested',
      'notice.words-changed',
      'notice.tested',
      'notice.recipient-settled',
      'notice.bounced',
      'notice.cancelled',
    ]);
    for (const event of events) expect(event.actor).toMatch(/^operator:opt_/);
  });
});

describe('R26, S1: acts of the API that write no audit event', () => {
  /** All that such an act could change. */
  async function everything(): Promise<unknown> {
    const { rows } = await sql`
      select (select jsonb_agg(r order by r.account_id, r.notice_id) from notice_recipient r) as recipients,
        (select jsonb_agg(d order by d.digest) from delivery_notification d) as notifications,
        (select count(*) from audit_event) as events, (select count(*) from message) as messages,
        (select count(*) from notice) as notices, (select count(*) from logout_delivery) as logouts,
        (select count(*) from event_delivery) as deliveries, (select count(*) from sso_session) as sessions`.execute(
      world.database.db,
    );
    return rows;
  }

  const keyOf = (key: string) =>
    world.database.db.selectFrom('idempotency_key').where('key_hash', '=', secretHash(key));

  /** As a server leaves a key that commits the act and dies before it has kept the answer. */
  async function dieBeforeAnswer(key: string): Promise<void> {
    await world.database.db
      .updateTable('idempotency_key')
      .set({ status: null, answer: null })
      .where('key_hash', '=', secretHash(key))
      .execute();
    world.pass(6 * MINUTE);
  }

  it('change nothing when the server died before it answered and they are done a second time; one that writes an event is not done again', async () => {
    const row = await world.database.db
      .selectFrom('notice_recipient')
      .selectAll()
      .where('account_id', '=', people[4] ?? '')
      .where('notice_id', '=', notice)
      .executeTakeFirstOrThrow();
    const about = {
      messageId: `<${row.message_id ?? ''}@login.example.co.jp>`,
      address: row.recipient ?? '',
    };
    const MAIL = 'message/rfc822';
    const others = { ...about, messageId: '<other@example.com>' };
    const acts: [Role, string, object | Buffer | undefined, string | undefined, object, object][] = [
      [
        'support',
        '/notice-bounces',
        headersOnly({ ...about, action: 'delayed' }),
        MAIL,
        { outcome: 'delayed' },
        { outcome: 'known' },
      ],
      [
        'support',
        '/notice-bounces',
        postfix({ ...about, action: 'delivered' }),
        MAIL,
        { outcome: 'nothing-to-do' },
        { outcome: 'known' },
      ],
      ['support', '/notice-bounces', postfix(others), MAIL, { outcome: 'not-ours' }, { outcome: 'known' }],
      ['viewer', '/consoles/sms/notice-preview', { kind: 'correction', cutOverAt: null }, undefined, {}, {}],
      [
        'support',
        '/consoles/sms/logout-deliveries/retry',
        undefined,
        undefined,
        { retried: 0 },
        { retried: 0 },
      ],
      [
        'support',
        '/consoles/sms/event-deliveries/retry',
        undefined,
        undefined,
        { retried: 0 },
        { retried: 0 },
      ],
      [
        'support',
        `/accounts/${people[0] ?? ''}/sessions/end`,
        undefined,
        undefined,
        { ended: 0 },
        { ended: 0 },
      ],
    ];
    for (const [i, [role, path, body, type, first, second]] of acts.entries()) {
      const key = `without-event-${i}`;
      const done = await call(role, 'POST', path, body, type, key);
      expect(done.statusCode, done.body).toBeLessThan(300);
      expect(done.json(), path).toMatchObject(first);
      expect(await keyOf(key).select('acted').execute(), path).toEqual([{ acted: false }]);
      const after = await everything();
      await dieBeforeAnswer(key);
      const again = await call(role, 'POST', path, body, type, key);
      expect([again.statusCode, again.headers['idempotency-replayed']], path).toEqual([
        done.statusCode,
        undefined,
      ]);
      expect(again.json(), path).toMatchObject(second);
      expect(await everything(), path).toEqual(after);
    }
    const bounce = () => call('support', 'POST', '/notice-bounces', postfix(about), MAIL, 'with-event');
    expect((await bounce()).json()).toMatchObject({ outcome: 'bounced' });
    expect(await keyOf('with-event').select('acted').execute()).toEqual([{ acted: true }]);
    await dieBeforeAnswer('with-event');
    expect(codeOf(await bounce())).toEqual([409, 'idempotency-answer-lost']);
  });
});
