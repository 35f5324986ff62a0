import { sql } from 'kysely';
import { endOtherSessions } from '#domain/logout/end-session.ts';
import { giveUpMail } from '#domain/person/mail-acts.ts';
import { revokeOperatorToken } from '#domain/operators/revoke-token.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';

/** What came back with a restored database and was ended. */
export type AfterRestore = {
  sessions: number;
  /** Of the protocol: codes, tokens, sign-ins under way. */
  artifacts: number;
  /** For verification codes, and changes of login IDs that were not confirmed. */
  codeRequests: number;
  mails: number;
  operatorTokens: number;
  directoryTokens: number;
};

const AT_ONCE = 200;

/**
 * Ends everything in a restored database that may have been used, ended or revoked after the backup was made, before any server serves from it: sessions (consoles are told, also of those that they
 * ended themselves), codes and tokens of the protocol, verification codes, proofs, mails that wait (whether they went out nobody knows), and tokens of programs. May be cut off and run again.
 * @param of.keepTokens leaves the tokens of programs and directories; only when none was revoked since the backup
 */
export async function endWhatCameBack(
  deps: { db: Db; jobs: Jobs },
  of: { keepTokens: boolean },
  by: { actor: string; now: Date },
): Promise<AfterRestore> {
  const { db } = deps;
  const { now } = by;
  // Before the sessions, which would take theirs with them uncounted.
  const artifacts = await deleted(db, 'oidc_artifact');
  const done: AfterRestore = {
    sessions: await endSessions(deps, now),
    artifacts,
    codeRequests: await endCodeRequests(db, now),
    mails: await giveUpMails(db, by),
    operatorTokens: of.keepTokens ? 0 : await revokeOperatorTokens(db, by),
    directoryTokens: of.keepTokens ? 0 : await revokeDirectoryTokens(db, now),
  };
  await deleted(db, 'legacy_proof');
  await deleted(db, 'known_browser');
  await deleted(db, 'kept_operator_form');
  await recordEvent(db, { at: now, action: 'database.restored', actor: by.actor, detail: done });
  return done;
}

async function endSessions({ db, jobs }: { db: Db; jobs: Jobs }, now: Date): Promise<number> {
  let ended = 0;
  for (;;) {
    const people = await db
      .selectFrom('sso_session')
      .select('account_id')
      .distinct()
      .where('account_id', 'is not', null)
      .limit(AT_ONCE)
      .execute();
    for (const { account_id: id } of people)
      if (id !== null)
        ended += await db
          .transaction()
          .execute((trx) => endOtherSessions(trx, jobs, id, { cause: 'restored', actor: 'system', now }));
    if (people.length < AT_ONCE) break;
  }
  // Sessions in which nobody has signed in yet.
  await deleted(db, 'sso_session');
  return ended;
}

async function endCodeRequests(db: Db, now: Date): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable('verification_request')
    .set({ ended_at: now })
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow();
  await db
    .updateTable('login_id_change')
    .set({ superseded_at: now })
    .where('confirmed_at', 'is', null)
    .where('superseded_at', 'is', null)
    .execute();
  return Number(numUpdatedRows);
}

async function giveUpMails(db: Db, by: { actor: string; now: Date }): Promise<number> {
  // One that was being handed over when the backup was made is in nobody's hands now.
  await db.updateTable('message').set({ handed_over_at: null }).where('state', '=', 'queued').execute();
  let given = 0;
  for (;;) {
    const rows = await db
      .selectFrom('message')
      .select('id')
      .where('state', '=', 'queued')
      .limit(AT_ONCE)
      .execute();
    for (const { id } of rows) if ((await giveUpMail(db, id, by)).ok) given += 1;
    if (rows.length === 0) return given;
  }
}

async function revokeOperatorTokens(db: Db, by: { actor: string; now: Date }): Promise<number> {
  const rows = await db.selectFrom('operator_token').select('id').where('revoked_at', 'is', null).execute();
  for (const { id } of rows) await revokeOperatorToken(db, id, by);
  return rows.length;
}

async function revokeDirectoryTokens(db: Db, now: Date): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable('directory_token')
    .set({ revoked_at: now })
    .where('revoked_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

async function deleted(
  db: Db,
  table: 'oidc_artifact' | 'sso_session' | 'legacy_proof' | 'known_browser' | 'kept_operator_form',
): Promise<number> {
  const { numAffectedRows } = await sql`delete from ${sql.table(table)}`.execute(db);
  return Number(numAffectedRows ?? 0);
}
