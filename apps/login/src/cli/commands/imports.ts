import { Command } from 'commander';
import { importEntry, importHistory, type ImportEntry } from '#domain/consoles/import/history.ts';
import { refusalsOf } from '#domain/consoles/import/refusal-csv.ts';
import { storedRefusals } from '#domain/consoles/import/refusal-store.ts';
import { refusalText } from '#domain/consoles/import/texts.ts';
import { cancelImport, startImport } from '#domain/consoles/import/upload-acts.ts';
import { uploadRefusalText } from '#domain/consoles/import/upload-texts.ts';
import type { Database } from '#support/db/database.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { consoleOf } from '../console-of.ts';
import { plainText } from '../plain-text.ts';

type Deps = {
  openDatabase(): Promise<Database>;
  clock: () => Date;
  locale: 'ja' | 'en';
  output?: { write(text: string): unknown };
  errors?: { write(text: string): unknown };
};

/** Refused rows that are shown; the operator page and the API give all of them as a file. */
const SHOWN = 50;

/** `hitokagi imports list | show | start | cancel`: all files of people that were handed in, by page, API or command line. */
export function importsCommand(deps: Deps): Command {
  const output = deps.output ?? process.stdout;
  const errors = deps.errors ?? process.stderr;
  const print = (line: string) => void output.write(`${line}\n`);
  const fail = (line: string) => {
    errors.write(`${line}\n`);
    process.exitCode = 1;
  };
  const unknown = (id: string) =>
    fail(`There is no import ${id}. "hitokagi imports list" shows those that there are.`);
  const command = new Command('imports').description('imports of people: who, when, and what became of them');

  command
    .command('list')
    .description('the newest imports')
    .option('--console <client-id>')
    .option('--limit <n>', 'how many', Number, 50)
    .option('--json')
    .action(async (options: { console?: string; limit: number; json?: boolean }) => {
      const { db } = await deps.openDatabase();
      const console = options.console ? await consoleOf(db, options.console, errors) : undefined;
      if (options.console && !console) return void (process.exitCode = 1);
      const limit = Math.min(Math.max(1, Math.trunc(options.limit) || 50), 10_000);
      const { entries } = await importHistory(db, { consoleId: console?.id }, { limit });
      if (options.json) return print(JSON.stringify(entries, null, 2));
      if (entries.length === 0)
        return print('Nothing was imported yet: hitokagi import FILE --console NAME.');
      const names = await clientIds(deps);
      for (const one of entries) print(line(one, names));
    });

  command
    .command('show')
    .description('one import, with the first rows that were not taken')
    .argument('<import-id>')
    .option('--json')
    .action(async (id: string, options: { json?: boolean }) => {
      const { db } = await deps.openDatabase();
      const entry = await importEntry(db, id);
      if (!entry) return unknown(id);
      const refusals = await storedRefusals(db, refusalsOf(entry), id, { limit: SHOWN });
      if (options.json) return print(JSON.stringify({ ...entry, refusals }, null, 2));
      print(line(entry, await clientIds(deps)));
      if (entry.refusal) print(`  ${plainText(uploadRefusalText(entry.refusal, deps.locale))}`);
      for (const one of refusals) print(`  ${one.line}\t${plainText(refusalText(one, deps.locale))}`);
    });

  command
    .command('start')
    .description('import an uploaded file whose dry run is done')
    .argument('<import-id>')
    .option('--json')
    .action(async (id: string, options: { json?: boolean }) => {
      const { db } = await deps.openDatabase();
      // The schedule of a running server finds it, within half a minute.
      const jobs = { enqueue: async () => undefined };
      const result = await startImport(db, jobs, id, { actor: 'operator:cli', now: deps.clock() });
      if (options.json) return answer(result);
      if (result.ok) return print(`${id} is imported in the background: hitokagi imports show ${id}`);
      if (result.reason === 'import-unknown') return unknown(id);
      return fail(`${id} cannot be started: its dry run has not ended, or it was started or ended before.`);
    });

  command
    .command('cancel')
    .description('end an uploaded import that has not ended; whom it has taken in stays')
    .argument('<import-id>')
    .option('--json')
    .action(async (id: string, options: { json?: boolean }) => {
      const { db } = await deps.openDatabase();
      const result = await cancelImport(db, id, { actor: 'operator:cli', now: deps.clock() });
      if (options.json) return answer(result);
      if (result.ok) return print(`${id} is cancelled.`);
      return result.reason === 'import-unknown' ? unknown(id) : fail(`${id} has ended already.`);
    });
  return command;

  function answer(result: { ok: boolean }): void {
    if (!result.ok) process.exitCode = 1;
    print(JSON.stringify(result));
  }

  function line(one: ImportEntry, names: ReadonlyMap<string, string>): string {
    const counts = one.done ?? one.foreseen;
    const figures = counts
      ? `${one.done ? '' : 'would be '}new ${counts.created}, linked ${counts.linked}, filled ${counts.filled}, unchanged ${counts.unchanged}, refused ${counts.refused}`
      : '';
    return [
      one.id,
      japanTime(one.at, deps.locale),
      names.get(one.consoleId) ?? one.consoleId,
      one.state,
      plainText(one.fileName),
      one.actor ?? '-',
      figures,
    ].join('\t');
  }
}

async function clientIds(deps: Deps): Promise<ReadonlyMap<string, string>> {
  const { db } = await deps.openDatabase();
  const rows = await db.selectFrom('console').select(['id', 'client_id']).execute();
  return new Map(rows.map((row) => [row.id, row.client_id]));
}
