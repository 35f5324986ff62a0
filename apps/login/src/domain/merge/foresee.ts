import { operatorSince } from '#domain/operators/operators.ts';
import type { Db } from '#support/db/database.ts';
import type { AccountRow } from '#support/db/schema.ts';
import { secretHash } from '#support/primitives/secrets.ts';

/** One of the two accounts, as it is before. */
export type MergingAccount = Pick<AccountRow, 'id' | 'name' | 'company' | 'state'> & {
  emailAddress: string;
  hasPassword: boolean;
};

/** What a merge does, before it is done. */
export type MergePreview = {
  /** This one stays, with its login ID and its password. */
  kept: MergingAccount;
  /** This one is closed; its login ID and its password let nobody in any more. */
  absorbed: MergingAccount;
  /** What goes over. `active` false: shut out of that console, and stays so. */
  links: readonly { clientId: string; consoleUserId: string; active: boolean }[];
  /** Browsers in which the absorbed account is signed in; they are signed out, and their consoles told. */
  sessionsEnd: number;
  /** Changes of either login ID that wait for their code; they end. */
  changesEnd: number;
  /** Passwords of earlier logins that are accepted once (R21): they go over only where the kept account has no password. */
  legacyPasswords: { number: number; goOver: boolean };
  /** Made of all the rest: whoever confirms says what they have seen. */
  seen: string;
};

export type MergeRefusal =
  | { ok: false; reason: 'same-account' | 'account-unknown' }
  /** Only active accounts are merged: whoever is suspended must not come in by another account. */
  | { ok: false; reason: 'account-state-unfit'; accountId: string; state: AccountRow['state'] }
  | { ok: false; reason: 'account-is-operators'; accountId: string }
  /** Both have a user in these consoles: which of the two stays is decided there. */
  | { ok: false; reason: 'linked-twice'; clientIds: readonly string[] }
  /** A former mailbox may still take the login ID back until then. */
  | { ok: false; reason: 'undo-open'; accountId: string; until: Date };

/** What would happen if one account were merged into another, or why not. Decides the same with the accounts locked. */
export async function foreseeMerge(
  db: Db,
  keptId: string,
  absorbedId: string,
  now: Date,
): Promise<{ ok: true; preview: MergePreview } | MergeRefusal> {
  if (keptId === absorbedId) return { ok: false, reason: 'same-account' };
  const [kept, absorbed] = [await accountOf(db, keptId), await accountOf(db, absorbedId)];
  if (!kept || !absorbed) return { ok: false, reason: 'account-unknown' };
  for (const { id, state } of [kept, absorbed])
    if (state !== 'active') return { ok: false, reason: 'account-state-unfit', accountId: id, state };
  for (const { id } of [kept, absorbed])
    if ((await operatorSince(db, id)) !== undefined)
      return { ok: false, reason: 'account-is-operators', accountId: id };
  const links = await linksOf(db, absorbedId);
  const others = new Set((await linksOf(db, keptId)).map((one) => one.clientId));
  const twice = links.map((one) => one.clientId).filter((clientId) => others.has(clientId));
  if (twice.length > 0) return { ok: false, reason: 'linked-twice', clientIds: twice };
  const undo = await openUndo(db, [keptId, absorbedId], now);
  if (undo) return { ok: false, reason: 'undo-open', ...undo };
  const legacyPasswords = await numberOf(
    db
      .selectFrom('legacy_credential')
      .select((eb) => eb.fn.countAll<string>().as('n'))
      .where('account_id', '=', absorbedId),
  );
  const preview = {
    kept,
    absorbed,
    links,
    sessionsEnd: await numberOf(
      db
        .selectFrom('sso_session')
        .select((eb) => eb.fn.countAll<string>().as('n'))
        .where('account_id', '=', absorbedId),
    ),
    changesEnd: await numberOf(
      db
        .selectFrom('login_id_change')
        .innerJoin('verification_request', 'verification_request.id', 'request_id')
        .select((eb) => eb.fn.countAll<string>().as('n'))
        .where('login_id_change.account_id', 'in', [keptId, absorbedId])
        .where('confirmed_at', 'is', null)
        .where('superseded_at', 'is', null)
        .where('ended_at', 'is', null),
    ),
    legacyPasswords: { number: legacyPasswords, goOver: !kept.hasPassword },
  };
  // Whether somebody signs in or out meanwhile changes nothing of what was decided.
  const { sessionsEnd: _, changesEnd: __, ...decided } = preview;
  return { ok: true, preview: { ...preview, seen: secretHash(JSON.stringify(decided)).slice(0, 22) } };
}

async function accountOf(db: Db, id: string): Promise<MergingAccount | undefined> {
  const row = await db
    .selectFrom('account')
    .leftJoin('password_credential', 'account_id', 'account.id')
    .select(['account.id', 'email_address', 'name', 'company', 'state', 'password_credential.set_at'])
    .where('account.id', '=', id)
    .executeTakeFirst();
  if (!row) return undefined;
  const { email_address: emailAddress, set_at: setAt, ...account } = row;
  return { ...account, emailAddress, hasPassword: setAt !== null };
}

async function linksOf(db: Db, accountId: string): Promise<MergePreview['links']> {
  const rows = await db
    .selectFrom('console_link')
    .innerJoin('console', 'console.id', 'console_id')
    .select(['client_id', 'console_user_id', 'deactivated_at'])
    .where('account_id', '=', accountId)
    .orderBy('client_id')
    .execute();
  return rows.map((row) => ({
    clientId: row.client_id,
    consoleUserId: row.console_user_id,
    active: row.deactivated_at === null,
  }));
}

async function openUndo(
  db: Db,
  accountIds: readonly string[],
  now: Date,
): Promise<{ accountId: string; until: Date } | undefined> {
  const row = await db
    .selectFrom('login_id_change')
    .select(['account_id', 'undo_until'])
    .where('account_id', 'in', accountIds)
    .where('confirmed_at', 'is not', null)
    .where('undone_at', 'is', null)
    .where('undo_closed_at', 'is', null)
    .where('undo_until', '>', now)
    .orderBy('undo_until', 'desc')
    .executeTakeFirst();
  return row?.undo_until ? { accountId: row.account_id, until: row.undo_until } : undefined;
}

async function numberOf(query: { executeTakeFirstOrThrow(): Promise<{ n: string }> }): Promise<number> {
  return Number((await query.executeTakeFirstOrThrow()).n);
}
