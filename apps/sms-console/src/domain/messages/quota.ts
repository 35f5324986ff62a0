import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { monthStart } from '#support/primitives/japan-months.ts';
import { monthTotals, type MonthTotals } from './counts.ts';

export type Usage = MonthTotals & { readonly limit: number | null };

/** What a company used of this month, in short messages, and its limit; null: none. */
export async function usageOfMonth(db: Db, companyId: string, now: Date): Promise<Usage> {
  const { month, from } = monthStart(now);
  const [totals] = await monthTotals(db, companyId, from);
  const rules = await db
    .selectFrom('sending_rules')
    .select('monthly_parts')
    .where('company_id', '=', companyId)
    .executeTakeFirst();
  return {
    ...(totals ?? { month, messages: 0, parts: 0, delivered: 0 }),
    month,
    limit: rules?.monthly_parts ?? null,
  };
}

/**
 * Does `act` in a transaction, and takes it back when the company has a limit for the month and is over it afterwards. Companies with a limit
 * do so one after the other; the others pay nothing for it.
 */
export async function withinQuota<T>(
  db: Db,
  companyId: string,
  now: Date,
  act: (trx: Db) => Promise<T>,
): Promise<T | { ok: false; reason: 'quota-exceeded' }> {
  const limited = await db
    .selectFrom('sending_rules')
    .select('monthly_parts')
    .where('company_id', '=', companyId)
    .where('monthly_parts', 'is not', null)
    .executeTakeFirst();
  if (!limited) return act(db);
  try {
    return await db.transaction().execute(async (trx) => {
      await sql`select from sending_rules where company_id = ${companyId} for update`.execute(trx);
      const before = await usageOfMonth(trx, companyId, now);
      const done = await act(trx);
      const { parts, limit } = await usageOfMonth(trx, companyId, now);
      if (limit !== null && parts > limit && parts > before.parts) throw new OverQuota();
      return done;
    });
  } catch (error) {
    if (error instanceof OverQuota) return { ok: false, reason: 'quota-exceeded' };
    throw error;
  }
}

class OverQuota extends Error {}
