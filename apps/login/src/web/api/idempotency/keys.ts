import { hash } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { deleteInBatches } from '#support/db/delete-in-batches.ts';
import { after, DAY, MINUTE } from '#support/primitives/durations.ts';
import { keyedHash, seal, secretHash, unseal } from '#support/primitives/secrets.ts';

/** How long an answer is kept for those who ask again. */
export const KEPT_FOR = 1 * DAY;
/** A request that takes longer has died with its server; another one may take its key over. */
const HELD_FOR = 5 * MINUTE;

/** One use of an Idempotency-Key: by whom, and the request that works at it. */
export type Claim = { caller: string; key: string; attempt: string };

export type KeptAnswer = { status: number; headers: Readonly<Record<string, string>>; body: string };

export type Claimed =
  | { state: 'ours' }
  | { state: 'answered'; answer: KeptAnswer }
  /** Another request with this key is under way. */
  | { state: 'under-way' }
  /** The key came with other content. */
  | { state: 'reused' }
  /** It was done, and its answer was lost with the server that worked at it. */
  | { state: 'answer-lost' };

/**
 * Takes a key for a request. Of many at once one gets it; the others are told to come again, and later get its answer.
 * @param answerKey the server's part of the key that answers are encrypted with
 */
export async function claimKey(
  db: Db,
  answerKey: Buffer,
  claim: Claim,
  content: string,
  now: Date,
): Promise<Claimed> {
  const contentHash = secretHash(content);
  const keyHash = secretHash(claim.key);
  const taken = await sql`
    insert into idempotency_key as known (caller, key_hash, content_hash, attempt, held_until, created_at)
    values (${claim.caller}, ${keyHash}, ${contentHash}, ${claim.attempt}, ${after(now, HELD_FOR)}, ${now})
    on conflict (caller, key_hash) do update
    set content_hash = excluded.content_hash, attempt = excluded.attempt, held_until = excluded.held_until,
      created_at = excluded.created_at, acted = false, status = null, answer = null
    where known.created_at < ${after(now, -KEPT_FOR)}
      or (known.content_hash = excluded.content_hash and known.status is null and not known.acted and known.held_until < ${now})
    returning 1`.execute(db);
  if (taken.rows.length > 0) return { state: 'ours' };
  const row = await db
    .selectFrom('idempotency_key')
    .select(['content_hash', 'status', 'answer', 'acted', 'held_until'])
    .where('caller', '=', claim.caller)
    .where('key_hash', '=', keyHash)
    .executeTakeFirst();
  // Given back between the two statements: who comes again gets it.
  if (!row) return { state: 'under-way' };
  if (row.content_hash !== contentHash) return { state: 'reused' };
  if (row.status !== null && row.answer !== null) {
    const kept = JSON.parse(await unseal(sealKey(answerKey, claim.key), row.answer)) as Omit<
      KeptAnswer,
      'status'
    >;
    return { state: 'answered', answer: { status: row.status, ...kept } };
  }
  return { state: row.acted && row.held_until < now ? 'answer-lost' : 'under-way' };
}

/**
 * Notes, in the transaction of an act, that it was done under this key. Throws when another request has taken the key over meanwhile, so that the act of the slower one
 * does not come to be.
 */
export async function noteAct(db: Db, claim: Claim): Promise<void> {
  const noted = await db
    .updateTable('idempotency_key')
    .set({ acted: true })
    .where('caller', '=', claim.caller)
    .where('key_hash', '=', secretHash(claim.key))
    .where('attempt', '=', claim.attempt)
    .executeTakeFirst();
  if (noted.numUpdatedRows === 0n) throw new Error('Another request has taken this Idempotency-Key over.');
}

/**
 * Ends the use of a key. An answer is kept where something was done; where nothing was, the key is given back and the request can be sent again, also after it was mended.
 */
export async function settleKey(
  db: Db,
  answerKey: Buffer,
  claim: Claim,
  answer: KeptAnswer,
  now: Date,
): Promise<void> {
  const ours = db
    .updateTable('idempotency_key')
    .where('caller', '=', claim.caller)
    .where('key_hash', '=', secretHash(claim.key))
    .where('attempt', '=', claim.attempt);
  if (answer.status >= 300) {
    const given = await db
      .deleteFrom('idempotency_key')
      .where('caller', '=', claim.caller)
      .where('key_hash', '=', secretHash(claim.key))
      .where('attempt', '=', claim.attempt)
      .where('acted', '=', false)
      .executeTakeFirst();
    if (given.numDeletedRows > 0n) return;
  }
  // A failure of ours is no answer to give again.
  if (answer.status >= 500) {
    await ours.set({ held_until: after(now, -1) }).execute();
    return;
  }
  const { status, ...rest } = answer;
  await ours
    .set({ status, answer: await seal(sealKey(answerKey, claim.key), JSON.stringify(rest)) })
    .execute();
}

/** Forgets what was answered more than a day ago. The schedule calls it. */
export async function forgetOldKeys(db: Db, now: Date): Promise<void> {
  await deleteInBatches(db, 'idempotency_key', sql`created_at < ${after(now, -KEPT_FOR)}`);
}

/** What a request asks for, in a form that is the same when it is sent again. */
export function contentOf(request: { method: string; url: string; body: unknown; size: string }): string {
  return JSON.stringify([request.method, request.url, bodyText(request.body, request.size)]);
}

/** A file that is read while it arrives has only its size to be known by. */
function bodyText(body: unknown, size: string): string {
  if (Buffer.isBuffer(body)) return hash('sha256', body, 'base64url');
  const isStream = typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
  return isStream || body === undefined ? size : JSON.stringify(body);
}

function sealKey(answerKey: Buffer, key: string): Buffer {
  return Buffer.from(keyedHash(answerKey, key), 'base64url');
}
