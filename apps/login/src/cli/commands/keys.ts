import { Command } from 'commander';
import { nextRotationAt, signingKeys } from '#domain/signing-keys/list.ts';
import { rotateNow } from '#domain/signing-keys/rotate.ts';
import type { Database } from '#support/db/database.ts';
import { keyFingerprint, type SecretKeys } from '#support/primitives/secrets.ts';

type Deps = { openDatabase(): Promise<Database>; secrets(): Promise<SecretKeys>; clock: () => Date };

/** `hitokagi keys list | rotate`: the keys that sign tokens. Exit code 1 when nothing was changed. */
export function keysCommand(deps: Deps): Command {
  const keys = new Command('keys').description('the keys that sign tokens');
  keys
    .command('list')
    .description('signing keys with their states and moments, and the fingerprint of the master key')
    .option('--json')
    .action(async (options: { json?: boolean }) => {
      const { db } = await deps.openDatabase();
      const found = await signingKeys(db, deps.clock());
      const fingerprint = keyFingerprint(await deps.secrets());
      const next = nextRotationAt(found);
      if (options.json)
        return print(
          JSON.stringify(
            { keys: found, nextRotationAt: next ?? null, masterKeyFingerprint: fingerprint },
            null,
            2,
          ),
        );
      for (const key of found)
        print(
          `${key.kid}\t${key.alg}\t${key.state}\tin use from ${key.useFrom.toISOString()}\tpublished until ${key.endsAt.toISOString()}`,
        );
      if (next) print(`Next rotation: ${next.toISOString()}`);
      print(`Master key: ${fingerprint}`);
    });
  keys
    .command('rotate')
    .description('publish the next key of every algorithm now; it comes into use in 24 hours')
    .option('--urgent', 'in 10 minutes: somebody may have the key in use')
    .option('--json')
    .action(async (options: { urgent?: boolean; json?: boolean }) => {
      const { db } = await deps.openDatabase();
      const by = { actor: 'operator:cli', now: deps.clock() };
      const result = await rotateNow(db, await deps.secrets(), { urgent: options.urgent === true }, by);
      if (!result.ok) process.exitCode = 1;
      if (options.json) return print(JSON.stringify(result));
      const at = result.useFrom.toISOString();
      if (result.ok) return print(`The next keys are published and come into use at ${at}.`);
      process.stderr.write(
        `The next keys are published already and come into use at ${at}. --urgent brings that forward.\n`,
      );
    });
  return keys;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
