import { Command, InvalidArgumentError, Option } from 'commander';
import { revokeOperatorToken } from '#domain/operators/revoke-token.ts';
import { operatorTokens } from '#domain/operators/token-list.ts';
import {
  createOperatorToken,
  createPersonalToken,
  LONGEST_TOKEN_DAYS,
  TOKEN_DAYS,
} from '#domain/operators/tokens.ts';
import type { Database } from '#support/db/database.ts';
import type { OperatorRole } from '#support/db/schema.ts';
import { accountOf } from '../account-of.ts';

type Deps = { openDatabase(): Promise<Database>; clock: () => Date };

/** `hitokagi operator token list | create | revoke`: tokens with which programs call the operator API. */
export function tokenCommand(deps: Deps): Command {
  const token = new Command('token').description('tokens of the operator API');
  token
    .command('list')
    .description('all tokens, whose they are, and how long they are good')
    .option('--json')
    .action(async (options: { json?: boolean }) => {
      const tokens = await operatorTokens((await deps.openDatabase()).db, deps.clock());
      if (options.json) return print(JSON.stringify(tokens, null, 2));
      if (tokens.length === 0)
        return print('None yet. "hitokagi operator token create <name> --for <login-id>" makes one.');
      for (const one of tokens)
        print(
          [
            one.id,
            one.role,
            one.name,
            one.operator?.emailAddress ?? 'of nobody',
            one.state,
            `expires ${one.expiresAt.toISOString()}`,
            one.lastUsedAt ? `last used ${one.lastUsedAt.toISOString()}` : 'never used',
            `made by ${one.createdBy}`,
          ].join('\t'),
        );
    });
  token
    .command('create')
    .description('make a token; it is shown this once')
    .argument('<name>', 'what uses it')
    .addOption(new Option('--role <role>').choices(['viewer', 'support', 'administrator']).default('viewer'))
    .option('--for <login-id>', 'the operator whose token it is; without it, it belongs to nobody')
    .option('--days <number>', `how long it is good for, at most ${LONGEST_TOKEN_DAYS}`, days, TOKEN_DAYS)
    .option('--json')
    .action(create);
  token
    .command('revoke')
    .description('end a token at once')
    .argument('<id>', 'as "operator token list" shows it')
    .option('--with-made', 'and all tokens that were made with it')
    .option('--json')
    .action(revoke);
  return token;

  async function create(
    name: string,
    options: { role: OperatorRole; for?: string; days: number; json?: boolean },
  ): Promise<void> {
    const { db } = await deps.openDatabase();
    const wanted = { name, role: options.role, days: options.days };
    if (options.for === undefined) return show(await createOperatorToken(db, wanted, byCli()));
    const account = await accountOf(db, options.for, process.stderr);
    if (!account) return void (process.exitCode = 1);
    const result = await createPersonalToken(db, { ...wanted, accountId: account.id }, byCli());
    if (result.ok) {
      const { id, token: made, expiresAt } = result;
      return show({ id, token: made, expiresAt });
    }
    if (options.json) print(JSON.stringify(result));
    return fail(
      result.reason === 'role-too-high'
        ? `${options.for} may not do as much as ${options.role}. "hitokagi operator list" shows who may what.`
        : `${options.for} is not an operator, or the account is not active. "hitokagi operator list" shows all.`,
    );

    function show(made: { id: string; token: string; expiresAt: Date }): void {
      print(
        options.json
          ? JSON.stringify(made)
          : `Token of ${made.id}, good until ${made.expiresAt.toISOString()}, shown this once: ${made.token}`,
      );
    }
  }

  async function revoke(id: string, options: { withMade?: boolean; json?: boolean }): Promise<void> {
    const { db } = await deps.openDatabase();
    const result = await revokeOperatorToken(db, id, byCli(), { withMade: options.withMade === true });
    if (!result.ok) process.exitCode = 1;
    if (options.json) return print(JSON.stringify(result));
    if (!result.ok)
      return fail(
        result.reason === 'token-unknown'
          ? `There is no token ${id}. "hitokagi operator token list" shows all.`
          : `${id} was revoked before.`,
      );
    print(`Revoked ${result.revoked.join(', ')}.`);
    for (const one of result.inForce) print(`Made with it and still good: ${one.id}\t${one.name}`);
    if (result.inForce.length > 0) print(`"hitokagi operator token revoke ${id} --with-made" ends them too.`);
  }

  function byCli(): { actor: string; now: Date } {
    return { actor: 'operator:cli', now: deps.clock() };
  }
}

function days(given: string): number {
  const number = /^\d{1,4}$/.test(given) ? Number(given) : 0;
  if (number < 1 || number > LONGEST_TOKEN_DAYS)
    throw new InvalidArgumentError(`Give a number of days from 1 to ${LONGEST_TOKEN_DAYS}.`);
  return number;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function fail(text: string): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}
