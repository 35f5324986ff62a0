import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openWorld, type World } from '#test/world.ts';
import { settingsCommand } from './settings.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ work: false });
});
afterAll(() => world.close());
afterEach(() => {
  process.exitCode = undefined;
});

async function run(...args: string[]): Promise<{ out: string; err: string; code: typeof process.exitCode }> {
  const written = { out: '', err: '' };
  const out = vi
    .spyOn(process.stdout, 'write')
    .mockImplementation((text) => ((written.out += String(text)), true));
  const err = vi
    .spyOn(process.stderr, 'write')
    .mockImplementation((text) => ((written.err += String(text)), true));
  const deps = {
    openDatabase: async () => world.database,
    environmentSettings: () => world.config.settings,
    clock: () => world.now,
    locale: 'en' as const,
  };
  try {
    await settingsCommand(deps).parseAsync(args, { from: 'user' });
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
  return { ...written, code: process.exitCode };
}

describe('R26: hitokagi settings', () => {
  it('sets, shows and takes back what the pages set', async () => {
    const set = await run('set', 'brandNameEn=Sample Login', 'mailFooterEn=', 'noticesPerSecond=2.5');
    expect(set.out).toBe(
      'brandNameEn: Zettai Reach! Unified Login → Sample Login\nnoticesPerSecond: 10 → 2.5\nRevision 2\n',
    );
    expect((await run('show')).out).toMatch(/\* brandNameEn +Sample Login\n/);
    const json = JSON.parse((await run('show', '--json')).out) as { revision: number; settings: object[] };
    expect(json).toMatchObject({ revision: 2, changedBy: 'operator:cli' });
    expect(json.settings).toContainEqual(expect.objectContaining({ key: 'noticesPerSecond', value: 2.5 }));
    expect((await run('set', 'brandNameEn=Sample Login')).out).toBe('Nothing was changed.\n');
    expect((await run('set', 'brandNameEn:default', '--json')).out).toContain('"revision":3');
  });

  it('refuses with a sentence and exit code 1, all or nothing, and on a revision that is past', async () => {
    const unfit = await run('set', 'brandNameEn=Other', 'keyColour=yellow');
    expect(unfit).toMatchObject({ code: 1, out: '' });
    expect(unfit.err).toContain('keyColour: Write # and six hexadecimal digits');
    const past = await run('set', 'brandNameEn=Other', '--revision', '1', '--json');
    expect(JSON.parse(past.out)).toMatchObject({ ok: false, reason: 'settings-changed', revision: 3 });
    expect((await run('set', 'nonsense')).err).toContain('write key=value');
    expect((await run('show')).out).toContain('Zettai Reach! Unified Login');
  });
});
