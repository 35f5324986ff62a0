import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import type { OperatorRole } from '#support/db/schema.ts';
import { acceptLegacy, addLegacyPerson, hashesOf, legacyHash, STRONG } from '#test/legacy.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
const tokens = {} as Record<OperatorRole, string>;
beforeAll(async () => {
  world = await openWorld({ work: false });
  await world.addConsole('sms');
  for (const role of ['viewer', 'support', 'administrator'] as const)
    tokens[role] = (
      await createOperatorToken(
        world.database.db,
        { name: role, role },
        { actor: 'operator:cli', now: world.now },
      )
    ).token;
});
afterAll(() => world.close());

const call = (method: 'GET' | 'PUT', path: string, payload?: object, role: OperatorRole = 'administrator') =>
  world.app.server.inject({
    method,
    url: `/api/operator/v1/consoles${path}`,
    headers: { host: 'login.example.co.jp', authorization: `Bearer ${tokens[role]}` },
    ...(payload === undefined ? {} : { payload }),
  });

const put = (payload: object, role?: OperatorRole) => call('PUT', '/sms/legacy-passwords', payload, role);

describe('R21, R26: legacy passwords by the operator API', () => {
  it('whoever may look sees the consoles and their setting; no hash and no secret', async () => {
    const answer = await call('GET', '', undefined, 'viewer');
    expect(answer.statusCode).toBe(200);
    expect(answer.json<{ items: object[] }>().items).toMatchObject([
      {
        consoleId: expect.stringMatching(/^con_/) as string,
        clientId: 'sms',
        name: { ja: '管理画面sms', en: 'Console sms' },
        homeUrl: 'http://sms.example.co.jp/',
        legacyPasswords: 'off',
        legacyPasswordUri: null,
        importedHashes: 0,
      },
    ]);
    expect(answer.body).not.toMatch(/[\w-]{43}/);
  });

  it('only an administrator changes it', async () => {
    for (const role of ['viewer', 'support'] as const)
      expect((await put({ setting: 'imported' }, role)).statusCode).toBe(403);
    expect((await call('GET', '')).json()).toMatchObject({ items: [{ legacyPasswords: 'off' }] });
  });

  it('asked needs an address, and other consoles are unknown', async () => {
    for (const [payload, status, code] of [
      [{ setting: 'asked' }, 422, 'legacy-uri-missing'],
      [{ setting: 'asked', uri: 'javascript:x' }, 422, 'legacy-uri-malformed'],
      [{ setting: 'sometimes' }, 422, 'malformed'],
      [{ setting: 'off', legacy_passwords: 'asked' }, 422, 'malformed'],
    ] as const) {
      const answer = await put(payload);
      expect(answer.statusCode).toBe(status);
      expect(answer.json()).toMatchObject({ code });
    }
    expect((await call('PUT', '/nobody/legacy-passwords', { setting: 'off' })).json()).toMatchObject({
      status: 404,
      code: 'console-unknown',
    });
    const set = await put({ setting: 'asked', uri: 'https://sms.example.co.jp/check' });
    expect(set.json()).toMatchObject({
      console: { legacyPasswords: 'asked', legacyPasswordUri: 'https://sms.example.co.jp/check' },
      deletedHashes: 0,
    });
  });

  it('imported hashes are deleted only when that is said, by the token that the audit log names', async () => {
    await acceptLegacy(world, 'sms', 'imported');
    const account = await addLegacyPerson(world, 'sms', 'one@example.co.jp', legacyHash(STRONG));
    const refused = await put({ setting: 'off' });
    expect(refused.json()).toMatchObject({ status: 409, code: 'hashes-would-be-deleted' });
    expect(refused.body).toContain('1 people still have an imported hash');
    expect(await hashesOf(world, account)).toBe(1);
    expect((await put({ setting: 'off', deleteHashes: true })).json()).toMatchObject({ deletedHashes: 1 });
    expect(await hashesOf(world, account)).toBe(0);
    const event = await world.database.db
      .selectFrom('audit_event')
      .select(['actor', 'detail'])
      .where('action', '=', 'console.legacy-passwords-set')
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    expect(event.actor).toMatch(/^operator:opt_/);
    expect(event.detail).toMatchObject({ setting: 'off', deletedHashes: 1 });
  });
});
