import { sql, type RawBuilder } from 'kysely';

/** Of a recipient `r`: not reached and not settled. Written as in the index `notice_recipient_to_settle`. */
export const UNREACHED = sql`r.settled_at is null and (r.state in ('refused', 'bounced') or r.state = 'dropped' and r.drop_reason = 'left-audience')`;

/** Of a recipient `r`: still among those whom notices of the console go to. Asked of one after the other, so that a page of many does not read them all. */
export function inAudience(consoleId: RawBuilder<unknown>) {
  return sql`coalesce((
    select not x.api_only from console_link x join account y on y.id = x.account_id and y.state = 'active'
    where x.console_id = ${consoleId} and x.account_id = r.account_id), false)`;
}
