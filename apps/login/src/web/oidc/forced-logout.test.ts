import { decodeJwt, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HOUR } from '#support/primitives/durations.ts';
import { Browser, type Answer } from '#test/browser.ts';
import type {} from '#test/receiver.ts';
import { authorizeUrl, enter, linkOf, locationOf, textOf } from '#test/steps.ts';
import { logoutUrl, openTwoConsoles } from '#test/two-consoles.ts';
import { CONSOLE_SECRET } from '#test/world.ts';

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

describe('L5: nobody is logged out by a link', () => {
  const asks = (answer: Answer): boolean =>
    answer.statusCode === 200 && textOf(answer).includes('ログアウトしますか');

  it.each<[string, (at: Awaited<ReturnType<Consoles['inBoth']>>) => Promise<Record<string, string>>]>([
    ['nothing', async () => ({})],
    ['only a client id', async () => ({ client_id: 'sms' })],
    [
      'the hint of another person',
      async () => ({
        id_token_hint: (await enter(world, new Browser(world), 'sms', { address: 'hanako@example.co.jp' }))
          .tokens.id_token,
      }),
    ],
    [
      'the hint of another session of the same person',
      async () => ({
        id_token_hint: (await enter(world, new Browser(world), 'sms', { address: 'taro@example.co.jp' }))
          .tokens.id_token,
      }),
    ],
    [
      'a post-logout address without a console',
      async () => ({ post_logout_redirect_uri: 'http://evil.example/' }),
    ],
  ])('with %s the page asks, and this browser’s session has not ended', async (_name, parameters) => {
    const at = await inBoth();
    const page = await at.browser.open(logoutUrl(await parameters(at)));
    expect(asks(page)).toBe(true);
    expect(await isOut(at.browser)).toBe(false);
    expect(
      (await deliveries()).filter((row) => [at.sms.claims.sid, at.mail.claims.sid].includes(row.sid)),
    ).toEqual([]);
    expect(linkOf(page, 'ログアウトしない')).toBe('/');
    expect(page.body).not.toContain('evil.example');
  });

  it('R9: pressing the button ends the session and tells every console', async () => {
    const at = await inBoth();
    const page = await at.browser.open(
      logoutUrl({ client_id: 'sms', post_logout_redirect_uri: 'http://sms.example.co.jp/', state: 'x' }),
    );
    expect(asks(page)).toBe(true);
    const kept = new Map(at.browser.cookies);
    const out = await at.browser.submit(page, '/logout/confirm', {});
    expect(locationOf(out).href).toBe('http://sms.example.co.jp/?state=x');
    await Promise.all([sms.until(1), mail.until(1)]);
    expect(decodeJwt(mail.received[0]?.token ?? '').sid).toBe(at.mail.claims.sid);
    expect(await deliveries()).toHaveLength(2);
    for (const [name, cookie] of kept) at.browser.cookies.set(name, cookie);
    expect(await isOut(at.browser)).toBe(true);
    expect(
      (
        await world.app.server.inject({
          url: '/userinfo',
          headers: { host: 'login.example.co.jp', authorization: `Bearer ${at.sms.tokens.access_token}` },
        })
      ).statusCode,
    ).toBe(401);
  });

  it('the button without its secret, with another one, or pressed by another site does nothing', async () => {
    const at = await inBoth();
    const page = await at.browser.open(logoutUrl({}));
    expect(asks(page)).toBe(true);
    for (const form of [
      { logout: 'yes' },
      { logout: 'yes', xsrf: '' },
      { logout: 'yes', xsrf: 'x'.repeat(48) },
    ] as Record<string, string>[]) {
      const answer = await at.browser.request('POST', '/logout/confirm', form);
      expect(answer.statusCode).toBe(400);
    }
    const stranger = await new Browser(world).request('POST', '/logout/confirm', {
      logout: 'yes',
      xsrf: /name="xsrf" value="([^"]+)"/.exec(page.body)?.[1] ?? '',
    });
    expect(stranger.statusCode).toBe(400);
    expect(await isOut(at.browser)).toBe(false);
    expect(await deliveries()).toEqual([]);
  });

  it('a logout is not undone by a sign-in that was under way beside it', async () => {
    const at = await inBoth();
    const silent = Array.from({ length: 6 }, () => at.browser.request('GET', authorizeUrl('sms').url));
    const [out, ...others] = await Promise.all([
      at.browser.request('GET', logoutUrl({ id_token_hint: at.sms.tokens.id_token })),
      ...silent,
    ]);
    expect(out.statusCode).toBe(303);
    expect(others.every((answer) => answer.statusCode < 500)).toBe(true);
    expect(
      await world.database.db
        .selectFrom('sso_session')
        .select('uid')
        .where('account_id', '=', accountId)
        .where('created_at', '=', world.now)
        .execute(),
    ).toEqual([]);
  });

  it.each<[string, (claims: Record<string, unknown>) => Promise<string> | string]>([
    [
      'signed with another key',
      async (claims) => forged(claims, (await generateKeyPair('ES256')).privateKey),
    ],
    ['without a signature', (claims) => new UnsecuredJWT(claims).encode()],
    [
      'signed with the client secret',
      (claims) => forged(claims, new TextEncoder().encode(CONSOLE_SECRET), 'HS256'),
    ],
    ['that is no token', () => 'x.y.z'],
  ])('a forged hint %s ends nothing', async (_name, forge) => {
    const at = await inBoth();
    const hint = await forge(at.sms.claims);
    for (const browser of [at.browser, new Browser(world)]) {
      const answer = await browser.open(logoutUrl({ id_token_hint: hint, client_id: 'sms' }));
      expect(answer.statusCode).toBeLessThan(500);
      expect(answer.headers.location).toBeUndefined();
    }
    expect([await isOut(at.browser), await deliveries()]).toEqual([false, []]);
  });

  it('a hint that was used, sent again from the history or the back button, does not end the next session; it asks', async () => {
    const at = await inBoth();
    const used = logoutUrl({ id_token_hint: at.sms.tokens.id_token });
    await at.browser.open(used);
    // Back within moments, in the same browser.
    const again = await enter(world, at.browser, 'sms', { address: 'taro@example.co.jp' });
    expect(again.claims.sid).not.toBe(at.sms.claims.sid);
    expect(asks(await at.browser.open(used))).toBe(true);
    expect(await isOut(at.browser)).toBe(false);
    expect((await deliveries()).map(({ sid }) => sid)).not.toContain(again.claims.sid);
  });

  it('a used hint from another browser leads to the page of that logout and ends nothing', async () => {
    const at = await inBoth();
    const used = logoutUrl({ id_token_hint: at.sms.tokens.id_token, client_id: 'sms' });
    const first = await at.browser.open(used);
    const told = await deliveries();
    const page = await new Browser(world).open(used);
    expect(page.path.split('?')[0]).toBe(first.path.split('?')[0]);
    expect(await deliveries()).toHaveLength(told.length);
  });

  it('two people in one browser: the first one’s hint does not end the session of the second', async () => {
    const at = await inBoth();
    await at.browser.open(logoutUrl({ id_token_hint: at.sms.tokens.id_token }));
    const second = await enter(world, at.browser, 'sms', { address: 'hanako@example.co.jp' });
    expect(asks(await at.browser.open(logoutUrl({ id_token_hint: at.mail.tokens.id_token })))).toBe(true);
    expect(await isOut(at.browser)).toBe(false);
    expect((await deliveries()).map(({ sid }) => sid)).not.toContain(second.claims.sid);
  });

  it('a session cookie that was planted before the sign-in is worth nothing after it', async () => {
    const attacker = new Browser(world);
    const start = authorizeUrl('sms').url;
    await attacker.request('GET', start);
    const planted = new Map(attacker.cookies);
    const victim = new Browser(world);
    for (const [name, cookie] of planted) victim.cookies.set(name, cookie);
    const entered = await enter(world, victim, 'sms', { address: 'taro@example.co.jp' });
    for (const [name, cookie] of planted) attacker.cookies.set(name, cookie);
    expect(await isOut(attacker)).toBe(true);
    const page = await attacker.open(logoutUrl({}));
    expect(asks(page)).toBe(false);
    expect(await isOut(victim)).toBe(false);
    expect((await deliveries()).map(({ sid }) => sid)).not.toContain(entered.claims.sid);
  });

  it('a form of another site that sends the logout request asks or is refused, with and without a hint', async () => {
    const at = await inBoth();
    for (const form of [{}, { id_token_hint: 'x.y.z' }, { logout: 'yes' }])
      for (const path of ['/logout', '/logout/confirm', '/sign-out']) {
        const answer = await at.browser.request('POST', path, form as Record<string, string>, {
          origin: 'https://evil.example',
          'sec-fetch-site': 'cross-site',
        });
        // A logout request by POST becomes the same one by GET, which asks.
        const then =
          answer.statusCode === 303 ? await at.browser.open(String(answer.headers.location)) : answer;
        expect(then.statusCode >= 400 || asks(then), path).toBe(true);
      }
    expect([await isOut(at.browser), await deliveries()]).toEqual([false, []]);
  });
});

function forged(
  claims: Record<string, unknown>,
  key: CryptoKey | Uint8Array,
  alg = 'ES256',
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg }).sign(key);
}
