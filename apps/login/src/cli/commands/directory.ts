import { Command, InvalidArgumentError } from 'commander';
import {
  createDirectory,
  createDirectoryToken,
  directories,
  DIRECTORY_TOKEN_DAYS,
  LONGEST_DIRECTORY_TOKEN_DAYS,
  revokeDirectoryToken,
} from '#domain/provisioning/directory-tokens.ts';
import type { Database } from '#support/db/database.ts';
import { consoleOf } from '../console-of.ts';

type Deps = { openDatabase(): Promise<Database>; clock: () => Date };
type Json = { json?: boolean };

/** `hitokagi directory …`: customers' directories that tell of a console's people by SCIM, and their tokens. */
export function directoryCommand(deps: Deps): Command {
  const command = new Command('directory').description('customers’ directories (SCIM) and their tokens');
  command
    .command('list')
    .description('the directories of a console and their tokens')
    .argument('<console>', 'client id')
    .option('--json')
    .action(list);
  command
    .command('create')
    .description('register a directory; it can do nothing until it has a token')
    .argument('<console>', 'client id')
    .argument('<name>', 'what it is')
    .option(
      '--company <name>',
      'the only company whose people it looks after; without it, all of the console',
    )
    .option('--domain <domains...>', 'the only domains whose addresses it may name; without it, all')
    .option('--console-ids', 'its externalId is the console’s own user id')
    .option('--json')
    .action(create);
  command
    .command('token')
    .description('make a token for a directory; it is shown this once')
    .argument('<directory>', 'as "directory list" shows it')
    .option(
      '--days <number>',
      `how long it is good for, at most ${LONGEST_DIRECTORY_TOKEN_DAYS}`,
      days,
      DIRECTORY_TOKEN_DAYS,
    )
    .option('--json')
    .action(makeToken);
  command
    .command('revoke')
    .description('end a token at once')
    .argument('<token>', 'its id, as "directory list" shows it')
    .option('--json')
    .action(revoke);
  return command;

  async function list(clientId: string, { json }: Json): Promise<void> {
    const { db } = await deps.openDatabase();
    const console = await consoleOf(db, clientId, process.stderr);
    if (!console) return void (process.exitCode = 1);
    const found = await directories(db, { consoleId: console.id }, deps.clock());
    if (json) return print(JSON.stringify(found, null, 2));
    if (found.length === 0)
      return print(`None yet. "hitokagi directory create ${clientId} <name>" registers one.`);
    for (const one of found) {
      const scope = one.company ?? 'all people of the console';
      const addresses = one.domains.length === 0 ? 'all domains' : one.domains.join(', ');
      const ids = one.consoleIds ? 'the console’s ids' : 'ids of its own';
      print([one.id, one.name, scope, addresses, ids].join('\t'));
      for (const token of one.tokens)
        print(
          [
            `  ${token.id}`,
            token.state,
            `expires ${token.expiresAt.toISOString()}`,
            token.lastUsedAt ? `last used ${token.lastUsedAt.toISOString()}` : 'never used',
            `made by ${token.createdBy}`,
          ].join('\t'),
        );
    }
  }

  async function create(
    clientId: string,
    name: string,
    options: { company?: string; domain?: string[]; consoleIds?: boolean } & Json,
  ): Promise<void> {
    const { db } = await deps.openDatabase();
    const console = await consoleOf(db, clientId, process.stderr);
    if (!console) return void (process.exitCode = 1);
    const made = await createDirectory(
      db,
      {
        consoleId: console.id,
        name,
        company: options.company?.trim() || null,
        domains: options.domain ?? [],
        consoleIds: options.consoleIds === true,
      },
      byCli(),
    );
    if (!made.ok) process.exitCode = 1;
    if (options.json) return print(JSON.stringify(made));
    if (!made.ok) return fail('Give domains as they stand in addresses: --domain example.co.jp.');
    print(`${made.id} is registered. "hitokagi directory token ${made.id}" makes its token.`);
  }

  async function makeToken(directoryId: string, options: { days: number } & Json): Promise<void> {
    const { db } = await deps.openDatabase();
    const made = await createDirectoryToken(db, directoryId, options.days, byCli());
    if (!made.ok) process.exitCode = 1;
    if (options.json) return print(JSON.stringify(made));
    if (!made.ok) return fail(`There is no directory ${directoryId}. "hitokagi directory list" shows all.`);
    print(`Token of ${made.id}, good until ${made.expiresAt.toISOString()}, shown this once: ${made.token}`);
  }

  async function revoke(tokenId: string, { json }: Json): Promise<void> {
    const { db } = await deps.openDatabase();
    const result = await revokeDirectoryToken(db, tokenId, byCli());
    if (!result.ok) process.exitCode = 1;
    if (json) return print(JSON.stringify(result));
    if (result.ok) return print(`Revoked ${tokenId}.`);
    fail(
      result.reason === 'directory-token-unknown'
        ? `There is no token ${tokenId}. "hitokagi directory list" shows all.`
        : `${tokenId} was revoked before.`,
    );
  }

  function byCli(): { actor: string; now: Date } {
    return { actor: 'operator:cli', now: deps.clock() };
  }
}

function days(given: string): number {
  const number = /^\d{1,4}$/.test(given) ? Number(given) : 0;
  if (number < 1 || number > LONGEST_DIRECTORY_TOKEN_DAYS)
    throw new InvalidArgumentError(`Give a number of days from 1 to ${LONGEST_DIRECTORY_TOKEN_DAYS}.`);
  return number;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function fail(text: string): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}
