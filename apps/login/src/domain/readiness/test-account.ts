import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { after, MINUTE } from '#support/primitives/durations.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';
import { newId } from '#support/primitives/ids.ts';

/** The account with which one check signs in. */
export type TestAccount = { id: string; emailAddress: string; consoleUserId: string };

/** What the test user of a console is called there, unless it is registered. */
export const TEST_USER_ID = 'hitokagi-check';
/** A check that has not ended by then never will. */
const LONGEST_CHECK = 5 * MINUTE;

/** By their ids these accounts are told from people's, wherever one meets them, without a statement. */
export function isTestAccount(accountId: string): boolean {
  return accountId.startsWith('chk_');
}

/** The address that the test user has; nobody's mailbox (RFC 2606 §2). */
export function testAddress(clientId: string): string {
  return `readiness-check@${clientId}.invalid`;
}

export type MakeTestAccountResult =
  | { ok: true; account: TestAccount }
  /** Somebody checks this console at this moment. */
  | { ok: false; reason: 'check-under-way' }
  /** A person has this user id in the console: it is not its test user. */
  | { ok: false; reason: 'test-user-is-a-person' };

/** Begins a check of a console: of many at once one begins. Makes its account, linked to this console alone, for its machine API as it were: nobody to move, and told of nothing. */
export async function makeTestAccount(
  db: Db,
  console: ConsoleRow,
  now: Date,
): Promise<MakeTestAccountResult> {
  const consoleUserId = console.check_user_id ?? TEST_USER_ID;
  const address = parseEmailAddress(testAddress(console.client_id));
  if (!address.ok) throw new Error(address.reason);
  const id = newId('chk', now);
  return db.transaction().execute(async (trx): Promise<MakeTestAccountResult> => {
    const { rows } = await sql<{ account_id: string }>`
      insert into console_check_run as known (console_id, account_id, started_at) values (${console.id}, ${id}, ${now})
      on conflict (console_id) do update set account_id = ${id}, started_at = ${now}, altered = null, altered_given = false, redeemed = false
        where known.started_at <= ${after(now, -LONGEST_CHECK)}
      returning account_id`.execute(trx);
    if (rows.length === 0) return { ok: false, reason: 'check-under-way' };
    // What a check left behind that was cut off.
    const left = await trx
      .selectFrom('account')
      .select('id')
      .where('email_key', '=', address.key)
      .executeTakeFirst();
    if (left && isTestAccount(left.id)) await removeAccount(trx, left.id);
    const taken = await trx
      .selectFrom('console_link')
      .select('account_id')
      .where('console_id', '=', console.id)
      .where('console_user_id', '=', consoleUserId)
      .executeTakeFirst();
    if (taken || (left && !isTestAccount(left.id))) {
      await trx.deleteFrom('console_check_run').where('console_id', '=', console.id).execute();
      return { ok: false, reason: 'test-user-is-a-person' };
    }
    await trx
      .insertInto('account')
      .values({
        id,
        email_address: address.address,
        email_key: address.key,
        name: '点検 Check',
        company: '',
        locale: null,
        created_at: now,
        updated_at: now,
      })
      .execute();
    await trx
      .insertInto('console_link')
      .values({
        console_id: console.id,
        console_user_id: consoleUserId,
        account_id: id,
        created_at: now,
        last_unified_sign_in_at: null,
        api_only: true,
      })
      .execute();
    return { ok: true, account: { id, emailAddress: address.address, consoleUserId } };
  });
}

/** Ends a check: nothing is left of its account. */
export async function removeTestAccount(db: Db, accountId: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await removeAccount(trx, accountId);
    await trx.deleteFrom('console_check_run').where('account_id', '=', accountId).execute();
  });
}

/** Removes the accounts of checks that were cut off. */
export async function forgetCutOffChecks(db: Db, now: Date): Promise<void> {
  const left = await db
    .selectFrom('console_check_run')
    .select('account_id')
    .where('started_at', '<=', after(now, -LONGEST_CHECK))
    .execute();
  for (const { account_id: accountId } of left) await removeTestAccount(db, accountId);
}

/** The `sid` of the console's session in the SSO session of a test account; undefined when that has ended. */
export async function sidAt(db: Db, accountId: string, clientId: string): Promise<string | undefined> {
  const { rows } = await sql<{ sid: string | null }>`
    select payload -> 'authorizations' -> ${clientId}::text ->> 'sid' as sid from sso_session where account_id = ${accountId}`.execute(
    db,
  );
  return rows[0]?.sid ?? undefined;
}

async function removeAccount(trx: Db, accountId: string): Promise<void> {
  if (!isTestAccount(accountId)) throw new Error(`${accountId} is not the account of a check.`);
  await trx.deleteFrom('sso_session').where('account_id', '=', accountId).execute();
  await trx.deleteFrom('oidc_artifact').where('account_id', '=', accountId).execute();
  await trx.deleteFrom('sign_in_day').where('account_id', '=', accountId).execute();
  await trx.deleteFrom('console_link').where('account_id', '=', accountId).execute();
  await trx.deleteFrom('account').where('id', '=', accountId).execute();
}
