import { createLocalJWKSet, decodeJwt, jwtVerify, type JSONWebKeySet } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HOUR } from '#support/primitives/durations.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { openReceiver, type Received, type Receiver } from '#test/receiver.ts';
import { authorizeUrl, enter, linkOf, locationOf, PASSWORD, textOf, type Tokens } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
let sms: Receiver;
let mail: Receiver;
let accountId: string;
beforeAll(async () => {
  [sms, mail] = [await openReceiver(), await openReceiver()];
  world = await openWorld();
  await world.addConsole('sms', { backchannelLogoutUri: sms.url });
  await world.addConsole('mail', { backchannelLogoutUri: mail.url, idTokenAlg: 'RS256' });
  await world.addConsole('deaf');
  accountId = await world.addPerson('taro@example.co.jp', { sms: '1', mail: '2', deaf: '3' }, { password: PASSWORD });
  await world.addPerson('hanako@example.co.jp', { sms: '4' }, { password: PASSWORD });
});
afterAll(async () => {
  await world.close();
  await Promise.all([sms.close(), mail.close()]);
});
beforeEach(() => {
  world.pass(1 * HOUR);
  for (const receiver of [sms, mail]) Object.assign(receiver, { received: [], answer: { status: 204 } });
});

/** A browser that is signed in at both consoles. */
async function inBoth(): Promise<{ browser: Browser; sms: Entered; mail: Entered }> {
  const browser = new Browser(world);
  return { browser, sms: await enter(world, browser, 'sms', { address: 'taro@example.co.jp' }), mail: await enter(world, browser, 'mail', { address: 'taro@example.co.jp' }) };
}
type Entered = { tokens: Tokens; claims: Record<string, unknown> };

const logout = (parameters: Record<string, string>): string => `/logout?${new URLSearchParams(parameters).toString()}`;
const isOut = async (browser: Browser): Promise<boolean> => (await browser.request('GET', authorizeUrl('sms', { prompt: 'none' }).url)).headers.location?.toString().includes('login_required') ?? false;
const deliveries = () => world.database.db.selectFrom('logout_delivery').innerJoin('console', 'console.id', 'console_id').selectAll('logout_delivery').select('client_id').where('logout_delivery.created_at', '=', world.now).orderBy('client_id').execute();

async function verified(one: Received | undefined, audience: string): Promise<Record<string, unknown>> {
  const jwks = (await world.app.server.inject({ url: '/jwks', headers: { host: 'login.example.co.jp' } })).json<JSONWebKeySet>();
  const { payload, protectedHeader } = await jwtVerify(one?.token ?? '', createLocalJWKSet(jwks), { issuer: 'http://login.example.co.jp', audience, typ: 'logout+jwt', currentDate: world.now });
  return { ...payload, alg: protectedHeader.alg };
}

