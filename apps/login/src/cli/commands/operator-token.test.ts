import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { addOperator } from '#domain/operators/operators.ts';
import { DAY } from '#support/primitives/durations.ts';
import { openWorld, type World } from '#test/world.ts';
import { tokenCommand } from './operator-token.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  for (const role of ['administrator', 'support'] as const) {
    const emailAddress = `${role}@example.co.jp`;
    await world.addPerson(emailAddress);
    await addOperator(world.database.db, { emailAddress, role }, { actor: 'operator:cli', now: world.now });
  }
  await world.addPerson('customer@example.co.jp');
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
  const command = tokenCommand({ openDatabase: async () => world.database, clock: () => world.now });
  for (const one of [command, ...command.commands]) one.exitOverride();
  await command.parseAsync(args, { from: 'user' }).catch((error: { exitCode?: number }) => {
    process.exitCode = error.exitCode ?? 1;
  });
  vi.restoreAllMocks();
  return { ...said, code: process.exitCode };
}

describe('R26: hitokagi operator token', () => {
  it('makes one for an operator, shown this once, with an end; the list tells whose it is', async () => {
    const made = await run('create', 'export', '--role', 'support', '--for', 'support@example.co.jp');
    const end = new Date(world.now.getTime() + 90 * DAY).toISOString();
    expect(made).toMatchObject({
      code: 0,
      out: expect.stringContaining(`good until ${end}, shown this once: hko_`) as string,
    });
    const list = await run('list');
    expect(list.out).toMatch(/\tsupport\texport\tsupport@example\.co\.jp\tin-force\texpires /);
    expect(list.out).not.toContain('hko_');
    const days = await run(
      'create',
      'short',
      '--for',
      'administrator@example.co.jp',
      '--days',
      '7',
      '--json',
    );
    expect(JSON.parse(days.out)).toMatchObject({
      expiresAt: new Date(world.now.getTime() + 7 * DAY).toISOString(),
    });
    expect((await run('create', 'nightly')).out).toContain('shown this once');
    expect((await run('list')).out).toContain('\tnightly\tof nobody\t');
  });

  it('refuses with what to do: nobody, no operator, more than the operator may, a life that is too long', async () => {
    for (const [args, words] of [
      [['--for', 'nobody@example.co.jp'], 'There is no account'],
      [['--for', 'customer@example.co.jp'], 'is not an operator'],
      [['--for', 'support@example.co.jp', '--role', 'administrator'], 'may not do as much'],
      [['--days', '366'], 'from 1 to 365'],
      [['--days', '0'], 'from 1 to 365'],
    ] as const) {
      const refused = await run('create', 'refused', ...args);
      expect([refused.code, refused.out]).toEqual([1, '']);
      expect(refused.err).toContain(words);
    }
    expect((await run('list')).out).not.toContain('refused');
  });

  it('revokes, and says what is left that was made with it', async () => {
    const { id } = JSON.parse((await run('create', 'parent', '--json')).out) as { id: string };
    const child = JSON.parse((await run('create', 'child', '--json')).out) as { id: string };
    await world.database.db
      .updateTable('operator_token')
      .set({ created_by: `operator:${id}` })
      .where('id', '=', child.id)
      .execute();
    expect((await run('revoke', id)).out).toBe(
      `Revoked ${id}.\nMade with it and still good: ${child.id}\tchild\n"hitokagi operator token revoke ${id} --with-made" ends them too.\n`,
    );
    expect((await run('revoke', id, '--with-made', '--json')).out).toContain(`"revoked":["${child.id}"]`);
    expect(await run('revoke', id)).toMatchObject({ code: 1, err: `${id} was revoked before.\n` });
    expect((await run('revoke', 'opt_none')).err).toContain('There is no token opt_none.');
  });
});
