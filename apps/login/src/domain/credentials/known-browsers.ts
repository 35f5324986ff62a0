import { sql, type RawBuilder } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { deleteInBatches } from '#support/db/delete-in-batches.ts';
import { after, DAY } from '#support/primitives/durations.ts';

/** For how long after a sign-in a browser is known to be its person's. */
export const KNOWN_FOR = 90 * DAY;

/**
 * Makes a browser known as one of the account's person, its failures forgotten, as a named part of a `with`: it belongs into the statement that writes a success.
 * @param when whether the success comes to be, as that statement finds it
 */
export function knowingBrowser(
  accountId: string,
  browserHash: string,
  now: Date,
  when: RawBuilder<unknown> = sql`true`,
): RawBuilder<unknown> {
  return sql`known as (
    insert into known_browser as t (account_id, browser_hash, signed_in_at, attempts, blocked_until)
    select ${accountId}, ${browserHash}, ${now}::timestamptz, 0, ${now}::timestamptz where ${when}
    on conflict (account_id, browser_hash) do update set signed_in_at = excluded.signed_in_at, attempts = 0, blocked_until = excluded.blocked_until
    returning account_id
  )`;
}

/** The same as a statement of its own. */
export async function knowBrowser(
  db: Db,
  accountId: string,
  { browserHash }: { browserHash?: string | undefined },
  now: Date,
): Promise<void> {
  if (browserHash === undefined) return;
  await sql`with ${knowingBrowser(accountId, browserHash, now)} select`.execute(db);
}

/** How the failures in a known browser stand; `until` is undefined where it is not known any more. */
export async function browserDelay(
  db: Db,
  accountId: string,
  browserHash: string,
): Promise<{ attempts: number; until: Date | undefined }> {
  const row = await db
    .selectFrom('known_browser')
    .select(['attempts', 'blocked_until'])
    .where('account_id', '=', accountId)
    .where('browser_hash', '=', browserHash)
    .executeTakeFirst();
  return { attempts: row?.attempts ?? 0, until: row?.blocked_until };
}

/** Forgets the browsers of an account: with the password goes what was known of those who used it. */
export async function forgetBrowsers(db: Db, accountId: string): Promise<void> {
  await db.deleteFrom('known_browser').where('account_id', '=', accountId).execute();
}

/** Forgets browsers in which nobody has signed in for 90 days. */
export async function forgetOldBrowsers(db: Db, now: Date): Promise<void> {
  await deleteInBatches(db, 'known_browser', sql`signed_in_at <= ${after(now, -KNOWN_FOR)}`);
}
