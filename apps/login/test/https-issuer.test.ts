import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from './browser.ts';
import { authorizeUrl, locationOf, PASSWORD, redeem, signIn } from './steps.ts';
import { openWorld, type World } from './world.ts';

describe('behind a proxy that ends TLS, with an https issuer', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ environment: { HITOKAGI_ISSUER: 'https://login.example.co.jp' } });
    await world.addConsole('sms');
    await world.addPerson('secure@example.co.jp', { sms: '1' }, { password: PASSWORD });
  });
  afterAll(() => world.close());

  it('discovery names https addresses of the issuer, whatever the proxy sends', async () => {
    const answer = await world.app.server.inject({
      url: '/.well-known/openid-configuration',
      headers: {
        host: 'login.example.co.jp',
        'x-forwarded-proto': 'http',
        'x-forwarded-host': 'evil.example',
      },
    });
    const document = answer.json<Record<string, unknown>>();
    const addresses = Object.values(document).filter(
      (value): value is string => typeof value === 'string' && value.includes('://'),
    );
    expect(addresses.length).toBeGreaterThan(5);
    expect(addresses.filter((address) => !address.startsWith('https://login.example.co.jp'))).toEqual([]);
  });

  it('a sign-in and a logout work, and every cookie is Secure', async () => {
    const browser = new Browser(world);
    const { url, verifier } = authorizeUrl('sms');
    const first = await browser.request('GET', url);
    const done = await signIn(browser, String(first.headers.location), 'secure@example.co.jp');
    expect(await redeem(world, 'sms', locationOf(done), verifier)).toMatchObject({
      iss: 'https://login.example.co.jp',
      email: 'secure@example.co.jp',
    });
    const cookies = [first, done].flatMap((answer) => [answer.headers['set-cookie'] ?? []].flat());
    expect(cookies.length).toBeGreaterThan(2);
    for (const cookie of cookies) expect(cookie.toLowerCase()).toMatch(/; ?secure/);
    expect(cookies.some((cookie) => cookie.startsWith('__Host-sso='))).toBe(true);
    expect((await browser.open('/logout')).body).toContain('ログアウトしますか');
  });
});
