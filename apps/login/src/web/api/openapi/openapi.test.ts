import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from '#test/world.ts';
import { schemaValidator } from '../../../../../../test-support/json-schema.ts';
import type { ApiAnswer, ApiDocument } from './document.ts';

let world: World;
let document: ApiDocument;
beforeAll(async () => {
  world = await openWorld({ work: false });
  document = (await get('/api/openapi.json')).json<ApiDocument>();
});
afterAll(() => world.close());

function get(url: string) {
  return world.app.server.inject({ url, headers: { host: 'login.example.co.jp' } });
}

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ call: `${method} ${path}`, path, operation })),
  );

function answerOf(answer: ApiAnswer | { $ref: string }): ApiAnswer {
  if (!('$ref' in answer)) return answer;
  return document.components.responses?.[answer.$ref.split('/').at(-1) ?? ''] as ApiAnswer;
}

describe('R26: the OpenAPI document is complete', () => {
  it('every call has a name of its own, a part of the API, words, and says who may call', () => {
    const all = operations();
    expect(all.length).toBeGreaterThan(60);
    expect(new Set(all.map(({ operation }) => operation.operationId)).size).toBe(all.length);
    for (const { call, path, operation } of all) {
      expect(operation.operationId, call).toMatch(/^[a-z]+[A-Za-z0-9]+$/);
      expect(operation.summary, call).toBeTruthy();
      expect(operation.security, call).toHaveLength(1);
      if (path.startsWith('/api/operator/')) expect(operation.description, call).toMatch(/Role: \w+\.$/);
    }
  });

  it('every part has words', () => {
    expect(document.tags?.length).toBeGreaterThan(10);
    for (const tag of document.tags ?? [])
      expect(tag.description, `${tag.name}: write its words into openapi/tags.ts`).toBeTruthy();
  });

  it('every answer has words, and every problem names its codes and what each means', () => {
    for (const { call, path, operation } of operations())
      for (const [status, one] of Object.entries(operation.responses)) {
        const answer = answerOf(one);
        expect(answer.description, `${call} ${status}`).toBeTruthy();
        expect(answer.description, `${call} ${status}`).not.toBe('Default Response');
        if (Number(status) < 400 || !path.startsWith('/api/')) continue;
        const codes =
          answer.content?.['application/problem+json']?.schema?.allOf?.[1]?.properties?.code?.enum;
        expect(codes?.length, `${call} ${status}`).toBeGreaterThan(0);
        for (const code of codes ?? [])
          expect(answer.description, `${call} ${status}`).toMatch(new RegExp(`\`${String(code)}\`: .+`));
      }
  });

  it('every example is as its schema says', () => {
    const validate = schemaValidator(document);
    let seen = 0;
    for (const { call, operation } of operations()) {
      for (const body of Object.values(operation.requestBody?.content ?? {})) {
        expect(validate(body.schema, body.example), `${call}: ${JSON.stringify(body.example)}`).toEqual([]);
        seen++;
      }
      for (const [status, one] of Object.entries(operation.responses))
        for (const { schema, examples = {} } of Object.values(answerOf(one).content ?? {}))
          for (const [name, { value }] of Object.entries(examples)) {
            expect(validate(schema ?? {}, value), `${call} ${status} ${name}`).toEqual([]);
            seen++;
          }
    }
    expect(seen).toBeGreaterThan(300);
  });
});

describe('R26: the reference page', () => {
  it('is there for everybody, with its program from this server and from nowhere else', async () => {
    const page = await get('/api/docs');
    expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    const files = [...page.body.matchAll(/<(?:script|link)[^>]* (?:src|href)="([^"]+)"/g)].map(
      ([, url]) => url,
    );
    expect(files).toEqual(['/api/docs/reference.js', '/api/docs/start.js']);
    for (const url of files) {
      const file = await get(url ?? '');
      expect([file.statusCode, file.headers['content-type']]).toEqual([
        200,
        'text/javascript; charset=utf-8',
      ]);
      expect(file.rawPayload.length).toBeGreaterThan(100);
    }
    const policy = String(page.headers['content-security-policy']);
    for (const rule of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "font-src 'self'"])
      expect(policy.split(';')).toContain(rule);
  });

  it('A2: only there inline styles are allowed', async () => {
    const policyOf = async (url: string) =>
      String((await get(url)).headers['content-security-policy']).split(';');
    expect(await policyOf('/api/docs')).toContain("style-src 'self' 'unsafe-inline'");
    for (const url of ['/sign-in', '/api/problems', '/api/docs/start.js', '/api/docs/none', '/'])
      expect(await policyOf(url), url).toContain("style-src 'self'");
  });
});
