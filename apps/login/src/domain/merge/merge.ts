import { sql } from 'kysely';
import { queueAccountEvent } from '#domain/events/queue.ts';
import { endOtherSessions } from '#domain/logout/end-session.ts';
import { LOGIN_ID_CHANGED_MAIL } from '#domain/login-id/confirm.ts';
import { endChangeRequests } from '#domain/verification/requests.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db, Trx } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { queueMail } from '#support/mail/mail.ts';
import { foreseeMerge, type MergePreview, type MergeRefusal } from './foresee.ts';

export type MergeResult =
  | { ok: true; preview: MergePreview }
  | MergeRefusal
  | { ok: false; reason: 'reason-missing' }
  /** Not what was looked at before: look again. */
  | { ok: false; reason: 'preview-outdated' };

/**
 * Makes two accounts of one person one (R25): the links of the absorbed one go over, its sessions end with their logout deliveries, its consoles are told the login ID and `sub` that the person has
 * from now on, and it is closed with a pointer to the one that stays. All of it commits together, or nothing. It cannot be undone.
 * @param wanted.seen of the preview that was confirmed; without it whatever is there now is merged
 * @param wanted.reason the operator's words; they go to the audit log and nowhere else
 */
export async function mergeAccounts(
  { db, jobs }: { db: Db; jobs: Jobs },
  wanted: { keptId: string; absorbedId: string; reason: string; seen?: string },
  by: { actor: string; now: Date },
): Promise<MergeResult> {
  const { keptId, absorbedId } = wanted;
  const reason = wanted.reason.trim();
  if (reason === '') return { ok: false, reason: 'reason-missing' };
  return db.transaction().execute(async (trx): Promise<MergeResult> => {
    // In one order, whichever is to stay, so that two merges of the same accounts wait for each other.
    await trx
      .selectFrom('account')
      .select('id')
      .where('id', 'in', [keptId, absorbedId])
      .orderBy('id')
      .forUpdate()
      .execute();
    const foreseen = await foreseeMerge(trx, keptId, absorbedId, by.now);
    if (!foreseen.ok) return foreseen;
    const { preview } = foreseen;
    if (wanted.seen !== undefined && wanted.seen !== preview.seen)
      return { ok: false, reason: 'preview-outdated' };
    await closeAbsorbed(trx, preview, by);
    const sessionsEnded = await endOtherSessions(trx, jobs, absorbedId, {
      cause: 'merged',
      now: by.now,
      actor: by.actor,
    });
    const consoleIds = await moveLinks(trx, preview);
    await endOpenChanges(trx, preview, by.now);
    const version = await nextVersion(trx, preview, by.now);
    await tellConsoles(trx, jobs, preview, { consoleIds, version, now: by.now });
    await tellPerson(trx, jobs, preview, by.now);
    const consoles = preview.links.map((one) => one.clientId);
    await recordEvent(trx, {
      at: by.now,
      action: 'account.merged',
      actor: by.actor,
      accountId: keptId,
      detail: { reason, absorbed: absorbedId, consoles, sessionsEnded },
    });
    await recordEvent(trx, {
      at: by.now,
      action: 'account.absorbed',
      actor: by.actor,
      accountId: absorbedId,
      detail: { reason, into: keptId, consoles, sessionsEnded },
    });
    return { ok: true, preview };
  });
}

/** Into which account this one was merged; undefined when it was not. */
export async function mergedInto(db: Db, accountId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('account_merge')
    .select('kept_id')
    .where('absorbed_id', '=', accountId)
    .executeTakeFirst();
  return row?.kept_id;
}

async function closeAbsorbed(
  trx: Trx,
  { kept, absorbed }: MergePreview,
  { actor, now }: { actor: string; now: Date },
): Promise<void> {
  await trx
    .updateTable('account')
    .set({ state: 'closed', updated_at: now })
    .where('id', '=', absorbed.id)
    .execute();
  await trx
    .insertInto('account_merge')
    .values({ absorbed_id: absorbed.id, kept_id: kept.id, merged_at: now, merged_by: actor })
    .execute();
  await trx.deleteFrom('password_credential').where('account_id', '=', absorbed.id).execute();
  await trx.deleteFrom('legacy_proof').where('account_id', '=', absorbed.id).execute();
}