describe('R9: logging out in a console', () => {
  it('ends the unified session at once and tells every console with a logout token of its own', async () => {
    const at = await inBoth();
    const page = await at.browser.open(logout({ id_token_hint: at.sms.tokens.id_token, client_id: 'sms' }));
    expect(page.path).toMatch(/^\/signed-out\/slo_/);
    expect(await isOut(at.browser)).toBe(true);
    await Promise.all([sms.until(1), mail.until(1)]);
    const [toSms, toMail] = [await verified(sms.received[0], 'sms'), await verified(mail.received[0], 'mail')];
    expect(toSms).toMatchObject({ alg: 'ES256', sub: accountId, sid: at.sms.claims.sid, iat: world.now.getTime() / 1_000, events: { 'http://schemas.openid.net/event/backchannel-logout': {} } });
    expect(toMail).toMatchObject({ alg: 'RS256', sub: accountId, sid: at.mail.claims.sid });
    expect(Number(toSms.exp) - Number(toSms.iat)).toBe(120);
    expect(toSms.jti).not.toBe(toMail.jti);
    for (const token of [toSms, toMail]) expect(token).not.toHaveProperty('nonce');
    expect(sms.received[0]?.headers).toMatchObject({ 'content-type': 'application/x-www-form-urlencoded' });

    expect(textOf(page)).toContain('すべての管理画面からログアウトしました。');
    expect(await deliveries()).toMatchObject([{ client_id: 'mail', state: 'delivered', tries: 1, last_status: 204 }, { client_id: 'sms', state: 'delivered', tries: 1 }]);
    expect([sms.received.length, mail.received.length]).toEqual([1, 1]);
    expect(await world.database.db.selectFrom('audit_event').select(['action', 'account_id']).where('at', '=', world.now).where('action', '=', 'session.ended').execute()).toEqual([{ action: 'session.ended', account_id: accountId }]);
  });

  it('R10: with the hint of a session that this browser has lost, the other consoles of that session are told all the same', async () => {
    const at = await inBoth();
    const page = await new Browser(world).open(logout({ id_token_hint: at.sms.tokens.id_token }));
    expect(page.path).toMatch(/^\/signed-out\/slo_/);
    await mail.until(1);
    expect((await verified(mail.received[0], 'mail')).sid).toBe(at.mail.claims.sid);
    expect(await isOut(at.browser)).toBe(true);
  });

  it('L1: only this browser: the same person’s other browsers and other people go on', async () => {
    const [at, other, hanako] = [await inBoth(), await inBoth(), new Browser(world)];
    await enter(world, hanako, 'sms', { address: 'hanako@example.co.jp' });
    await at.browser.open(logout({ id_token_hint: at.sms.tokens.id_token }));
    expect([await isOut(at.browser), await isOut(other.browser), await isOut(hanako)]).toEqual([true, false, false]);
    await sms.until(1);
    expect((await verified(sms.received[0], 'sms')).sid).toBe(at.sms.claims.sid);
    expect(sms.received).toHaveLength(1);
  });

  it('a console that the person never entered, or that has no address for it, is not told', async () => {
    const browser = new Browser(world);
    const { tokens } = await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
    await enter(world, browser, 'deaf', { address: 'taro@example.co.jp' });
    await browser.open(logout({ id_token_hint: tokens.id_token }));
    expect((await deliveries()).map((row) => row.client_id)).toEqual(['sms']);
  });

  it('sent twice at once ends it once and tells each console once', async () => {
    const at = await inBoth();
    const answers = await Promise.all(Array.from({ length: 10 }, () => at.browser.request('GET', logout({ id_token_hint: at.sms.tokens.id_token }))));
    expect(answers.every((answer) => answer.statusCode === 303)).toBe(true);
    await Promise.all([sms.until(1), mail.until(1)]);
    expect(await deliveries()).toHaveLength(2);
  });

  it('without a session leads to the signed-out page, or straight back to where the console wants', async () => {
    const page = await new Browser(world).open(logout({ client_id: 'sms', ui_locales: 'ja' }));
    expect(page.path).toMatch(/^\/signed-out/);
    expect(textOf(page)).toContain('ログアウトしました');
    const back = await new Browser(world).request('GET', logout({ client_id: 'sms', post_logout_redirect_uri: 'http://sms.example.co.jp/', state: 'st' }));
    expect(locationOf(back).href).toBe('http://sms.example.co.jp/?state=st');
  });
});

