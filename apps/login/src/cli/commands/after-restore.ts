import { Command } from 'commander';
import { endWhatCameBack } from '#domain/set-up/after-restore.ts';
import type { Database } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';

type Deps = { openDatabase(): Promise<Database>; openJobs(): Promise<Jobs>; clock: () => Date };

/** `hitokagi after-restore`: to be run once on a restored database, before a server serves from it. */
export function afterRestoreCommand(deps: Deps): Command {
  return new Command('after-restore')
    .description('end what came back with a restored database: sessions, codes, tokens, mails that wait')
    .option(
      '--keep-tokens',
      'leave tokens of the operator API and of directories: none was revoked since the backup',
    )
    .option('--json')
    .action(async (options: { keepTokens?: boolean; json?: boolean }) => {
      const { db } = await deps.openDatabase();
      const done = await endWhatCameBack(
        { db, jobs: await deps.openJobs() },
        { keepTokens: options.keepTokens === true },
        { actor: 'operator:cli', now: deps.clock() },
      );
      if (options.json) return print(JSON.stringify(done));
      print(`Sessions ended: ${done.sessions}. Their consoles are told as soon as a server runs.`);
      print(`Codes, tokens and sign-ins under way ended: ${done.artifacts}.`);
      print(`Requests for codes ended: ${done.codeRequests}.`);
      print(
        `Mails given up: ${done.mails}. Whether they went out after the backup nobody knows; those of notices are listed as not reached.`,
      );
      print(
        `Tokens revoked: ${done.operatorTokens} of the operator API, ${done.directoryTokens} of directories.`,
      );
    });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
