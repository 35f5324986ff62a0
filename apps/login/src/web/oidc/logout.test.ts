import { createLocalJWKSet, decodeJwt, jwtVerify, type JSONWebKeySet } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HOUR } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import type { Received } from '#test/receiver.ts';
import { enter, linkOf, locationOf, textOf } from '#test/steps.ts';
import { logoutUrl, openTwoConsoles } from '#test/two-consoles.ts';

type Consoles = Awaited<ReturnType<typeof openTwoConsoles>>;
let consoles: Consoles;
let { world, sms, mail, accountId, inBoth, isOut, deliveries } = {} as Consoles;
beforeAll(async () => {
  consoles = await openTwoConsoles();
  ({ world, sms, mail, accountId, inBoth, isOut, deliveries } = consoles);
});
afterAll(() => consoles.close());
beforeEach(() => {
  world.pass(1 * HOUR);
  consoles.forget();
});

async function verified(one: Received | undefined, audience: string): Promise<Record<string, unknown>> {
  const jwks = (
    await world.app.server.inject({ url: '/jwks', headers: { host: 'login.example.co.jp' } })
  ).json<JSONWebKeySet>();
  const { payload, protectedHeader } = await jwtVerify(one?.token ?? '', createLocalJWKSet(jwks), {
    issuer: 'http://login.example.co.jp',
    audience,
    typ: 'logout+jwt',
    currentDate: world.now,
  });
  return { ...payload, alg: protectedHeader.alg };
}

describe('R9: logging out in a console', () => {
  it('ends the unified session at once and tells every console with a logout token of its own', async () => {
    const at = await inBoth();
    const page = await at.browser.open(
      logoutUrl({ id_token_hint: at.sms.tokens.id_token, client_id: 'sms' }),
    );
    expect(page.path).toMatch(/^\/signed-out\/slo_/);
    expect(await isOut(at.browser)).toBe(true);
    await Promise.all([sms.until(1), mail.until(1)]);
    const [toSms, toMail] = [
      await verified(sms.received[0], 'sms'),
      await verified(mail.received[0], 'mail'),
    ];
    expect(toSms).toMatchObject({
      alg: 'ES256',
      sub: accountId,
      sid: at.sms.claims.sid,
      iat: world.now.getTime() / 1_000,
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    });
    expect(toMail).toMatchObject({ alg: 'RS256', sub: accountId, sid: at.mail.claims.sid });
    expect(Number(toSms.exp) - Number(toSms.iat)).toBe(120);
    expect(toSms.jti).not.toBe(toMail.jti);
    for (const token of [toSms, toMail]) expect(token).not.toHaveProperty('nonce');
    expect(sms.received[0]?.headers).toMatchObject({ 'content-type': 'application/x-www-form-urlencoded' });

    expect(textOf(page)).toContain('すべての管理画面からログアウトしました。');
    expect(await deliveries()).toMatchObject([
      { client_id: 'mail', state: 'delivered', tries: 1, last_status: 204 },
      { client_id: 'sms', state: 'delivered', tries: 1 },
    ]);
    expect([sms.received.length, mail.received.length]).toEqual([1, 1]);
    expect(
      await world.database.db
        .selectFrom('audit_event')
        .select(['action', 'account_id'])
        .where('at', '=', world.now)
        .where('action', '=', 'session.ended')
        .execute(),
    ).toEqual([{ action: 'session.ended', account_id: accountId }]);
  });

  it('R10: with the hint of a session that this browser has lost, the other consoles of that session are told all the same', async () => {
    const at = await inBoth();
    const page = await new Browser(world).open(logoutUrl({ id_token_hint: at.sms.tokens.id_token }));
    expect(page.path).toMatch(/^\/signed-out\/slo_/);
    await mail.until(1);
    expect((await verified(mail.received[0], 'mail')).sid).toBe(at.mail.claims.sid);
    expect(await isOut(at.browser)).toBe(true);
  });

  it('L1: only this browser: the same person’s other browsers and other people go on', async () => {
    const [at, other, hanako] = [await inBoth(), await inBoth(), new Browser(world)];
    await enter(world, hanako, 'sms', { address: 'hanako@example.co.jp' });
    await at.browser.open(logoutUrl({ id_token_hint: at.sms.tokens.id_token }));
    expect([await isOut(at.browser), await isOut(other.browser), await isOut(hanako)]).toEqual([
      true,
      false,
      false,
    ]);
    await sms.until(1);
    expect((await verified(sms.received[0], 'sms')).sid).toBe(at.sms.claims.sid);
    expect(sms.received).toHaveLength(1);
  });

  it('a console that the person never entered, or that has no address for it, is not told', async () => {
    const browser = new Browser(world);
    const { tokens } = await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
    await enter(world, browser, 'deaf', { address: 'taro@example.co.jp' });
    await browser.open(logoutUrl({ id_token_hint: tokens.id_token }));
    expect((await deliveries()).map((row) => row.client_id)).toEqual(['sms']);
  });

  it('sent twice at once ends it once and tells each console once', async () => {
    const at = await inBoth();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        at.browser.request('GET', logoutUrl({ id_token_hint: at.sms.tokens.id_token })),
      ),
    );
    expect(answers.every((answer) => answer.statusCode === 303)).toBe(true);
    await Promise.all([sms.until(1), mail.until(1)]);
    expect(await deliveries()).toHaveLength(2);
  });

  it('without a session leads to the signed-out page, or straight back to where the console wants', async () => {
    const page = await new Browser(world).open(logoutUrl({ client_id: 'sms', ui_locales: 'ja' }));
    expect(page.path).toMatch(/^\/signed-out/);
    expect(textOf(page)).toContain('ログアウトしました');
    const back = await new Browser(world).request(
      'GET',
      logoutUrl({ client_id: 'sms', post_logout_redirect_uri: 'http://sms.example.co.jp/', state: 'st' }),
    );
    expect(locationOf(back).href).toBe('http://sms.example.co.jp/?state=st');
  });
});

