import { Command } from 'commander';
import { changeConsole } from '#domain/consoles/change.ts';
import { createConsole } from '#domain/consoles/create.ts';
import { faultSentence } from '#domain/consoles/fault-sentence.ts';
import type { SettingFault } from '#domain/consoles/faults.ts';
import { CONSOLE_SCOPES } from '#domain/consoles/scopes.ts';
import { endSecret, makeSecret, secretsOf } from '#domain/consoles/secrets.ts';
import { PLAIN_SETTINGS, settingsOf, type ConsoleSettings } from '#domain/consoles/settings.ts';
import { checkConsole } from '#domain/readiness/check.ts';
import type { CheckTools } from '#domain/readiness/run.ts';
import type { Database } from '#support/db/database.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { checkLines, consoleLines } from '../console-lines.ts';
import { consoleOf } from '../console-of.ts';
import { plainText } from '../plain-text.ts';
import { legacyPasswordsCommand } from './legacy-passwords.ts';

type Deps = {
  openDatabase(): Promise<Database>;
  clock: () => Date;
  locale: Locale;
  allowedInternalHosts(): readonly string[];
  /** With what consoles are checked: all of the login server but its network. */
  openCheck(): Promise<CheckTools>;
};

type SettingOptions = {
  nameJa?: string;
  nameEn?: string;
  home?: string;
  redirect?: string[];
  entrance?: string;
  legacyLogin?: string;
  logout?: string;
  events?: string;
  postLogout?: string[];
  domain?: string[];
  alg?: 'RS256' | 'ES256';
  pkce?: boolean;
  colour?: string;
  supportJa?: string;
  supportEn?: string;
  idle?: string;
  absolute?: string;
  maxAge?: string;
  checkPage?: string;
  checkUser?: string;
  scopes?: string[];
  json?: boolean;
};

