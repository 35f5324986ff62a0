import { Command, Option } from 'commander';
import { dismissDrift, driftList, repairDrift, type DriftRepair } from '#domain/login-id/drift.ts';
import { requestChangeByOperator } from '#domain/login-id/operator-change.ts';
import type { Database } from '#support/db/database.ts';
import type { LoginIdDriftRow } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { japanTime } from '#support/primitives/japan-time.ts';

type Deps = {
  openDatabase(): Promise<Database>;
  openJobs(): Promise<Jobs>;
  clock: () => Date;
  locale: 'ja' | 'en';
};
type Refusal = { reason: keyof typeof REFUSALS; retryAt?: Date };

const LANGUAGE = new Option('--locale <locale>', 'language of the mail').choices(['ja', 'en']).default('ja');

/** `hitokagi account change-address`: for somebody who lost the mailbox. */
export function changeAddressCommand(deps: Deps): Command {
  return new Command('change-address')
    .description('change the login ID of somebody who lost the mailbox: mails a code to the new one')
    .argument('<account>', 'login ID or account id')
    .argument('<new-address>')
    .requiredOption('--reason <text>', 'why, and how you made sure who asks; for the audit log')
    .addOption(LANGUAGE)
    .option('--json')
    .action(
      async (
        account: string,
        newEmailAddress: string,
        options: { reason: string; locale: 'ja' | 'en'; json?: boolean },
      ) => {
        const { db } = await deps.openDatabase();
        const { reason, locale } = options;
        const result = await requestChangeByOperator(
          { db, jobs: await deps.openJobs() },
          { account, newEmailAddress, locale, reason },
          byCli(deps),
        );
        if (!result.ok) return refuse(deps, result, options.json);
        const { id, newAddress, codeExpiresAt } = result.change;
        if (options.json)
          return print(
            JSON.stringify({
              ok: true,
              id,
              newEmailAddress: newAddress,
              codeExpiresAt: codeExpiresAt.toISOString(),
            }),
          );
        print(
          `A code and the address of the page for it are on their way to ${newAddress}. Nothing changes until the person types the code there.`,
        );
      },
    );
}

/** `hitokagi account drift list | repair | dismiss`: where a console has another address than the login ID. */
export function driftCommand(deps: Deps): Command {
  const command = new Command('drift').description('where a console has another address than the login ID');
  command
    .command('list')
    .description('the oldest differences')
    .option('--console <client-id>')
    .addOption(new Option('--state <state>').choices(['open', 'asked', 'told', 'dismissed']))
    .option('--limit <n>', 'how many', Number, 50)
    .option('--json')
    .action(
      async (options: {
        console?: string;
        state?: LoginIdDriftRow['state'];
        limit: number;
        json?: boolean;
      }) => {
        const { db } = await deps.openDatabase();
        const console =
          options.console === undefined
            ? undefined
            : await db
                .selectFrom('console')
                .select('id')
                .where('client_id', '=', options.console)
                .executeTakeFirst();
        if (options.console !== undefined && !console)
          return fail(`No console is registered as ${options.console}. "hitokagi console list" shows all.`);
        const entries = await driftList(db, {
          ...(console ? { consoleId: console.id } : {}),
          ...(options.state ? { state: options.state } : {}),
          limit: Math.min(Math.max(1, Math.trunc(options.limit) || 50), 10_000),
        });
        if (options.json) return print(JSON.stringify(entries, null, 2));
        if (entries.length === 0) return print('There are none.');
        for (const one of entries)
          print(
            [
              one.id,
              japanTime(one.firstSeenAt, deps.locale),
              one.clientId,
              one.consoleUserId,
              one.kind,
              `login ID ${one.loginId}`,
              `console ${one.consoleAddress}`,
              one.state === 'open' ? `proposed: ${one.proposed}` : one.state,
            ].join('\t'),
          );
      },
    );
  command
    .command('repair')
    .description('repair a difference; neither way moves a login ID without the proof of a mailbox')
    .argument('<drift-id>')
    .addOption(
      new Option(
        '--by <repair>',
        'console-takes-ours: the consoles are told the login ID once more; ask-person: a code goes to the console’s address',
      )
        .choices(['console-takes-ours', 'ask-person'])
        .makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'why; for the audit log')
    .addOption(LANGUAGE)
    .option('--json')
    .action(
      async (
        id: string,
        options: { by: DriftRepair; reason: string; locale: 'ja' | 'en'; json?: boolean },
      ) => {
        const { db } = await deps.openDatabase();
        const { by: repair, reason, locale } = options;
        const result = await repairDrift(
          { db, jobs: await deps.openJobs() },
          { id, repair, reason, locale },
          byCli(deps),
        );
        if (!result.ok) return refuse(deps, result, options.json);
        if (options.json) return print(JSON.stringify(result));
        print(
          result.state === 'told'
            ? 'The consoles are told the login ID once more.'
            : 'A code is on its way to the address that the console has.',
        );
      },
    );
  command
    .command('dismiss')
    .description('take a difference off the open list; it comes back when its facts change')
    .argument('<drift-id>')
    .requiredOption('--reason <text>', 'why; for the audit log')
    .option('--json')
    .action(async (id: string, options: { reason: string; json?: boolean }) => {
      const { db } = await deps.openDatabase();
      const result = await dismissDrift(db, { id, reason: options.reason }, byCli(deps));
      if (!result.ok) return refuse(deps, result, options.json);
      print(options.json ? JSON.stringify(result) : `${id} is dismissed.`);
    });
  return command;
}

const REFUSALS = {
  'administrator-only': 'Only an administrator may do this.',
  'account-unknown': 'There is no such account.',
  'account-state-unfit': 'The account is suspended or closed. Reinstate it first.',
  'address-malformed': 'The new address is not an e-mail address.',
  'address-unchanged': 'This is the login ID already.',
  'address-taken': 'The new address is the login ID of another account.',
  'address-reserved':
    'Until lately the new address was the login ID of another account, whose owner may still take it back (72 hours).',
  'reason-missing': 'Say why: --reason "…".',
  'too-soon': 'A code was sent to this address a moment ago.',
  'too-many': 'The limit of codes for this address is reached.',
  'drift-unknown':
    'This difference is not listed: it may be gone since. "hitokagi account drift list" shows all.',
  'drift-address-unfit':
    'Nobody can be asked at the address that the console has: it is malformed or another account’s. Use --by console-takes-ours.',
  'drift-version-unfit':
    'The console claims a version that this login ID never had. Set the version of this person to null in the console.',
} as const;

function refuse(deps: Deps, { reason, retryAt }: Refusal, json = false): void {
  if (json) print(JSON.stringify({ ok: false, reason, ...(retryAt ? { retryAt } : {}) }));
  fail(`${REFUSALS[reason]}${retryAt ? ` Again from ${japanTime(retryAt, deps.locale)}.` : ''}`);
}

function byCli(deps: Deps): { actor: string; administrator: boolean; now: Date } {
  return { actor: 'operator:cli', administrator: true, now: deps.clock() };
}

function fail(text: string): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
