import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { recordEvent } from '#support/audit/record.ts';
import { sealEvents } from '#support/audit/seal.ts';
import { openWorld, type World } from '#test/world.ts';
import { auditCommand } from './audit.ts';

const KEY = Buffer.alloc(32, 7);
let world: World;
let folder = '';
let id = '';
beforeAll(async () => {
  world = await openWorld({ work: false });
  folder = await mkdtemp(join(tmpdir(), 'audit-'));
  id = await world.addPerson('taro@example.co.jp');
  for (const action of ['account.signed-in', 'account.sign-in-refused', 'password.set'] as const)
    await recordEvent(world.database.db, {
      at: world.now,
      action,
      actor: id,
      accountId: id,
      clientIp: '192.0.2.9',
      detail: { userAgent: 'Bro\u001b[2Jwser', method: 'code' },
    });
  await sealEvents(world.database.db, KEY, () => world.now);
}, 60_000);
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});
afterEach(() => {
  process.exitCode = 0;
});

/** What a command prints, and with what it exits. */
async function run(...words: string[]): Promise<{ out: string; err: string; code: number }> {
  const texts = { out: '', err: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      texts[name === 'stdout' ? 'out' : 'err'] += String(text);
      return true;
    }),
  );
  try {
    process.exitCode = 0;
    await auditCommand({
      openDatabase: async () => world.database,
      sealKey: async () => KEY,
      clock: () => world.now,
      locale: 'en',
    }).parseAsync(words, { from: 'user' });
  } finally {
    spies.forEach((spy) => spy.mockRestore());
  }
  return { ...texts, code: Number(process.exitCode ?? 0) };
}

describe('R27: hitokagi audit', () => {
  it('lists for people without control characters, and for programs as JSON', async () => {
    const { out } = await run('list', '--account', 'taro@example.co.jp', '--result', 'refused');
    expect(out.trim().split('\n')).toHaveLength(1);
    expect(out).toContain('account.sign-in-refused\trefused');
    expect(out).not.toContain('\u001b');
    const { out: json } = await run(
      'list',
      '--actor',
      'taro@example.co.jp',
      '--json',
      '--since',
      '2026-11-22',
    );
    expect(JSON.parse(json)).toHaveLength(3);
    expect(await run('list', '--account', 'nobody@example.co.jp')).toMatchObject({
      code: 2,
      err: expect.stringContaining('no account') as string,
    });
    expect(await run('list', '--console', 'none')).toMatchObject({ code: 2 });
    expect((await run('list', '--until', '2020-01-01')).out).toBe('There are none.\n');
  });

  it('saves a file for its owner alone, and records it', async () => {
    const file = join(folder, 'audit.csv');
    expect(await run('export', '--format', 'csv', '--out', file, '--account', id)).toMatchObject({ code: 0 });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readFile(file, 'utf8')).trim().split('\r\n')).toHaveLength(4);
    expect((await run('export', '--out', join(folder, 'none', 'x'))).code).toBe(2);
    expect((await run('list', '--action', 'audit.exported', '--actor', 'operator:cli')).out).toContain(
      '"format":"csv"',
    );
  });

  it('verifies with a head that was kept, and says by its exit code how it went', async () => {
    const { out: head } = await run('head');
    expect(head).toMatch(/^1:[0-9a-f]{64}\n$/);
    expect(JSON.parse((await run('head', '--json')).out)).toMatchObject({ number: '1', text: head.trim() });
    expect(await run('verify', '--head', head)).toMatchObject({
      code: 0,
      out: expect.stringContaining('Nothing that was sealed') as string,
    });
    expect(JSON.parse((await run('verify', '--json')).out)).toMatchObject({ ok: true, head: head.trim() });
    expect(await run('verify', '--head', `7:${'0'.repeat(64)}`)).toMatchObject({
      code: 1,
      out: expect.stringContaining('BROKEN. Link 7') as string,
    });
  });

  it('erases only for closed accounts, and only when that is said', async () => {
    expect(await run('erase', id, '--reason', 'asked for it')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Nothing was erased') as string,
    });
    expect(await run('erase', id, '--reason', 'asked for it', '--yes')).toMatchObject({
      code: 2,
      err: expect.stringContaining('not closed') as string,
    });
    await world.database.db.updateTable('account').set({ state: 'closed' }).where('id', '=', id).execute();
    expect(JSON.parse((await run('erase', id, '--reason', 'asked for it', '--yes', '--json')).out)).toEqual({
      ok: true,
      events: 3,
    });
    expect((await run('verify')).out).toContain('Events with erased personal parts: 3.');
  });

  it('A3: names the first event that was altered', async () => {
    await sql`update audit_event set actor = 'somebody' where action = 'password.set'`.execute(
      world.database.db,
    );
    const { out, code } = await run('verify');
    expect(code).toBe(1);
    expect(out).toMatch(/^BROKEN\. Event \d+ of link 1 is not what was sealed\./);
  });
});
