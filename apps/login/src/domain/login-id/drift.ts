import { queueAccountEvent } from '#domain/events/queue.ts';
import { endChangeRequests } from '#domain/verification/requests.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { LoginIdDriftRow } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { requestChangeByOperator, type OperatorChangeResult } from './operator-change.ts';

/**
 * How a listed difference can be repaired. `console-takes-ours`: all consoles of the account are told its login ID once more, under the next version, so that it counts as newer everywhere.
 * `ask-person`: a code goes to the address that the console has; when the person types it, that address becomes the login ID, as with any change. Neither moves a login ID without the proof of a mailbox.
 */
export type DriftRepair = 'console-takes-ours' | 'ask-person';

/** What is proposed. Only somebody who reads the console's address can say that it is right; where that cannot be, ours is the one that was proved. */
export const PROPOSED: { readonly [K in LoginIdDriftRow['kind']]: DriftRepair } = {
  'console-changed': 'ask-person',
  'address-of-another': 'console-takes-ours',
  'address-malformed': 'console-takes-ours',
  'console-ahead': 'console-takes-ours',
};

/** A console that claims to be further ahead than this has a broken version, and no account takes it over: it would come near the greatest number that the column holds. */
const CREDIBLE_LEAD = 10_000;

export type DriftEntry = {
  id: string;
  clientId: string;
  consoleUserId: string;
  accountId: string;
  loginId: string;
  consoleAddress: string;
  kind: LoginIdDriftRow['kind'];
  proposed: DriftRepair;
  state: LoginIdDriftRow['state'];
  note: string;
  firstSeenAt: Date;
  lastSeenAt: Date;
};

/** The differences between consoles' addresses and login IDs that people must decide on, the oldest first. */
export async function driftList(
  db: Db,
  filter: { consoleId?: string; state?: LoginIdDriftRow['state']; after?: string; limit: number },
): Promise<DriftEntry[]> {
  let query = db
    .selectFrom('login_id_drift')
    .innerJoin('console', 'console.id', 'login_id_drift.console_id')
    .innerJoin('account', 'account.id', 'login_id_drift.account_id')
    .selectAll('login_id_drift')
    .select(['console.client_id', 'account.email_address'])
    .orderBy('login_id_drift.id')
    .limit(filter.limit);
  if (filter.consoleId !== undefined) query = query.where('login_id_drift.console_id', '=', filter.consoleId);
  if (filter.state !== undefined) query = query.where('login_id_drift.state', '=', filter.state);
  if (filter.after !== undefined) query = query.where('login_id_drift.id', '>', filter.after);
  return (await query.execute()).map((row) => ({
    id: row.id,
    clientId: row.client_id,
    consoleUserId: row.console_user_id,
    accountId: row.account_id,
    loginId: row.email_address,
    consoleAddress: row.console_address,
    kind: row.kind,
    proposed: PROPOSED[row.kind],
    state: row.state,
    note: row.note,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
  }));
}

export type RepairResult =
  | { ok: true; state: 'asked' | 'told' }
  | { ok: false; reason: 'drift-unknown' | 'drift-address-unfit' | 'drift-version-unfit' }
  | Exclude<OperatorChangeResult, { ok: true }>;

/** Repairs a listed difference the way an operator chose. It stays listed until the console's next comparison finds no difference. */
export async function repairDrift(
  deps: { db: Db; jobs: Jobs },
  wanted: { id: string; repair: DriftRepair; reason: string; locale: Locale },
  by: { actor: string; administrator: boolean; now: Date },
): Promise<RepairResult> {
  const row = await driftOf(deps.db, wanted.id);
  if (!row) return { ok: false, reason: 'drift-unknown' };
  if (wanted.reason.trim() === '') return { ok: false, reason: 'reason-missing' };
  if (wanted.repair === 'console-takes-ours') return tellAgain(deps, row, wanted.reason.trim(), by);
  if (row.kind !== 'console-changed') return { ok: false, reason: 'drift-address-unfit' };
  const asked = await requestChangeByOperator(
    deps,
    {
      account: row.account_id,
      newEmailAddress: row.console_address,
      locale: wanted.locale,
      reason: wanted.reason,
    },
    by,
  );
  if (!asked.ok)
    return asked.reason === 'address-taken' || asked.reason === 'address-malformed'
      ? { ok: false, reason: 'drift-address-unfit' }
      : asked;
  await settle(deps.db, row, 'asked', wanted, by);
  return { ok: true, state: 'asked' };
}

/** Takes a difference off the open list; it comes back when its facts change. */
export async function dismissDrift(
  db: Db,
  wanted: { id: string; reason: string },
  by: { actor: string; now: Date },
): Promise<{ ok: true } | { ok: false; reason: 'drift-unknown' | 'reason-missing' }> {
  const row = await driftOf(db, wanted.id);
  if (!row) return { ok: false, reason: 'drift-unknown' };
  if (wanted.reason.trim() === '') return { ok: false, reason: 'reason-missing' };
  await db.transaction().execute((trx) => settle(trx, row, 'dismissed', wanted, by));
  return { ok: true };
}

async function tellAgain(
  { db, jobs }: { db: Db; jobs: Jobs },
  row: LoginIdDriftRow,
  reason: string,
  by: { actor: string; now: Date },
): Promise<RepairResult> {
  return db.transaction().execute(async (trx): Promise<RepairResult> => {
    const account = await trx
      .selectFrom('account')
      .select(['id', 'email_address', 'login_id_version'])
      .where('id', '=', row.account_id)
      .forUpdate()
      .executeTakeFirstOrThrow();
    if ((row.console_version ?? 0) > account.login_id_version + CREDIBLE_LEAD)
      return { ok: false, reason: 'drift-version-unfit' };
    // Newer than what any side has seen: only then does the console take it in.
    const version = Math.max(account.login_id_version, row.console_version ?? 0) + 1;
    await trx
      .updateTable('account')
      .set({ login_id_version: version, updated_at: by.now })
      .where('id', '=', account.id)
      .execute();
    await endChangeRequests(trx, account.id, by.now);
    await queueAccountEvent(
      trx,
      jobs,
      {
        kind: 'login-id-changed',
        accountId: account.id,
        detail: {
          emailAddress: account.email_address,
          // Not the console's claim: that may be another person's address, and every console is told this.
          previousEmailAddress: account.email_address,
          version,
        },
      },
      by.now,
    );
    await settle(trx, row, 'told', { reason, repair: 'console-takes-ours' }, by);
    return { ok: true, state: 'told' };
  });
}

async function settle(
  db: Db,
  row: LoginIdDriftRow,
  state: 'asked' | 'told' | 'dismissed',
  of: { reason: string; repair?: DriftRepair },
  by: { actor: string; now: Date },
): Promise<void> {
  await db
    .updateTable('login_id_drift')
    .set({ state, note: of.reason.trim(), settled_by: by.actor })
    .where('id', '=', row.id)
    .execute();
  await recordEvent(db, {
    at: by.now,
    action: state === 'dismissed' ? 'login-id.drift-dismissed' : 'login-id.drift-repaired',
    actor: by.actor,
    accountId: row.account_id,
    consoleId: row.console_id,
    detail: {
      driftId: row.id,
      kind: row.kind,
      reason: of.reason.trim(),
      ...(of.repair ? { repair: of.repair } : {}),
    },
  });
}

async function driftOf(db: Db, id: string): Promise<LoginIdDriftRow | undefined> {
  return db.selectFrom('login_id_drift').selectAll().where('id', '=', id).executeTakeFirst();
}
