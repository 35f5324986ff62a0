import type { Db } from '#support/db/database.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';

/** A person as a console names them (RFC 9493 §3). */
export type NamedSubject =
  { format: 'iss_sub'; iss: string; sub: string } | { format: 'email'; email: string };

/**
 * Has a stream carry, or not carry any more, events about one person. Nobody is told whether there is such a person (SSF 1.0 §9.1): who is not a user of this console is passed over.
 */
export async function wantSubject(
  db: Db,
  of: { consoleId: string; streamId: string; issuer: string },
  subject: NamedSubject,
  wanted: boolean,
): Promise<void> {
  const accountId = await linkedAccount(db, of, subject);
  if (accountId === undefined) return;
  if (wanted)
    await db
      .deleteFrom('event_unwanted')
      .where('stream_id', '=', of.streamId)
      .where('account_id', '=', accountId)
      .execute();
  else
    await db
      .insertInto('event_unwanted')
      .values({ stream_id: of.streamId, account_id: accountId })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
}

async function linkedAccount(
  db: Db,
  of: { consoleId: string; issuer: string },
  subject: NamedSubject,
): Promise<string | undefined> {
  const linked = db
    .selectFrom('console_link')
    .innerJoin('account', 'account.id', 'account_id')
    .select('account.id')
    .where('console_id', '=', of.consoleId);
  if (subject.format === 'iss_sub')
    return subject.iss === of.issuer
      ? (await linked.where('account.id', '=', subject.sub).executeTakeFirst())?.id
      : undefined;
  const address = parseEmailAddress(subject.email);
  if (!address.ok) return undefined;
  return (await linked.where('email_key', '=', address.key).executeTakeFirst())?.id;
}
