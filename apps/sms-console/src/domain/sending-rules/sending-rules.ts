import type { Db } from '#support/db/database.ts';
import { readClock, type QuietHours } from './quiet-hours.ts';

/** What a company lays down for all that it sends. */
export type SendingRules = {
  readonly quiet: QuietHours | null;
  /** Whether a text may be longer than one message has room for. */
  readonly longMessages: boolean;
  /** How many parts may go out in a month of Japan; null: as many as wanted. */
  readonly monthlyParts: number | null;
};

export type TypedRules = {
  quiet: boolean;
  quietFrom: string;
  quietUntil: string;
  longMessages: boolean;
  monthlyParts: string;
};
export type RulesFault = 'quiet-from' | 'quiet-until' | 'quiet-same' | 'monthly-parts';
export type ChangedRules = { ok: true } | { ok: false; reasons: readonly RulesFault[] };

const DEFAULT_RULES: SendingRules = { quiet: null, longMessages: true, monthlyParts: null };
const MOST_PARTS = 100_000_000;

/** The rules of a company; the default ones when it has never set any. */
export async function rulesOf(db: Db, companyId: string): Promise<SendingRules> {
  const row = await db
    .selectFrom('sending_rules')
    .selectAll()
    .where('company_id', '=', companyId)
    .executeTakeFirst();
  if (!row) return DEFAULT_RULES;
  const { quiet_from: from, quiet_until: until } = row;
  return {
    quiet: from === null || until === null ? null : { from, until },
    longMessages: row.long_messages,
    monthlyParts: row.monthly_parts,
  };
}

/** Lays down the rules as they were typed. They count for what is queued or resumed from now on. */
export async function changeRules(
  db: Db,
  by: { personId: string; companyId: string },
  typed: TypedRules,
  now: Date,
): Promise<ChangedRules> {
  const from = typed.quiet ? readClock(typed.quietFrom) : null;
  const until = typed.quiet ? readClock(typed.quietUntil) : null;
  const figure = typed.monthlyParts.normalize('NFKC').replace(/[\s,]/g, '');
  const monthly = figure === '' ? null : Number(figure);
  const reasons: RulesFault[] = [];
  if (typed.quiet && from === null) reasons.push('quiet-from');
  if (typed.quiet && until === null) reasons.push('quiet-until');
  if (from !== null && from === until) reasons.push('quiet-same');
  if (monthly !== null && !(/^\d+$/.test(figure) && monthly >= 1 && monthly <= MOST_PARTS))
    reasons.push('monthly-parts');
  if (reasons.length > 0) return { ok: false, reasons };
  const rules = {
    quiet_from: from,
    quiet_until: until,
    long_messages: typed.longMessages,
    monthly_parts: monthly,
    changed_at: now,
    changed_by: by.personId,
  };
  await db
    .insertInto('sending_rules')
    .values({ company_id: by.companyId, ...rules })
    .onConflict((conflict) => conflict.column('company_id').doUpdateSet(rules))
    .execute();
  return { ok: true };
}
