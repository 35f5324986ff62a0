import { Argument, Command } from 'commander';
import {
  setLegacyPasswords,
  type LegacyPasswordSetting,
  type SetLegacyPasswordsResult,
} from '#domain/consoles/legacy-passwords.ts';
import type { Database } from '#support/db/database.ts';

type Deps = {
  openDatabase(): Promise<Database>;
  clock: () => Date;
  allowedInternalHosts(): readonly string[];
};
type Options = { uri?: string; yes?: boolean; json?: boolean };

/** `hitokagi console legacy-passwords NAME off | imported | asked`: whether a console's legacy passwords are accepted once (R21). */
export function legacyPasswordsCommand(deps: Deps): Command {
  return new Command('legacy-passwords')
    .description(
      'accept the legacy passwords of a console once, instead of a code by mail; off unless it is said here',
    )
    .argument('<client-id>')
    .addArgument(
      new Argument(
        '<setting>',
        'off; imported: verified against the hashes of an import; asked: the console is asked',
      ).choices(['off', 'imported', 'asked']),
    )
    .option(
      '--uri <url>',
      'with asked: where the console answers, https unless the host is an allowed internal one',
    )
    .option('--yes', 'delete the imported hashes that the new setting has no use for')
    .option('--json')
    .action(async (clientId: string, setting: LegacyPasswordSetting, options: Options) => {
      const result = await setLegacyPasswords(
        (await deps.openDatabase()).db,
        clientId,
        { setting, uri: options.uri, deleteHashes: options.yes === true },
        {
          actor: 'operator:cli',
          now: deps.clock(),
          allowedInternalHosts: deps.allowedInternalHosts(),
        },
      );
      if (!result.ok) process.exitCode = 1;
      if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
      else if (result.ok) process.stdout.write(`${done(clientId, setting, result.deleted)}\n`);
      else process.stderr.write(`${problem(clientId, setting, result)}\n`);
    });
}

function done(clientId: string, setting: LegacyPasswordSetting, deleted: number): string {
  const gone = deleted > 0 ? ` ${deleted} imported hashes were deleted.` : '';
  switch (setting) {
    case 'off':
      return `Legacy passwords of ${clientId} are not accepted.${gone}`;
    case 'imported':
      return `Legacy passwords of ${clientId} are accepted once. Import its people with a column password_hash.`;
    case 'asked':
      return `Legacy passwords of ${clientId} are accepted once; the console is asked.${gone}`;
  }
}

function problem(
  clientId: string,
  setting: LegacyPasswordSetting,
  result: Extract<SetLegacyPasswordsResult, { ok: false }>,
): string {
  switch (result.reason) {
    case 'console-unknown':
      return `There is no console ${clientId}. "hitokagi console list" shows all.`;
    case 'legacy-uri-missing':
      return 'Say where the console answers: --uri https://…/auth/legacy-password-check.';
    case 'legacy-uri-malformed':
      return 'The address must be an absolute http(s) URL without user name and fragment.';
    case 'legacy-uri-internal':
      return 'The address lies inside the network of this server. Name its host in HITOKAGI_ALLOWED_INTERNAL_HOSTS if it is meant.';
    case 'hashes-would-be-deleted':
      return `${result.hashes} people of ${clientId} still have an imported hash, and "${setting}" deletes them for good: those people set a password by mailed code. Nothing was changed. Run it again with --yes.`;
  }
}
