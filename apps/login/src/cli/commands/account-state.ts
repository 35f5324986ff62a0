import { Command } from 'commander';
import { changeAccountState, type StateChange } from '#domain/suspension/change-state.ts';
import type { Database } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { accountOf } from '../account-of.ts';

type Deps = { openDatabase(): Promise<Database>; openJobs(): Promise<Jobs>; clock: () => Date };
type Options = { reason: string; hijacked?: boolean; json?: boolean };

/** `hitokagi account suspend | reinstate | close`. */
export function accountStateCommands(deps: Deps): readonly Command[] {
  return [
    commandOf('suspend', 'end all sessions of an account and let nobody in').option(
      '--hijacked',
      'somebody else was in the account; consoles are told so',
    ),
    commandOf('reinstate', 'let a suspended or closed account in again'),
    commandOf('close', 'as suspend, and tell consoles that the account is gone; its login ID stays taken'),
  ];

  function commandOf(change: StateChange, description: string): Command {
    return new Command(change)
      .description(description)
      .argument('<account>', 'login ID or account id')
      .requiredOption('--reason <text>', 'why; for the audit log')
      .option('--json')
      .action((account: string, options: Options) => run(change, account, options));
  }

  async function run(change: StateChange, named: string, options: Options): Promise<void> {
    const { db } = await deps.openDatabase();
    if (options.reason.trim() === '') return fail('Say why: --reason "…".');
    const account = await accountOf(db, named, process.stderr);
    if (!account) return void (process.exitCode = 1);
    const result = await changeAccountState(
      { db, jobs: await deps.openJobs() },
      account.id,
      { change, reason: options.reason.trim(), ...(options.hijacked ? { hijacked: true } : {}) },
      { actor: 'operator:cli', administrator: true, now: deps.clock() },
    );
    if (!result.ok) process.exitCode = 1;
    if (options.json) return print(JSON.stringify(result));
    if (result.ok) return print(`The account is ${result.state}. Sessions ended: ${result.sessionsEnded}.`);
    if (result.reason === 'account-state-unfit')
      return fail(`The account is ${result.state}: nothing to do.`);
    if (result.reason === 'last-administrator')
      return fail('This is the last administrator. Make another one first: hitokagi operator add.');
    return fail(`There is no account ${named}.`);
  }
}

function fail(text: string): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
