import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, type Answer } from '#test/browser.ts';
import { basic, enter, linkOf, PASSWORD, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ environment: { HITOKAGI_LOG_LEVEL: 'info' } });
  await world.addConsole('sms');
  await world.addPerson('taro@example.co.jp', { sms: '1' }, { password: PASSWORD });
});
afterAll(() => world.close());

const get = (url: string, headers: Record<string, string> = {}) =>
  world.app.server.inject({ url, headers: { host: 'login.example.co.jp', accept: 'text/html', ...headers } });

describe('error pages', () => {
  it.each([
    ['ja', 'ページが見つかりません', 'お問い合わせの際は、この番号をお伝えください：', '管理画面の一覧へ'],
    [
      'en',
      'This page does not exist',
      'When you contact us, please give this number:',
      'To the list of consoles',
    ],
  ])(
    'are in the reader’s language (%s), say what to do, and carry the number under which the log has it',
    async (locale, title, number, home) => {
      const answer = await get('/no-such-page', { 'accept-language': locale });
      expect(answer.statusCode).toBe(404);
      expect(answer.body).toMatch(new RegExp(`<html[^>]* lang="${locale}"`));
      expect(textOf(answer)).toContain(title);
      expect(textOf(answer)).toContain(`${number} ${String(answer.headers['x-request-id'])}`);
      expect(linkOf(answer, home)).toBe('/');
      expect(world.logLines.some((line) => line.includes(String(answer.headers['x-request-id'])))).toBe(true);
    },
  );

  it.each<[string, () => Promise<Answer>, number, string]>([
    [
      'a form from another site',
      () => new Browser(world).request('POST', '/sign-in', {}, { origin: 'http://evil.example' }),
      403,
      'ほかのサイトから送られた操作は受け付けていません',
    ],
    [
      'too much',
      () => new Browser(world).request('POST', '/sign-in', { email_address: 'x'.repeat(70_000) }),
      413,
      '送られた内容が大きすぎます',
    ],
    [
      'another host name',
      () => new Browser(world).request('GET', '/sign-in', undefined, { host: 'evil.example' }),
      400,
      'この操作は受け付けられませんでした',
    ],
    [
      'a content type that nobody reads',
      () =>
        new Browser(world).request(
          'POST',
          '/sign-in',
          {},
          { 'content-type': 'multipart/form-data; boundary=x' },
        ),
      400,
      'この操作は受け付けられませんでした',
    ],
    [
      'NUL in the path',
      () => new Browser(world).request('GET', '/signed-out/a%00b'),
      400,
      'この操作は受け付けられませんでした',
    ],
    [
      'NUL in a field',
      () =>
        new Browser(world).request('POST', '/reset', {
          email_address: 'taro@example.co.jp',
          client_id: 'a\0',
        }),
      400,
      'この操作は受け付けられませんでした',
    ],
    [
      'bytes that are no text in the path',
      () => new Browser(world).request('GET', '/sign-in/%ff%fe'),
      404,
      'ページが見つかりません',
    ],
    [
      'another method',
      () => new Browser(world).request('POST', '/signed-out', {}),
      404,
      'ページが見つかりません',
    ],
    [
      'another method of the protocol',
      () => new Browser(world).request('POST', '/jwks', {}),
      404,
      'ページが見つかりません',
    ],
    [
      'a sign-in that this browser knows nothing of',
      () => new Browser(world).request('GET', '/authorize/never-was'),
      400,
      'ログインをやり直してください',
    ],
  ])('%s', async (_name, ask, status, title) => {
    const answer = await ask();
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(textOf(answer)).toContain(title);
    expect(textOf(answer)).toContain(String(answer.headers['x-request-id']));
  });

  it('a path of 250 characters and a query of 10,000 are no reason to fail', async () => {
    for (const url of [
      `/sign-in/${'x'.repeat(250)}`,
      `/reset?login_hint=${'x'.repeat(10_000)}`,
      `/signed-out?${'a=1&'.repeat(2_000)}`,
    ])
      expect((await get(url)).statusCode).toBeLessThan(500);
  });

  it('programs get a problem instead of a page', async () => {
    const answer = await get('/no-such-page', { accept: 'application/json' });
    expect([answer.statusCode, answer.json()]).toEqual([
      404,
      {
        type: 'http://login.example.co.jp/api/problems#not-found',
        title: 'No such address',
        detail: 'There is no call with this address and method. /api/docs lists them all.',
        status: 404,
        code: 'not-found',
        requestId: answer.headers['x-request-id'],
      },
    ]);
  });
});

describe('A2: state changes come from our own pages', () => {
  it.each([
    ['another origin', { origin: 'http://evil.example' }],
    ['a null origin', { origin: 'null' }],
    ['no origin at all', { origin: '' }],
    ['our origin with another scheme', { origin: 'https://login.example.co.jp' }],
    ['an origin that only begins like ours', { origin: 'http://login.example.co.jp.evil.example' }],
    ['a cross-site fetch', { 'sec-fetch-site': 'cross-site' }],
    ['a same-site fetch', { 'sec-fetch-site': 'same-site' }],
    ['a fetch from nowhere', { 'sec-fetch-site': 'none' }],
  ])('%s is refused', async (_name, headers) => {
    const browser = new Browser(world);
    for (const path of [
      '/sign-in',
      '/sign-in/uid',
      '/reset',
      '/sign-in/uid/reset',
      '/reset/vrq_x',
      '/reset/vrq_x/resend',
      '/sign-out',
      '/language',
    ]) {
      const answer = await browser.request(
        'POST',
        path,
        { email_address: 'taro@example.co.jp', password: PASSWORD, lang: 'en' },
        headers,
      );
      expect(answer.statusCode, path).toBe(403);
      expect(answer.headers).not.toHaveProperty('set-cookie');
    }
  });

  it('what a browser says of its own page is accepted', async () => {
    for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { origin: world.config.issuer }] as Record<
      string,
      string
    >[])
      expect(
        (await new Browser(world).request('POST', '/language', { lang: 'en' }, headers)).statusCode,
      ).toBe(303);
  });

  it('no page of another origin may read what we say about a person', async () => {
    const { tokens } = await enter(world, new Browser(world), 'sms', { address: 'taro@example.co.jp' });
    const evil = { origin: 'http://evil.example' };
    expect((await get('/userinfo', { authorization: `Bearer ${tokens.access_token}` })).body).toContain(
      'taro@example.co.jp',
    );
    expect(
      (await get('/userinfo', { authorization: `Bearer ${tokens.access_token}`, ...evil })).body,
    ).not.toContain('taro@example.co.jp');
    for (const url of ['/', '/sign-in', '/reset', '/api/console/v1/plan']) {
      const answer = await get(url, { ...evil, authorization: basic('sms') });
      expect(answer.headers['access-control-allow-origin'], url).toBeUndefined();
    }
  });
});
