import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Command } from 'commander';
import { consoleName } from '#domain/consoles/consoles.ts';
import { importPeople, type ImportResult } from '#domain/consoles/import/import-people.ts';
import type { Refusal } from '#domain/consoles/import/refusals.ts';
import { judgeLegacyHash } from '#domain/credentials/legacy-hash.ts';
import { fileRefusalText } from '#domain/consoles/import/texts.ts';
import type { Database } from '#support/db/database.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { showProgress, type Output } from '../import-progress.ts';
import { jsonReport, screenReport } from '../import-report.ts';
import { openRefusalFile } from '../import-refusal-file.ts';
import { IMPORT_TEXTS } from '../import-texts.ts';

export type ImportCommandDeps = {
  /** Whoever gives it closes it. */
  openDatabase(): Promise<Database>;
  clock: () => Date;
  locale: Locale;
  /** Where results go; the process's own when left out. */
  output?: Output;
  errors?: Pick<Output, 'write'>;
  /** Tells how it ended; sets the process's exit code when left out. */
  exit?: (code: ExitCode) => void;
};

/** 0: imported, rows may have been refused. 2: the file cannot be read at all, nothing was written. 1: anything else. */
export type ExitCode = 0 | 1 | 2;

type Options = { console: string; dryRun?: boolean; json?: boolean; report?: string };

/** How many refused rows the screen and the JSON show; the file that `--report` names has all of them. */
const ON_SCREEN = 50;
const IN_JSON = 1_000;

/** `hitokagi import FILE --console NAME`: imports a console's people from a CSV file (R20) and reports the rows that were not taken. */
export function importCommand(deps: ImportCommandDeps): Command {
  const t = IMPORT_TEXTS[deps.locale];
  return new Command('import')
    .description(t.description)
    .argument('<file>', t.fileArgument)
    .requiredOption('--console <name>', t.consoleOption)
    .option('--dry-run', t.dryRunOption)
    .option('--json', t.jsonOption)
    .option('--report <file.csv>', t.reportOption)
    .action(async (path: string, options: Options) => {
      const code = await runImport(deps, path, options);
      if (deps.exit) deps.exit(code);
      else process.exitCode = code;
    });
}

async function runImport(deps: ImportCommandDeps, path: string, options: Options): Promise<ExitCode> {
  const t = IMPORT_TEXTS[deps.locale];
  const output = deps.output ?? process.stdout;
  const fail = (code: ExitCode, reason: string, message: string): ExitCode => {
    if (options.json) output.write(`${JSON.stringify({ ok: false, reason, message }, null, 2)}\n`);
    else (deps.errors ?? process.stderr).write(`${message}\n`);
    return code;
  };

  const file = await readableFile(path);
  if (!file.ok) return fail(2, file.reason, t[file.reason](path));
  if (options.report && (await isSameFile(options.report, path)))
    return fail(1, 'report-is-file', t.reportIsFile(path));

  const database = await deps.openDatabase();
  const consoles = await database.db.selectFrom('console').selectAll().orderBy('created_at').execute();
  const console = consoles.find((one) => one.client_id === options.console);
  if (!console) {
    const names = consoles.map((one) => one.client_id).join(', ');
    return fail(
      1,
      'console-unknown',
      names === '' ? t.noConsoles(options.console) : t.consoleUnknown(options.console, names),
    );
  }
  return importFile(deps, output, { path, bytes: file.bytes, console, database, options, fail });
}

async function importFile(
  deps: ImportCommandDeps,
  output: Output,
  of: {
    path: string;
    bytes: number;
    console: ConsoleRow;
    database: Database;
    options: Options;
    fail: (code: ExitCode, reason: string, message: string) => ExitCode;
  },
): Promise<ExitCode> {
  const { locale, clock } = deps;
  const { options, path, console } = of;
  const refusalFile = await openRefusalFile(options.report, locale);
  if (!refusalFile.ok)
    return of.fail(1, 'report-not-writable', IMPORT_TEXTS[locale].reportNotWritable(options.report ?? ''));

  const shown: Refusal[] = [];
  const most = options.json ? IN_JSON : ON_SCREEN;
  const title = IMPORT_TEXTS[locale].title(
    basename(path),
    consoleName(console, locale),
    options.dryRun === true,
  );
  const progress = showProgress({
    output: options.json ? undefined : output,
    locale,
    title,
    bytes: of.bytes,
  });
  let result: ImportResult | undefined;
  try {
    result = await importPeople(of.database.db, {
      consoleId: console.id,
      file: () => createReadStream(path, { highWaterMark: 256 * 1024 }),
      fileName: basename(path),
      dryRun: options.dryRun === true,
      actor: 'operator:cli',
      judgeHash: judgeLegacyHash,
      clock,
      onProgress: (reached) => progress.update(reached),
      onRefusals: async (refusals) => {
        shown.push(...refusals.slice(0, most - shown.length));
        await refusalFile.add(refusals);
      },
    });
  } finally {
    progress.end(result?.ok === true);
    await refusalFile.close();
  }
  if (!result.ok)
    return of.fail(
      result.reason === 'already-running' || result.reason === 'hashes-not-wanted' ? 1 : 2,
      result.reason,
      failureText(result, locale, console.client_id),
    );

  const report = {
    ...result.report,
    console: console.client_id,
    fileName: basename(path),
    dryRun: options.dryRun === true,
  };
  output.write(
    options.json ? jsonReport(report, shown, locale) : screenReport(report, shown, options.report, locale),
  );
  return 0;
}

function failureText(result: Extract<ImportResult, { ok: false }>, locale: Locale, clientId: string): string {
  const t = IMPORT_TEXTS[locale];
  switch (result.reason) {
    case 'already-running':
      return t.alreadyRunning;
    case 'file-changed':
      return t.fileChanged;
    case 'cancelled':
      return t.cancelled;
    case 'hashes-not-wanted':
      return t.hashesNotWanted(result.column, clientId);
    case 'file-empty':
    case 'encoding-unsupported':
    case 'text-undecodable':
    case 'columns-missing':
    case 'column-twice':
      return fileRefusalText(result, locale);
  }
}

async function readableFile(
  path: string,
): Promise<
  { ok: true; bytes: number } | { ok: false; reason: 'fileMissing' | 'fileIsFolder' | 'fileForbidden' }
> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return { ok: false, reason: 'fileIsFolder' };
    const stream = createReadStream(path, { end: 0 });
    for await (const _ of stream);
    return { ok: true, bytes: found.size };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { ok: false, reason: 'fileMissing' };
    if (code === 'EACCES' || code === 'EPERM') return { ok: false, reason: 'fileForbidden' };
    throw error;
  }
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => realpath(path).catch(() => undefined)));
  return a !== undefined && a === b;
}
