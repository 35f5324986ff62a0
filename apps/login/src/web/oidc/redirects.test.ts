import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '#test/browser.ts';
import { authorizeUrl, enter, PASSWORD } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

const CALLBACK = 'http://sms.example.co.jp/auth/callback';
const HOME = 'http://sms.example.co.jp/';

let world: World;
let browser: Browser;
let idToken: string;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
  await world.addConsole('mail');
  await world.addPerson('taro@example.co.jp', { sms: '1', mail: '1' }, { password: PASSWORD });
  browser = new Browser(world);
  idToken = (await enter(world, browser, 'sms', { address: 'taro@example.co.jp' })).tokens.id_token;
});
afterAll(() => world.close());

const artifacts = async (kind: string): Promise<number> =>
  (await world.database.db.selectFrom('oidc_artifact').select('id_hash').where('kind', '=', kind).execute())
    .length;

describe('P1: redirects go to registered addresses, letter by letter', () => {
  it('500 and more altered redirect URIs: no redirect, no code, for someone who is signed in', async () => {
    const altered = alterations(CALLBACK);
    expect(altered.length).toBeGreaterThanOrEqual(500);
    const codes = await artifacts('AuthorizationCode');
    for (const uri of altered) {
      const answer = await browser.request('GET', authorizeUrl('sms', { redirect_uri: uri }).url);
      expect([answer.statusCode, answer.headers.location], uri).toEqual([400, undefined]);
    }
    expect(await artifacts('AuthorizationCode')).toBe(codes);
    // The same browser with the registered one gets its code: what was refused was refused for its address.
    expect((await browser.request('GET', authorizeUrl('sms').url)).headers.location).toMatch(
      /^http:\/\/sms\.example\.co\.jp\/auth\/callback\?code=/,
    );
  });

  it('an error does not travel to an unregistered address either', async () => {
    for (const extra of [
      { prompt: 'none' },
      { response_type: 'token' },
      { scope: 'openid nonsense' },
      { response_mode: 'fragment' },
      { code_challenge: undefined },
    ]) {
      const answer = await browser.request(
        'GET',
        authorizeUrl('sms', { redirect_uri: 'http://evil.example/', ...extra }).url,
      );
      expect([answer.statusCode, answer.headers.location]).toEqual([400, undefined]);
    }
  });

  it('the address of another console is refused, and a repeated one leads to the registered one at most, without a code', async () => {
    const other = await browser.request(
      'GET',
      authorizeUrl('sms', { redirect_uri: 'http://mail.example.co.jp/auth/callback' }).url,
    );
    expect([other.statusCode, other.headers.location]).toEqual([400, undefined]);
    const evil = `redirect_uri=${encodeURIComponent('http://evil.example/')}`;
    for (const url of [
      `${authorizeUrl('sms').url}&${evil}`,
      authorizeUrl('sms').url.replace('?', `?${evil}&`),
      `${authorizeUrl('sms', { redirect_uri: undefined }).url}&${evil}&${evil}`,
    ]) {
      const location = String((await browser.request('GET', url)).headers.location ?? CALLBACK);
      expect(location.startsWith(CALLBACK)).toBe(true);
      expect(location).not.toContain('code=');
    }
  });

  it('the page that is shown instead leads nowhere else, names no address and has a number to ask by', async () => {
    const answer = await browser.request(
      'GET',
      authorizeUrl('sms', { redirect_uri: 'http://evil.example/?"><script>alert(1)</script>' }).url,
    );
    expect(answer.body).not.toContain('evil.example');
    expect(answer.body).toContain(String(answer.headers['x-request-id']));
    expect(answer.body).toContain('この操作は受け付けられませんでした');
  });

  it('500 and more altered post-logout URIs: no redirect, and nobody is signed out', async () => {
    const altered = alterations(HOME);
    expect(altered.length).toBeGreaterThanOrEqual(500);
    for (const uri of altered) {
      const query = new URLSearchParams({
        id_token_hint: idToken,
        client_id: 'sms',
        post_logout_redirect_uri: uri,
        state: 's',
      });
      const answer = await browser.request('GET', `/logout?${query.toString()}`);
      expect([answer.statusCode, answer.headers.location], uri).toEqual([400, undefined]);
    }
    expect((await browser.request('GET', authorizeUrl('sms').url)).headers.location).toContain('code=');
    expect(await world.database.db.selectFrom('single_logout').select('id').execute()).toEqual([]);
  });

  it('500 and more altered addresses to continue to from the signed-out page: no redirect and no link', async () => {
    for (const uri of alterations(HOME)) {
      // Some spellings name the very page that is registered; then it is called as it is registered.
      const answer = await browser.request(
        'GET',
        `/signed-out/slo_never?${new URLSearchParams({ client_id: 'sms', continue: uri }).toString()}`,
      );
      if (answer.headers.location !== undefined)
        expect(new URL(String(answer.headers.location)).href, uri).toBe(HOME);
      else
        expect([answer.statusCode, answer.body.includes('管理画面に戻る')], uri).toEqual([
          uri.includes('\0') ? 400 : 200,
          false,
        ]);
      expect(answer.body).not.toContain('evil.example');
    }
  });

  it('an altered post-logout URI without anyone signed in goes nowhere either', async () => {
    for (const uri of ['http://evil.example/', `${HOME}x`, 'javascript:alert(1)', '//evil.example']) {
      const answer = await new Browser(world).request(
        'GET',
        `/logout?${new URLSearchParams({ client_id: 'sms', post_logout_redirect_uri: uri }).toString()}`,
      );
      expect([answer.statusCode, answer.headers.location]).toEqual([400, undefined]);
      const alone = await new Browser(world).request(
        'GET',
        `/logout?${new URLSearchParams({ post_logout_redirect_uri: uri }).toString()}`,
      );
      expect([
        alone.statusCode,
        new URL(String(alone.headers.location), 'http://login.example.co.jp').href,
      ]).toEqual([303, 'http://login.example.co.jp/signed-out']);
    }
  });
});

