import { Command, Option } from 'commander';
import {
  addOperator,
  listOperators,
  removeOperator,
  type AddOperatorResult,
  type RemoveOperatorResult,
} from '#domain/operators/operators.ts';
import { createOperatorToken, operatorTokens, revokeOperatorToken } from '#domain/operators/tokens.ts';
import type { Database } from '#support/db/database.ts';
import type { OperatorRole } from '#support/db/schema.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';

type Deps = { openDatabase(): Promise<Database>; clock: () => Date };

const ROLES = ['viewer', 'support', 'administrator'];

/**
 * `hitokagi operator add | list | remove`: staff who sign in to the operator pages; `hitokagi operator token list | create | revoke`: tokens for programs that call
 * the operator API.
 */
export function operatorCommand(deps: Deps): Command {
  const token = new Command('token').description('tokens of the operator API');
  token
    .command('list')
    .option('--json')
    .action(async (options: { json?: boolean }) => {
      const rows = await operatorTokens((await deps.openDatabase()).db);
      if (options.json) return print(JSON.stringify(rows, null, 2));
      for (const row of rows)
        print(`${row.id}\t${row.role}\t${row.name}\t${row.revoked_at ? 'revoked' : 'in force'}`);
    });
  token
    .command('create')
    .description('make a token; it is shown this once')
    .argument('<name>', 'what uses it')
    .addOption(new Option('--role <role>').choices(ROLES).default('viewer'))
    .option('--json')
    .action(async (name: string, options: { role: OperatorRole; json?: boolean }) => {
      const made = await createOperatorToken(
        (await deps.openDatabase()).db,
        { name, role: options.role },
        { actor: 'operator:cli', now: deps.clock() },
      );
      print(options.json ? JSON.stringify(made) : `Token of ${made.id}, shown this once: ${made.token}`);
    });
  token
    .command('revoke')
    .argument('<id>', 'as "operator token list" shows it')
    .action(async (id: string) => {
      const result = await revokeOperatorToken((await deps.openDatabase()).db, id, {
        actor: 'operator:cli',
        now: deps.clock(),
      });
      if (result.ok) return print(`Revoked ${id}.`);
      process.stderr.write(
        result.reason === 'token-unknown'
          ? `There is no token ${id}. "hitokagi operator token list" shows all.\n`
          : `${id} was revoked before.\n`,
      );
      process.exitCode = 1;
    });
  const operator = new Command('operator').description('who may run the unified login').addCommand(token);
  operator
    .command('add')
    .description('make an account an operator, or give an operator another role')
    .argument('<login-id>', 'the e-mail address of an account')
    .addOption(new Option('--role <role>').choices(ROLES).default('viewer'))
    .option('--json')
    .action(async (emailAddress: string, options: { role: OperatorRole; json?: boolean }) => {
      const { db } = await deps.openDatabase();
      const result = await addOperator(db, { emailAddress, role: options.role }, byCli());
      if (!result.ok) return refuse(result.reason, emailAddress, options.json);
      print(
        options.json
          ? JSON.stringify(result)
          : `${emailAddress} ${result.change === 'unchanged' ? 'was' : 'is now'} an operator: ${options.role}.`,
      );
    });
  operator
    .command('list')
    .description('everybody who is an operator')
    .option('--json')
    .action(async (options: { json?: boolean }) => {
      const operators = await listOperators((await deps.openDatabase()).db);
      if (options.json) return print(JSON.stringify(operators, null, 2));
      if (operators.length === 0)
        return print('Nobody yet. "hitokagi operator add <login-id> --role administrator" makes the first.');
      for (const one of operators)
        print(`${one.emailAddress}\t${one.role}\t${one.name}\t${one.accountState}`);
    });
  operator
    .command('remove')
    .description('take the role from an operator; it acts at once')
    .argument('<login-id>', 'as "operator list" shows it')
    .option('--json')
    .action(async (emailAddress: string, options: { json?: boolean }) => {
      const { db } = await deps.openDatabase();
      const address = parseEmailAddress(emailAddress);
      const found = (await listOperators(db)).find(
        (one) => address.ok && one.emailAddress.toLowerCase() === address.address.toLowerCase(),
      );
      if (!found) return refuse('operator-unknown', emailAddress, options.json);
      const result = await removeOperator(db, found.accountId, byCli());
      if (!result.ok) return refuse(result.reason, emailAddress, options.json);
      print(options.json ? JSON.stringify(result) : `${emailAddress} is not an operator any more.`);
    });
  return operator;

  function byCli(): { actor: string; now: Date } {
    return { actor: 'operator:cli', now: deps.clock() };
  }
}

type Reason = Extract<AddOperatorResult | RemoveOperatorResult, { ok: false }>['reason'];
const REFUSALS: { readonly [R in Reason]: (emailAddress: string) => string } = {
  'address-malformed': (address) => `${address} is not an e-mail address.`,
  'account-unknown': (address) => `No active account has the login ID ${address}.`,
  'operator-unknown': (address) => `${address} is not an operator. "hitokagi operator list" shows all.`,
  'last-administrator': () =>
    'Nobody would be left who can make operators. Make another administrator first.',
};

function refuse(reason: Reason, emailAddress: string, json: boolean | undefined): void {
  if (json) print(JSON.stringify({ ok: false, reason }));
  else process.stderr.write(`${REFUSALS[reason](emailAddress)}\n`);
  process.exitCode = 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
