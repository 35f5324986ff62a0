import { Command, Option } from 'commander';
import { createOperatorToken, operatorTokens, revokeOperatorToken } from '#domain/operators/tokens.ts';
import type { Database } from '#support/db/database.ts';
import type { OperatorRole } from '#support/db/schema.ts';

type Deps = { openDatabase(): Promise<Database>; clock: () => Date };

/** `hitokagi operator token list | create | revoke`: tokens for programs that call the operator API. */
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
    .addOption(new Option('--role <role>').choices(['viewer', 'support', 'administrator']).default('viewer'))
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
  return new Command('operator').description('who may run the unified login').addCommand(token);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
