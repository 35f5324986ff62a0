import { afterAll, beforeAll, expect, it } from 'vitest';
import { addOperator, removeOperator } from '#domain/operators/operators.ts';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { EVENT_TYPES } from '#domain/events/event.ts';
import { HOUR } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { openEventReceiver, verifiedEvent, type EventReceiver } from '#test/event-receiver.ts';
import { openReceiver, type Receiver } from '#test/receiver.ts';
import { authorizeUrl, enter, PASSWORD, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
let logouts: Receiver;
let events: EventReceiver;
let taro: string;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  [logouts, events] = [await openReceiver(), await openEventReceiver()];
  world = await openWorld({ environment: { HITOKAGI_ALLOWED_INTERNAL_HOSTS: '127.0.0.1' } });
  await world.addConsole('sms', { backchannelLogoutUri: logouts.url, eventUri: events.url });
  taro = await world.addPerson('taro@example.co.jp', { sms: 'u-1' }, { password: PASSWORD });
  for (const role of ['viewer', 'support', 'administrator'] as const)
    ({ token: tokens[role] } = await createOperatorToken(
      world.database.db,
      { name: role, role },
      { actor: 'operator:cli', now: world.now },
    ));
});
afterAll(async () => {
  await world.close();
  await Promise.all([logouts.close(), events.close()]);
});

const post = async (role: string, path: string, payload: object = { reason: '見本の理由' }) => {
  const answer = await world.app.server.inject({
    method: 'POST',
    url: `/api/operator/v1${path}`,
    headers: { host: 'login.example.co.jp', authorization: `Bearer ${tokens[role]}` },
    payload,
  });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
};
const signIn = () => enter(world, new Browser(world), 'sms', { address: 'taro@example.co.jp' });
const isOut = async (browser: Browser): Promise<boolean> =>
  String(
    (await browser.request('GET', authorizeUrl('sms', { prompt: 'none' }).url)).headers.location,
  ).includes('login_required');
/** What a sign-in with the right password comes to, with everything that differs between two attempts masked. */
async function refusal(address: string): Promise<string> {
  const browser = new Browser(world);
  const page = await browser.open(authorizeUrl('sms').url);
  const answer = await browser.submit(page, page.path, { email_address: address, password: PASSWORD });
  return `${answer.statusCode} ${textOf(answer)
    .replaceAll(address, 'ADDRESS')
    .replace(/[0-9A-F]{8}|req_\w+/g, 'ID')}`;
}

it('R25: suspending ends every session everywhere, tells the consoles and lets nobody in; C4: it looks like an unknown address', async () => {
  const [one, two] = [new Browser(world), new Browser(world)];
  await enter(world, one, 'sms', { address: 'taro@example.co.jp' });
  await enter(world, two, 'sms', { address: 'taro@example.co.jp' });
  const mails = world.mails.length;
  expect(
    await post('support', `/accounts/${taro}/suspend`, { reason: '乗っ取りの疑い', hijacked: true }),
  ).toEqual({
    status: 200,
    body: { accountId: taro, state: 'suspended', sessionsEnded: 2 },
  });
  await Promise.all([logouts.until(2), events.until(1)]);
  const told = await verifiedEvent(world, events.received[0]?.token ?? '', 'sms');
  expect([told.type, told.event]).toEqual([
    EVENT_TYPES['account-suspended'],
    { reason: 'hijacking', console_user_id: 'u-1', sequence: expect.any(Number) as number },
  ]);
  expect([await isOut(one), await isOut(two)]).toEqual([true, true]);
  expect(await refusal('taro@example.co.jp')).toBe(await refusal('none@example.co.jp'));
  expect(JSON.stringify(events.received)).not.toContain('乗っ取り');
  const { rows } = await world.database.pool.query<{ action: string; detail: object; actor: string }>(
    "select action, detail, actor from audit_event where action = 'account.suspended'",
  );
  expect(rows).toEqual([
    {
      action: 'account.suspended',
      actor: expect.stringMatching(/^operator:/) as string,
      detail: { reason: '乗っ取りの疑い', before: 'active', sessionsEnded: 2, hijacked: true },
    },
  ]);
  expect(world.mails).toHaveLength(mails);
  expect(await post('support', `/accounts/${taro}/suspend`)).toMatchObject({
    status: 409,
    body: { code: 'account-state-unfit' },
  });
});

