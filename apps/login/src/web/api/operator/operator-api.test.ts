import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addOperator } from '#domain/operators/operators.ts';
import { createOperatorToken, createPersonalToken } from '#domain/operators/tokens.ts';
import type { OperatorRole } from '#support/db/schema.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import { basic } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
});
afterAll(() => world.close());

/** A token of an administrator: one that makes tokens. */
async function chiefToken(): Promise<{ id: string; token: string }> {
  const by = { actor: 'operator:cli', now: world.now };
  const emailAddress = 'chief@example.co.jp';
  accountId ??= await world.addPerson(emailAddress);
  await addOperator(world.database.db, { emailAddress, role: 'administrator' }, by);
  const wanted = { name: 'of the chief', role: 'administrator' as const, accountId };
  const made = await createPersonalToken(world.database.db, wanted, by);
  if (!made.ok) throw new Error(made.reason);
  return made;
}
let accountId: string | undefined;

async function tokenOf(role: OperatorRole, name = 'sample program') {
  return createOperatorToken(world.database.db, { name, role }, { actor: 'operator:cli', now: world.now });
}

function call(method: 'GET' | 'POST', path: string, authorization: string, payload?: object) {
  return world.app.server.inject({
    method,
    url: `/api/operator/v1${path}`,
    headers: { host: 'login.example.co.jp', authorization },
    ...(payload === undefined ? {} : { payload }),
  });
}

describe('R26: who may call the operator API', () => {
  it.each<[string, () => string]>([
    ['nobody', () => ''],
    ['an unknown token', () => 'Bearer hko_unknown'],
    ['a console', () => basic('sms')],
    ['a token that is no bearer token', () => 'Token hko_unknown'],
  ])('%s: 401 with a challenge', async (_name, authorization) => {
    const answer = await call('GET', '/operator-tokens', authorization());
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="operator"');
    expect(answer.json()).toMatchObject({ code: 'token-missing' });
  });

  it('a role that does not include the call: 403, and nothing happens', async () => {
    const { token } = await tokenOf('support');
    const before = await world.database.db.selectFrom('operator_token').selectAll().execute();
    const answer = await call('POST', '/operator-tokens', `Bearer ${token}`, {
      name: 'mine',
      role: 'administrator',
    });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([403, 'role-missing']);
    expect(await world.database.db.selectFrom('operator_token').select('id').execute()).toHaveLength(
      before.length,
    );
  });

  it('P4: half a character in the name of a token is refused', async () => {
    const { token } = await tokenOf('administrator');
    const answer = await call('POST', '/operator-tokens', `Bearer ${token}`, {
      name: '\ud800',
      role: 'viewer',
    });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([422, 'malformed']);
  });

  it('an administrator makes a token, which works until it is revoked, and is never shown again', async () => {
    const { token } = await chiefToken();
    const made = await call('POST', '/operator-tokens', `Bearer ${token}`, {
      name: 'nightly export',
      role: 'administrator',
    });
    expect(made.statusCode).toBe(201);
    const other = made.json<{ id: string; token: string }>();
    const list = await call('GET', '/operator-tokens', `Bearer ${other.token}`);
    expect(list.statusCode).toBe(200);
    expect(list.body).not.toContain(other.token);
    expect(list.json<{ items: object[] }>().items).toContainEqual(
      expect.objectContaining({
        id: other.id,
        name: 'nightly export',
        role: 'administrator',
        revokedAt: null,
      }),
    );
    world.pass(1 * MINUTE);
    const revoked = await call('POST', `/operator-tokens/${other.id}/revoke`, `Bearer ${token}`);
    expect([revoked.statusCode, revoked.json()]).toEqual([200, { revoked: [other.id], inForce: [] }]);
    expect((await call('GET', '/operator-tokens', `Bearer ${other.token}`)).statusCode).toBe(401);
    expect(
      (await call('POST', `/operator-tokens/${other.id}/revoke`, `Bearer ${token}`)).json(),
    ).toMatchObject({
      status: 409,
      code: 'token-revoked',
    });
    expect((await call('POST', '/operator-tokens/opt_none/revoke', `Bearer ${token}`)).json()).toMatchObject({
      status: 404,
      code: 'token-unknown',
    });
  });

  it('A1: fields that are not the caller’s to set are refused', async () => {
    const { token } = await tokenOf('administrator');
    const answer = await call('POST', '/operator-tokens', `Bearer ${token}`, {
      name: 'mine',
      role: 'viewer',
      token_hash: 'x',
    });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([422, 'malformed']);
  });

  it('every act is in the audit log with the token’s name as actor, and no token is', async () => {
    const { id, token } = await chiefToken();
    const made = await call('POST', '/operator-tokens', `Bearer ${token}`, { name: 'other', role: 'viewer' });
    const events = await world.database.db
      .selectFrom('audit_event')
      .selectAll()
      .where('actor', '=', `operator:${id}`)
      .execute();
    expect(events.map((event) => event.action)).toEqual(['operator-token.created']);
    const everything = JSON.stringify(
      await world.database.db.selectFrom('audit_event').selectAll().execute(),
    );
    expect(everything).not.toContain(made.json<{ token: string }>().token);
    expect(everything).not.toContain(token);
  });

  it('every route of the operator API stands in the OpenAPI document with its authentication', async () => {
    const document = await world.app.server.inject({
      url: '/api/openapi.json',
      headers: { host: 'login.example.co.jp' },
    });
    const { paths, components } = document.json<{
      paths: Record<string, Record<string, { security?: object[] }>>;
      components: { securitySchemes: object };
    }>();
    expect(components.securitySchemes).toMatchObject({
      operatorToken: { type: 'http', scheme: 'bearer' },
      consoleSecret: { type: 'http', scheme: 'basic' },
    });
    const operations = Object.entries(paths)
      .filter(([path]) => path.startsWith('/api/operator/'))
      .flatMap(([, methods]) => Object.values(methods));
    expect(operations.length).toBeGreaterThan(2);
    for (const operation of operations) expect(operation.security).toEqual([{ operatorToken: [] }]);
  });
});
