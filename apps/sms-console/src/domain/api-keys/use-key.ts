import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { ApiScope } from '#support/db/schema.ts';
import { hashBearerSecret } from '#support/primitives/bearer-secret.ts';
import { after, MINUTE } from '#support/primitives/durations.ts';

/** Who calls the machine API. */
export type Caller = {
  readonly keyId: string;
  readonly companyId: string;
  readonly scopes: readonly ApiScope[];
};
export type UsedKey =
  | { ok: true; caller: Caller; left: number; windowEndsAt: Date }
  | { ok: false; reason: 'unknown' }
  | { ok: false; reason: 'too-many'; windowEndsAt: Date };

/**
 * Finds the key, notes the use and counts it against `perMinute`, in one statement: requests in parallel are counted by
 * the row's lock and cannot slip past the limit. A clock that was stepped back begins a new minute.
 */
export async function useApiKey(
  db: Db,
  secret: string,
  { perMinute, now }: { perMinute: number; now: Date },
): Promise<UsedKey> {
  const sameWindow = sql<boolean>`(window_started_at > ${after(now, -MINUTE)}::timestamptz and window_started_at <= ${now}::timestamptz) is true`;
  const row = await db
    .updateTable('api_key')
    .set({
      last_used_at: now,
      requests: sql<number>`case when ${sameWindow} then requests + 1 else 1 end`,
      window_started_at: sql<Date>`case when ${sameWindow} then window_started_at else ${now}::timestamptz end`,
    })
    .where('secret_hash', '=', hashBearerSecret(secret))
    .where('revoked_at', 'is', null)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .returning(['id', 'company_id', 'requests', 'window_started_at', 'scopes'])
    .executeTakeFirst();
  if (!row) return { ok: false, reason: 'unknown' };
  const windowEndsAt = after(row.window_started_at ?? now, MINUTE);
  if (row.requests > perMinute) return { ok: false, reason: 'too-many', windowEndsAt };
  return {
    ok: true,
    caller: { keyId: row.id, companyId: row.company_id, scopes: row.scopes },
    left: perMinute - row.requests,
    windowEndsAt,
  };
}
