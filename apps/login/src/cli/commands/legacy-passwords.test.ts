import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { acceptLegacy, addLegacyPerson, legacyHash, STRONG } from '#test/legacy.ts';
import { openWorld, type World } from '#test/world.ts';
import { legacyPasswordsCommand } from './legacy-passwords.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ work: false });
  await world.addConsole('sms');
});
afterAll(() => world.close());
afterEach(() => {
  process.exitCode = 0;
  vi.restoreAllMocks();
});

async function run(...args: string[]): Promise<{ out: string; err: string; code: unknown }> {
  const said = { out: '', err: '' };
  process.exitCode = 0;
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((said.out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((said.err += String(text)), true));
  const command = legacyPasswordsCommand({
    openDatabase: async () => world.database,
    clock: () => world.now,
    allowedInternalHosts: () => ['console.internal'],
  }).exitOverride();
  await command.parseAsync(args, { from: 'user' });
  vi.restoreAllMocks();
  return { ...said, code: process.exitCode };
}

const setting = async () =>
  world.database.db
    .selectFrom('console')
    .select(['legacy_passwords', 'legacy_password_uri'])
    .where('client_id', '=', 'sms')
    .executeTakeFirstOrThrow();

describe('R21: hitokagi console legacy-passwords', () => {
  it('is off until an operator says otherwise, and an audit event tells who did', async () => {
    expect(await setting()).toEqual({ legacy_passwords: 'off', legacy_password_uri: null });
    expect((await run('sms', 'imported')).out).toContain('Import its people with a column password_hash.');
    expect((await setting()).legacy_passwords).toBe('imported');
    const event = await world.database.db
      .selectFrom('audit_event')
      .select(['actor', 'detail'])
      .where('action', '=', 'console.legacy-passwords-set')
      .executeTakeFirstOrThrow();
    expect(event).toMatchObject({ actor: 'operator:cli', detail: { setting: 'imported' } });
  });

  it('asked needs an address that a secret may travel to', async () => {
    expect(await run('sms', 'asked')).toMatchObject({
      code: 1,
      err: expect.stringContaining('--uri') as string,
    });
    for (const uri of ['ftp://sms.example.co.jp/', 'no address', 'https://user:word@sms.example.co.jp/'])
      expect((await run('sms', 'asked', '--uri', uri)).code).toBe(1);
    expect((await run('sms', 'asked', '--uri', 'https://sms.example.co.jp/check')).code).toBe(0);
    expect(await setting()).toEqual({
      legacy_passwords: 'asked',
      legacy_password_uri: 'https://sms.example.co.jp/check',
    });
    expect(JSON.parse((await run('sms', 'asked', '--json')).out)).toEqual({ ok: true, deleted: 0 });
  });

  it('deletes imported hashes only with --yes, and says how many', async () => {
    await acceptLegacy(world, 'sms', 'imported');
    await addLegacyPerson(world, 'sms', 'one@example.co.jp', legacyHash(STRONG));
    await addLegacyPerson(world, 'sms', 'two@example.co.jp', legacyHash(STRONG));
    const refused = await run('sms', 'off');
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain('2 people of sms still have an imported hash');
    expect(refused.err).toContain('--yes');
    expect((await setting()).legacy_passwords).toBe('imported');
    expect((await run('sms', 'off', '--yes')).out).toContain('2 imported hashes were deleted.');
    expect((await setting()).legacy_passwords).toBe('off');
    expect((await world.database.db.selectFrom('legacy_credential').selectAll().execute()).length).toBe(0);
  });

  it('an unknown console is named', async () => {
    expect(await run('nobody', 'off')).toMatchObject({
      code: 1,
      err: 'There is no console nobody. "hitokagi console list" shows all.\n',
    });
  });
});