it('R25: who is reinstated signs in as before', async () => {
  world.pass(1 * HOUR);
  expect(await post('support', `/accounts/${taro}/reinstate`)).toMatchObject({
    status: 200,
    body: { state: 'active', sessionsEnded: 0 },
  });
  await signIn();
  await events.until(2);
  expect((await verifiedEvent(world, events.received[1]?.token ?? '', 'sms')).type).toBe(
    EVENT_TYPES['account-reinstated'],
  );
});

it('R25: closing is for administrators, keeps links and address, and only they open it again', async () => {
  expect((await post('support', `/accounts/${taro}/close`)).status).toBe(403);
  expect(await post('administrator', `/accounts/${taro}/close`)).toMatchObject({
    status: 200,
    body: { state: 'closed', sessionsEnded: 1 },
  });
  await events.until(3);
  expect((await verifiedEvent(world, events.received[2]?.token ?? '', 'sms')).type).toBe(
    EVENT_TYPES['account-closed'],
  );
  expect(await refusal('taro@example.co.jp')).toBe(await refusal('none@example.co.jp'));
  const links = await world.database.db
    .selectFrom('console_link')
    .selectAll()
    .where('account_id', '=', taro)
    .execute();
  expect(links).toHaveLength(1);
  await expect(world.addPerson('taro@example.co.jp')).rejects.toThrow('account_email_key');
  expect(await post('administrator', `/accounts/${taro}/suspend`)).toMatchObject({ status: 409 });
  expect((await post('support', `/accounts/${taro}/reinstate`)).status).toBe(403);
  expect((await post('administrator', `/accounts/${taro}/reinstate`)).status).toBe(200);
});

it('A1: a viewer does none of it; P4: no reason, no such account, rubbish', async () => {
  for (const act of ['suspend', 'reinstate', 'close'])
    expect((await post('viewer', `/accounts/${taro}/${act}`)).status).toBe(403);
  for (const body of [{}, { reason: ' ' }, { reason: 'x', state: 'active' }, { reason: 'x'.repeat(1_001) }])
    expect((await post('administrator', `/accounts/${taro}/suspend`, body)).status).toBe(422);
  expect(await post('administrator', '/accounts/acc_none/close')).toMatchObject({
    status: 404,
    body: { code: 'account-unknown' },
  });
});

it('R25: of twenty who suspend at once one does', async () => {
  const all = await Promise.all(
    Array.from({ length: 20 }, () => post('support', `/accounts/${taro}/suspend`)),
  );
  expect(all.map((one) => one.status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 409)]);
});

it('R24: an administrator has a stream rest and send again; the console is told', async () => {
  const put = async (role: string, clientId: string, payload: object) => {
    const answer = await world.app.server.inject({
      method: 'PUT',
      url: `/api/operator/v1/consoles/${clientId}/event-stream/status`,
      headers: { host: 'login.example.co.jp', authorization: `Bearer ${tokens[role]}` },
      payload,
    });
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
  };
  expect((await put('support', 'sms', { status: 'paused' })).status).toBe(403);
  expect((await put('administrator', 'none', { status: 'paused' })).status).toBe(404);
  expect((await put('administrator', 'sms', { status: 'asleep' })).status).toBe(422);
  const before = events.received.length;
  expect(await put('administrator', 'sms', { status: 'paused', reason: '点検' })).toMatchObject({
    status: 200,
    body: { clientId: 'sms', method: 'push', status: 'paused', reason: '点検' },
  });
  await events.until(before + 1);
  expect((await verifiedEvent(world, events.received[before]?.token ?? '', 'sms')).event).toEqual({
    status: 'paused',
    reason: '点検',
  });
  await put('administrator', 'sms', { status: 'enabled' });
  await events.until(before + 2);
});

