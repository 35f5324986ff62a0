import { sql, type RawBuilder } from 'kysely';
import { ACCOUNT_COLUMNS } from '#domain/accounts/accounts.ts';
import type { Db } from '#support/db/database.ts';
import type { AccountRow } from '#support/db/schema.ts';

/**
 * An active account together with the console's own id for that person (null: not one of that console's), in one statement.
 * Undefined when there is no such account or it is not active.
 */
export async function accountWithLink(
  db: Db,
  accountId: string,
  consoleId: string,
): Promise<{ account: AccountRow; consoleUserId: string | null } | undefined> {
  const row = await db
    .selectFrom('account')
    .leftJoin('console_link', (join) =>
      join
        .onRef('console_link.account_id', '=', 'account.id')
        .on('console_link.console_id', '=', consoleId)
        .on('console_link.deactivated_at', 'is', null),
    )
    .select(ACCOUNT_COLUMNS)
    .select('console_link.console_user_id')
    .where('account.id', '=', accountId)
    .where('account.state', '=', 'active')
    .executeTakeFirst();
  if (!row) return undefined;
  const { console_user_id: consoleUserId, ...account } = row;
  return { account, consoleUserId };
}

/** The account that a console knows by its own immutable user id. */
export async function accountOfConsoleUser(
  db: Db,
  consoleId: string,
  consoleUserId: string,
): Promise<AccountRow | undefined> {
  return db
    .selectFrom('console_link')
    .innerJoin('account', 'account.id', 'console_link.account_id')
    .select(ACCOUNT_COLUMNS)
    .where('console_link.console_id', '=', consoleId)
    .where('console_link.console_user_id', '=', consoleUserId)
    .where('account.state', '=', 'active')
    .executeTakeFirst();
}

/** The ids of the consoles that an account may enter. */
export async function linkedConsoleIds(db: Db, accountId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('console_link')
    .select('console_id')
    .where('account_id', '=', accountId)
    .where('deactivated_at', 'is', null)
    .execute();
  return rows.map((row) => row.console_id);
}

/** Notes that an account uses a console through its machine API only: it gets no notices and is nobody to move (R14). */
export async function markApiOnly(trx: Db, consoleId: string, accountId: string): Promise<void> {
  await trx
    .updateTable('console_link')
    .set({ api_only: true })
    .where('console_id', '=', consoleId)
    .where('account_id', '=', accountId)
    .execute();
}

/**
 * Whether a console linked, by itself, an account that was there before, and its person has never entered that console. Until they do, nobody has said that they are the console's user: it moves
 * no login ID and hears of none (docs/decisions/0031).
 */
export async function isUnproved(db: Db, consoleId: string, accountId: string): Promise<boolean> {
  const { rows } = await sql<{ unproved: boolean }>`
    select exists (
      select from console_link l join provisioned_user p using (console_id, console_user_id)
      where l.console_id = ${consoleId} and l.account_id = ${accountId} and ${stillUnproved}
    ) as unproved`.execute(db);
  return rows[0]?.unproved === true;
}

/** The same as a condition on a link `l` and what was provisioned of it, `p`. */
export const stillUnproved: RawBuilder<boolean> = sql<boolean>`(p.joined and not exists (
  select from sign_in_day d where d.console_id = l.console_id and d.account_id = l.account_id and d.kind = 'unified'))`;
