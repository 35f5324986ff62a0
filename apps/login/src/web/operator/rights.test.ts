import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addOperator } from '#domain/operators/operators.ts';
import { API_RIGHTS, includesRole, PAGE_RIGHTS, type Right } from '#domain/operators/rights.ts';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import type { OperatorRole } from '#support/db/schema.ts';
import { Browser } from '#test/browser.ts';
import { PASSWORD, signIn } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

const ROLES = ['viewer', 'support', 'administrator'] as const satisfies readonly OperatorRole[];

let world: World;
const tokens = {} as Record<OperatorRole, string>;
const browsers = {} as Record<OperatorRole | 'customer', Browser>;
beforeAll(async () => {
  world = await openWorld({ work: false });
  await world.addConsole('sms');
  const by = { actor: 'operator:cli', now: world.now };
  for (const who of [...ROLES, 'customer'] as const) {
    const emailAddress = `${who}@example.co.jp`;
    await world.addPerson(emailAddress, {}, { password: PASSWORD });
    browsers[who] = new Browser(world);
    await signIn(browsers[who], '/sign-in', emailAddress);
    if (who === 'customer') continue;
    await addOperator(world.database.db, { emailAddress, role: who }, by);
    tokens[who] = (await createOperatorToken(world.database.db, { name: who, role: who }, by)).token;
  }
});
afterAll(() => world.close());

type Call = { method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH'; path: string; right: Right };
const calls = (table: Readonly<Record<string, Right>>): Call[] =>
  Object.entries(table).map(([call, right]) => {
    const [method = '', path = ''] = call.split(' ');
    return { method: method as Call['method'], path, right };
  });
/** A path that leads to nothing that exists but the console, so that no call that is let in changes anything. */
const filled = (path: string): string => path.replace(':clientId', 'sms').replaceAll(/:\w+/g, 'none');

describe('A1: the operator API does as the written table of rights says, for every role and call', () => {
  it.each(calls(API_RIGHTS).map((call) => [`${call.method} ${call.path}`, call] as const))(
    '%s',
    async (_, { method, path, right }) => {
      const call = async (authorization: string | undefined) =>
        (
          await world.app.server.inject({
            method,
            url: `/api/operator/v1${filled(path)}`,
            headers: { host: 'login.example.co.jp', ...(authorization ? { authorization } : {}) },
            ...(method === 'GET' ? {} : { payload: { unknown: 'field' } }),
          })
        ).statusCode;
      expect(await call(undefined), 'without a token').toBe(401);
      expect(await call('Bearer hko_nonsense'), 'with an unknown token').toBe(401);
      for (const role of ROLES) {
        const status = await call(`Bearer ${tokens[role]}`);
        expect(status === 403, `${role}: ${status}`).toBe(!includesRole(role, right.role));
        expect(status, role).not.toBe(401);
        expect(status, role).toBeLessThan(500);
      }
    },
  );
});

it('A1: the table of rights has every call of the operator API, and no other', async () => {
  const document = (
    await world.app.server.inject({ url: '/api/openapi.json', headers: { host: 'login.example.co.jp' } })
  ).json<{ paths: Record<string, Record<string, unknown>> }>();
  const prefix = '/api/operator/v1';
  const registered = Object.entries(document.paths).flatMap(([path, methods]) =>
    path.startsWith(prefix)
      ? Object.keys(methods).map(
          (method) => `${method.toUpperCase()} ${path.slice(prefix.length).replaceAll(/\{(\w+)\}/g, ':$1')}`,
        )
      : [],
  );
  expect(registered.toSorted()).toEqual(Object.keys(API_RIGHTS).toSorted());
});

describe('A1: the operator pages do as the written table of rights says, for every role and call', () => {
  it.each(calls(PAGE_RIGHTS).map((call) => [`${call.method} ${call.path}`, call] as const))(
    '%s',
    async (_, { method, path, right }) => {
      const call = (browser: Browser) =>
        browser.request(
          method as 'GET' | 'POST',
          filled(path),
          method === 'POST' ? { unknown: 'field' } : undefined,
        );
      const stranger = await call(new Browser(world));
      expect(stranger.statusCode).toBe(303);
      expect(stranger.headers.location).toContain('/sign-in?return_path=%2Foperator');
      expect((await call(browsers.customer)).statusCode, 'a customer').toBe(404);
      for (const role of ROLES) {
        const { statusCode: status } = await call(browsers[role]);
        expect(status === 403, `${role}: ${status}`).toBe(!includesRole(role, right.role));
        expect(status, role).toBeLessThan(500);
      }
    },
  );

  it('a form that comes from another site is refused before anybody asks who sent it', async () => {
    for (const { method, path } of calls(PAGE_RIGHTS).filter((one) => one.method === 'POST')) {
      const answer = await browsers.administrator.request(
        method as 'POST',
        filled(path),
        {},
        {
          origin: 'https://elsewhere.example.com',
          'sec-fetch-site': 'cross-site',
        },
      );
      expect(answer.statusCode, path).toBe(403);
    }
  });
});
