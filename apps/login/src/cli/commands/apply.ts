import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { confirm } from '@clack/prompts';
import { Command } from 'commander';
import { applySetUp, type SetUpStep } from '#domain/set-up/apply.ts';
import { describeSetUp } from '#domain/set-up/export.ts';
import { readSetUp, type FileFault } from '#domain/set-up/file.ts';
import { texts } from '#domain/set-up/texts.ts';
import type { EnvironmentSettings } from '#domain/settings/table.ts';
import type { Database } from '#support/db/database.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { plainText } from '../plain-text.ts';

type Deps = {
  openDatabase(): Promise<Database>;
  environmentSettings(): EnvironmentSettings;
  allowedInternalHosts(): readonly string[];
  /** A variable of the environment that a file names. */
  variable(name: string): string | undefined;
  clock: () => Date;
  locale: Locale;
};

type Options = { dryRun?: boolean; yes?: boolean; json?: boolean };

/**
 * `hitokagi apply FILE`: brings settings, consoles and operators to the described state. Exit codes: 0 everything is as described now; 1 something is wrong, nothing was changed; 2
 * there is something to change and nobody said yes (or `--dry-run`).
 */
export function applyCommand(deps: Deps): Command {
  return new Command('apply')
    .description('bring settings, consoles and operators to the state that a file describes')
    .argument('<file>', 'such as hitokagi.yaml')
    .option('--dry-run', 'show what would be changed, and change nothing')
    .option('--yes', 'do it without being asked')
    .option('--json')
    .action(async (path: string, options: Options) => {
      process.exitCode = await apply(deps, path, options);
    });
}

/** `hitokagi export-config`: the present state as such a file. */
export function exportConfigCommand(deps: Deps): Command {
  return new Command('export-config')
    .description('write settings, consoles and operators as a file for apply; secrets are not in it')
    .action(async () => {
      const { db } = await deps.openDatabase();
      process.stdout.write(await describeSetUp(db, deps.environmentSettings()));
    });
}

async function apply(deps: Deps, path: string, options: Options): Promise<number> {
  const t = texts[deps.locale];
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return refuse([{ line: 1, path: '', message: t.secretUnreadable(`file:${path}`) }]);
  const read = readSetUp(text, deps.locale);
  if (!read.ok) return refuse(read.faults);
  const { db } = await deps.openDatabase();
  const set = {
    db,
    environmentSettings: deps.environmentSettings(),
    allowedInternalHosts: deps.allowedInternalHosts(),
    secretOf: (reference: string) => secretOf(deps, dirname(path), reference),
  };
  const by = () => ({ actor: 'operator:cli', now: deps.clock() });
  const foreseen = await applySetUp(set, read.file, { dryRun: true, locale: deps.locale }, by());
  if (!foreseen.ok) return foreseen.reason === 'unfit' ? refuse(foreseen.faults) : 1;
  const { steps } = foreseen;
  const isDone = steps.every((one) => one.change === 'unchanged' || one.change === 'left');
  if (!options.json) showPlan(steps, deps.locale);
  if (isDone) return end('unchanged', t.nothing, 0);
  if (options.dryRun) return end('dry-run', t.dryRun, 2);
  if (!options.yes) {
    const message = t.ask;
    if (options.json || !process.stdin.isTTY || (await confirm({ message, initialValue: false })) !== true)
      return end('not-confirmed', t.notDone, 2);
  }
  const done = await applySetUp(
    set,
    read.file,
    { dryRun: false, locale: deps.locale, expected: steps },
    by(),
  );
  if (done.ok) return end('applied', t.applied, 0);
  return done.reason === 'unfit' ? refuse(done.faults) : end(done.reason, t.changedMeanwhile, 1);

  function end(result: string, sentence: string, code: number): number {
    print(options.json ? JSON.stringify({ ok: code !== 1, result, steps }, null, 2) : sentence);
    return code;
  }

  function refuse(faults: readonly FileFault[]): number {
    if (options.json) print(JSON.stringify({ ok: false, result: 'unfit', faults }, null, 2));
    else {
      process.stderr.write(`${t.faulty}\n`);
      for (const one of faults)
        process.stderr.write(
          `  ${path}: ${t.line(one.line)}${one.path === '' ? '' : ` (${plainText(one.path)})`}: ${plainText(one.message)}\n`,
        );
    }
    return 1;
  }
}

/** The plan: what would be created and changed, then what stays. */
function showPlan(steps: readonly SetUpStep[], locale: Locale): void {
  const t = texts[locale];
  const signs = { created: '+', changed: '~', unchanged: ' ', left: '?' } as const;
  for (const { kind, name, change, fields = [] } of steps) {
    if (change === 'unchanged') continue;
    print(`${signs[change]} ${t.kinds[kind]} ${plainText(name)}: ${t.changes[change]}`);
    for (const { field, from, to } of fields)
      print(`    ${field}: ${plainText(JSON.stringify(from))} → ${plainText(JSON.stringify(to))}`);
  }
  const count = (change: SetUpStep['change']): number => steps.filter((one) => one.change === change).length;
  print(t.summary(count('created'), count('changed'), count('unchanged'), count('left')));
}

/** The value behind `env:NAME` or `file:PATH` (relative to the file that names it). */
async function secretOf(deps: Deps, folder: string, reference: string): Promise<string | undefined> {
  if (reference.startsWith('env:')) return deps.variable(reference.slice('env:'.length));
  return readFile(resolve(folder, reference.slice('file:'.length)), 'utf8').catch(() => undefined);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
