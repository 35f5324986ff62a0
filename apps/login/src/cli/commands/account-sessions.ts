import { Command } from 'commander';
import { endBrowser, endBrowsers } from '#domain/logout/end-browsers.ts';
import { browserName } from '#domain/sessions/browser-name.ts';
import { signedInBrowsers } from '#domain/sessions/browsers.ts';
import type { Database } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { accountOf } from '../account-of.ts';
import { plainText } from '../plain-text.ts';

export type AccountDeps = {
  openDatabase(): Promise<Database>;
  openJobs(): Promise<Jobs>;
  clock: () => Date;
  locale: 'ja' | 'en';
};

/** `hitokagi account sessions list | end`: the signed-in browsers of an account. */
export function accountSessionsCommand(deps: AccountDeps): Command {
  const command = new Command('sessions').description('signed-in browsers of an account');
  command
    .command('list')
    .description('the last seen first')
    .argument('<account>', 'login ID or account id')
    .option('--json')
    .action(async (name: string, options: { json?: boolean }) => {
      const { db } = await deps.openDatabase();
      const account = await accountOf(db, name, process.stderr);
      if (!account) return void (process.exitCode = 1);
      const browsers = await signedInBrowsers(db, account.id, deps.clock());
      if (options.json) return print(JSON.stringify(browsers, null, 2));
      if (browsers.length === 0) return print('No browser is signed in.');
      for (const one of browsers)
        print(
          [
            one.uid,
            one.state,
            plainText(browserName(one.userAgent, deps.locale)),
            one.clientIp ?? '-',
            `since ${japanTime(one.signedInAt, deps.locale)}`,
            `seen ${japanTime(one.seenAt, deps.locale)}`,
            one.clientIds.join(', ') || '-',
          ].join('\t'),
        );
    });
  command
    .command('end')
    .description('sign a browser out, in all its consoles')
    .argument('<account>', 'login ID or account id')
    // An option, because ids may begin with a hyphen.
    .option('--session <id>', 'one browser, by the id that the list has')
    .option('--all', 'all browsers of the account')
    .option('--json')
    .action(async (name: string, options: { session?: string; all?: boolean; json?: boolean }) => {
      const { session: uid } = options;
      if ((uid === undefined) === (options.all !== true))
        return fail(
          'Say --session ID for one browser, or --all. "hitokagi account sessions list" shows them.',
        );
      const { db } = await deps.openDatabase();
      const account = await accountOf(db, name, process.stderr);
      if (!account) return void (process.exitCode = 1);
      const on = { db, jobs: await deps.openJobs() };
      const by = { cause: 'operator', actor: 'operator:cli', now: deps.clock() } as const;
      const ended =
        uid === undefined
          ? await endBrowsers(on, account.id, by)
          : Number(await endBrowser(on, account.id, uid, by));
      if (uid !== undefined && ended === 0)
        return fail(`${name} is not signed in with ${uid}: it has ended already, or is another account's.`);
      if (options.json) return print(JSON.stringify({ ended }));
      print(
        `${ended} signed out. "hitokagi logout list --account ${account.id}" shows which consoles have been told.`,
      );
    });
  return command;
}

function fail(text: string): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
