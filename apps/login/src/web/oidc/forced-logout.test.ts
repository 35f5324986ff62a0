import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HOUR } from '#support/primitives/durations.ts';
import { Browser, type Answer } from '#test/browser.ts';
import type {} from '#test/receiver.ts';
import { authorizeUrl, enter, linkOf, locationOf, textOf } from '#test/steps.ts';
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
});