/** Addresses that are not this one: every letter doubled, dropped or replaced, and the known tricks. */
function alterations(uri: string): string[] {
  const { host, pathname, origin } = new URL(uri);
  const inserted = [
    '.',
    '/',
    '\\',
    '@',
    '%',
    '%2e',
    '%00',
    '\t',
    '\n',
    '\r',
    ' ',
    '\u3002',
    '\uff0f',
    '\u0000',
    '\u200b',
    'é',
    '*',
    ';',
    '&',
    '?',
    '#',
    ':',
    '[',
    '|',
  ];
  const letters = [...uri].flatMap((_, at) => [
    ...inserted.map((extra) => uri.slice(0, at) + extra + uri.slice(at)),
    uri.slice(0, at) + uri.slice(at + 1),
    uri.slice(0, at) + (uri[at] ?? '').toUpperCase() + uri.slice(at + 1),
  ]);
  const tricks = [
    'http://evil.example/',
    'https://evil.example/auth/callback',
    '//evil.example',
    '///evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'about:blank',
    ' ',
    '/',
    '/auth/callback',
    'null',
    '*',
    'http:',
    'http://',
    `https://${host}${pathname}`,
    `http://${host}:80${pathname}x`,
    `http://${host}:8080${pathname}`,
    `http://evil.example@${host}${pathname}`,
    `http://${host}@evil.example${pathname}`,
    `http://${host}:x@evil.example${pathname}`,
    `http://${host}.evil.example${pathname}`,
    `http://evil.example/${host}${pathname}`,
    `http://${host}%2eevil.example${pathname}`,
    `http://${host}\\@evil.example${pathname}`,
    `http://evil.example\\${host}${pathname}`,
    `http://${host}.${pathname}`,
    `http://www.${host}${pathname}`,
    `http://example.co.jp${pathname}`,
    `http://ｓms.example.co.jp${pathname}`,
    `http://ѕms.example.co.jp${pathname}`,
    `http://xn--ms-7kd.example.co.jp${pathname}`,
    `${origin}//evil.example`,
    `${origin}/\\evil.example`,
    `${origin}/../evil`,
    `${origin}${pathname}/../..//evil.example`,
    `${uri}?next=http://evil.example/`,
    `${uri}#@evil.example`,
    `${uri}?`,
    `${uri}/`,
    `${uri}//`,
    `${uri}.`,
    `${uri}%20`,
    `${uri}%0d%0aLocation:%20http://evil.example/`,
    `${uri}\r\nLocation: http://evil.example/`,
    `${uri}${uri}`,
    `${uri},http://evil.example/`,
    `${uri} http://evil.example/`,
    `feed:${uri}`,
    `view-source:${uri}`,
    `http://localhost${pathname}`,
    `http://127.0.0.1${pathname}`,
    `http://[::1]${pathname}`,
  ];
  return [...new Set([...letters, ...tricks])].filter((one) => one !== uri);
}
