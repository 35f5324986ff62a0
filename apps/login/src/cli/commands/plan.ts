import { Command, InvalidArgumentError, Option } from 'commander';
import type { By } from '#domain/migration/change.ts';
import { planHistory } from '#domain/migration/history.ts';
import { planStanding } from '#domain/migration/plan-standing.ts';
import { announce, closePlan, rollBack, setCutOver, setLinkTime } from '#domain/migration/plans.ts';
import { refusalSentence, type PlanRefusal } from '#domain/migration/refusal-sentence.ts';
import type { NoticeTexts } from '#domain/notices/kinds.ts';
import type { Database, Db } from '#support/db/database.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { historyLines, planLines } from '../plan-lines.ts';

type Deps = { openDatabase(): Promise<Database>; clock: () => Date; locale: 'ja' | 'en' };
type Options = {
  json?: boolean;
  note?: string;
  texts?: string;
  revision?: number;
  overrideCheck?: string;
};
type Found = { db: Db; consoleId: string; by: By };

const ACTOR = 'operator:cli';
const MOMENT_HELP = 'with its offset, such as 2027-03-31T22:00+09:00';

/** `hitokagi plan show | history | link-time | announce | cut-over | rollback | close`. */
export function planCommand(deps: Deps): Command {
  const plan = new Command('plan').description('how a console moves: link time, announcement, cut-over');
  const when = (at: Date): string => japanTime(at, deps.locale);

  command('show', 'how the plan stands, and the earliest cut-over that could be set').action(
    async (clientId: string, options: Options) => {
      const found = await find(clientId);
      if (!found) return;
      const standing = await planStanding(found.db, found.consoleId, found.by.now);
      print(
        options.json
          ? JSON.stringify(standing, null, 2)
          : planLines(standing, deps.locale, clientId).join('\n'),
      );
    },
  );

  command('history', 'who set what when, the newest first').action(
    async (clientId: string, options: Options) => {
      const found = await find(clientId);
      if (!found) return;
      const changes = await planHistory(found.db, found.consoleId);
      print(options.json ? JSON.stringify(changes, null, 2) : historyLines(changes, deps.locale).join('\n'));
    },
  );

  command('link-time', 'set the moment at which the legacy login page gets its link, or "none"')
    .argument('<moment>', MOMENT_HELP)
    .option('--note <text>', 'for the history')
    .addOption(overrideCheck())
    .addOption(revision())
    .action(async (clientId: string, text: string, options: Options) => {
      const linkAt = text === 'none' ? null : momentIn(text);
      const found = linkAt === undefined ? undefined : await find(clientId, options);
      if (!found || linkAt === undefined) return;
      const { db, consoleId, by } = found;
      const result = await setLinkTime(db, consoleId, linkAt, by, options.note);
      if (!result.ok) return refused({ act: 'link-time', ...result }, clientId, options);
      done(
        options,
        result,
        linkAt ? `The link appears on ${when(linkAt)}.` : 'The link time is undetermined.',
      );
    });

  command('announce', 'announce a planned cut-over to everybody by mail; set it afterwards with "cut-over"')
    .argument('<moment>', `the planned cut-over, ${MOMENT_HELP}`)
    .option('--send-at <moment>', 'when sending begins; at once without it')
    .option('--texts <file>', 'your own words, JSON: {"ja":{"subject":…,"body":…},"en":…}')
    .option('--note <text>', 'for the history')
    .addOption(overrideCheck())
    .addOption(revision())
    .action(async (clientId: string, text: string, options: Options & { sendAt?: string }) => {
      const cutOverAt = momentIn(text);
      const sendAt = options.sendAt === undefined ? undefined : momentIn(options.sendAt);
      const words = await wordsIn(options);
      if (!cutOverAt || (options.sendAt !== undefined && !sendAt) || !words) return;
      const found = await find(clientId, options);
      if (!found) return;
      const wanted = { cutOverAt, ...(sendAt ? { sendAt } : {}), ...words };
      const result = await announce(found.db, found.consoleId, wanted, found.by);
      if (!result.ok) return refused({ act: 'announce', ...result }, clientId, options);
      done(
        options,
        result,
        `Announced to ${result.recipients} people for ${when(cutOverAt)}, as notice ${result.noticeId}.\nWhen everybody's mail was accepted: hitokagi plan cut-over ${clientId} ${text}`,
      );
    });

  command('cut-over', 'set the cut-over that was announced, or postpone it, which tells everybody')
    .argument('<moment>', MOMENT_HELP)
    .option('--texts <file>', 'your own words for the correction, JSON')
    .option('--note <text>', 'for the history')
    .addOption(overrideCheck())
    .addOption(revision())
    .action(async (clientId: string, text: string, options: Options) => {
      const cutOverAt = momentIn(text);
      const words = await wordsIn(options);
      const found = cutOverAt && words ? await find(clientId, options) : undefined;
      if (!cutOverAt || !found) return;
      const result = await setCutOver(found.db, found.consoleId, { cutOverAt, ...words }, found.by);
      if (!result.ok) return refused({ act: 'cut-over', ...result }, clientId, options);
      const told = result.noticeId ? ` Everybody is told, by notice ${result.noticeId}.` : '';
      const act = result.change === 'postponed' ? 'postponed to' : 'set for';
      done(options, result, `The cut-over is ${act} ${when(cutOverAt)}.${told}`);
    });

  command('rollback', 'take the cut-over back; the legacy login works again within ten seconds')
    .option('--no-correction', 'do not tell people')
    .option('--texts <file>', 'your own words for the correction, JSON')
    .option('--note <text>', 'for the history')
    .addOption(revision())
    .action(async (clientId: string, options: Options & { correction: boolean }) => {
      const words = await wordsIn(options);
      const found = words ? await find(clientId, options) : undefined;
      if (!found) return;
      const wanted = { correction: options.correction, ...words };
      const result = await rollBack(found.db, found.consoleId, wanted, found.by);
      if (!result.ok) return refused({ act: 'roll-back', ...result }, clientId, options);
      const told = result.noticeId ? `Everybody is told, by notice ${result.noticeId}.` : 'Nobody is told.';
      done(options, result, `The cut-over is taken back. ${told} Another date needs another announcement.`);
    });

  command('close', 'end the move after its cut-over: no rollback any more; everybody is told')
    .option('--texts <file>', 'your own words, JSON')
    .option('--note <text>', 'for the history')
    .addOption(revision())
    .action(async (clientId: string, options: Options) => {
      const words = await wordsIn(options);
      const found = words ? await find(clientId, options) : undefined;
      if (!found) return;
      const result = await closePlan(found.db, found.consoleId, { ...words }, found.by);
      if (!result.ok) return refused({ act: 'close', ...result }, clientId, options);
      done(options, result, `The plan is closed. Everybody is told, by notice ${result.noticeId}.`);
    });
  return plan;

  /** A refusal says what to do next; in JSON it is the answer, and still ends with 1. */
  function refused(refusal: PlanRefusal, clientId: string, options: Options): void {
    const sentence = refusalSentence(refusal, deps.locale);
    if (options.json) print(JSON.stringify({ ...refusal, sentence }, null, 2));
    fail([sentence, ...hintsFor(refusal, clientId)].join(' '));
  }

  function command(name: string, description: string): Command {
    return plan.command(name).description(description).argument('<client-id>').option('--json');
  }

  async function find(clientId: string, options: Options = {}): Promise<Found | undefined> {
    const { db } = await deps.openDatabase();
    const row = await db
      .selectFrom('console')
      .select('id')
      .where('client_id', '=', clientId)
      .executeTakeFirst();
    if (!row) fail(`No console is registered as ${clientId}. "hitokagi console list" shows all.`);
    return (
      row && {
        db,
        consoleId: row.id,
        by: {
          actor: ACTOR,
          now: deps.clock(),
          ...(options.revision === undefined ? {} : { revision: options.revision }),
          ...(options.overrideCheck === undefined ? {} : { overrideCheck: options.overrideCheck }),
        },
      }
    );
  }
}

