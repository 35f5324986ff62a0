import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, type Answer } from '#test/browser.ts';
import { authorizeUrl, PASSWORD, signIn } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
  await world.addPerson('english@example.co.jp', { sms: '1' }, { password: PASSWORD, locale: 'en' });
});
afterAll(() => world.close());

const languageOf = (page: Answer): string | undefined => /<html[^>]* lang="(\w+)"/.exec(page.body)?.[1];
const browserOf = (acceptLanguage: string): Browser =>
  Object.assign(new Browser(world), { headers: { accept: 'text/html', 'accept-language': acceptLanguage } });
const choose = (browser: Browser, page: Answer, lang: string): Promise<Answer> =>
  browser.submit(page, '/language', { lang });

describe('R8: the language of a page', () => {
  it('is Japanese when nobody says anything that we speak', async () => {
    for (const says of ['', 'fr', '*']) expect(languageOf(await browserOf(says).open('/sign-in'))).toBe('ja');
  });

  it('is the browser’s, unless the account chose another', async () => {
    expect(languageOf(await browserOf('en-GB,ja;q=0.5').open('/'))).toBe('en');
    const browser = browserOf('ja');
    expect(languageOf(await browser.open('/sign-in'))).toBe('ja');
    await signIn(browser, '/sign-in', 'english@example.co.jp');
    expect(languageOf(await browser.open('/'))).toBe('en');
  });

  it('is the console’s request rather than the browser’s', async () => {
    expect(languageOf(await browserOf('ja').open(authorizeUrl('sms', { ui_locales: 'fr en' }).url))).toBe(
      'en',
    );
    expect(languageOf(await browserOf('en').open(authorizeUrl('sms', { ui_locales: 'ja-JP' }).url))).toBe(
      'ja',
    );
    expect(languageOf(await browserOf('en').open('/reset?ui_locales=ja'))).toBe('ja');
    expect(languageOf(await browserOf('en').open(authorizeUrl('sms', { ui_locales: 'de' }).url))).toBe('en');
  });

  it('is above all what the person chose with the switch, on every page from then on', async () => {
    const browser = browserOf('ja');
    const page = await browser.open(authorizeUrl('sms', { ui_locales: 'ja' }).url);
    const switched = await choose(browser, page, 'en');
    expect([languageOf(switched), switched.path]).toEqual(['en', page.path]);
    for (const path of [
      '/',
      '/reset?ui_locales=ja',
      '/signed-out',
      '/no-such-page',
      '/authorize?client_id=nobody&ui_locales=ja',
    ])
      expect(languageOf(await browser.open(path))).toBe('en');
    expect(languageOf(await choose(browser, switched, 'ja'))).toBe('ja');
  });

  it('stays along the reset, whose mails have it too', async () => {
    const browser = browserOf('ja');
    const ask = await browser.open('/reset?ui_locales=en');
    const page = await browser.submit(ask, '/reset', { email_address: 'english@example.co.jp' });
    expect(languageOf(page)).toBe('en');
    expect((await world.nextMail('english@example.co.jp')).raw.headers.get('content-language')).toBe('en');
    expect(languageOf(await browser.open(page.path))).toBe('en');
    expect(
      languageOf(await browser.submit(page, page.path, { code: 'x', password: '', confirmation: '' })),
    ).toBe('en');
  });
});

describe('the language switch', () => {
  it('changes nothing for a language that we do not speak', async () => {
    const browser = browserOf('ja');
    expect(languageOf(await choose(browser, await browser.open('/sign-in'), 'fr'))).toBe('ja');
    expect(browser.cookies.size).toBe(0);
  });

  it.each([
    '//evil.example',
    'https://evil.example/',
    '/\\evil.example',
    '/\t/evil.example',
    '/sign-in\r\nset-cookie: x=1',
    'evil.example',
    '',
    '/%0d%0aset-cookie:x=1',
  ])('P1: leads back to this server and to nowhere else, whatever its form says: %j', async (returnPath) => {
    const answer = await new Browser(world).request('POST', '/language', {
      lang: 'en',
      return_path: returnPath,
    });
    expect(answer.statusCode).toBe(303);
    const location = new URL(String(answer.headers.location), 'http://login.example.co.jp');
    expect(location.origin).toBe('http://login.example.co.jp');
    expect([answer.headers['set-cookie']].flat()).toHaveLength(1);
  });
});
