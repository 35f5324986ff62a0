import { sql } from 'kysely';
import { signInDelay, type SignInDelay } from '#domain/credentials/sign-in-throttle.ts';
import { roleOf } from '#domain/operators/operators.ts';
import { signedInBrowsers, type SignedInBrowser } from '#domain/sessions/browsers.ts';
import { eventsOfAccount, type RecordedEvent } from '#support/audit/read.ts';
import { AUDIT_ACTIONS } from '#support/audit/events.ts';
import type { Db } from '#support/db/database.ts';
import type { AccountRow, OperatorRole } from '#support/db/schema.ts';
import { after, DAY } from '#support/primitives/durations.ts';
import { codeFacts, type CodeFacts } from './code-facts.ts';
import { linksOfPerson, type PersonLink } from './links.ts';
import { mailsOfPerson, type PersonMail } from './mails.ts';

/** Mails are kept for 90 days; older events are in the audit log. */
const EVENTS_SHOWN = 365 * DAY;
const MOST_EVENTS = 50;

/** All that the support desk sees of one person. Never a code, a password or anything that could be used as one. */
export type PersonFacts = {
  account: AccountRow;
  /** Of the password that holds now, and of the first one. */
  password: { setAt: Date; firstSetAt: Date } | null;
  role: OperatorRole | undefined;
  links: readonly PersonLink[];
  mails: readonly PersonMail[];
  codes: CodeFacts;
  delay: SignInDelay | undefined;
  browsers: readonly SignedInBrowser[];
  events: readonly RecordedEvent[];
  changes: readonly LoginIdStep[];
};

/** One change of the login ID, asked for or done. */
export type LoginIdStep = {
  oldAddress: string;
  newAddress: string;
  clientId: string | null;
  requestedAt: Date;
  confirmedAt: Date | null;
  undoneAt: Date | null;
  undoUntil: Date | null;
};

/** Reads everything about one account at once. */
export async function personFacts(db: Db, account: AccountRow, now: Date): Promise<PersonFacts> {
  const { id, email_key: emailKey } = account;
  const since = after(now, -EVENTS_SHOWN);
  const [password, role, links, mails, codes, delay, browsers, events, changes] = await Promise.all([
    passwordOf(db, id),
    roleOf(db, id),
    linksOfPerson(db, id),
    mailsOfPerson(db, id),
    codeFacts(db, account, now),
    signInDelay(db, emailKey, now),
    signedInBrowsers(db, id, now),
    eventsOfAccount(db, id, { actions: AUDIT_ACTIONS, since, limit: MOST_EVENTS }),
    loginIdSteps(db, id),
  ]);
  return { account, password, role, links, mails, codes, delay, browsers, events, changes };
}

async function passwordOf(db: Db, accountId: string): Promise<PersonFacts['password']> {
  const row = await db
    .selectFrom('password_credential')
    .select(['set_at', 'first_set_at'])
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return row ? { setAt: row.set_at, firstSetAt: row.first_set_at ?? row.set_at } : null;
}

async function loginIdSteps(db: Db, accountId: string): Promise<LoginIdStep[]> {
  const { rows } = await sql<LoginIdStep>`
    select h.old_address as "oldAddress", h.new_address as "newAddress", c.client_id as "clientId", h.requested_at as "requestedAt",
      h.confirmed_at as "confirmedAt", h.undone_at as "undoneAt", h.undo_until as "undoUntil"
    from login_id_change h left join console c on c.id = h.console_id
    where h.account_id = ${accountId} order by h.requested_at desc limit 10`.execute(db);
  return rows;
}
