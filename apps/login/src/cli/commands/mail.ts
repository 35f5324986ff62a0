import { Command, Option } from 'commander';
import { giveUpMail, retryMail, type MailActResult } from '#domain/person/mail-acts.ts';
import {
  mailEntry,
  mailHours,
  mailLedger,
  senderHealth,
  type MailEntry,
  type MailFate,
} from '#domain/person/mail-ledger.ts';
import type { Database } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { mailStanding } from '#support/mail/standing.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { plainText } from '../plain-text.ts';

type Deps = {
  openDatabase(): Promise<Database>;
  /** To queue work for the servers. */
  openJobs(): Promise<Pick<Jobs, 'enqueue'>>;
  clock: () => Date;
  locale: 'ja' | 'en';
  output?: { write(text: string): unknown };
  errors?: { write(text: string): unknown };
};

const FATES: readonly MailFate[] = ['waiting', 'deferred', 'accepted', 'refused', 'bounced', 'dropped'];
const HINT = '"hitokagi mail list" shows those of 90 days.';

/** `hitokagi mail list | show | retry | give-up | health`: what waits to be sent and what became of each mail; never what it says. */
export function mailCommand(deps: Deps): Command {
  const output = deps.output ?? process.stdout;
  const errors = deps.errors ?? process.stderr;
  const print = (line: string) => void output.write(`${line}\n`);
  const fail = (line: string) => {
    errors.write(`${line}\n`);
    process.exitCode = 1;
  };
  const command = new Command('mail').description('mails: what waits, and what became of each');

  command
    .command('list')
    .description('the newest mails')
    .option('--to <address>', 'a whole address')
    .option('--kind <template>')
    .addOption(new Option('--state <state>').choices(FATES))
    .option('--limit <n>', 'how many', Number, 50)
    .option('--json')
    .action(
      async (options: { to?: string; kind?: string; state?: MailFate; limit: number; json?: boolean }) => {
        const filter = { recipient: options.to, template: options.kind, fate: options.state };
        const limit = Math.min(Math.max(1, Math.trunc(options.limit) || 50), 10_000);
        const { entries } = await mailLedger((await deps.openDatabase()).db, filter, { limit });
        if (options.json) return print(JSON.stringify(entries, null, 2));
        if (entries.length === 0) return print('There are none.');
        for (const one of entries) print(line(one));
      },
    );

  command
    .command('show')
    .description('one mail and its fate')
    .argument('<mail-id>')
    .option('--json')
    .action(async (id: string, options: { json?: boolean }) => {
      const entry = await mailEntry((await deps.openDatabase()).db, id);
      if (!entry) return fail(`There is no mail ${id}. ${HINT}`);
      print(options.json ? JSON.stringify(entry, null, 2) : line(entry));
    });

  command
    .command('retry')
    .description('try a mail at once that waits for its next time')
    .argument('<mail-id>')
    .option('--json')
    .action(async (id: string, options: { json?: boolean }) => {
      const { db } = await deps.openDatabase();
      const by = { actor: 'operator:cli', now: deps.clock() };
      said(await retryMail(db, await deps.openJobs(), id, by), id, 'is tried now.', options);
    });

  command
    .command('give-up')
    .description('end a mail that waits; it counts as refused and is never sent')
    .argument('<mail-id>')
    .option('--json')
    .action(async (id: string, options: { json?: boolean }) => {
      const { db } = await deps.openDatabase();
      const by = { actor: 'operator:cli', now: deps.clock() };
      said(await giveUpMail(db, id, by), id, 'is given up.', options);
    });

  command
    .command('health')
    .description('how the mail server takes mails')
    .option('--json')
    .action(async (options: { json?: boolean }) => {
      const { db } = await deps.openDatabase();
      const now = deps.clock();
      const standing = await mailStanding(db, now);
      const health = await senderHealth(db);
      const hours = await mailHours(db, now);
      if (options.json) return print(JSON.stringify({ ...standing, ...health, hours }, null, 2));
      const since = standing.oldestWaitingSince;
      print(
        `${standing.waiting} waiting (${standing.deferred} tried again)${since ? `, the oldest since ${japanTime(since, deps.locale)}` : ''}`,
      );
      print(`${standing.refusedToday} refused in 24 hours`);
      if (health.lastAcceptedAt) print(`last accepted ${japanTime(health.lastAcceptedAt, deps.locale)}`);
      if (health.lastDeferral !== null) print(`the mail server said: ${plainText(health.lastDeferral)}`);
    });
  return command;

  function said(result: MailActResult, id: string, done: string, options: { json?: boolean }): void {
    if (options.json) {
      if (!result.ok) process.exitCode = 1;
      return print(JSON.stringify(result));
    }
    if (result.ok) return print(`${id} ${done}`);
    switch (result.reason) {
      case 'mail-unknown':
        return fail(`There is no mail ${id}. ${HINT}`);
      case 'mail-ended':
        return fail(`${id} does not wait any more: it has its verdict.`);
      case 'mail-under-way':
        return fail(`${id} is being handed over at this moment. Look again in a minute.`);
    }
  }

  function line(one: MailEntry): string {
    return [
      one.id,
      japanTime(one.createdAt, deps.locale),
      one.template,
      plainText(one.recipient),
      one.fate,
      `${one.tries} tries`,
      plainText(one.response ?? ''),
    ].join('\t');
  }
}