describe('R9: the signed-out page', () => {
  it('leads on to the registered address with its state when all consoles have been told', async () => {
    const at = await inBoth();
    const answer = await at.browser.open(
      logoutUrl({
        id_token_hint: at.sms.tokens.id_token,
        post_logout_redirect_uri: 'http://sms.example.co.jp/',
        state: 'a b&c',
      }),
    );
    expect(locationOf(answer).href).toBe('http://sms.example.co.jp/?state=a+b%26c');
  });

  it('L2: waits two seconds for a console that does not answer, then says which one is still being told, and learns when it was', async () => {
    const at = await inBoth();
    mail.answer = 'hang';
    const begin = performance.now();
    const page = await at.browser.open(
      logoutUrl({
        id_token_hint: at.sms.tokens.id_token,
        post_logout_redirect_uri: 'http://sms.example.co.jp/',
      }),
    );
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

    await world.database.db
      .updateTable('logout_delivery')
      .set({ state: 'delivered' })
      .where('state', '=', 'waiting')
      .execute();
    expect(textOf(await at.browser.open(`${page.path.split('?')[0]}?waited=1`))).toContain(
      'すべての管理画面からログアウトしました。',
    );
  });

  it('says when a console could not be told at all', async () => {
    const at = await inBoth();
    sms.answer = { status: 500 };
    await at.browser.open(logoutUrl({ id_token_hint: at.sms.tokens.id_token }));
    await sms.until(1);
    const [delivery] = (await deliveries()).filter((row) => row.client_id === 'sms');
    await world.database.db
      .updateTable('logout_delivery')
      .set({ state: 'failed' })
      .where('id', '=', delivery?.id as string)
      .execute();
    expect(
      textOf(await new Browser(world).open(`/signed-out/${delivery?.single_logout_id}?waited=1`)),
    ).toContain('管理画面sms 確認できませんでした');
    expect(
      textOf(
        await new Browser(world).open(`/signed-out/${delivery?.single_logout_id}?waited=1&ui_locales=en`),
      ),
    ).toContain('Console sms Could not be confirmed');
  });

  it('alone offers all consoles, in both languages, and knows nothing of a logout that never was', async () => {
    for (const path of ['/signed-out', '/signed-out/slo_never']) {
      expect(linkOf(await new Browser(world).open(path), '管理画面sms')).toBe('http://sms.example.co.jp/');
      const english = Object.assign(new Browser(world), {
        headers: { accept: 'text/html', 'accept-language': 'en' },
      });
      expect(linkOf(await english.open(path), 'Console mail')).toBe('http://mail.example.co.jp/');
    }
  });

  it('R8: speaks the language that the console asked for', async () => {
    const at = await inBoth();
    expect(
      textOf(await at.browser.open(logoutUrl({ id_token_hint: at.sms.tokens.id_token, ui_locales: 'en' }))),
    ).toContain('You are signed out');
  });
});

describe('R9: a console that is down', () => {
  it('hears of it as soon as it is up again, by the queue of the server itself', async () => {
    const at = await inBoth();
    sms.answer = { status: 503 };
    await at.browser.open(logoutUrl({ id_token_hint: at.sms.tokens.id_token }));
    await sms.until(1);
    sms.answer = { status: 200 };
    for (let tries = 0; tries < 400 && (await deliveries()).some((row) => row.state !== 'delivered'); tries++)
      await new Promise((later) => setTimeout(later, 50));
    expect(await deliveries()).toMatchObject([
      { client_id: 'mail', tries: 1 },
      { client_id: 'sms', state: 'delivered', tries: 2, last_status: 200 },
    ]);
    const tokens = sms.received
      .map((one) => decodeJwt(one.token))
      .filter((token) => token.sid === at.sms.claims.sid);
    expect(new Set(tokens.map((token) => token.jti)).size).toBe(2);
  });
});
