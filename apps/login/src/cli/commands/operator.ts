import { Command, Option } from 'commander';
import {
  addOperator,
  listOperators,
  removeOperator,
  type AddOperatorResult,
  type RemoveOperatorResult,
} from '#domain/operators/operators.ts';
import type { Database } from '#support/db/database.ts';
import type { OperatorRole } from '#support/db/schema.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';
import { tokenCommand } from './operator-token.ts';

type Deps = { openDatabase(): Promise<Database>; clock: () => Date };

const ROLES = ['viewer', 'support', 'administrator'];

/**
 * `hitokagi operator add | list | remove`: staff who sign in to the operator pages; `hitokagi operator token …`: see operator-token.ts.
 */
export function operatorCommand(deps: Deps): Command {
  const operator = new Command('operator')
    .description('who may run the unified login')
    .addCommand(tokenCommand(deps));
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
