import { EXIT } from '../exit-codes.ts';
import { Command } from 'commander';
import { findingsCsv } from '#domain/migration/progress-csv.ts';
import { findingText } from '#domain/migration/rehearse-texts.ts';
import { allRehearsalFindings, momentToRehearse, rehearse } from '#domain/migration/rehearse.ts';
import { recordEvent } from '#support/audit/record.ts';
import { consoleOf } from '../console-of.ts';
import { writeCsvFile } from '../csv-file.ts';
import { rehearsalLines } from '../rehearsal-lines.ts';
import type { ReportDeps } from './progress.ts';

/** 0: nobody would be locked out. 3: somebody would. 1: it could not be told. */
type ExitCode = 0 | 1 | 3;

type Options = { at?: string; csv?: string; json?: boolean };

/** `hitokagi rehearse <client-id>`: who would be locked out by a cut-over, why, and what to do about each (R15). */
export function rehearseCommand(deps: ReportDeps): Command {
  return new Command('rehearse')
    .description(
      'who would be locked out by a cut-over, why, and what to do; exit code 3 when somebody would, 0 when nobody',
    )
    .argument('<client-id>')
    .option(
      '--at <moment>',
      'a cut-over to think of, such as 2027-03-31T22:00+09:00; otherwise the one that is set, or announced, or now',
    )
    .option('--csv <file>', 'write everybody found to this file')
    .option('--json', 'everybody found, with sentences in Japanese and English')
    .action(async (clientId: string, options: Options) => {
      const code = await run(deps, clientId, options);
      if (deps.exit) deps.exit(code);
      else if (code !== 0) process.exitCode = code;
    });
}

async function run(deps: ReportDeps, clientId: string, options: Options): Promise<ExitCode> {
  const errors = deps.errors ?? process.stderr;
  const output = deps.output ?? process.stdout;
  const given = options.at === undefined ? undefined : momentIn(options.at);
  if (options.at !== undefined && !given) {
    errors.write('Give the moment with its offset, such as 2027-03-31T22:00+09:00.\n');
    return 1;
  }
  const { db } = await deps.openDatabase();
  const console = await consoleOf(db, clientId, errors);
  if (!console) return 1;
  const now = deps.clock();
  const at = given ?? (await momentToRehearse(db, console.id, now));
  const figures = await rehearse(db, console.id, at, now);
  const found = allRehearsalFindings(db, console.id, at, {}, now);

  if (options.csv !== undefined) {
    await recordEvent(db, {
      at: now,
      action: 'people.exported',
      actor: 'operator:cli',
      consoleId: console.id,
      detail: { list: 'rehearsal', at: at.toISOString() },
    });
    if (!(await writeCsvFile(options.csv, findingsCsv(found, deps.locale), errors))) return 1;
    if (options.json) output.write(`${JSON.stringify(figures, null, 2)}\n`);
  } else if (options.json) {
    const findings = [];
    for await (const one of found) {
      const { ja, en } = { ja: findingText(one, 'ja'), en: findingText(one, 'en') };
      findings.push({ ...one, why: { ja: ja.why, en: en.why }, next: { ja: ja.next, en: en.next } });
    }
    output.write(`${JSON.stringify({ ...figures, findings }, null, 2)}\n`);
  }
  if (!options.json)
    for await (const line of rehearsalLines(figures, options.csv === undefined ? found : [], deps.locale))
      output.write(`${line}\n`);
  return figures.lockedOut > 0 ? EXIT.lockedOut : EXIT.done;
}

function momentIn(text: string): Date | undefined {
  const withOffset = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  const moment = new Date(text);
  return withOffset && !Number.isNaN(moment.getTime()) ? moment : undefined;
}