describe('R9: the signed-out page', () => {
  it('leads on to the registered address with its state when all consoles have been told', async () => {
    const at = await inBoth();
    const answer = await at.browser.open(logout({ id_token_hint: at.sms.tokens.id_token, post_logout_redirect_uri: 'http://sms.example.co.jp/', state: 'a b&c' }));
    expect(locationOf(answer).href).toBe('http://sms.example.co.jp/?state=a+b%26c');
  });

  it('L2: waits two seconds for a console that does not answer, then says which one is still being told, and learns when it was', async () => {
    const at = await inBoth();
    mail.answer = 'hang';
    const begin = performance.now();
    const page = await at.browser.open(logout({ id_token_hint: at.sms.tokens.id_token, post_logout_redirect_uri: 'http://sms.example.co.jp/' }));
    expect(performance.now() - begin).toBeLessThan(4_000);
    expect(page.statusCode).toBe(200);
    expect(textOf(page)).toContain('一部の管理画面には、まだお知らせしているところです。');
    expect(textOf(page)).toContain('管理画面sms ログアウト済み');
    expect(textOf(page)).toContain('管理画面mail お知らせ中');
    expect(linkOf(page, '管理画面に戻る')).toBe('http://sms.example.co.jp/');
    expect(page.body).toMatch(/http-equiv="refresh"|Refresh/i);
    const english = await new Browser(world).open(`${page.path.split('?')[0]}?waited=1&ui_locales=en`);
    expect(textOf(english)).toContain('Console sms Signed out');
    expect(textOf(english)).toContain('Console mail Being told');
    expect(textOf(english)).toContain('Some consoles are still being told.');

    await world.database.db.updateTable('logout_delivery').set({ state: 'delivered' }).where('state', '=', 'waiting').execute();
    expect(textOf(await at.browser.open(`${page.path.split('?')[0]}?waited=1`))).toContain('すべての管理画面からログアウトしました。');
  });

  it('says when a console could not be told at all', async () => {
    const at = await inBoth();
    sms.answer = { status: 500 };
    await at.browser.open(logout({ id_token_hint: at.sms.tokens.id_token }));
    await sms.until(1);
    const [delivery] = (await deliveries()).filter((row) => row.client_id === 'sms');
    await world.database.db.updateTable('logout_delivery').set({ state: 'failed' }).where('id', '=', delivery?.id as string).execute();
    expect(textOf(await new Browser(world).open(`/signed-out/${delivery?.single_logout_id}?waited=1`))).toContain('管理画面sms 確認できませんでした');
    expect(textOf(await new Browser(world).open(`/signed-out/${delivery?.single_logout_id}?waited=1&ui_locales=en`))).toContain('Console sms Could not be confirmed');
  });

  it('alone offers all consoles, in both languages, and knows nothing of a logout that never was', async () => {
    for (const path of ['/signed-out', '/signed-out/slo_never']) {
      expect(linkOf(await new Browser(world).open(path), '管理画面sms')).toBe('http://sms.example.co.jp/');
      const english = Object.assign(new Browser(world), { headers: { accept: 'text/html', 'accept-language': 'en' } });
      expect(linkOf(await english.open(path), 'Console mail')).toBe('http://mail.example.co.jp/');
    }
  });

  it('R8: speaks the language that the console asked for', async () => {
    const at = await inBoth();
    expect(textOf(await at.browser.open(logout({ id_token_hint: at.sms.tokens.id_token, ui_locales: 'en' })))).toContain('You are signed out');
  });
});

