import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { includesRole } from '#domain/operators/rights.ts';
import type { OperatorRole } from '#support/db/schema.ts';
import { sampleOf } from '#web/api/openapi/samples.ts';
import type { ApiAnswer, ApiDocument, ApiOperation } from '#web/api/openapi/document.ts';
import { schemaValidator } from '../../../test-support/json-schema.ts';
import { allowed, broken, type Pool } from './schema-inputs.ts';
import { basic } from './steps.ts';
import { openWorld, type World } from './world.ts';

/** Requests of each call that its schema allows, and how many of the broken ones; `HITOKAGI_FULL_CAMPAIGN=1`: 200, and all. */
const FULL = process.env.HITOKAGI_FULL_CAMPAIGN === '1';
const [ALLOWED, BROKEN] = FULL ? [200, Number.POSITIVE_INFINITY] : [3, 10];
const SEED = Number(process.env.HITOKAGI_SEED ?? Date.now() % 2 ** 31);

const ROLES: readonly OperatorRole[] = ['viewer', 'support', 'administrator'];
type Call = { name: string; method: string; path: string; operation: ApiOperation };
type Answer = Awaited<ReturnType<World['app']['server']['inject']>>;

let world: World;
let document: ApiDocument;
let validate: ReturnType<typeof schemaValidator>;
let calls: Call[];
let pool: Pool;
const tokens = {} as Record<OperatorRole, string>;

beforeAll(async () => {
  process.stdout.write(`API contract: HITOKAGI_SEED=${SEED}\n`);
  world = await openWorld({ work: false });
  await world.addConsole('sms');
  await world.addConsole('mail');
  const accounts = [
    await world.addPerson('taro@example.co.jp', { sms: '1', mail: '1' }),
    await world.addPerson('jiro@example.co.jp', { sms: '2' }, { state: 'suspended' }),
  ];
  for (const role of ROLES) {
    const by = { actor: 'operator:cli', now: world.now };
    tokens[role] = (await createOperatorToken(world.database.db, { name: `sample ${role}`, role }, by)).token;
  }
  const answer = await send({ method: 'GET', url: '/api/openapi.json' });
  document = answer.json<ApiDocument>();
  validate = schemaValidator(document);
  calls = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
  pool = {
    clientId: ['sms', 'mail'],
    console: ['sms'],
    account: accounts,
    accountId: accounts,
    consoleUserId: ['1', '2'],
    emailAddress: ['taro@example.co.jp', 'new@example.co.jp'],
    newEmailAddress: ['new1@example.co.jp', 'new2@example.co.jp'],
    q: ['taro', '見本'],
    locale: ['ja', 'en'],
    // Neither waits for what will not come.
    returnImmediately: [true],
    prefer: ['respond-async'],
    'if-none-match': ['"x"'],
    'if-match': ['"1"'],
    cutOverAt: ['2027-03-31T22:00:00+09:00'],
    linkAt: ['2026-12-01T22:00:00+09:00'],
  };
});
afterAll(() => world.close());

function send(request: {
  method: string;
  url: string;
  headers?: Record<string, string>;
  payload?: string | undefined;
}): Promise<Answer> {
  return world.app.server.inject({
    method: request.method as 'GET',
    url: request.url,
    headers: { host: 'login.example.co.jp', ...request.headers },
    ...(request.payload === undefined ? {} : { payload: request.payload }),
  });
}

type Input = {
  path?: Record<string, unknown>;
  query?: Record<string, unknown>;
  header?: Record<string, unknown>;
  body?: unknown;
};

/** Sends what a call is given, as somebody who may call it. */
async function ask(call: Call, input: Input, authorization = authorizationFor(call)): Promise<Answer> {
  const path = call.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    segment(textOf(input.path?.[name] ?? pool[name]?.[0] ?? 'none')),
  );
  const query = Object.entries(input.query ?? {})
    .map(([name, value]) => `${name}=${encodeURIComponent(textOf(value).toWellFormed())}`)
    .join('&');
  const headers = Object.entries(input.header ?? {}).map(([name, value]) => [
    name,
    textOf(value).replace(/[^\x20-\x7e]/g, '?'),
  ]);
  const [type] = Object.keys(call.operation.requestBody?.content ?? {});
  return send({
    method: call.method,
    url: `${path}${query === '' ? '' : `?${query}`}`,
    headers: {
      ...(Object.fromEntries(headers) as Record<string, string>),
      authorization,
      ...(type === undefined || input.body === undefined
        ? {}
        : { 'content-type': type === 'multipart/form-data' ? `${type}; boundary=x` : type }),
    },
    payload: input.body === undefined ? undefined : JSON.stringify(input.body),
  });
}

