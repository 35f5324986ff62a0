import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addOperator } from '#domain/operators/operators.ts';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { PASSWORD, signIn, textOf as plainTextOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

const PAYLOAD = '"><script>alert(1)</script>';
const RISC = 'https://schemas.openid.net/secevent/risc/event-type/';
const CHANNELS = ['logouts', 'events'] as const;
let world: World;
let token = '';
const browsers = {} as Record<'viewer' | 'support', Browser>;
beforeAll(async () => {
  world = await openWorld({ work: false });
  const { db } = world.database;
  const console_id = await world.addConsole('sms', {
    backchannelLogoutUri: 'http://sms.example.co.jp/auth/backchannel-logout',
  });
  await world.addConsole('mail');
  const account_id = await world.addPerson('taro@example.co.jp', { sms: 'u1' });
  const by = { actor: 'operator:cli', now: world.now };
  for (const role of ['viewer', 'support'] as const) {
    const emailAddress = `${role}@example.co.jp`;
    await world.addPerson(emailAddress, {}, { password: PASSWORD });
    await addOperator(db, { emailAddress, role }, by);
    browsers[role] = new Browser(world);
    await signIn(browsers[role], '/sign-in', emailAddress);
  }
  token = (await createOperatorToken(db, { name: 'x', role: 'support' }, by)).token;
  const at = world.now;
  await db
    .insertInto('single_logout')
    .values({ id: 'slo_1', session_uid: 's', account_id, cause: 'operator', at })
    .execute();
  await db
    .insertInto('event_stream')
    .values({
      id: 'str_1',
      console_id,
      method: 'push',
      endpoint_url: 'http://sms.example.co.jp/auth/events',
      created_at: at,
      updated_at: at,
    })
    .execute();
  for (const [i, state] of (['failed', 'failed', 'failed', 'waiting', 'delivered'] as const).entries()) {
    const created_at = new Date(at.getTime() - (i + 1) * MINUTE);
    const shared = {
      console_id,
      account_id,
      state,
      tries: i,
      created_at,
      next_try_at: state === 'waiting' ? at : null,
      last_status: state === 'failed' ? 503 : null,
      last_error: state === 'failed' ? `status ${PAYLOAD}` : null,
      ended_at: state === 'waiting' ? null : at,
    };
    await db
      .insertInto('logout_delivery')
      .values({ ...shared, id: `lod_${i}`, single_logout_id: 'slo_1', sid: `sid${i}` })
      .execute();
    await db
      .insertInto('account_event')
      .values({
        id: `evt_${i}`,
        account_id,
        kind: i === 0 ? 'login-id-changed' : 'password-changed',
        detail: '{}',
        at: created_at,
      } as never)
      .execute();
    await db
      .insertInto('event_delivery')
      .values({
        ...shared,
        id: `evd_${i}`,
        stream_id: 'str_1',
        event_id: `evt_${i}`,
        type: i === 0 ? `${RISC}identifier-changed` : 'https://example.co.jp/later-type',
        event: JSON.stringify({ 'new-value': 'never-shown@example.co.jp' }),
      })
      .execute();
  }
  // A newer state of the first one: telling it again would take that back.
  await db
    .insertInto('account_event')
    .values({ id: 'evt_new', account_id, kind: 'login-id-changed', detail: '{}', at } as never)
    .execute();
  await db
    .insertInto('logout_try')
    .values({
      delivery_id: 'lod_0',
      number: 1,
      at,
      kind: 'timetable',
      status: 503,
      error: `status ${PAYLOAD}`,
      took_ms: 12,
    } as never)
    .execute();
}, 60_000);
afterAll(() => world.close());

function textOf(page: Answer): string {
  expect(page.body).not.toContain('<script>alert');
  expect(page.body).not.toContain('never-shown@');
  return plainTextOf(page);
}

const idOf = { logouts: 'lod', events: 'evd' } as const;

describe('R25: the pages of deliveries', () => {
  it('say how each console takes what it is told; only support sees single deliveries', async () => {
    const page = await browsers.support.open('/operator/deliveries');
    for (const words of ['管理画面sms', 'まだ届いたものはありません', 'すべて送り直す'])
      expect(textOf(page)).toContain(words);
    expect(page.body).toContain('href="/operator/deliveries/logouts?console=sms&amp;state=failed"');
    const viewers = await browsers.viewer.open('/operator/deliveries');
    expect(textOf(viewers)).not.toContain('すべて送り直す');
    expect(viewers.body).not.toContain('/operator/deliveries/logouts');
    expect(textOf(await browsers.viewer.open('/operator'))).toContain('管理画面への連絡待ち');
    await browsers.support.request('POST', '/language', { lang: 'en', return_path: '/' });
    expect(textOf(await browsers.support.open('/operator/deliveries'))).toContain('Nothing has arrived yet');
    await browsers.support.request('POST', '/language', { lang: 'ja', return_path: '/' });
  });

  it.each(CHANNELS)('%s: listed by console and state, one page each with its tries', async (name) => {
    const base = `/operator/deliveries/${name}`;
    const links = (page: Answer) => new Set(page.body.match(new RegExp(`${base}/${idOf[name]}_\\d`, 'g')));
    const { support } = browsers;
    expect(links(await support.open(base)).size).toBe(5);
    expect(links(await support.open(`${base}?console=sms&state=failed`)).size).toBe(3);
    expect(links(await support.open(`${base}?console=mail`)).size).toBe(0);
    expect(textOf(await support.open(`${base}?console=mail`))).toContain('条件に合う配信はありません');
    expect(links(await support.open(`${base}?after=${idOf[name]}_3`)).size).toBe(1);
    const one = textOf(await support.open(`${base}/${idOf[name]}_0`));
    expect(one).toContain(name === 'logouts' ? '担当者が終了' : 'ログインIDの変更');
    expect(one).toContain('503 status');
    expect(one).toContain(name === 'logouts' ? '12 ミリ秒' : 'まだ一度も試していません');
    expect((await support.request('GET', `${base}/none`)).statusCode).toBe(404);
    expect((await support.request('GET', `${base}/of/none/retry`)).statusCode).toBe(404);
    expect((await browsers.viewer.request('GET', base)).statusCode).toBe(403);
  });

  it('one is tried again, once; what is overtaken or not given up is refused in words', async () => {
    const { support } = browsers;
    const path = '/operator/deliveries/logouts/lod_0';
    const confirm = await support.open(`${path}/retry`);
    expect(textOf(await support.submit(confirm, `${path}/retry`, {}))).toContain('待ち');
    const again = await support.submit(confirm, `${path}/retry`, {});
    expect([again.statusCode, textOf(again)]).toEqual([409, expect.stringContaining('打ち切られていません')]);
    const event = '/operator/deliveries/events/evd_0';
    const overtaken = await support.submit(await support.open(`${event}/retry`), `${event}/retry`, {});
    expect([overtaken.statusCode, textOf(overtaken)]).toEqual([
      409,
      expect.stringContaining('新しい状態が伝わっている'),
    ]);
  });

  it('all of a console are tried again, by page and by call; what is overtaken stays', async () => {
    const { support } = browsers;
    const path = '/operator/deliveries/logouts/of/sms/retry';
    const confirm = await support.open(path);
    expect(textOf(confirm)).toContain('対象は2件です');
    expect(textOf(await support.submit(confirm, path, {}))).toContain('2件を送り直しています');
    const call = async (url: string) =>
      (
        await world.app.server.inject({
          method: 'POST',
          url: `/api/operator/v1${url}`,
          headers: { host: 'login.example.co.jp', authorization: `Bearer ${token}` },
        })
      ).json<object>();
    expect(await call('/consoles/sms/logout-deliveries/retry')).toEqual({ retried: 0, skipped: 0, left: 0 });
    expect(await call('/consoles/sms/event-deliveries/retry')).toEqual({ retried: 2, skipped: 1, left: 0 });
    expect(await call('/consoles/none/event-deliveries/retry')).toMatchObject({ code: 'console-unknown' });
    const { db } = world.database;
    const failed = async (table: 'logout_delivery' | 'event_delivery') =>
      (await db.selectFrom(table).select('id').where('state', '=', 'failed').execute()).map(({ id }) => id);
    expect([await failed('logout_delivery'), await failed('event_delivery')]).toEqual([[], ['evd_0']]);
    const events = await db
      .selectFrom('audit_event')
      .select(['action', 'detail'])
      .where('action', 'in', ['logout.retried', 'event.retried'])
      .orderBy('id')
      .execute();
    expect(events.map(({ action }) => action)).toEqual([
      'logout.retried',
      'logout.retried',
      'event.retried',
      'event.retried',
    ]);
    expect(events[1]?.detail).toEqual({ all: true, deliveries: 2 });
  });
});
