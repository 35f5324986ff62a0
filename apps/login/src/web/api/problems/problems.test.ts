import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { basic } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';
import { PAGE_PROBLEMS } from '#web/http/problem-answer.ts';
import { PROBLEMS } from './problems.ts';

let world: World;
let token: string;
beforeAll(async () => {
  world = await openWorld({ work: false });
  await world.addConsole('sms');
  const by = { actor: 'operator:cli', now: world.now };
  token = (await createOperatorToken(world.database.db, { name: 'sample', role: 'administrator' }, by)).token;
});
afterAll(() => world.close());

type Body = {
  type: string;
  title: string;
  detail: string;
  code: string;
  errors?: { in: string; pointer: string; detail: string }[];
};

async function ask(url: string, headers: Record<string, string> = {}, payload?: object | string) {
  const answer = await world.app.server.inject({
    method: payload === undefined ? 'GET' : 'PUT',
    url,
    headers: {
      host: 'login.example.co.jp',
      authorization: `Bearer ${token}`,
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(payload === undefined ? {} : { payload }),
  });
  return { answer, body: answer.headers['content-type']?.includes('json') ? answer.json<Body>() : undefined };
}

const JAPANESE = /[\u3040-\u30ff\u4e00-\u9fff]/;

describe('R26: problem details (RFC 9457) in both languages', () => {
  it('every code has a title and a detail in Japanese and in English', () => {
    const all = [
      ...Object.entries(PROBLEMS).map(([code, [, words]]) => [code, words] as const),
      ...Object.entries(PAGE_PROBLEMS),
    ];
    expect(all.length).toBeGreaterThan(80);
    for (const [code, words] of all) {
      for (const text of words.ja) expect(text, code).toMatch(JAPANESE);
      for (const text of words.en) expect(text, code).not.toMatch(JAPANESE);
      for (const text of [...words.ja, ...words.en]) expect(text.trim(), code).not.toBe('');
      expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    }
  });

  it.each<[string, string, Record<string, string>]>([
    ['an unknown account', '/api/operator/v1/accounts/acc_none', {}],
    ['no token', '/api/operator/v1/consoles', { authorization: '' }],
    ['no console', '/api/console/v1/plan', { authorization: basic('sms', 'wrong') }],
    ['an unknown address', '/api/operator/v1/none', {}],
    ['another host', '/api/operator/v1/consoles', { host: 'other.example.co.jp' }],
    ['a query that is not as documented', '/api/operator/v1/accounts?limit=0', {}],
  ])('%s is told in the language that Accept-Language prefers', async (_name, url, headers) => {
    for (const [wish, locale] of [
      ['ja', 'ja'],
      ['en-US,ja;q=0.5', 'en'],
      ['fr', 'en'],
      ['', 'en'],
    ] as const) {
      const { answer, body } = await ask(url, { ...headers, 'accept-language': wish });
      expect(answer.headers['content-type']).toContain('application/problem+json');
      expect(answer.headers['content-language']).toBe(locale);
      expect(answer.headers.vary).toContain('accept-language');
      expect(JAPANESE.test(body?.title ?? '')).toBe(locale === 'ja');
      expect(JAPANESE.test(body?.detail ?? '')).toBe(locale === 'ja');
    }
  });

  it('what is not as documented is named by place, in the language of the request', async () => {
    const { body } = await ask(
      '/api/operator/v1/operators',
      { 'accept-language': 'ja' },
      { emailAddress: 5, role: 'king' },
    );
    expect(body).toMatchObject({ code: 'malformed' });
    expect(body?.errors?.map((one) => [one.in, one.pointer])).toEqual([
      ['body', '/emailAddress'],
      ['body', '/role'],
    ]);
    for (const one of body?.errors ?? []) expect(one.detail).toMatch(JAPANESE);
  });

  it('`type` leads to the section of a page that tells of the code, in both languages', async () => {
    const { body } = await ask('/api/operator/v1/accounts/acc_none');
    expect(body?.type).toBe('http://login.example.co.jp/api/problems#account-unknown');
    for (const locale of ['ja', 'en'] as const) {
      const { answer } = await ask('/api/problems', { authorization: '', 'accept-language': locale });
      expect(answer.statusCode).toBe(200);
      for (const [code, [, words]] of Object.entries(PROBLEMS)) {
        expect(answer.body).toContain(`id="${code}"`);
        expect(answer.body).toContain(words[locale][0].replaceAll('&', '&amp;'));
      }
    }
  });
});