/** `hitokagi console list | show | register | change | make-secret | end-secret | check | legacy-passwords`. */
export function consoleCommand(deps: Deps): Command {
  const command = new Command('console').description('consoles that join the unified login');
  const by = () => ({
    actor: 'operator:cli',
    now: deps.clock(),
    allowedInternalHosts: deps.allowedInternalHosts(),
  });

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
        print(
          plainText(
            `${row.client_id}  ${row.name_ja}  ${row.home_url}  legacy passwords: ${row.legacy_passwords}`,
          ),
        );
    });

  command
    .command('show')
    .description('everything that is registered of a console, and its secrets without the secrets')
    .argument('<client-id>')
    .option('--json')
    .action(async (clientId: string, options: { json?: boolean }) => {
      const found = await find(clientId);
      if (!found) return;
      const secrets = await secretsOf(found.db, found.console);
      const settings = settingsOf(found.console);
      print(
        options.json
          ? JSON.stringify({ clientId, ...settings, revision: found.console.revision, secrets }, null, 2)
          : consoleLines(found.console, settings, secrets, deps.locale).join('\n'),
      );
    });

  settingOptions(command.command('register'))
    .description('register a console; its secret is shown once')
    .argument('<client-id>')
    .option('--secret <secret>', 'client secret; without it one is made and shown once')
    .action(async (clientId: string, options: SettingOptions & { secret?: string }) => {
      const { db } = await deps.openDatabase();
      const settings = { ...PLAIN_SETTINGS, ...settingsIn(options, { emptyTakesAway: false }) };
      const result = await createConsole(db, clientId, settings, {
        ...by(),
        ...(options.secret === undefined ? {} : { clientSecret: options.secret }),
      });
      if (!result.ok)
        return result.reason === 'settings-unfit'
          ? unfit(result.faults, options)
          : failed(
              result,
              `${clientId} is registered already: "hitokagi console change" changes it.`,
              options,
            );
      const shown = options.secret === undefined ? { clientSecret: result.clientSecret } : {};
      if (options.json) return print(JSON.stringify({ ok: true, consoleId: result.consoleId, ...shown }));
      print(`Registered ${clientId} as ${result.consoleId}.`);
      if (shown.clientSecret) print(`Client secret, shown this once: ${shown.clientSecret}`);
    });

  settingOptions(command.command('change'))
    .description('change what is registered of a console; what is left out stays, "" takes a value away')
    .argument('<client-id>')
    .option('--revision <n>', 'only if it is at this revision still (see "show")')
    .action(async (clientId: string, options: SettingOptions & { revision?: string }) => {
      const found = await find(clientId);
      if (!found) return;
      const revision = options.revision === undefined ? found.console.revision : Number(options.revision);
      const result = await changeConsole(found.db, clientId, settingsIn(options, { emptyTakesAway: true }), {
        ...by(),
        revision,
      });
      if (!result.ok) {
        if (result.reason === 'settings-unfit') return unfit(result.faults, options);
        return failed(
          { ok: false, reason: result.reason },
          `Not changed: somebody else has changed ${clientId}. "hitokagi console show ${clientId}" shows what it is now.`,
          options,
        );
      }
      const { changed } = result;
      if (options.json)
        return print(JSON.stringify({ ok: true, revision: result.console.revision, changed }));
      print(changed.length === 0 ? 'Nothing is different.' : `Changed: ${changed.join(', ')}.`);
    });

  command
    .command('make-secret')
    .description('make a second secret beside the one in use; it is shown once')
    .argument('<client-id>')
    .option('--json')
    .action(async (clientId: string, options: { json?: boolean }) => {
      const found = await find(clientId);
      if (!found) return;
      const result = await makeSecret(found.db, clientId, by());
      if (!result.ok)
        return failed(
          result,
          `${clientId} has two secrets already. End the one that is not used: "hitokagi console show ${clientId}".`,
          options,
        );
      if (options.json) return print(JSON.stringify(result));
      print(`Client secret ${result.secretId}, shown this once: ${result.clientSecret}`);
      print(
        'Both are valid. When the console uses the new one, end the older one: "hitokagi console end-secret".',
      );
    });

  command
    .command('end-secret')
    .description('end one of two secrets; whoever uses it is refused from now on')
    .argument('<client-id>')
    .argument('<secret-id>', 'from "show"')
    .option('--even-if-used', 'also when it was used in the last 24 hours')
    .option('--json')
    .action(async (clientId: string, secretId: string, options: { evenIfUsed?: boolean; json?: boolean }) => {
      const found = await find(clientId);
      if (!found) return;
      const evenIfUsed = options.evenIfUsed === true;
      const result = await endSecret(found.db, clientId, secretId, { evenIfUsed }, by());
      if (!result.ok)
        return failed(
          result,
          result.reason === 'secret-in-use'
            ? `Not ended: it was used at ${result.lastUsedAt.toISOString()}. Give the console the new one first, or say --even-if-used.`
            : result.reason === 'last-secret'
              ? 'Not ended: it is the only one. Make another one first.'
              : `${clientId} has no such secret: "hitokagi console show ${clientId}".`,
          options,
        );
      print(options.json ? JSON.stringify(result) : 'Ended.');
    });

  command
    .command('check')
    .description(
      'sign in to a console with a test account and look whether it is ready: each fault with its cure; exit code 1 when there is one',
    )
    .argument('<client-id>')
    .option('--json')
    .action(async (clientId: string, options: { json?: boolean }) => {
      const found = await find(clientId);
      if (!found) return;
      const check = await checkConsole(await deps.openCheck(), found.console, by());
      if (check.faults > 0) process.exitCode = 1;
      print(options.json ? JSON.stringify(check, null, 2) : checkLines(check, deps.locale).join('\n'));
    });

  command.addCommand(legacyPasswordsCommand(deps));
  return command;

  async function find(clientId: string): Promise<{ db: Database['db']; console: ConsoleRow } | undefined> {
    const { db } = await deps.openDatabase();
    const known = await consoleOf(db, clientId, process.stderr);
    if (!known) {
      process.exitCode = 1;
      return undefined;
    }
    const console = await db
      .selectFrom('console')
      .selectAll()
      .where('id', '=', known.id)
      .executeTakeFirstOrThrow();
    return { db, console };
  }

  function unfit(faults: readonly SettingFault[], options: { json?: boolean }): void {
    const told = faults.map((one) => ({ ...one, detail: faultSentence(one, deps.locale) }));
    const lines = told.map(({ field, detail }) => `  ${field}: ${plainText(detail)}`);
    failed(
      { ok: false, reason: 'settings-unfit', faults: told },
      ['Nothing was written:', ...lines].join('\n'),
      options,
    );
  }
}

