import { Command, Option } from 'commander';
import { retryAllDeliveries, retryDelivery } from '#domain/logout/again.ts';
import { deliveryHealth } from '#domain/logout/health.ts';
import { ledgerEntry, logoutLedger, type LedgerEntry } from '#domain/logout/ledger.ts';
import type { Database } from '#support/db/database.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { consoleOf } from '../console-of.ts';

type Deps = { openDatabase(): Promise<Database>; clock: () => Date; locale: 'ja' | 'en' };

/** `hitokagi logout list | show | retry | health`: who was told of ended sessions. */
export function logoutCommand(deps: Deps): Command {
  const command = new Command('logout').description('logout deliveries: who was told of ended sessions');
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
        state?: LedgerEntry['state'];
        limit: number;
        json?: boolean;
      }) => {
        const { db } = await deps.openDatabase();
        const console = options.console
          ? await db
              .selectFrom('console')
              .select('id')
              .where('client_id', '=', options.console)
              .executeTakeFirst()
          : undefined;
        if (options.console && !console)
          return fail(`No console is registered as ${options.console}. "hitokagi console list" shows all.`);
        const entries = await logoutLedger(db, {
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
      const entry = await ledgerEntry((await deps.openDatabase()).db, id);
      if (!entry)
        return fail(
          `There is no delivery ${id}. They are kept for 90 days; "hitokagi logout list" shows them.`,
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
    .description('try a delivery again that was given up')
    .argument('<delivery-id>')
    .option('--json')
    .action(async (id: string, options: { json?: boolean }) => {
      const { db } = await deps.openDatabase();
      const result = await retryDelivery(db, undefined, id, {
        actor: 'operator:cli',
        now: deps.clock(),
      });
      if (options.json) {
        if (!result.ok) process.exitCode = 1;
        return print(JSON.stringify(result));
      }
      if (result.ok) return print(`${id} is tried again.`);
      return fail(
        result.reason === 'delivery-unknown'
          ? `There is no delivery ${id}. "hitokagi logout list --state failed" shows those that were given up.`
          : `${id} was not given up: it has arrived, or is tried again by itself.`,
      );
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
      const result = await retryAllDeliveries(db, undefined, console.id, by);
      if (options.json) return print(JSON.stringify(result));
      print(`${result.retried} are tried again, ${result.skipped} were overtaken, ${result.left} are left.`);
    });
  command
    .command('health')
    .description('how each console takes its deliveries, those in trouble first')
    .option('--json')
    .action(async (options: { json?: boolean }) => {
      const all = await deliveryHealth((await deps.openDatabase()).db);
      if (options.json) return print(JSON.stringify(all, null, 2));
      for (const one of all) {
        const asks = one.lastAskedAt
          ? `asked by itself ${japanTime(one.lastAskedAt, deps.locale)}`
          : 'never asked by itself';
        const since = one.failingSince ? ` since ${japanTime(one.failingSince, deps.locale)}` : '';
        print(
          `${one.clientId}\t${one.state}${since}\t${one.waiting} waiting\t${one.failed} given up\t${asks}\t${one.lastError ?? ''}`,
        );
      }
    });
  return command;

  function line(one: LedgerEntry): string {
    const then = one.endedAt
      ? `${one.state}${one.toldBy ? ` by ${one.toldBy}` : ''} ${japanTime(one.endedAt, deps.locale)}`
      : `${one.state}, tried ${one.tries} times`;
    return `${one.deliveryId}\t${japanTime(one.at, deps.locale)}\t${one.clientId}\t${one.accountId}\t${one.cause}\t${then}${one.lastError ? `\t${one.lastError}` : ''}`;
  }
}

function fail(text: string): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
