import { Command } from 'commander';
import { registerConsole } from '#domain/consoles/consoles.ts';
import type { Database } from '#support/db/database.ts';
import { newSecret } from '#support/primitives/secrets.ts';
import { legacyPasswordsCommand } from './legacy-passwords.ts';

type Deps = {
  openDatabase(): Promise<Database>;
  clock: () => Date;
  allowedInternalHosts(): readonly string[];
};

type RegisterOptions = {
  nameJa: string;
  nameEn: string;
  home: string;
  redirect: string[];
  entrance?: string;
  legacyLogin?: string;
  logout?: string;
  events?: string;
  postLogout?: string[];
  alg: 'RS256' | 'ES256';
  pkce: boolean;
  secret?: string;
  json?: boolean;
};

/** `hitokagi console list | register | legacy-passwords`. */
export function consoleCommand(deps: Deps): Command {
  const command = new Command('console').description('consoles that join the unified login');
  command
    .command('list')
    .description('the registered consoles')
    .option('--json')
    .action(async (options: { json?: boolean }) => {
      const { db } = await deps.openDatabase();
      const rows = await db
        .selectFrom('console')
        .select([
          'client_id',
          'id',
          'name_ja',
          'name_en',
          'home_url',
          'backchannel_logout_uri',
          'event_uri',
          'legacy_passwords',
        ])
        .orderBy('created_at')
        .execute();
      if (options.json) return print(JSON.stringify(rows, null, 2));
      for (const row of rows)
        print(`${row.client_id}\t${row.name_ja}\t${row.home_url}\tlegacy passwords: ${row.legacy_passwords}`);
    });
  command
    .command('register')
    .description('register a console, or replace what is registered under this client id')
    .argument('<client-id>')
    .requiredOption('--name-ja <name>')
    .requiredOption('--name-en <name>')
    .requiredOption('--home <url>', 'its start page')
    .requiredOption('--redirect <url...>', 'redirect URIs, compared exactly')
    .option('--entrance <url>', 'initiate_login_uri: starts a sign-in (OpenID Connect Core §4)')
    .option('--legacy-login <url>', 'page of its earlier login')
    .option('--logout <url>', 'back-channel logout URI')
    .option('--events <url>', 'where it takes security event tokens (RFC 8935); it gets a push stream')
    .option('--post-logout <url...>', 'post-logout redirect URIs')
    .option('--alg <alg>', 'RS256 or ES256', 'RS256')
    .option('--no-pkce', 'only for a console that cannot do PKCE')
    .option('--secret <secret>', 'client secret; without it one is made and shown once')
    .option('--json')
    .action(async (clientId: string, options: RegisterOptions) => {
      const { db } = await deps.openDatabase();
      const clientSecret = options.secret ?? newSecret();
      const result = await registerConsole(
        db,
        {
          clientId,
          clientSecret,
          nameJa: options.nameJa,
          nameEn: options.nameEn,
          homeUrl: options.home,
          redirectUris: options.redirect,
          postLogoutRedirectUris: options.postLogout ?? [],
          initiateLoginUri: options.entrance ?? null,
          legacyLoginUrl: options.legacyLogin ?? null,
          backchannelLogoutUri: options.logout ?? null,
          eventUri: options.events ?? null,
          idTokenAlg: options.alg,
          requirePkce: options.pkce,
        },
        {
          actor: 'operator:cli',
          now: deps.clock(),
          allowedInternalHosts: deps.allowedInternalHosts(),
        },
      );
      if (!result.ok) {
        process.exitCode = 1;
        return print(
          options.json
            ? JSON.stringify(result)
            : `Not registered: ${SENTENCES[result.reason]} (${result.detail})`,
        );
      }
      const shown = options.secret === undefined ? { clientSecret } : {};
      if (options.json) return print(JSON.stringify({ ...result, ...shown }));
      print(`Registered ${clientId} as ${result.consoleId}.`);
      if (shown.clientSecret) print(`Client secret, shown this once: ${shown.clientSecret}`);
    });
  command.addCommand(legacyPasswordsCommand(deps));
  return command;
}

const SENTENCES = {
  'client-id-malformed':
    'the client id must be of small letters, digits and hyphens, 40 at most, and not begin with a hyphen.',
  'address-malformed': 'an address must be an absolute http(s) URL without user name and fragment.',
  'address-internal':
    'this server would have to call an address inside its own network; name the host in HITOKAGI_ALLOWED_INTERNAL_HOSTS if that is meant.',
};

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
