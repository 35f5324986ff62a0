import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { directoryCommand } from '#app/cli/commands/directory.ts';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { DAY } from '#support/primitives/durations.ts';
import { openWorld, type World } from '#test/world.ts';

const HOST = 'login.example.co.jp';
let world: World;
let token: string;
beforeAll(async () => {
  world = await openWorld({ work: false });
  await world.addConsole('sms');
  const by = { actor: 'operator:cli', now: world.now };
  token = (await createOperatorToken(world.database.db, { name: 'd', role: 'administrator' }, by)).token;
});
afterAll(() => world.close());
afterEach(() => {
  process.exitCode = 0;
  vi.restoreAllMocks();
});

const call = (method: 'GET' | 'POST', path: string, payload?: object) =>
  world.app.server.inject({
    method,
    url: `/api/operator/v1${path}`,
    headers: { host: HOST, authorization: `Bearer ${token}` },
    ...(payload ? { payload } : {}),
  });
const users = (bearer: string) =>
  world.app.server.inject({
    url: '/scim/v2/Users',
    headers: { host: HOST, authorization: `Bearer ${bearer}` },
  });
type Entry = {
  id: string;
  company: string | null;
  domains: string[];
  tokens: { id: string; state: string; lastUsedAt: string | null }[];
};

describe('R26: directories and their tokens', () => {
  it('API: registered, given a token that is shown once, listed, ended', async () => {
    const wanted = { name: 'Entra ID', company: '見本商事', domains: ['Example.co.jp', 'example.co.jp'] };
    const made = await call('POST', '/consoles/sms/directories', wanted);
    expect(made.statusCode, made.body).toBe(201);
    const { id } = made.json<{ id: string }>();
    const given = await call('POST', `/directories/${id}/tokens`, { days: 30 });
    expect(given.json()).toMatchObject({ expiresAt: new Date(world.now.getTime() + 30 * DAY).toISOString() });
    const { token: bearer, id: tokenId } = given.json<{ token: string; id: string }>();
    expect((await users(bearer)).statusCode).toBe(200);
    const list = await call('GET', '/consoles/sms/directories');
    expect(list.json<{ items: Entry[] }>().items).toMatchObject([
      {
        id,
        company: '見本商事',
        domains: ['example.co.jp'],
        tokens: [{ id: tokenId, state: 'in-force', lastUsedAt: world.now.toISOString() }],
      },
    ]);
    expect(list.body).not.toContain(bearer);
    expect((await call('POST', `/directory-tokens/${tokenId}/revoke`)).statusCode).toBe(204);
    expect((await call('POST', `/directory-tokens/${tokenId}/revoke`)).json()).toMatchObject({
      code: 'directory-token-revoked',
    });
    expect((await users(bearer)).statusCode).toBe(401);
  });

  it('API: what cannot be is said by name', async () => {
    const code = async (path: string, payload?: object) =>
      (await call('POST', path, payload)).json<{ code: string }>().code;
    expect(await code('/consoles/none/directories', { name: 'x' })).toBe('console-unknown');
    expect(await code('/consoles/sms/directories', { name: 'x', domains: ['no domain'] })).toBe(
      'domain-malformed',
    );
    expect(await code('/consoles/sms/directories', { name: ' ' })).toBe('malformed');
    expect(await code('/directories/dir_none/tokens')).toBe('directory-unknown');
    expect(await code('/directory-tokens/dtk_none/revoke')).toBe('directory-token-unknown');
  });

  async function run(...args: string[]): Promise<{ out: string; err: string; code: unknown }> {
    const said = { out: '', err: '' };
    process.exitCode = 0;
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((said.out += String(text)), true));
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((said.err += String(text)), true));
    const deps = { openDatabase: async () => world.database, clock: () => world.now };
    await directoryCommand(deps).exitOverride().parseAsync(args, { from: 'user' });
    vi.restoreAllMocks();
    return { ...said, code: process.exitCode };
  }

  it('command line: the same', async () => {
    const made = await run('create', 'sms', 'Okta', '--company', '乙社', '--domain', 'example.com', '--json');
    const { id } = JSON.parse(made.out) as { id: string };
    const given = await run('token', id);
    const bearer = /hkd_\S+/.exec(given.out)?.[0] ?? '';
    expect((await users(bearer)).statusCode).toBe(200);
    const listed = await run('list', 'sms');
    expect(listed.out).toContain('乙社');
    const tokenId = /dtk_\w+/.exec(listed.out.slice(listed.out.indexOf(id)))?.[0] ?? '';
    expect(await run('revoke', tokenId)).toMatchObject({ code: 0, out: `Revoked ${tokenId}.\n` });
    expect(await run('revoke', tokenId)).toMatchObject({ code: 1 });
    expect((await users(bearer)).statusCode).toBe(401);
    expect(await run('token', 'dir_none')).toMatchObject({ code: 1 });
    expect(await run('list', 'none')).toMatchObject({ code: 1 });
  });
});
