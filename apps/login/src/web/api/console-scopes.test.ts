import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeConsole } from '#domain/consoles/change.ts';
import { CONSOLE_SCOPES, type ConsoleScope } from '#domain/consoles/scopes.ts';
import { createDirectory, createDirectoryToken } from '#domain/provisioning/directory-tokens.ts';
import { basic } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';
import { CONSOLE_CALLS, scopeOfRoute } from './console-scopes.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ work: false });
  await world.addConsole('all');
  await world.addConsole('none');
  await scopes('none', []);
  for (const [i, scope] of CONSOLE_SCOPES.entries()) {
    await world.addConsole(`only-${i}`);
    await scopes(`only-${i}`, [scope]);
    await world.addConsole(`but-${i}`);
    await scopes(
      `but-${i}`,
      CONSOLE_SCOPES.filter((one) => one !== scope),
    );
  }
  world.app.forgetCaches();
});
afterAll(() => world.close());

const scopes = (clientId: string, list: readonly ConsoleScope[]) =>
  world.database.db
    .updateTable('console')
    .set({ api_scopes: [...list] })
    .where('client_id', '=', clientId)
    .execute();

const call = (method: string, path: string, authorization: string) =>
  world.app.server.inject({
    method: method as 'GET',
    url: path.replace('/*', '/none').replaceAll(/:\w+/g, 'none'),
    headers: { host: 'login.example.co.jp', authorization, 'accept-language': 'en' },
    ...(method === 'GET' ? {} : { payload: { unknown: 'field' } }),
  });

describe('A1, R26: what a console may ask is as the written table of scopes says, for every call', () => {
  it.each(Object.entries(CONSOLE_CALLS))('%s: %s', async (route, scope) => {
    const [method = '', path = ''] = route.split(' ');
    const at = scope === null ? 'none' : CONSOLE_SCOPES.indexOf(scope);
    const allowed = scope === null ? ['all', 'none'] : ['all', `only-${at}`];
    for (const clientId of allowed) {
      const answer = await call(method, path, basic(clientId));
      expect([401, 403], `${clientId}: ${answer.body}`).not.toContain(answer.statusCode);
      expect([500, 503].includes(answer.statusCode)).toBe(false);
    }
    if (scope === null) return;
    for (const clientId of ['none', `but-${at}`]) {
      const answer = await call(method, path, basic(clientId));
      expect(answer.statusCode, clientId).toBe(403);
      expect(answer.body).toContain(scope);
      if (path.startsWith('/api/'))
        expect(answer.json()).toMatchObject({ code: 'scope-missing', scope, status: 403 });
    }
    expect((await call(method, path, basic('none', 'wrong'.repeat(10)))).statusCode).toBe(401);
  });

  it('the document tells the scope of each call', async () => {
    const document = (
      await world.app.server.inject({ url: '/api/openapi.json', headers: { host: 'login.example.co.jp' } })
    ).json<{
      paths: Record<string, Record<string, { security: object[]; responses: Record<string, unknown> }>>;
    }>();
    let told = 0;
    for (const [path, operations] of Object.entries(document.paths))
      for (const [method, { security, responses }] of Object.entries(operations)) {
        if (!/^\/(api\/console|ssf)\//.test(path)) continue;
        const scope = scopeOfRoute({
          method: method.toUpperCase(),
          url: path.replace(/\{(\w+)\}/g, ':$1'),
        });
        expect(security, path).toEqual([{ consoleSecret: [scope] }]);
        expect(Object.keys(responses), path).toContain('403');
        told += 1;
      }
    expect(told).toBe(Object.keys(CONSOLE_CALLS).filter((one) => !one.includes('/scim/')).length);
  });

  it('a directory has a token of its own, and what its console may do does not bind it', async () => {
    const console = await world.database.db
      .selectFrom('console')
      .select(['id', 'client_id'])
      .where('client_id', '=', 'none')
      .executeTakeFirstOrThrow();
    const { db } = world.database;
    const by = { actor: 'operator:cli', now: world.now };
    const wanted = {
      consoleId: console.id,
      name: 'Directory',
      domains: [],
      company: null,
      consoleIds: false,
    };
    const directory = await createDirectory(db, wanted, by);
    if (!directory.ok) throw new Error(directory.reason);
    const made = await createDirectoryToken(db, directory.id, 30, by);
    if (!made.ok) throw new Error(made.reason);
    expect((await call('GET', '/scim/v2/Users', `Bearer ${made.token}`)).statusCode).toBe(200);
    expect((await call('GET', '/scim/v2/Users', basic('none'))).statusCode).toBe(403);
  });

  it('what is taken away counts with the next call, everywhere', async () => {
    await world.addConsole('edited');
    expect((await call('GET', '/api/console/v1/plan', basic('edited'))).statusCode).toBe(200);
    const administrator = { actor: 'operator:cli', now: world.now, allowedInternalHosts: [], revision: 1 };
    const { db } = world.database;
    const unfit = await changeConsole(db, 'edited', { apiScopes: ['plan.write'] }, administrator);
    expect(unfit).toMatchObject({ reason: 'settings-unfit', faults: [{ code: 'scope-unknown' }] });
    const changed = await changeConsole(db, 'edited', { apiScopes: ['users.read'] }, administrator);
    expect(changed).toMatchObject({ ok: true, changed: ['apiScopes'] });
    world.app.forgetCaches();
    expect((await call('GET', '/api/console/v1/plan', basic('edited'))).statusCode).toBe(403);
    expect((await call('GET', '/scim/v2/Users', basic('edited'))).statusCode).toBe(200);
    const event = await db
      .selectFrom('audit_event')
      .select('detail')
      .where('action', '=', 'console.changed')
      .executeTakeFirstOrThrow();
    expect(event.detail).toMatchObject({ changes: { apiScopes: { to: ['users.read'] } } });
  });
});
