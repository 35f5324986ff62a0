import { Command, InvalidArgumentError, Option } from 'commander';
import { forecastOf } from '#domain/migration/forecast.ts';
import { peopleCsv, seriesCsv } from '#domain/migration/progress-csv.ts';
import {
  allProgressPeople,
  PERSON_STATES,
  type LastSeen,
  type PeopleFilter,
} from '#domain/migration/progress-people.ts';
import { PROGRESS_LABELS } from '#domain/migration/progress-texts.ts';
import { progressOf } from '#domain/migration/progress.ts';
import { progressSeries } from '#domain/migration/series.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Database } from '#support/db/database.ts';
import { japanStamp } from '#support/primitives/japan-time.ts';
import { consoleOf } from '../console-of.ts';
import { writeCsvFile } from '../csv-file.ts';
import { plainText } from '../plain-text.ts';
import { progressLines } from '../progress-lines.ts';

export type ReportDeps = {
  openDatabase(): Promise<Database>;
  clock: () => Date;
  locale: 'ja' | 'en';
  /** Where results and troubles go; the process's own when left out. */
  output?: { write(text: string): unknown };
  errors?: { write(text: string): unknown };
  /** Tells how it ended; sets the process's exit code when left out. */
  exit?: (code: number) => void;
};

type Options = {
  people?: boolean;
  state?: PeopleFilter;
  search?: string;
  notSeen?: LastSeen;
  company?: string;
  series?: boolean;
  from?: string;
  to?: string;
  csv?: string;
  json?: boolean;
};

/** How many people the screen shows; JSON and CSV have all of them. */
const ON_SCREEN = 200;

/** `hitokagi progress <client-id>`: how far a console's people have come (R15). */
export function progressCommand(deps: ReportDeps): Command {
  return new Command('progress')
    .description('how far a console’s people have come: totals and forecast, a list of people, or day by day')
    .argument('<client-id>')
    .option('--people', 'list people')
    .addOption(
      new Option('--state <state>', 'list the people of this state').choices([
        ...PERSON_STATES,
        'still-legacy',
      ]),
    )
    .option(
      '--search <text>',
      'list people by part of their address, name, company, or the console’s user id',
    )
    .addOption(
      new Option(
        '--not-seen <days>',
        'list people without a sign-in at either login for so many days; "ever": never',
      ).argParser(seenIn),
    )
    .option('--company <name>', 'list the people of a company, by its whole name')
    .option('--series', 'day by day')
    .option('--from <day>', 'first day of --series, such as 2027-01-31')
    .option('--to <day>', 'last day of --series')
    .option('--csv <file>', 'write the people, or with --series the days, to this file')
    .option('--json')
    .action(async (clientId: string, options: Options) => {
      const code = await report(deps, clientId, options);
      if (deps.exit) deps.exit(code);
      else if (code !== 0) process.exitCode = code;
    });
}

function seenIn(text: string): LastSeen {
  if (text === 'ever') return 'never';
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('Give a number of days, or "ever".');
  return { overDays: Number(text) };
}

async function report(deps: ReportDeps, clientId: string, options: Options): Promise<0 | 1> {
  const { locale } = deps;
  const errors = deps.errors ?? process.stderr;
  const print = (text: string): void => void (deps.output ?? process.stdout).write(`${text}\n`);
  for (const day of [options.from, options.to])
    if (day !== undefined && !isDay(day)) {
      errors.write(`${day} is not a day. Give it as 2027-01-31.\n`);
      return 1;
    }
  const { db } = await deps.openDatabase();
  const console = await consoleOf(db, clientId, errors);
  if (!console) return 1;
  const now = deps.clock();

  if (options.series) {
    const days = await progressSeries(db, console.id, { from: options.from, to: options.to }, now);
    if (options.csv !== undefined)
      return (await writeCsvFile(options.csv, seriesCsv(days, locale), errors)) ? 0 : 1;
    if (options.json) print(JSON.stringify(days, null, 2));
    else for (const day of days) print(Object.values(day).join('\t'));
    return 0;
  }

  const { state, search, notSeen: seen, company } = options;
  const narrowed = Object.entries({ state, search, seen, company }).filter(
    ([, value]) => value !== undefined,
  );
  const people = allProgressPeople(db, console.id, { state, search, seen, company }, now);
  if (options.csv !== undefined) {
    await recordEvent(db, {
      at: now,
      action: 'people.exported',
      actor: 'operator:cli',
      consoleId: console.id,
      detail: { list: 'progress', ...Object.fromEntries(narrowed) },
    });
    return (await writeCsvFile(options.csv, peopleCsv(people, locale), errors)) ? 0 : 1;
  }
  if (options.people || narrowed.length > 0) {
    if (options.json) {
      const all = [];
      for await (const one of people) all.push(one);
      print(JSON.stringify(all, null, 2));
      return 0;
    }
    let shown = 0;
    for await (const one of people) {
      if (shown++ === ON_SCREEN) {
        print(`… only ${ON_SCREEN} are shown here; --csv or --json gives all.`);
        break;
      }
      const stamps = [one.movedAt, one.lastLegacyAt].map((at) => (at ? japanStamp(at) : '-'));
      print(
        [
          one.emailAddress,
          one.company,
          one.name,
          one.consoleUserId,
          PROGRESS_LABELS[locale].states[one.state],
          ...stamps,
        ]
          .map(plainText)
          .join('\t'),
      );
    }
    return 0;
  }

  const progress = await progressOf(db, console.id, now);
  const forecast = await forecastOf(db, console.id, now);
  print(
    options.json
      ? JSON.stringify({ ...progress, forecast }, null, 2)
      : progressLines(progress, forecast, locale).join('\n'),
  );
  return 0;
}

function isDay(text: string): boolean {
  const midnight = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(`${text}T`);
}
