import { recordEvent } from '#support/audit/record.ts';
import { masterKeyStanding, openStored } from '#support/keys/master-key.ts';
import { purposeKeys } from '#support/keys/purpose-keys.ts';
import { runningNodes } from '#support/nodes/nodes.ts';
import type { Db } from '#support/db/database.ts';
import { seal, type SecretKeys } from '#support/primitives/secrets.ts';
import { nextSealedOtherwise, replaceSealed, SEALED_PLACES, sealedOtherwise } from './places.ts';

export type RewrapResult =
  | {
      ok: true;
      /** The master key that seals now, and the one before it; both the same where there was nothing to change. */
      to: string;
      from: string;
      /** How many texts were sealed anew. */
      resealed: number;
    }
  /** A master key that something is sealed with was not given. */
  | { ok: false; reason: 'former-key-missing'; fingerprint: string; given: readonly string[] }
  /** Another change was begun and has to be finished first. */
  | { ok: false; reason: 'change-unfinished'; from: string; fingerprint: string }
  /** Servers run that were not given the new one: they could not read what the others write. */
  | { ok: false; reason: 'servers-without-key'; servers: readonly string[]; fingerprint: string };

const AT_ONCE = 100;

/**
 * Puts the master key that was given first (`HITOKAGI_SECRET`) in the place of the one that seals now, and seals everything anew with it, while servers serve. From the first step on servers seal with the
 * new one; each text is replaced by itself, and only while it is the one that was read. So it may be cut off at any moment and run again, on two machines at once too. Nothing is changed where it cannot
 * be finished: every server that runs must have the new one, and the one before must be given here.
 */
export async function rewrap(
  db: Db,
  secrets: SecretKeys,
  by: { actor: string; clock: () => Date },
): Promise<RewrapResult> {
  const to = secrets.fingerprint;
  const given = secrets.all.map((key) => key.fingerprint);
  const before = await masterKeyStanding(db);
  for (const fingerprint of [before?.fingerprint, before?.leaving])
    if (fingerprint && !given.includes(fingerprint))
      return { ok: false, reason: 'former-key-missing', fingerprint, given };
  if (before && before.leaving !== null && ![before.fingerprint, before.leaving].includes(to))
    return {
      ok: false,
      reason: 'change-unfinished',
      from: before.leaving,
      fingerprint: before.fingerprint,
    };
  const without = (await runningNodes(db)).filter((node) => !node.masterKeys.includes(to));
  if (without.length > 0)
    return {
      ok: false,
      reason: 'servers-without-key',
      servers: without.map((node) => node.name),
      fingerprint: to,
    };
  // A database that no server of this release has served yet gets what it lacks.
  await purposeKeys(db, secrets, by.clock());
  await begin(db, to, by);
  const resealed = await sealAnew(db, secrets);
  const from = await finish(db, to, by);
  return { ok: true, to, from: from ?? before?.leaving ?? before?.fingerprint ?? to, resealed };
}

/** From here on everybody seals with the new one; whoever is sealing with the former has committed. */
async function begin(db: Db, to: string, { actor, clock }: Parameters<typeof rewrap>[2]): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const row = await trx
      .selectFrom('master_key')
      .select('fingerprint')
      .forUpdate()
      .executeTakeFirstOrThrow();
    const from = row.fingerprint;
    if (from === to) return;
    const at = clock();
    await trx.updateTable('master_key').set({ fingerprint: to, leaving: from, since: at }).execute();
    await recordEvent(trx, { at, action: 'master-key.change-started', actor, detail: { from, to } });
  });
}

async function sealAnew(db: Db, secrets: SecretKeys): Promise<number> {
  let count = 0;
  for (const place of SEALED_PLACES)
    for (;;) {
      const found = await nextSealedOtherwise(db, place, secrets.fingerprint, AT_ONCE);
      for (const { id, sealed } of found) {
        const text = await openStored(secrets, place.purpose, sealed);
        const anew = await seal(secrets.derive(place.purpose), text, secrets.fingerprint);
        if (await replaceSealed(db, place, { id, from: sealed, to: anew })) count += 1;
      }
      if (found.length < AT_ONCE) break;
    }
  return count;
}

/** The former one is not needed any more. Undefined where somebody has said so already. */
async function finish(
  db: Db,
  to: string,
  { actor, clock }: Parameters<typeof rewrap>[2],
): Promise<string | undefined> {
  return db.transaction().execute(async (trx) => {
    const row = await trx
      .selectFrom('master_key')
      .select(['fingerprint', 'leaving'])
      .forUpdate()
      .executeTakeFirstOrThrow();
    const from = row.leaving;
    if (from === null || row.fingerprint !== to) return undefined;
    const left = await sealedOtherwise(trx, to);
    if (left > 0) throw new Error(`${left} texts are sealed with another master key still; run it again.`);
    await trx.updateTable('master_key').set({ leaving: null }).execute();
    await recordEvent(trx, { at: clock(), action: 'master-key.changed', actor, detail: { from, to } });
    return from;
  });
}
