import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { machineOf, newKey } from '../../../test/machine.ts';
import { openWorld, type World } from '../../../test/world.ts';

const FULL = process.env['HITOKAGI_FULL_CAMPAIGN'] === '1';
/** Inputs of each kind for each call; 400 in the full run. */
const RUNS = FULL ? 400 : 12;
const SEED = Number(process.env['HITOKAGI_SEED'] ?? (FULL ? Date.now() % 2 ** 31 : 20261123));

type Schema = {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  format?: string;
};
type Operation = {
  operationId: string;
  summary: string;
  description: string;
  security: object[];
  parameters?: { name: string; in: 'path' | 'query' | 'header'; required?: boolean; schema: Schema }[];
  requestBody?: { required?: boolean; content: Record<string, { schema: Schema }> };
  responses: Record<string, { description: string; content?: Record<string, unknown> }>;
};
type Call = { method: 'GET' | 'POST'; path: string; operation: Operation };

let world: World;
let machine: ReturnType<typeof machineOf>;
let ids: string[];
let document: { openapi: string; paths: Record<string, Record<string, Operation>> };
let calls: Call[];
beforeAll(async () => {
  world = await openWorld({ phase: 'parallel' });
  Object.assign(world.config, { apiRequestsPerMinute: 1_000_000 });
  await world.restart();
  machine = machineOf(world, await newKey(world, '契約', (await world.addPerson()).id));
  document = (await world.app.inject('/api/openapi.json')).json();
  calls = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase() as Call['method'],
      path,
      operation,
    })),
  );
  const { id } = (await machine.send({ to: '09012345678', text: '見本' })).json();
  const bulk = (
    await machine.call('POST', '/api/v1/bulks', { body: { messages: [{ to: '09012345678', text: '見本' }] } })
  ).json();
  ids = [id, bulk.id];
});
afterAll(() => world.close());

/** Values that a schema may allow, mixed with ones that it does not. */
function drawn(schema: Schema, name: string): fc.Arbitrary<unknown> {
  const odd = fc.oneof(
    fc.constantFrom(
      null,
      '',
      '0',
      -1,
      Number.MAX_VALUE,
      true,
      [],
      {},
      'a\0b',
      '\ud800',
      '../..',
      'x'.repeat(3_000),
      '見本',
    ),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const known: Record<string, unknown[]> = {
    to: ['090-1234-5678', '+818012345678', '03-1234-5678'],
    text: ['見本', 'x'.repeat(661), '😀'.repeat(100)],
    id: ids,
    bulkId: ids,
    cursor: ids,
    sendAt: ['2027-01-01T00:00:00+09:00', '2020-01-01T00:00:00Z'],
  };
  const pool = known[name];
  return fc.oneof(
    { weight: 6, arbitrary: pool ? fc.constantFrom(...pool) : right(schema) },
    { weight: 1, arbitrary: odd },
  );
}

function right(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(right));
  switch (schema.type) {
    case 'object':
      return fc.record(
        Object.fromEntries(
          Object.entries(schema.properties ?? {}).map(([key, one]) => [key, drawn(one, key)]),
        ),
        { requiredKeys: schema.required ?? [] },
      );
    case 'array':
      return fc.array(drawn(schema.items ?? {}, ''), { maxLength: 3 });
    case 'number':
    case 'integer':
      return fc.integer({ min: 1, max: 50 });
    case 'string':
      return schema.format === 'date-time'
        ? fc.constant('2026-12-01T00:00:00Z')
        : fc.string({ maxLength: 40 });
    case undefined:
    default:
      return fc.constant(null);
  }
}

function ask({ method, path, operation }: Call, input: Record<string, unknown>, body: unknown, key?: null) {
  const parameters = operation.parameters ?? [];
  const textOf = (value: unknown) =>
    (typeof value === 'string' ? value : JSON.stringify(value ?? '')).toWellFormed();
  const url = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const segment = textOf(input[name] ?? ids[0]);
    return encodeURIComponent(/^\.{0,2}$/.test(segment) ? 'x' : segment);
  });
  const query = parameters
    .filter((one) => one.in === 'query' && one.name in input)
    .map(({ name }) => `${name}=${encodeURIComponent(textOf(input[name]))}`);
  const idempotency = input['idempotency-key'];
  return machine.call(method, query.length === 0 ? url : `${url}?${query.join('&')}`, {
    ...(key === null ? { key } : {}),
    ...(body === undefined ? {} : { body }),
    headers:
      idempotency === undefined
        ? {}
        : { 'idempotency-key': textOf(idempotency).replace(/[^\x20-\x7e]/g, '?') },
  });
}

describe('R30: the API keeps what its document says', () => {
  test('the document is of OpenAPI 3.1 and describes every call in words', () => {
    expect(document.openapi).toMatch(/^3\.1/);
    expect(calls.map(({ operation }) => operation.operationId).sort()).toEqual([
      'getBulksId',
      'getMessages',
      'getMessagesId',
      'getUsage',
      'postBulks',
      'postBulksIdCancel',
      'postMessages',
      'postMessagesIdCancel',
    ]);
    for (const { operation } of calls) {
      expect(operation.summary.length).toBeGreaterThan(5);
      expect(operation.description).toContain('Key: must be allowed to');
      expect(operation.security).toEqual([{ apiKey: [] }]);
      for (const status of ['401', '403', '429', '503'])
        expect(operation.responses[status]?.description).toMatch(/^- `/);
    }
    expect(JSON.stringify(document)).not.toContain('9007199254740991');
  });

  test(
    'P4: whatever is sent, the answer is a documented one and never 500',
    async () => {
      const faults: string[] = [];
      for (const [at, call] of calls.entries()) {
        const body = call.operation.requestBody?.content['application/json']?.schema;
        const inputs = fc.record({
          parameters: fc.record(
            Object.fromEntries(
              (call.operation.parameters ?? []).map((one) => [one.name, drawn(one.schema, one.name)]),
            ),
            { requiredKeys: [] },
          ),
          body: body ? drawn(body, '') : fc.constant(undefined),
        });
        for (const { parameters, body: sent } of fc.sample(inputs, { numRuns: RUNS * 4, seed: SEED + at })) {
          const answer = await ask(call, parameters, sent);
          const documented = call.operation.responses[String(answer.statusCode)];
          const type = String(answer.headers['content-type']).split(';')[0] ?? '';
          if (answer.statusCode >= 500 || !documented?.content?.[type])
            faults.push(
              `${call.method} ${call.path} ${JSON.stringify({ parameters, sent }).slice(0, 300)}: ${answer.statusCode} ${answer.body.slice(0, 200)}`,
            );
        }
      }
      expect(faults).toEqual([]);
    },
    FULL ? 600_000 : 30_000,
  );

  test('without a key no call answers anything but 401', async () => {
    for (const call of calls) expect((await ask(call, {}, undefined, null)).statusCode).toBe(401);
  });

  test('the reference page is our own from the first to the last byte, and says where the document is', async () => {
    const page = await world.app.inject('/api/docs');
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('href="/api/openapi.json"');
    expect(page.body).not.toMatch(/(src|href)="(https?:)?\/\//);
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("style-src 'self' 'unsafe-inline'");
    expect(policy).toContain("script-src 'self'");
    const scripts = [...page.body.matchAll(/<script src="([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(scripts).toEqual(['/api/docs/reference.js', '/api/docs/start.js']);
    for (const path of scripts) expect((await world.app.inject(path)).statusCode).toBe(200);
    expect(String((await world.app.inject('/login')).headers['content-security-policy'])).not.toContain(
      'unsafe',
    );
  });
});
