import { CODE_LIFE } from '#domain/verification/codes.ts';
import { codeLimits } from '#domain/verification/limits.ts';
import { requestState } from '#domain/verification/requests.ts';
import type { Db } from '#support/db/database.ts';
import type { ConsoleRow, LoginIdChangeRow, VerificationRequestRow } from '#support/db/schema.ts';
import { after, SECOND } from '#support/primitives/durations.ts';
import { isKept, type Kept } from './kept.ts';

/** How a change stands. `ended`: superseded, too old, the login ID changed elsewhere meanwhile, or the account became an operator's; its code is worth nothing any more. */
export type ChangeState = 'pending' | 'confirmed' | 'ended' | 'undone';

/** A change as the one who asked for it is told. */
export type ChangeView = {
  id: string;
  newAddress: string;
  codeExpiresAt: Date;
  resendAt: Date;
  state: ChangeState;
  /** The version of the login ID that its confirmation made. */
  version: number | null;
};

export type FoundChange = {
  change: LoginIdChangeRow;
  request: VerificationRequestRow;
  /** The account's version now. */
  accountVersion: number;
};

/**
 * Reads what belongs together as it was at one moment. Between two statements a confirmation may commit, and a change that was made just then would look as if it had ended without effect.
 */
export function atOneMoment<T>(db: Db, read: (moment: Db) => Promise<T>): Promise<T> {
  return db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(read);
}

/** A change of this console, or undefined when it has none with this id. */
export async function changeOfConsole(
  db: Db,
  console: ConsoleRow,
  changeId: string,
): Promise<FoundChange | undefined> {
  const change = await db
    .selectFrom('login_id_change')
    .selectAll()
    .where('id', '=', changeId)
    .where('console_id', '=', console.id)
    .executeTakeFirst();
  return change && withItsRequest(db, change);
}

/** The change together with its request for a code and the version that the account has now. */
export async function withItsRequest(db: Db, change: LoginIdChangeRow): Promise<FoundChange> {
  const request = await db
    .selectFrom('verification_request')
    .selectAll()
    .where('id', '=', change.request_id)
    .executeTakeFirstOrThrow();
  const { login_id_version: accountVersion } = await db
    .selectFrom('account')
    .select('login_id_version')
    .where('id', '=', change.account_id)
    .executeTakeFirstOrThrow();
  return { change, request, accountVersion };
}

/** Why a change takes no code any more; undefined while it does. */
export async function whyClosed(
  db: Db,
  { change, accountVersion }: FoundChange,
  now: Date,
): Promise<'change-ended' | 'changed-meanwhile' | Kept | undefined> {
  if (change.confirmed_at || change.superseded_at) return 'change-ended';
  if (change.base_version !== null && change.base_version !== accountVersion) return 'changed-meanwhile';
  if (await isKept(db, change.account_id, change.console_id === null ? change.requested_at : null))
    return 'kept-by-administrators';
  const { state } = await requestState(db, change.request_id, null, now);
  return state === 'open' ? undefined : 'change-ended';
}

/** How a change stands, for the one who asked for it. */
export async function viewOf(db: Db, found: FoundChange, now: Date): Promise<ChangeView> {
  const { change, request } = found;
  const sentAt = request.last_sent_at ?? request.created_at;
  return {
    id: change.id,
    newAddress: change.new_address,
    codeExpiresAt: after(sentAt, CODE_LIFE),
    resendAt: after(sentAt, (await codeLimits(db)).sendPauseSeconds * SECOND),
    state: change.undone_at
      ? 'undone'
      : change.confirmed_at
        ? 'confirmed'
        : (await whyClosed(db, found, now))
          ? 'ended'
          : 'pending',
    version: change.version,
  };
}
