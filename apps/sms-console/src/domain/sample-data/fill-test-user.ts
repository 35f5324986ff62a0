import type { Db } from '#support/db/database.ts';

/** Below all ids of the sample people. */
const TEST_USER_ID = '1';
const COMPANY = '点検用（見本）';

/**
 * Puts the user into the console with whom the login server's readiness check signs in (R19): nobody's, without a legacy password, in a company without anything to send. Safe to run again.
 * @param clientId as the console is registered, since the check's account has an address of its own at each console
 */
export async function fillWithTestUser(db: Db, clientId: string, now: Date): Promise<void> {
  await db
    .insertInto('company')
    .values({ name: COMPANY })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { id: companyId } = await db
    .selectFrom('company')
    .select('id')
    .where('name', '=', COMPANY)
    .executeTakeFirstOrThrow();
  await db
    .insertInto('person')
    .values({
      id: TEST_USER_ID,
      company_id: companyId,
      email_address: `readiness-check@${clientId}.invalid`,
      name: '点検 Check',
      locale: 'ja',
      legacy_password_hash: null,
      role: 'viewer',
      created_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
