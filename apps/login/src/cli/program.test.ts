import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { commandsOf, DANGEROUS_COMMANDS, pathOf } from './ask-first.ts';
import { EXIT } from './exit-codes.ts';
import { hitokagi } from './program.ts';

const never = (): never => {
  throw new Error('No command is run here.');
};
const program = hitokagi({
  openDatabase: never,
  openJobs: never,
  clock: never,
  locale: 'en',
  config: never,
  house: never,
  secrets: never,
  sealKey: never,
  variable: never,
  serve: never,
  openCheck: never,
});
const commands = commandsOf(program).map((command) => ({ path: pathOf(command), command }));

describe('R26: the commands of hitokagi', () => {
  it('each has --json, but those whose answer is no data', () => {
    const without = commands
      .filter(({ command }) => !command.options.some(({ long }) => long === '--json'))
      .map(({ path }) => path);
    expect(without.sort()).toEqual(['audit export', 'complete', 'completion', 'export-config', 'serve']);
  });

  it('each says what it does', () => {
    const silent = commands.filter(({ command }) => command.description() === '').map(({ path }) => path);
    expect(silent).toEqual([]);
  });

  it('dangerous ones exist and take --yes', () => {
    for (const path of DANGEROUS_COMMANDS) {
      const found = commands.find((one) => one.path === path);
      expect(found, path).toBeDefined();
      expect(
        found?.command.options.map(({ long }) => long),
        path,
      ).toContain('--yes');
    }
  });

  it('every exit code is in the documentation of both languages', () => {
    for (const file of ['cli.md', 'cli.ja.md']) {
      const text = readFileSync(new URL(`../../../../docs/operators/${file}`, import.meta.url), 'utf8');
      const told = [...text.matchAll(/^\| `(\d+)` \|/gm)].map(([, code]) => Number(code));
      expect(told, file).toEqual(Object.values(EXIT));
    }
  });
});

describe('R26: shell completion', () => {
  const run = (...words: string[]) =>
    promisify(execFile)(process.execPath, [
      new URL('../../bin/hitokagi.js', import.meta.url).pathname,
      ...words,
    ]);

  it('prints scripts for bash, zsh and fish, and knows commands and their options', async () => {
    const offered = async (...words: string[]) =>
      (await run('complete', '--', ...words)).stdout.split('\n').map((line) => line.split('\t')[0]);
    const [scripts, commandsOfPlan, options] = await Promise.all([
      Promise.all(['bash', 'zsh', 'fish'].map(async (shell) => (await run('completion', shell)).stdout)),
      offered('plan', ''),
      offered('plan', 'cut-over', '--'),
    ]);
    for (const script of scripts) {
      expect(script).toContain('hitokagi');
      expect(script).toContain('complete --');
    }
    expect(commandsOfPlan).toEqual(expect.arrayContaining(['show', 'announce', 'cut-over']));
    expect(options).toEqual(expect.arrayContaining(['--json', '--yes']));
  }, 60_000);
});