/** Links, and what hangs on them: passwords of earlier logins, who used which login, what a console wants to hear. Answers the consoles. */
async function moveLinks(
  trx: Trx,
  { kept, absorbed, legacyPasswords }: MergePreview,
): Promise<readonly string[]> {
  const moved = await trx
    .updateTable('console_link')
    .set({ account_id: kept.id })
    .where('account_id', '=', absorbed.id)
    .returning('console_id')
    .execute();
  const consoleIds = moved.map((row) => row.console_id).toSorted();
  if (legacyPasswords.goOver)
    await trx
      .updateTable('legacy_credential')
      .set({ account_id: kept.id })
      .where('account_id', '=', absorbed.id)
      .execute();
  else await trx.deleteFrom('legacy_credential').where('account_id', '=', absorbed.id).execute();
  await trx.deleteFrom('login_id_drift').where('account_id', '=', absorbed.id).execute();
  await sql`
    with gone as (delete from sign_in_day where account_id = ${absorbed.id} and console_id = any(${consoleIds}::text[]) returning *)
    insert into sign_in_day (console_id, account_id, kind, day, first_at, last_at)
    select console_id, ${kept.id}, kind, day, first_at, last_at from gone on conflict do nothing`.execute(
    trx,
  );
  await sql`
    insert into event_unwanted (stream_id, account_id)
    select stream_id, ${kept.id} from event_unwanted where account_id = ${absorbed.id} on conflict do nothing`.execute(
    trx,
  );
  // What an account is found by has changed without a trigger seeing it: its links came by an update.
  await sql`insert into account_search_due (account_id) values (${kept.id}), (${absorbed.id})`.execute(trx);
  return consoleIds;
}

async function endOpenChanges(trx: Trx, { kept, absorbed }: MergePreview, now: Date): Promise<void> {
  for (const { id } of [kept, absorbed]) {
    await endChangeRequests(trx, id, now);
    await trx
      .updateTable('login_id_change')
      .set({ superseded_at: now })
      .where('account_id', '=', id)
      .where('confirmed_at', 'is', null)
      .where('superseded_at', 'is', null)
      .execute();
  }
}

/** A version above both: a console takes only what is newer than what it has, and it may have that of either account. */
async function nextVersion(trx: Trx, { kept, absorbed }: MergePreview, now: Date): Promise<number> {
  const { rows } = await sql<{ version: number }>`
    update account set updated_at = ${now}, login_id_version = 1 + (
      select max(login_id_version) from account where id in (${kept.id}, ${absorbed.id}))
    where id = ${kept.id} returning login_id_version as version`.execute(trx);
  const [row] = rows;
  if (!row) throw new Error('The account that stays is gone.');
  return row.version;
}

/** For the consoles that come along it is another login ID, and another `sub`. */
async function tellConsoles(
  trx: Trx,
  jobs: Jobs,
  { kept, absorbed }: MergePreview,
  { consoleIds, version, now }: { consoleIds: readonly string[]; version: number; now: Date },
): Promise<void> {
  for (const consoleId of consoleIds)
    await queueAccountEvent(
      trx,
      jobs,
      {
        kind: 'login-id-changed',
        accountId: kept.id,
        onlyConsoleId: consoleId,
        detail: {
          emailAddress: kept.emailAddress,
          previousEmailAddress: absorbed.emailAddress,
          version,
          previousSub: absorbed.id,
        },
      },
      now,
    );
}

/** The mailbox whose address lets nobody in any more. */
async function tellPerson(trx: Trx, jobs: Jobs, { kept, absorbed }: MergePreview, now: Date): Promise<void> {
  const { locale } = await trx
    .selectFrom('account')
    .select('locale')
    .where('id', '=', absorbed.id)
    .executeTakeFirstOrThrow();
  await queueMail(
    trx,
    jobs,
    {
      template: LOGIN_ID_CHANGED_MAIL,
      recipient: absorbed.emailAddress,
      locale: locale ?? 'ja',
      params: { at: now.toISOString(), newAddress: kept.emailAddress, consoleId: null },
      accountId: kept.id,
    },
    now,
  );
}
