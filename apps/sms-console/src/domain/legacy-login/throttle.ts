import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { after, MINUTE } from '#support/primitives/durations.ts';
import { sameAddressKey } from '#support/primitives/email-address.ts';

export type Throttle = { readonly key: string; readonly attempts: number; readonly window: number };
export type ThrottleAnswer = { ok: true } | { ok: false; retryAt: Date };

const WINDOW = 15 * MINUTE;

/** Attempts to sign in to one address: 10 in 15 minutes, whether somebody has the address or not. */
export function signInThrottles(address: string, clientAddress: string): readonly Throttle[] {
  return [
    { key: `sign-in ${sameAddressKey(address)}`, attempts: 10, window: WINDOW },
    { key: `sign-in from ${clientAddress}`, attempts: 100, window: WINDOW },
  ];
}

/** Mails of one address: 3 in 15 minutes; requests from one client address: 60 in 15 minutes. */
export function resetThrottles(address: string, clientAddress: string): { mail: Throttle; client: Throttle } {
  return {
    mail: { key: `reset ${sameAddressKey(address)}`, attempts: 3, window: WINDOW },
    client: { key: `reset from ${clientAddress}`, attempts: 60, window: WINDOW },
  };
}

/** Tries of the present password by one signed-in person: 10 in 15 minutes. */
export function passwordChangeThrottle(personId: string): Throttle {
  return { key: `password ${personId}`, attempts: 10, window: WINDOW };
}

/**
 * Counts one attempt before it is carried out, so that attempts in parallel cannot slip past the limit: the row of
 * the key is locked by the upsert. Refused attempts are counted too but never lengthen the window.
 */
export async function countAttempt(db: Db, throttle: Throttle, now: Date): Promise<ThrottleAnswer> {
  const oldest = after(now, -throttle.window);
  const row = await db
    .insertInto('legacy_throttle')
    .values({ key: throttle.key, attempts: 1, window_started_at: now })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({
        attempts: sql<number>`case when legacy_throttle.window_started_at <= ${oldest} then 1 else legacy_throttle.attempts + 1 end`,
        window_started_at: sql<Date>`case when legacy_throttle.window_started_at <= ${oldest} then ${now}::timestamptz else legacy_throttle.window_started_at end`,
      }),
    )
    .returning(['attempts', 'window_started_at'])
    .executeTakeFirstOrThrow();
  if (row.attempts <= throttle.attempts) return { ok: true };
  return { ok: false, retryAt: after(row.window_started_at, throttle.window) };
}

/** Forgets the counted attempts of these keys after a success. */
export async function forgetAttempts(db: Db, keys: readonly string[]): Promise<void> {
  await db.deleteFrom('legacy_throttle').where('key', 'in', keys).execute();
}

/** Takes one counted attempt back: a success does not use up what many people behind one client address share. */
export async function takeAttemptBack(db: Db, key: string): Promise<void> {
  await db
    .updateTable('legacy_throttle')
    .set((eb) => ({ attempts: eb('attempts', '-', 1) }))
    .where('key', '=', key)
    .where('attempts', '>', 0)
    .execute();
}