/** What a careful script gives along: nothing is done to a plan that somebody has changed since. */
function revision(): Option {
  return new Option(
    '--revision <number>',
    'of the plan as you looked at it; another one is refused',
  ).argParser((text) => {
    if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
    return Number(text);
  });
}

/** R19: a phase advances past a failing check only with a reason. */
function overrideCheck(): Option {
  return new Option(
    '--override-check <reason>',
    'go on though a required part of the console’s last check fails; the audit log keeps the reason',
  );
}

/** What to type next. */
function hintsFor(refusal: PlanRefusal, clientId: string): string[] {
  if ('earliestCutOverAt' in refusal && refusal.earliestCutOverAt)
    return [`(${refusal.earliestCutOverAt.toISOString()})`];
  if (refusal.reason === 'unsettled' && refusal.duty.announcement)
    return [`"hitokagi notice unreached ${refusal.duty.announcement.noticeId}" lists them.`];
  if (refusal.reason === 'check-failed')
    return [`"hitokagi console check ${clientId}" checks it again; --override-check <reason> goes on.`];
  return refusal.reason === 'under-way' || refusal.reason === 'untold'
    ? [`"hitokagi plan show ${clientId}" shows how far it is.`]
    : [];
}

function done(options: Options, result: object, sentence: string): void {
  print(options.json ? JSON.stringify(result, null, 2) : sentence);
}

const TEXTS = z.strictObject({
  ja: z.strictObject({ subject: z.string().optional(), body: z.string().optional() }).optional(),
  en: z.strictObject({ subject: z.string().optional(), body: z.string().optional() }).optional(),
});

/** What goes with a change; undefined, and a sentence on stderr, when the file of texts is not one. */
async function wordsIn(options: Options): Promise<{ texts?: NoticeTexts; note?: string } | undefined> {
  const note = options.note === undefined ? {} : { note: options.note };
  if (options.texts === undefined) return note;
  try {
    return { ...note, texts: TEXTS.parse(JSON.parse(await readFile(options.texts, 'utf8'))) as NoticeTexts };
  } catch {
    return fail(
      `${options.texts} is no file of texts: {"ja":{"subject":"…","body":"…"},"en":{…}}, each part optional.`,
    );
  }
}

function momentIn(text: string): Date | undefined {
  const withOffset = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  const moment = new Date(text);
  return withOffset && !Number.isNaN(moment.getTime()) ? moment : fail(`Give the moment ${MOMENT_HELP}.`);
}

function fail(text: string): undefined {
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