function settingOptions(command: Command): Command {
  return command
    .option('--name-ja <name>')
    .option('--name-en <name>')
    .option('--home <url>', 'its start page')
    .option('--redirect <url...>', 'redirect URIs, compared exactly')
    .option('--entrance <url>', 'initiate_login_uri: starts a sign-in (OpenID Connect Core §4)')
    .option('--legacy-login <url>', 'page of its earlier login')
    .option('--logout <url>', 'back-channel logout URI')
    .option('--events <url>', 'where it takes security event tokens (RFC 8935); it gets a push stream')
    .option('--post-logout <url...>', 'post-logout redirect URIs')
    .option('--domain <name...>', 'its host names beside the one of its start page')
    .option('--alg <alg>', 'RS256 or ES256; RS256 when left out')
    .option('--pkce', 'require PKCE, as by default')
    .option('--no-pkce', 'only for a console that cannot do PKCE')
    .option('--colour <#rrggbb>', 'key colour')
    .option('--support-ja <sentence>', 'whom its people ask')
    .option('--support-en <sentence>')
    .option('--idle <minutes>', 'its own idle time-out')
    .option('--absolute <minutes>', 'its own longest session')
    .option('--check-page <url>', 'a page for signed-in people only, by which "check" sees that somebody is')
    .option(
      '--check-user <id>',
      'its own id of the user with whom "check" signs in; hitokagi-check when left out',
    )
    .option('--max-age <minutes>', 'ask again who signed in longer ago')
    .option(
      '--scopes <scope...>',
      `what its client id and secret may ask: some of ${CONSOLE_SCOPES.join(', ')}; "" for nothing`,
    )
    .option('--json');
}

/** What was said. */
function settingsIn(
  options: SettingOptions,
  { emptyTakesAway }: { emptyTakesAway: boolean },
): Partial<ConsoleSettings> {
  const orNull = (text: string | undefined) => (emptyTakesAway && text === '' ? null : text);
  const many = (texts: string[] | undefined) => (emptyTakesAway ? texts?.filter((one) => one !== '') : texts);
  // What is no number is a length that no rule takes.
  const minutes = (text: string | undefined) =>
    text === undefined
      ? undefined
      : emptyTakesAway && text === ''
        ? null
        : /^\d{1,9}$/.test(text)
          ? Number(text)
          : 0;
  const said = {
    nameJa: options.nameJa,
    nameEn: options.nameEn,
    homeUrl: options.home,
    redirectUris: many(options.redirect),
    postLogoutRedirectUris: many(options.postLogout),
    domains: many(options.domain),
    initiateLoginUri: orNull(options.entrance),
    legacyLoginUrl: orNull(options.legacyLogin),
    backchannelLogoutUri: orNull(options.logout),
    eventUri: orNull(options.events),
    idTokenAlg: options.alg,
    requirePkce: options.pkce,
    keyColour: orNull(options.colour),
    supportContactJa: options.supportJa,
    supportContactEn: options.supportEn,
    sessionIdleMinutes: minutes(options.idle),
    sessionAbsoluteMinutes: minutes(options.absolute),
    signInMaxAgeMinutes: minutes(options.maxAge),
    checkUrl: orNull(options.checkPage),
    checkUserId: orNull(options.checkUser),
    // Also of a new console: none is said by an empty one.
    apiScopes: options.scopes?.filter((one) => one !== ''),
  };
  return Object.fromEntries(
    Object.entries(said).filter(([, value]) => value !== undefined),
  ) as Partial<ConsoleSettings>;
}

/** For programs on stdout, for people on stderr. */
function failed(result: object, words: string, options: { json?: boolean }): void {
  process.exitCode = 1;
  if (options.json) print(JSON.stringify(result));
  else process.stderr.write(`${words}\n`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
