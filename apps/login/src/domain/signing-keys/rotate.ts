import { sql } from 'kysely';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import {
  lockSigningKeys,
  makeSigningKey,
  SIGNING_ALGORITHMS,
  SIGNING_KEYS_CHANGED,
  type SigningAlgorithm,
} from '#support/keys/signing-keys.ts';
import { after, DAY, HOUR, MINUTE } from '#support/primitives/durations.ts';
import type { SecretKeys } from '#support/primitives/secrets.ts';

/** A key is in use for so long. */
export const IN_USE_FOR = 90 * DAY;
/** It is published so long before, so that whoever keeps the set of keys for a day knows it. */
export const PUBLISHED_AHEAD = 24 * HOUR;
/** Where somebody may have the key in use: consoles that meet a key that they do not know fetch the set anew. */
export const PUBLISHED_AHEAD_URGENTLY = 10 * MINUTE;
/** Kept for a day after the last token that it signed has expired (ID tokens live for ten minutes). */
export const KEPT_FOR = 24 * HOUR + 10 * MINUTE;

type By = { actor: string; now: Date };
type Row = { kid: string; alg: string; use_from: Date };

/** Makes the next key of each algorithm in time, and ends keys that nobody needs any more: their private part is deleted. Safe to run twice, on any node. */
export async function rotateDueKeys(db: Db, secrets: SecretKeys, now: Date): Promise<void> {
  const rows = await keysIn(db);
  const isDue = SIGNING_ALGORITHMS.some((alg) => isNextDue(rows, alg, now)) || endedAt(rows, now).length > 0;
  if (!isDue) return;
  const by = { actor: 'system', now };
  await db.transaction().execute(async (trx) => {
    await lockSigningKeys(trx);
    const locked = await keysIn(trx);
    for (const alg of SIGNING_ALGORITHMS.filter((one) => isNextDue(locked, one, now))) {
      const last = newest(locked, alg);
      const due = last ? after(last.use_from, IN_USE_FOR) : now;
      const soonest = after(now, PUBLISHED_AHEAD);
      await make(trx, secrets, alg, due > soonest ? due : soonest, by);
    }
    for (const { kid, alg } of endedAt(locked, now)) {
      await trx
        .updateTable('signing_key')
        .set({ retired_at: now, sealed_jwk: '' })
        .where('kid', '=', kid)
        .execute();
      await recordEvent(trx, { at: now, action: 'signing-key.ended', actor: by.actor, detail: { kid, alg } });
      await sql`select pg_notify(${SIGNING_KEYS_CHANGED}, '')`.execute(trx);
    }
  });
}

export type RotateNowResult =
  { ok: true; useFrom: Date } | { ok: false; reason: 'rotation-under-way'; useFrom: Date };

/**
 * Makes the next key of every algorithm now. It is published at once and used a day later, or, where it is urgent, ten minutes later; the key before stays published until what it
 * signed has expired. Where a next key is published already, only an urgent rotation changes anything: it comes into use earlier.
 */
export async function rotateNow(
  db: Db,
  secrets: SecretKeys,
  { urgent }: { urgent: boolean },
  by: By,
): Promise<RotateNowResult> {
  const { now } = by;
  const useFrom = after(now, urgent ? PUBLISHED_AHEAD_URGENTLY : PUBLISHED_AHEAD);
  return db.transaction().execute(async (trx): Promise<RotateNowResult> => {
    await lockSigningKeys(trx);
    const rows = await keysIn(trx);
    const waiting = rows.filter((row) => row.use_from > now);
    const late = waiting.filter((row) => row.use_from > useFrom);
    const latest = waiting[0];
    if (latest && (!urgent || late.length === 0) && waiting.length >= SIGNING_ALGORITHMS.length)
      return { ok: false, reason: 'rotation-under-way', useFrom: latest.use_from };
    for (const { kid, alg, use_from: from } of urgent ? late : []) {
      await trx.updateTable('signing_key').set({ use_from: useFrom }).where('kid', '=', kid).execute();
      const detail = { kid, alg, from: from.toISOString(), to: useFrom.toISOString() };
      await recordEvent(trx, { at: now, action: 'signing-key.hastened', actor: by.actor, detail });
      await sql`select pg_notify(${SIGNING_KEYS_CHANGED}, '')`.execute(trx);
    }
    for (const alg of SIGNING_ALGORITHMS.filter((one) => !waiting.some((row) => row.alg === one)))
      await make(trx, secrets, alg, useFrom, by);
    return { ok: true, useFrom };
  });
}

async function make(
  trx: Db,
  secrets: SecretKeys,
  alg: SigningAlgorithm,
  useFrom: Date,
  { actor, now }: By,
): Promise<void> {
  const kid = await makeSigningKey(trx, secrets, alg, useFrom, now);
  const detail = { kid, alg, useFrom: useFrom.toISOString() };
  await recordEvent(trx, { at: now, action: 'signing-key.created', actor, detail });
}

/** The keys that are published, the latest first. */
async function keysIn(db: Db): Promise<readonly Row[]> {
  return db
    .selectFrom('signing_key')
    .select(['kid', 'alg', 'use_from'])
    .where('retired_at', 'is', null)
    .orderBy('use_from', 'desc')
    .orderBy('kid')
    .execute();
}

function newest(rows: readonly Row[], alg: string): Row | undefined {
  return rows.find((row) => row.alg === alg);
}

/** Whether it is time to publish the key after the newest one. */
function isNextDue(rows: readonly Row[], alg: string, now: Date): boolean {
  const last = newest(rows, alg);
  return !last || after(last.use_from, IN_USE_FOR - PUBLISHED_AHEAD) <= now;
}

/** The keys whose successor has been in use for so long that nothing that they signed counts any more. */
function endedAt(rows: readonly Row[], now: Date): readonly Row[] {
  return rows.filter((row) => {
    const successor = rows.findLast((one) => one.alg === row.alg && one.use_from > row.use_from);
    return successor !== undefined && after(successor.use_from, KEPT_FOR) <= now;
  });
}