it('R24: the ledger of events by the API, page by page, with tries; health', async () => {
  const get = async (path: string) =>
    (
      await world.app.server.inject({
        url: `/api/operator/v1${path}`,
        headers: { host: 'login.example.co.jp', authorization: `Bearer ${tokens.support}` },
      })
    ).json<{
      items: { deliveryId: string; state: string; type: string }[];
      next: string | null;
      attempts: object[];
      code: string;
    }>();
  const delivered = async () => (await get('/event-deliveries?clientId=sms&state=delivered')).items.length;
  await expect.poll(delivered).toBe(7);
  const first = await get('/event-deliveries?limit=2');
  const second = await get(`/event-deliveries?limit=2&cursor=${first.next ?? ''}`);
  expect(new Set([...first.items, ...second.items].map((one) => one.deliveryId)).size).toBe(4);
  const ofTaro = await get(`/event-deliveries?accountId=${taro}&limit=1`);
  expect(await get(`/event-deliveries/${ofTaro.items[0]?.deliveryId ?? ''}`)).toMatchObject({
    accountId: taro,
    attempts: [{ number: 1, kind: 'timetable', status: 202 }],
  });
  expect((await get('/event-deliveries/set_none')).code).toBe('event-delivery-unknown');
  expect((await get('/event-deliveries?clientId=none')).code).toBe('console-unknown');
  expect(await get('/event-health')).toMatchObject({
    items: [{ clientId: 'sms', state: 'answering', waiting: 0 }],
  });
  expect(
    (await post('support', `/event-deliveries/${first.items[0]?.deliveryId ?? ''}/retry`)).body,
  ).toMatchObject({
    code: 'delivery-not-failed',
  });
});

it('A1: an operator’s account is suspended and reinstated by administrators only, the last administrator’s by nobody', async () => {
  const by = { actor: 'operator:cli', now: world.now };
  const make = async (emailAddress: string, role: 'support' | 'administrator') => {
    const id = await world.addPerson(emailAddress);
    await addOperator(world.database.db, { emailAddress, role }, by);
    return id;
  };
  const [helper, chief] = [
    await make('helper@example.co.jp', 'support'),
    await make('chief@example.co.jp', 'administrator'),
  ];
  for (const id of [helper, chief])
    expect(await post('support', `/accounts/${id}/suspend`)).toMatchObject({
      status: 403,
      body: { code: 'role-missing' },
    });
  for (const act of ['suspend', 'close'])
    expect(await post('administrator', `/accounts/${chief}/${act}`)).toMatchObject({
      status: 409,
      body: { code: 'last-administrator' },
    });
  expect((await post('administrator', `/accounts/${helper}/suspend`)).status).toBe(200);
  await make('second@example.co.jp', 'administrator');
  expect((await post('administrator', `/accounts/${chief}/suspend`)).status).toBe(200);
  for (const id of [helper, chief]) {
    expect(await post('support', `/accounts/${id}/reinstate`)).toMatchObject({
      status: 403,
      body: { code: 'role-missing' },
    });
    expect((await post('administrator', `/accounts/${id}/reinstate`)).status).toBe(200);
    // Nor does support learn by the refusal in which state an operator's account is.
    expect((await post('support', `/accounts/${id}/reinstate`)).status).toBe(403);
  }
  await removeOperator(world.database.db, helper, by);
  for (const act of ['suspend', 'reinstate'])
    expect((await post('support', `/accounts/${helper}/${act}`)).status).toBe(200);
});

it('A1: the login ID of an operator’s account is changed by administrators only: who has it can become that operator', async () => {
  const by = { actor: 'operator:cli', now: world.now };
  await world.addPerson('auditor@example.co.jp');
  await addOperator(world.database.db, { emailAddress: 'auditor@example.co.jp', role: 'viewer' }, by);
  const change = {
    newEmailAddress: 'mine@example.co.jp',
    locale: 'ja',
    reason: 'asked at the desk',
  };
  const asked = (role: 'support' | 'administrator', who: string) =>
    post(role, `/accounts/${who}/login-id-changes`, change);
  expect(await asked('support', 'auditor@example.co.jp')).toMatchObject({
    status: 403,
    body: { code: 'role-missing' },
  });
  expect(world.mails.filter((mail) => mail.to === 'mine@example.co.jp')).toEqual([]);
  expect((await asked('administrator', 'auditor@example.co.jp')).status).toBe(201);
});
