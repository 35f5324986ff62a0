import { sql, type RawBuilder } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { MessageState } from '#support/db/schema.ts';

/** Why a message is not where it should be, for people and programs; what the gateway said of it stands in its parts. */
export type DeliveryFault =
  /** Its time was over before a gateway took it. */
  | 'too-late'
  /** The gateway took it and never said what became of it. */
  | 'no-receipt'
  /** It was written to the gateway, no answer came, and the gateway's setting is not to send it again. */
  | 'in-doubt'
  /** The gateway takes no message for this number, or not this text. */
  | 'number-refused'
  | 'content-refused'
  /** The gateway refused it as often as it is tried. */
  | 'gateway-refused'
  /** The phone did not get it. */
  | 'undeliverable'
  /** The number opted out after the message was accepted. */
  | 'opted-out';

export type ChangedMessage = {
  readonly id: string;
  readonly companyId: string;
  readonly state: MessageState;
};

/** States that nobody waits for: a message on its way to a gateway tells no news. */
const TOLD = sql`('sent', 'delivered', 'undelivered', 'expired', 'failed')`;

/**
 * Runs an update of messages that ends in `returning m.id, m.company_id, m.state, m.fault`, and writes the event of each new
 * state in the same statement: what webhooks tell is what happened. Every change of state behind "queued" goes through here.
 * `also`: further common table expressions, which may read `changed`.
 */
export async function changeMessages(
  db: Db,
  update: RawBuilder<unknown>,
  now: Date,
  also: RawBuilder<unknown> = sql``,
): Promise<readonly ChangedMessage[]> {
  const { rows } = await sql<ChangedMessage>`
    with changed as (${update}),
    told as (
      insert into message_event (message_id, company_id, state, fault, at)
      select id, company_id, state, fault, ${now} from changed where state in ${TOLD})
    ${also}
    select id, company_id as "companyId", state from changed`.execute(db);
  return rows;
}
