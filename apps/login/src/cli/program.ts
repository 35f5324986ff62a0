import tab from '@bomb.sh/tab/commander';
import { Command } from 'commander';
import type { NoticeHouse } from '#domain/notices/letter.ts';
import type { CheckTools } from '#domain/readiness/run.ts';
import type { Database } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import type { SecretKeys } from '#support/primitives/secrets.ts';
import type { Config } from '../config.ts';
import { askFirst } from './ask-first.ts';
import { accountCommand } from './commands/account.ts';
import { afterRestoreCommand } from './commands/after-restore.ts';
import { applyCommand, exportConfigCommand } from './commands/apply.ts';
import { auditCommand } from './commands/audit.ts';
import { consoleCommand } from './commands/console.ts';
import { directoryCommand } from './commands/directory.ts';
import { eventCommand } from './commands/event.ts';
import { importCommand } from './commands/import.ts';
import { importsCommand } from './commands/imports.ts';
import { mailCommand } from './commands/mail.ts';
import { domainsCommand } from './commands/domains.ts';
import { noticeCommand } from './commands/notice.ts';
import { logoutCommand } from './commands/logout.ts';
import { operatorCommand } from './commands/operator.ts';
import { planCommand } from './commands/plan.ts';
import { progressCommand } from './commands/progress.ts';
import { rehearseCommand } from './commands/rehearse.ts';
import { keysCommand } from './commands/keys.ts';
import { settingsCommand } from './commands/settings.ts';

/** What commands work with; each part is opened when a command asks for it. */
export type CliDeps = {
  openDatabase(): Promise<Database>;
  openJobs(): Promise<Jobs>;
  clock: () => Date;
  locale: 'ja' | 'en';
  config(): Config;
  house(): Promise<NoticeHouse>;
  secrets(): Promise<SecretKeys>;
  sealKey(): Promise<Buffer>;
  /** A variable of the environment that a file names. */
  variable(name: string): string | undefined;
  /** With what consoles are checked. */
  openCheck(): Promise<CheckTools>;
  /** Runs the login server; how it ended. */
  serve(): Promise<number>;
};

/** `hitokagi` with all its commands, each of them with `--json`; what ends each with which code: exit-codes.ts. */
export function hitokagi(deps: CliDeps): Command {
  const program = new Command('hitokagi')
    .description('Unified login: server and administration')
    .showHelpAfterError();
  program
    .command('serve')
    .description('run the login server')
    .action(async () => {
      process.exitCode = await deps.serve();
    });
  program
    .command('migrate')
    .description('bring the database to the schema of this release')
    .option('--json')
    .action(async (options: { json?: boolean }) => {
      await deps.openDatabase();
      process.stdout.write(options.json ? '{"upToDate":true}\n' : 'The database is up to date.\n');
    });
  program.addCommand(afterRestoreCommand(deps));
  program.addCommand(importCommand(deps));
  program.addCommand(importsCommand(deps));
  program.addCommand(
    consoleCommand({
      ...deps,
      allowedInternalHosts: () => deps.config().allowedInternalHosts,
    }),
  );
  program.addCommand(domainsCommand({ ...deps, issuer: () => deps.config().issuer }));
  program.addCommand(planCommand(deps));
  program.addCommand(progressCommand(deps));
  program.addCommand(rehearseCommand(deps));
  program.addCommand(operatorCommand(deps));
  program.addCommand(noticeCommand({ ...deps, issuer: () => deps.config().issuer }));
  program.addCommand(mailCommand(deps));
  program.addCommand(logoutCommand(deps));
  program.addCommand(accountCommand(deps));
  program.addCommand(directoryCommand(deps));
  program.addCommand(eventCommand(deps));
  program.addCommand(keysCommand(deps));
  program.addCommand(settingsCommand({ ...deps, environmentSettings: () => deps.config().settings }));
  program.addCommand(auditCommand(deps));
  for (const command of [applyCommand, exportConfigCommand])
    program.addCommand(
      command({
        ...deps,
        environmentSettings: () => deps.config().settings,
        allowedInternalHosts: () => deps.config().allowedInternalHosts,
      }),
    );
  askFirst(program);
  // "completion bash" prints the script that the shell reads; the hidden "complete" answers it.
  tab(program, { completionCommandName: 'completion' });
  return program;
}
