import { sql } from 'kysely';
import type { Trx } from '#support/db/database.ts';
import { peopleOf, unreachableOf } from './progress-people.ts';

/**
 * Brings `move_standing` to where everybody of a console stands now: one pass over the people, and only what has changed is written. Whoever calls it keeps others from
 * doing the same.
 * @returns how many people there are
 */
export async function refreshStanding(trx: Trx, consoleId: string, now: Date): Promise<number> {
  const { rows } = await sql<{ people: number }>`
    with ${unreachableOf(consoleId)}, person as (${peopleOf(consoleId, now, true)}), stands as materialized (
      select account_id, email_key, search_word(company) as company_key, state, still_legacy,
        greatest(last_legacy_at, (select d.last_at from sign_in_day d
          where d.console_id = ${consoleId} and d.account_id = person.account_id and d.kind = 'unified' order by d.day desc limit 1)) as last_seen_at
      from person
    ), gone as (
      delete from move_standing m where m.console_id = ${consoleId}
        and not exists (select 1 from stands s where s.account_id = m.account_id)
    ), written as (
      insert into move_standing (console_id, account_id, email_key, company_key, state, still_legacy, last_seen_at)
      select ${consoleId}, s.account_id, s.email_key, s.company_key, s.state, s.still_legacy, s.last_seen_at
      from stands s left join move_standing m on m.console_id = ${consoleId} and m.account_id = s.account_id
      where m.account_id is null
        or (m.email_key, m.company_key, m.state, m.still_legacy, m.last_seen_at)
          is distinct from (s.email_key, s.company_key, s.state, s.still_legacy, s.last_seen_at)
      on conflict (console_id, account_id) do update set email_key = excluded.email_key, company_key = excluded.company_key,
        state = excluded.state, still_legacy = excluded.still_legacy, last_seen_at = excluded.last_seen_at
    )
    select count(*)::int as people from stands`.execute(trx);
  return rows[0]?.people ?? 0;
}
