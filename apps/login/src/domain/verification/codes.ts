import type { Db } from '#support/db/database.ts';
import type { VerificationRequestRow } from '#support/db/schema.ts';
import { after, MINUTE } from '#support/primitives/durations.ts';
import { newId } from '#support/primitives/ids.ts';
import { equalSecrets, keyedHash, newDecimalCode } from '#support/primitives/secrets.ts';
import { countGuess, isOutOfGuesses } from './limits.ts';

export const CODE_DIGITS = 8;
export const CODE_LIFE = 10 * MINUTE;
/** Wrong tries shared by the codes that are valid at one time. */
export const TRIES_PER_CODE = 5;
/** Written over the end of a code that has been found to be over: no clock goes back so far, so no step of the clock revives it. */
const OVER_FOR_GOOD = new Date(0);
/** Mail can be late: the newest two codes of a request are accepted. */
const ACCEPTED_CODES = 2;

/**
 * Makes a new code for a request and stores its keyed hash, bound to account, purpose and request. The code itself is returned once, for the mail. A mail that is
 * tried again takes the place of the try before: codes that reached nobody must not push out one that did.
 */
export async function issueCode(
  trx: Db,
  key: Buffer,
  request: Pick<VerificationRequestRow, 'id' | 'purpose'>,
  accountId: string,
  messageId: string,
  now: Date,
): Promise<string> {
  const code = newDecimalCode(CODE_DIGITS);
  const fresh = {
    code_hash: hashOf(key, request, accountId, code),
    issued_at: now,
    expires_at: after(now, CODE_LIFE),
  };
  await trx
    .insertInto('verification_code')
    .values({
      id: newId('vcd', now),
      request_id: request.id,
      message_id: messageId,
      consumed_at: null,
      ...fresh,
    })
    .onConflict((c) => c.column('message_id').doUpdateSet(fresh))
    .execute();
  return code;
}

/**
 * Ends the codes of a request that were guessed at too often, so that the next one has tries of its own; the day's guesses still count. Done when a code is asked
 * for and not when it is made, because for an address without an account none ever is, and both must look the same.
 */
export async function endGuessedCodes(trx: Db, requestId: string): Promise<void> {
  const revived = await trx
    .updateTable('verification_request')
    .set({ failed_tries: 0 })
    .where('id', '=', requestId)
    .where('failed_tries', '>=', TRIES_PER_CODE)
    .returning('id')
    .executeTakeFirst();
  if (!revived) return;
  await trx
    .updateTable('verification_code')
    .set({ expires_at: OVER_FOR_GOOD })
    .where('request_id', '=', requestId)
    .execute();
}

export type CodeRefusal =
  | { ok: false; reason: 'code-malformed' }
  | { ok: false; reason: 'code-wrong'; triesLeft: number }
  | { ok: false; reason: 'code-expired' }
  | { ok: false; reason: 'code-superseded' }
  | { ok: false; reason: 'code-used' }
  | { ok: false; reason: 'too-many-tries' }
  | { ok: false; reason: 'too-many-guesses' };

export type CodeCheck = { ok: true; codeId: string } | CodeRefusal;

/**
 * Checks a typed code without consuming it, and counts a wrong one. Call inside a transaction that commits whatever the answer is.
 * Spaces, hyphens and full-width figures are read as meant. For a request without an account every code is wrong, in the same words.
 */
export async function checkCode(
  trx: Db,
  key: Buffer,
  request: VerificationRequestRow,
  accountId: string | undefined,
  typed: string,
  now: Date,
): Promise<CodeCheck> {
  const code = readCode(typed);
  if (code === undefined) return { ok: false, reason: 'code-malformed' };

  const { failed_tries: failedTries, ended_at: endedAt } = await trx
    .selectFrom('verification_request')
    .select(['failed_tries', 'ended_at'])
    .where('id', '=', request.id)
    .forUpdate()
    .executeTakeFirstOrThrow();
  // It ended since it was read: its code was used beside this, or an operator ended it. Whatever is typed, there is nothing left to try.
  if (endedAt) return { ok: false, reason: 'code-used' };
  if (failedTries >= TRIES_PER_CODE) return { ok: false, reason: 'too-many-tries' };
  const guessing = { emailKey: request.email_key, accountId };
  if (await isOutOfGuesses(trx, guessing, now)) return { ok: false, reason: 'too-many-guesses' };

  await trx
    .updateTable('verification_code')
    .set({ expires_at: OVER_FOR_GOOD })
    .where('request_id', '=', request.id)
    .where('expires_at', '<=', now)
    .execute();
  const codes = await trx
    .selectFrom('verification_code')
    .selectAll()
    .where('request_id', '=', request.id)
    .orderBy('issued_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  const hash = hashOf(key, request, accountId ?? '', code);
  const position = codes.findIndex((row) => equalSecrets(row.code_hash, hash));
  const match = codes[position];
  if (match?.consumed_at) return { ok: false, reason: 'code-used' };
  if (match && position >= ACCEPTED_CODES) return { ok: false, reason: 'code-superseded' };
  if (match && match.expires_at <= now) return { ok: false, reason: 'code-expired' };
  if (match) return { ok: true, codeId: match.id };

  await countGuess(trx, guessing, now);
  await trx
    .updateTable('verification_request')
    .set((eb) => ({ failed_tries: eb('failed_tries', '+', 1) }))
    .where('id', '=', request.id)
    .execute();
  return { ok: false, reason: 'code-wrong', triesLeft: TRIES_PER_CODE - failedTries - 1 };
}

/** Uses a checked code up while it is good. True for exactly one caller, however many come at once. */
export async function consumeCode(trx: Db, codeId: string, now: Date): Promise<boolean> {
  const consumed = await trx
    .updateTable('verification_code')
    .set({ consumed_at: now })
    .where('id', '=', codeId)
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('id')
    .executeTakeFirst();
  return consumed !== undefined;
}

/** A code as it stands in the mail: two groups of four. */
export function codeForReading(code: string): string {
  return `${code.slice(0, 4)} ${code.slice(4)}`;
}

/** The figures of what was typed or pasted, or undefined when it cannot be a code. */
export function readCode(typed: string): string | undefined {
  const figures = typed
    .slice(0, 100)
    .normalize('NFKC')
    .replace(/[\s\-‐‑‒–—―−ーｰ]/gu, '');
  return /^[0-9]{8}$/.test(figures) ? figures : undefined;
}

function hashOf(
  key: Buffer,
  request: Pick<VerificationRequestRow, 'id' | 'purpose'>,
  accountId: string,
  code: string,
): string {
  return keyedHash(key, 'verification-code', request.purpose, request.id, accountId, code);
}
