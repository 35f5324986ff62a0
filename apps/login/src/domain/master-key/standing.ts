import { masterKeyStanding } from '#support/keys/master-key.ts';
import { runningNodes, type NodeFacts } from '#support/nodes/nodes.ts';
import type { Db } from '#support/db/database.ts';
import type { SecretKeys } from '#support/primitives/secrets.ts';
import { sealedOtherwise } from './places.ts';

export type MasterKeyFacts = {
  /** Fingerprint of the master key that seals. */
  fingerprint: string;
  since: Date | null;
  /** Fingerprint of the one before it, while a change is not finished. */
  leaving: string | null;
  /** How many texts are not sealed with it yet. */
  otherwise: number;
  /** Other master keys that the asking server was given. */
  alsoGiven: readonly string[];
  /** What to do next: nothing; give the new one to the servers named; `keys rewrap`; finish it; take the former one from the servers. */
  step: 'none' | 'give' | 'rewrap' | 'finish' | 'take-away';
  servers: readonly (NodeFacts & { lacksKey: boolean })[];
};

/** Which master key seals, and how far a change of it has come. */
export async function masterKeyFacts(db: Db, secrets: SecretKeys): Promise<MasterKeyFacts> {
  const standing = await masterKeyStanding(db);
  const fingerprint = standing?.fingerprint ?? secrets.fingerprint;
  const nodes = await runningNodes(db);
  const leaving = standing?.leaving ?? null;
  // What a server was told to prefer is where the operator wants to go.
  const wanted = [secrets.fingerprint, ...nodes.flatMap((node) => node.masterKeys.slice(0, 1))].find(
    (one) => one !== fingerprint,
  );
  const servers = nodes.map((node) => ({
    ...node,
    lacksKey: [fingerprint, wanted].some((one) => one !== undefined && !node.masterKeys.includes(one)),
  }));
  const given = new Set([
    ...secrets.all.map((key) => key.fingerprint),
    ...nodes.flatMap((node) => node.masterKeys),
  ]);
  given.delete(fingerprint);
  return {
    fingerprint,
    since: standing?.since ?? null,
    leaving,
    otherwise: await sealedOtherwise(db, fingerprint),
    alsoGiven: [...given],
    step: stepOf(),
    servers,
  };

  function stepOf(): MasterKeyFacts['step'] {
    if (leaving !== null) return 'finish';
    if (wanted !== undefined) return servers.some((server) => server.lacksKey) ? 'give' : 'rewrap';
    return given.size > 0 ? 'take-away' : 'none';
  }
}
