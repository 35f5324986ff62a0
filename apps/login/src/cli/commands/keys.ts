import { Command } from 'commander';
import { rewrap, type RewrapResult } from '#domain/master-key/rewrap.ts';
import { masterKeyFacts, type MasterKeyFacts } from '#domain/master-key/standing.ts';
import { nextRotationAt, signingKeys } from '#domain/signing-keys/list.ts';
import { rotateNow } from '#domain/signing-keys/rotate.ts';
import type { Database } from '#support/db/database.ts';
import type { SecretKeys } from '#support/primitives/secrets.ts';

type Deps = { openDatabase(): Promise<Database>; secrets(): Promise<SecretKeys>; clock: () => Date };

/** `hitokagi keys list | rotate | rewrap`: the keys that sign tokens, and the master key. Exit code 1 when nothing was changed. */
export function keysCommand(deps: Deps): Command {
  const keys = new Command('keys').description('the keys that sign tokens, and the master key');
  keys
    .command('list')
    .description('signing keys with their states and moments, and how the master key stands')
    .option('--json')
    .action(async (options: { json?: boolean }) => {
      const { db } = await deps.openDatabase();
      const found = await signingKeys(db, deps.clock());
      const master = await masterKeyFacts(db, await deps.secrets());
      const next = nextRotationAt(found);
      if (options.json)
        return print(
          JSON.stringify(
            {
              keys: found,
              nextRotationAt: next ?? null,
              masterKeyFingerprint: master.fingerprint,
              masterKey: master,
            },
            null,
            2,
          ),
        );
      for (const key of found)
        print(
          `${key.kid}\t${key.alg}\t${key.state}\tin use from ${key.useFrom.toISOString()}\tpublished until ${key.endsAt.toISOString()}`,
        );
      if (next) print(`Next rotation: ${next.toISOString()}`);
      for (const line of masterLines(master)) print(line);
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
  keys
    .command('rewrap')
    .description(
      'put the master key HITOKAGI_SECRET in the place of HITOKAGI_SECRET_PREVIOUS: encrypts everything anew, while servers serve',
    )
    .option('--json')
    .action(async (options: { json?: boolean }) => {
      const { db } = await deps.openDatabase();
      const by = { actor: 'operator:cli', clock: deps.clock };
      const result = await rewrap(db, await deps.secrets(), by);
      if (!result.ok) process.exitCode = 1;
      if (options.json) return print(JSON.stringify(result));
      if (!result.ok) process.stderr.write(`${refusalOf(result)}\n`);
      else print(saidOf(result));
    });
  return keys;
}

function masterLines(master: MasterKeyFacts): string[] {
  const { fingerprint, since, leaving, otherwise, step, servers } = master;
  const sentence = {
    none: 'Nothing to do.',
    give: 'To do: restart the servers that lack a master key, with HITOKAGI_SECRET and HITOKAGI_SECRET_PREVIOUS; then "hitokagi keys rewrap".',
    rewrap: 'To do: "hitokagi keys rewrap" puts HITOKAGI_SECRET in its place.',
    finish: 'To do: run "hitokagi keys rewrap" again, to finish.',
    'take-away': 'To do: take HITOKAGI_SECRET_PREVIOUS away and restart the servers in turn.',
  }[step];
  return [
    `Master key: ${fingerprint}${since ? `, since ${since.toISOString()}` : ''}`,
    ...(leaving === null
      ? []
      : [`It takes the place of ${leaving}, with which ${otherwise} texts are still encrypted.`]),
    ...servers.map(
      (server) =>
        `Server ${server.name}\tmaster keys ${server.masterKeys.join(', ')}${server.lacksKey ? '\tLACKS A MASTER KEY' : ''}`,
    ),
    sentence,
  ];
}

function saidOf({ from, to, resealed }: RewrapResult & { ok: true }): string {
  if (from === to)
    return resealed === 0
      ? `Everything is encrypted with the master key ${to}. There was nothing to do.`
      : `Everything is encrypted with the master key ${to}; ${resealed} texts did not say so.`;
  return `The master key ${to} has taken the place of ${from}; ${resealed} texts were encrypted anew. Now take HITOKAGI_SECRET_PREVIOUS away and restart the servers in turn.`;
}

function refusalOf(result: RewrapResult & { ok: false }): string {
  switch (result.reason) {
    case 'former-key-missing':
      return `This database is encrypted with the master key of fingerprint ${result.fingerprint}, which was not given (given: ${result.given.join(', ')}). Set it as HITOKAGI_SECRET_PREVIOUS. Nothing was changed.`;
    case 'change-unfinished':
      return `A change of the master key from ${result.from} to ${result.fingerprint} is not finished. Finish it first: HITOKAGI_SECRET is the one of ${result.fingerprint}, HITOKAGI_SECRET_PREVIOUS the one of ${result.from}. Nothing was changed.`;
    case 'servers-without-key':
      return `These servers run without the master key ${result.fingerprint}: ${result.servers.join(', ')}. Restart them with HITOKAGI_SECRET and HITOKAGI_SECRET_PREVIOUS first; one that was killed counts for half a minute. Nothing was changed.`;
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
