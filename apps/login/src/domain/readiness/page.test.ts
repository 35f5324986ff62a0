import { describe, expect, it } from 'vitest';
import { attributeFaults } from './cookie-checks.ts';
import { cookieIn, cookieJar } from './cookie-jar.ts';
import { unencrypted, wayOut } from './page.ts';

const URL_OF_PAGE = 'https://console.example.co.jp/home/';
const NOW = new Date('2026-11-23T00:00:00Z');

describe('R19: what the check reads of a page', () => {
  it.each([
    [
      'a form by its address, with its hidden fields',
      '<form method="post" action="/logout"><input type="hidden" name="csrf" value="a&amp;b"><button>出る</button></form>',
      { action: 'https://console.example.co.jp/logout', method: 'POST', fields: { csrf: 'a&b' } },
    ],
    [
      'a form by its words',
      '<form method=POST action="../leave"><button>ログアウト</button></form>',
      { action: 'https://console.example.co.jp/leave', method: 'POST', fields: {} },
    ],
    [
      'a link, where there is no form',
      '<form action="/search"><input type="text" name="q"></form><a class="x" href="/users/sign_out">Bye</a>',
      { action: 'https://console.example.co.jp/users/sign_out', method: 'GET', fields: {} },
    ],
    [
      'nothing where there is nothing',
      '<a href="/blog/outlook">Outlook</a><form action="/save"></form>',
      undefined,
    ],
    ['no script for an address', '<a href="javascript:logout()">Logout</a>', undefined],
  ])('the way out: %s', (_, html, expected) => {
    expect(wayOut(html, URL_OF_PAGE)).toEqual(expected);
  });

  it('http in an https page, and only there', () => {
    const html =
      '<a href="http://example.co.jp/">read</a><img src="http://cdn.example/a.png"><form action=\'http://console.example.co.jp/save\'></form><script src="https://cdn.example/b.js">';
    expect(unencrypted(html, URL_OF_PAGE)).toEqual([
      'http://cdn.example/a.png',
      'http://console.example.co.jp/save',
    ]);
    expect(unencrypted(html, 'http://localhost:4200/')).toEqual([]);
  });
});

describe('R19: the cookies of the check', () => {
  const of = (line: string) => cookieIn(line, new URL(URL_OF_PAGE), NOW);
  it('go where a browser would send them, and nowhere else (RFC 6265)', () => {
    const jar = cookieJar();
    jar.keep(
      URL_OF_PAGE,
      [
        'a=1; Path=/',
        'b=2',
        'c=3; Domain=.example.co.jp; Path=/',
        'd=4; Domain=other.jp',
        'e=5; Secure; Path=/',
      ],
      NOW,
    );
    expect(jar.header('https://console.example.co.jp/home/x')).toBe('a=1; b=2; c=3; e=5');
    expect(jar.header('https://console.example.co.jp/homely')).toBe('a=1; c=3; e=5');
    expect(jar.header('http://console.example.co.jp/')).toBe('a=1; c=3');
    expect(jar.header('https://api.example.co.jp/')).toBe('c=3');
    jar.keep(
      URL_OF_PAGE,
      ['a=; Path=/; Max-Age=0', 'c=x; Domain=example.co.jp; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT'],
      NOW,
    );
    expect(jar.header('https://console.example.co.jp/')).toBe('e=5');
    expect(jar.copy(['e']).header('https://console.example.co.jp/')).toBe('');
  });

  it('carry a session safely: HttpOnly, Secure on https, SameSite that is not None', () => {
    const faults = (line: string, isSecure = true) => {
      const cookie = of(line);
      return cookie && attributeFaults(cookie, isSecure).flatMap((one) => ('code' in one ? [one.code] : []));
    };
    expect(faults('s=1; HttpOnly; Secure; SameSite=Lax')).toEqual([]);
    expect(faults('s=1; HttpOnly; SameSite=Strict')).toEqual(['cookie-not-secure']);
    expect(faults('s=1; HttpOnly; SameSite=Strict', false)).toEqual([]);
    expect(faults('s=1; Secure')).toEqual(['cookie-not-http-only', 'cookie-no-same-site']);
    expect(faults('s=1; HttpOnly; Secure; SameSite=None')).toEqual(['cookie-same-site-none']);
  });
});
