import { sql } from 'kysely';
import { compiled } from '#support/db/compiled.ts';
import type { Db } from '#support/db/database.ts';

/** What a console was given of an SSO session when somebody signed in there. */
export type OpenedSession = {
  uid: string;
  accountId: string;
  clientId: string;
  consoleId: string;
  sid: string;
};

export type PersonThere = { consoleUserId: string; emailAddress: string; name: string };

/**
 * Who is in a console by this session, as they are now; undefined when the session was ended, the console was left, the account is not active, or the person is not the console's user any
 * more. A session that has only run out still counts: the console's time-outs are its own (R10).
 */
export async function personThere(db: Db, session: OpenedSession): Promise<PersonThere | undefined> {
  const { rows } = await reading(db, session);
  return rows[0];
}

const reading = compiled<OpenedSession, PersonThere>(
  (from) => sql`
    select l.console_user_id as "consoleUserId", a.email_address as "emailAddress", a.name
    from sso_session s
    join account a on a.id = s.account_id and a.state = 'active'
    join console_link l on l.account_id = a.id and l.console_id = ${from((v) => v.consoleId)} and l.deactivated_at is null
    where s.uid = ${from((v) => v.uid)} and s.account_id = ${from((v) => v.accountId)}
      and s.payload #>> array['authorizations', ${from((v) => v.clientId)}::text, 'sid'] = ${from((v) => v.sid)}`,
);
