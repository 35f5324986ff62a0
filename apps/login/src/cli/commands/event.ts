import { Argument, Command, Option } from 'commander';
import { retryAllEvents, retryEvent } from '#domain/events/again.ts';
import { eventHealth } from '#domain/events/channel.ts';
import { eventEntry, eventLedger, type EventEntry } from '#domain/events/ledger.ts';
import { setStreamStatus } from '#domain/events/stream-events.ts';
import type { Database } from '#support/db/database.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { consoleOf } from '../console-of.ts';

type Deps = { openDatabase(): Promise<Database>; clock: () => Date; locale: 'ja' | 'en' };

/** `hitokagi event list | show | retry | health | stream`: who was told of events of accounts. */
export function eventCommand(deps: Deps): Command {
  const command = new Command('event').description('events of accounts: which console was told what');
  command
    .command('list')
    .description('the newest deliveries')
    .option('--account <id>')
    .option('--console <client-id>')
    .addOption(new Option('--state <state>').choices(['waiting', 'delivered', 'failed']))
    .option('--limit <n>', 'how many', Number, 50)
    .option('--json')
    .action(
      async (options: {
        account?: string;
        console?: string;
        state?: EventEntry['state'];
        limit: number;
        json?: boolean;
      }) => {
        const { db } = await deps.openDatabase();
        const console = options.console ? await consoleOf(db, options.console, process.stderr) : undefined;
        if (options.console && !console) return void (process.exitCode = 1);
        const entries = await eventLedger(db, {
          ...(options.account ? { accountId: options.account } : {}),
          ...(console ? { consoleId: console.id } : {}),
          ...(options.state ? { state: options.state } : {}),
          limit: Math.min(Math.max(1, Math.trunc(options.limit) || 50), 10_000),
        });
        if (options.json) return print(JSON.stringify(entries, null, 2));
        if (entries.length === 0) return print('There are none.');
        for (const one of entries) print(line(one));
      },
    );
  command
    .command('show')
    .description('one delivery with every try')
    .argument('<delivery-id>')
    .option('--json')
    .action(async (id: string, options: { json?: boolean }) => {
      const entry = await eventEntry((await deps.openDatabase()).db, id);
      if (!entry)
        return fail(
          `There is no delivery ${id}. They are kept for 90 days; "hitokagi event list" shows them.`,
        );
      if (options.json) return print(JSON.stringify(entry, null, 2));
      print(line(entry));
      for (const one of entry.attempts)
        print(
          `  ${japanTime(one.at, deps.locale)}\t${one.kind}\t${one.status ?? '-'}\t${one.error ?? 'arrived'}\t${one.tookMs} ms`,
        );
    });
  command
    .command('retry')
    .description('tell a console again what was given up')
    .argument('<delivery-id>')
    .option('--json')
    .action(async (id: string, options: { json?: boolean }) => {
      const { db } = await deps.openDatabase();
      const result = await retryEvent(db, undefined, id, { actor: 'operator:cli', now: deps.clock() });
      if (!result.ok) process.exitCode = 1;
      if (options.json) return print(JSON.stringify(result));
      if (result.ok) return print(`${id} is tried again.`);
      return fail(REFUSALS[result.reason](id));
    });
  command
    .command('retry-all')
    .description('try everything again that was given up for a console')
    .argument('<client-id>')
    .option('--json')
    .action(async (clientId: string, options: { json?: boolean }) => {
      const { db } = await deps.openDatabase();
      const console = await consoleOf(db, clientId, process.stderr);
      if (!console) return void (process.exitCode = 1);
      const by = { actor: 'operator:cli', now: deps.clock() };
      const result = await retryAllEvents(db, undefined, console.id, by);
      if (options.json) return print(JSON.stringify(result));
      print(`${result.retried} are tried again, ${result.skipped} were overtaken, ${result.left} are left.`);
    });
  command
    .command('health')
    .description('how each console takes its events, those in trouble first')
    .option('--json')
    .action(async (options: { json?: boolean }) => {
      const all = await eventHealth((await deps.openDatabase()).db);
      if (options.json) return print(JSON.stringify(all, null, 2));
      for (const one of all) {
        const since = one.failingSince ? ` since ${japanTime(one.failingSince, deps.locale)}` : '';
        print(
          `${one.clientId}\t${one.state}${since}\t${one.waiting} waiting\t${one.failed} given up\t${one.lastError ?? ''}`,
        );
      }
    });
  command
    .command('stream')
    .description(
      'have a console’s event stream send, rest (told later) or stop (not told); the console is told so',
    )
    .argument('<client-id>')
    .addArgument(new Argument('<status>').choices(['enabled', 'paused', 'disabled']))
    .option('--reason <text>', 'the console is told it')
    .option('--json')
    .action(
      async (
        clientId: string,
        status: 'enabled' | 'paused' | 'disabled',
        options: { reason?: string; json?: boolean },
      ) => {
        const { db } = await deps.openDatabase();
        const console = await consoleOf(db, clientId, process.stderr);
        if (!console) return void (process.exitCode = 1);
        const result = await setStreamStatus(
          db,
          undefined,
          { consoleId: console.id },
          { status, reason: options.reason ?? null },
          { actor: 'operator:cli', operator: true, now: deps.clock() },
        );
        if (!result.ok) return fail(`${clientId} has no event stream.`);
        if (options.json) return print(JSON.stringify({ streamId: result.stream.id, clientId, status }));
        print(`The event stream of ${clientId} is ${status}.`);
      },
    );
  return command;

  function line(one: EventEntry): string {
    const then = one.endedAt
      ? `${one.state} ${japanTime(one.endedAt, deps.locale)}`
      : `${one.state}, tried ${one.tries} times`;
    const what = one.type.slice(one.type.lastIndexOf('/') + 1);
    return `${one.deliveryId}\t${japanTime(one.at, deps.locale)}\t${one.clientId}\t${one.accountId ?? '-'}\t${what}\t${then}${one.lastError ? `\t${one.lastError}` : ''}`;
  }
}

const REFUSALS = {
  'event-delivery-unknown': (id: string) =>
    `There is no delivery ${id}. "hitokagi event list --state failed" shows those that were given up.`,
  'delivery-not-failed': (id: string) =>
    `${id} was not given up: it has arrived, or is tried again by itself.`,
  'event-overtaken': (id: string) =>
    `${id} is overtaken: the account has a newer state since, which the older one would take back.`,
};

function fail(text: string): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