describe('L5: nobody is logged out by a link', () => {
  const asks = (answer: Answer): boolean => answer.statusCode === 200 && textOf(answer).includes('ログアウトしますか');

  it.each<[string, (at: Awaited<ReturnType<typeof inBoth>>) => Promise<Record<string, string>>]>([
    ['nothing', async () => ({})],
    ['only a client id', async () => ({ client_id: 'sms' })],
    ['the hint of another person', async () => ({ id_token_hint: (await enter(world, new Browser(world), 'sms', { address: 'hanako@example.co.jp' })).tokens.id_token })],
    ['the hint of another session of the same person', async () => ({ id_token_hint: (await enter(world, new Browser(world), 'sms', { address: 'taro@example.co.jp' })).tokens.id_token })],
    ['a post-logout address without a console', async () => ({ post_logout_redirect_uri: 'http://evil.example/' })],
  ])('with %s the page asks, and this browser’s session has not ended', async (_name, parameters) => {
    const at = await inBoth();
    const page = await at.browser.open(logout(await parameters(at)));
    expect(asks(page)).toBe(true);
    expect(await isOut(at.browser)).toBe(false);
    expect((await deliveries()).filter((row) => [at.sms.claims.sid, at.mail.claims.sid].includes(row.sid))).toEqual([]);
    expect(linkOf(page, 'ログアウトしない')).toBe('/');
    expect(page.body).not.toContain('evil.example');
  });

  it('R9: pressing the button ends the session and tells every console', async () => {
    const at = await inBoth();
    const page = await at.browser.open(logout({ client_id: 'sms', post_logout_redirect_uri: 'http://sms.example.co.jp/', state: 'x' }));
    expect(asks(page)).toBe(true);
    const kept = new Map(at.browser.cookies);
    const out = await at.browser.submit(page, '/logout/confirm', {});
    expect(locationOf(out).href).toBe('http://sms.example.co.jp/?state=x');
    await Promise.all([sms.until(1), mail.until(1)]);
    expect((await verified(mail.received[0], 'mail')).sid).toBe(at.mail.claims.sid);
    expect(await deliveries()).toHaveLength(2);
    for (const [name, cookie] of kept) at.browser.cookies.set(name, cookie);
    expect(await isOut(at.browser)).toBe(true);
    expect((await world.app.server.inject({ url: '/userinfo', headers: { host: 'login.example.co.jp', authorization: `Bearer ${at.sms.tokens.access_token}` } })).statusCode).toBe(401);
  });

  it('the button without its secret, with another one, or pressed by another site does nothing', async () => {
    const at = await inBoth();
    const page = await at.browser.open(logout({}));
    expect(asks(page)).toBe(true);
    for (const form of [{ logout: 'yes' }, { logout: 'yes', xsrf: '' }, { logout: 'yes', xsrf: 'x'.repeat(48) }] as Record<string, string>[]) {
      const answer = await at.browser.request('POST', '/logout/confirm', form);
      expect(answer.statusCode).toBe(400);
    }
    const stranger = await new Browser(world).request('POST', '/logout/confirm', { logout: 'yes', xsrf: /name="xsrf" value="([^"]+)"/.exec(page.body)?.[1] ?? '' });
    expect(stranger.statusCode).toBe(400);
    expect(await isOut(at.browser)).toBe(false);
    expect(await deliveries()).toEqual([]);
  });

  it('a logout is not undone by a sign-in that was under way beside it', async () => {
    const at = await inBoth();
    const silent = Array.from({ length: 6 }, () => at.browser.request('GET', authorizeUrl('sms').url));
    const [out, ...others] = await Promise.all([at.browser.request('GET', logout({ id_token_hint: at.sms.tokens.id_token })), ...silent]);
    expect(out.statusCode).toBe(303);
    expect(others.every((answer) => answer.statusCode < 500)).toBe(true);
    expect(await world.database.db.selectFrom('sso_session').select('uid').where('account_id', '=', accountId).where('created_at', '=', world.now).execute()).toEqual([]);
  });
});

describe('R9: a console that is down', () => {
  it('hears of it as soon as it is up again, by the queue of the server itself', async () => {
    const at = await inBoth();
    sms.answer = { status: 503 };
    await at.browser.open(logout({ id_token_hint: at.sms.tokens.id_token }));
    await sms.until(1);
    sms.answer = { status: 200 };
    for (let tries = 0; tries < 400 && (await deliveries()).some((row) => row.state !== 'delivered'); tries++) await new Promise((later) => setTimeout(later, 50));
    expect(await deliveries()).toMatchObject([{ client_id: 'mail', tries: 1 }, { client_id: 'sms', state: 'delivered', tries: 2, last_status: 200 }]);
    const tokens = sms.received.map((one) => decodeJwt(one.token)).filter((token) => token.sid === at.sms.claims.sid);
    expect(new Set(tokens.map((token) => token.jti)).size).toBe(2);
  });
});