/** One segment of a path; none, and one that browsers resolve, would be another path. */
function segment(text: string): string {
  return encodeURIComponent(/^\.{0,2}$/.test(text) ? 'x' : text.toWellFormed());
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function authorizationFor(call: Call): string {
  return call.operation.security?.some((one) => 'consoleSecret' in one) === true
    ? basic('sms')
    : `Bearer ${tokens.administrator}`;
}

/** The parts of a path that are choices. */
function choices(call: Call): Record<string, unknown> {
  return Object.fromEntries(
    parametersOf(call, 'path').flatMap(({ name, schema }) => (schema?.enum ? [[name, schema.enum[0]]] : [])),
  );
}

function parametersOf(call: Call, place: 'path' | 'query' | 'header') {
  return (call.operation.parameters ?? []).filter((one) => one.in === place);
}

/** The body that a call takes, where it is JSON. */
function bodyOf(call: Call) {
  const content = call.operation.requestBody?.content ?? {};
  return content['application/json']?.schema ?? content['application/scim+json']?.schema;
}

/** What went wrong, all of it: one run shows all calls that do not keep their word. */
let faults: string[] = [];
beforeEach(() => {
  faults = [];
});
afterEach(() => expect(faults).toEqual([]));

/** That an answer has a documented status and body, and that the server did not fail. */
function expectDocumented(call: Call, answer: Answer, input: unknown): void {
  const told = `${call.name} ${JSON.stringify(input)?.slice(0, 200) ?? ''} → ${answer.statusCode} ${answer.body.slice(0, 300)}`;
  const one = call.operation.responses[String(answer.statusCode)];
  if (answer.statusCode >= 500 || !one) return void faults.push(`no documented status: ${told}`);
  const described: ApiAnswer =
    '$ref' in one ? (document.components.responses?.[one.$ref.split('/').at(-1) ?? ''] ?? {}) : one;
  const type = String(answer.headers['content-type'] ?? '').split(';')[0] ?? '';
  if (!type.includes('json') || answer.body === '' || type === 'application/jsonl') return;
  const schema = described.content?.[type]?.schema;
  if (!schema) return void faults.push(`no documented ${type}: ${told}`);
  const wrong = validate(schema, answer.json());
  if (wrong.length > 0) faults.push(`${wrong.join('; ')}: ${told}`);
}

function samples(call: Call): Input {
  const body = bodyOf(call);
  const conditions = parametersOf(call, 'header').filter(({ name }) => name === 'if-match');
  return {
    header: Object.fromEntries(conditions.map(({ name }) => [name, '"1"'])),
    ...(body ? { body: sampleOf(body, document.components.schemas) } : {}),
  };
}

describe('R26, A1: the API keeps what its document says', () => {
  it(
    'whatever the document allows: a documented answer',
    async () => {
      for (const [index, call] of calls.entries()) {
        const inputs = fc.record({
          ...Object.fromEntries(
            (['path', 'query', 'header'] as const).map((place) => [
              place,
              fc.record(
                Object.fromEntries(
                  parametersOf(call, place).map((one) => [
                    one.name,
                    allowed(one.schema ?? {}, document.components.schemas, pool, one.name),
                  ]),
                ),
                {
                  requiredKeys: parametersOf(call, place)
                    .filter((one) => one.required)
                    .map((one) => one.name),
                },
              ),
            ]),
          ),
          ...(bodyOf(call) ? { body: allowed(bodyOf(call) ?? {}, document.components.schemas, pool) } : {}),
        });
        for (const drawn of fc.sample(inputs, { numRuns: ALLOWED, seed: SEED + index }))
          expectDocumented(call, await ask(call, drawn), drawn);
      }
    },
    FULL ? 3_600_000 : 120_000,
  );

  it(
    'A1: whatever the document does not allow is refused, and columns of tables are no fields',
    async () => {
      for (const call of calls) {
        const body = bodyOf(call);
        if (!body) continue;
        const { refused, odd } = broken(body, document.components.schemas);
        const missing =
          call.operation.requestBody?.required === true ? [{ breaks: 'no body', value: undefined }] : [];
        for (const one of someOf([...missing, ...refused], call.name)) {
          const answer = await ask(call, { body: one.value });
          expectDocumented(call, answer, one);
          if (![400, 413, 422].includes(answer.statusCode))
            faults.push(`${call.name} ${one.breaks}: ${answer.statusCode} ${answer.body.slice(0, 300)}`);
        }
        for (const one of someOf(odd, call.name))
          expectDocumented(call, await ask(call, { body: one.value }), one);
      }
    },
    FULL ? 3_600_000 : 120_000,
  );

  it(
    'P4: whatever stands in path and query: a documented answer',
    async () => {
      for (const call of calls)
        for (const place of ['path', 'query'] as const)
          for (const parameter of parametersOf(call, place))
            for (const value of someOf(ODD_TEXTS, `${call.name} ${parameter.name}`, 3)) {
              const input = { ...samples(call), [place]: { [parameter.name]: value } };
              expectDocumented(call, await ask(call, input), input);
            }
    },
    FULL ? 3_600_000 : 120_000,
  );

  it('nobody, and who has another kind of secret: 401 with a challenge', async () => {
    for (const call of calls) {
      const foreign = authorizationFor(call).startsWith('Basic')
        ? `Bearer ${tokens.administrator}`
        : basic('sms');
      for (const authorization of ['', foreign, 'Bearer x', 'Basic x']) {
        const answer = await ask(call, samples(call), authorization);
        expect(answer.statusCode, call.name).toBe(401);
        expect(answer.headers['www-authenticate'], call.name).toBeTruthy();
        expectDocumented(call, answer, authorization);
      }
    }
  });

  it('A1: a role that does not include a call: 403, whatever is asked; and the document names the role', async () => {
    for (const call of calls.filter(({ path }) => path.startsWith('/api/operator/'))) {
      const needed = /Role: (\w+)\.$/.exec(call.operation.description ?? '')?.[1] as OperatorRole;
      expect(ROLES, call.name).toContain(needed);
      for (const role of ROLES.filter((one) => !includesRole(one, needed))) {
        const answer = await ask(call, samples(call), `Bearer ${tokens[role]}`);
        expect(answer.statusCode, `${call.name} as ${role}`).toBe(403);
        expectDocumented(call, answer, role);
      }
    }
  });

  it('A1: an unknown id leads nowhere: 404, in whatever place of the path', async () => {
    for (const call of calls)
      for (const { name, schema } of parametersOf(call, 'path')) {
        // Not an id.
        if (schema?.enum) continue;
        const unknown = schema?.pattern?.includes('acc_') ? 'acc_none' : 'none-0';
        const answer = await ask(call, { ...samples(call), path: { ...choices(call), [name]: unknown } });
        if (answer.statusCode !== 404)
          faults.push(`${call.name} ${name}: ${answer.statusCode} ${answer.body.slice(0, 300)}`);
        expectDocumented(call, answer, { [name]: unknown });
      }
  });
});

const ODD_TEXTS = [
  '',
  '0',
  '-1',
  'none',
  'a\0b',
  '\ud800',
  '%',
  '../..',
  'x'.repeat(150),
  'x'.repeat(3_000),
  '見本',
  "' or 1=1",
  '1e309',
  'null',
  '[]',
];

/** A part of what there is, another one with each seed. */
function someOf<T>(all: readonly T[], name: string, most = BROKEN): readonly T[] {
  if (FULL || all.length <= most) return all;
  const seed = [...name].reduce(
    (sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 2 ** 31,
    SEED,
  );
  return (
    fc.sample(fc.shuffledSubarray([...all], { minLength: most, maxLength: most }), { numRuns: 1, seed })[0] ??
    []
  );
}
