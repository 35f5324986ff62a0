import { sql, type RawBuilder } from 'kysely';
import { holding, type ProofMarks } from '#domain/sign-in/still-holds.ts';
import type { Db } from '#support/db/database.ts';

/** A row of `oidc_artifact`, ready to be written. */
export type StoredArtifact = {
  kind: string;
  id_hash: string;
  grant_id: string | null;
  account_id: string | null;
  client_id: string | null;
  session_uid: string | null;
  payload: string;
  expires_at: Date | null;
};

export type StoredSession = {
  uid: string;
  id_hash: string;
  account_id: string | null;
  payload: string;
  expires_at: Date;
  /** The browser that the request came from; null where none is known. */
  client_ip: string | null;
  user_agent: string | null;
};

/** A code or refresh token that is used up. */
export type Consumption = { kind: string; idHash: string };

/** The person columns of a row that was read ahead; all null when there is no active account. */
type PersonColumns = {
  account_id: string | null;
  email_address: string | null;
  name: string | null;
  locale: 'ja' | 'en' | null;
  console_user_ids: Record<string, string> | null;
};

/** The living session with this identifier, and its person. */
export async function readSession(db: Db, idHash: string, now: Date) {
  const { rows } = await sql<PersonColumns & { payload: Record<string, unknown> }>`
    select s.payload, s.account_id, ${PERSON}
    from sso_session s ${personOf('s')}
    where s.id_hash = ${idHash} and s.expires_at > ${now}`.execute(db);
  return rows[0];
}

/** The living artifact with this identifier, the living session that it belongs to, and its person. */
export async function readArtifact(db: Db, kind: string, idHash: string, now: Date) {
  const { rows } = await sql<
    PersonColumns & {
      payload: Record<string, unknown>;
      consumed_at: Date | null;
      session_uid: string | null;
      session_payload: Record<string, unknown> | null;
    }
  >`
    select o.payload, o.consumed_at, o.session_uid, s.payload as session_payload, o.account_id, ${PERSON}
    from oidc_artifact o
    left join sso_session s on s.uid = o.session_uid and s.expires_at > ${now}
    ${personOf('o')}
    where o.kind = ${kind} and o.id_hash = ${idHash} and o.ended_at is null and (o.expires_at is null or o.expires_at > ${now})`.execute(
    db,
  );
  return rows[0];
}

/** Writes an artifact, or replaces what it holds. */
export async function writeArtifact(db: Db, artifact: StoredArtifact): Promise<void> {
  await sql`
    insert into oidc_artifact ${ARTIFACT_COLUMNS} values (${valuesOf(artifact)})
    ${REPLACING}`.execute(db);
}

/**
 * Writes a pending sign-in in which somebody has authenticated, only while the proof holds. The account and its password are locked by the same statement, so that an undo, a suspension or a
 * new password either sees what is written here and ends it, or is seen. False when it came first.
 * @param success what is written of the success, in the same statement
 */
export async function writeAuthenticated(
  db: Db,
  artifact: StoredArtifact,
  proof: ProofMarks,
  success: RawBuilder<unknown> | undefined,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    with ${success ? sql`${success},` : sql``} holder as (${holding(proof)})
    insert into oidc_artifact ${ARTIFACT_COLUMNS} select ${valuesOf(artifact)} from holder
    ${REPLACING}`.execute(db);
  return numAffectedRows === 1n;
}

/**
 * Consumes, and writes an artifact only if nobody had consumed before. False when somebody had. A code that a console redeems is a sign-in of that person: the same
 * statement notes it (R15); a refresh token is none.
 */
export async function writeConsuming(
  db: Db,
  consumption: Consumption,
  artifact: StoredArtifact,
  now: Date,
): Promise<boolean> {
  const noted =
    consumption.kind === 'AuthorizationCode'
      ? sql`, signed_in as (${notingSignIn(artifact.client_id, artifact.account_id, now)})`
      : sql``;
  const { numAffectedRows } = await sql`
    with consumed as (${consuming(consumption, now)}) ${noted}
    insert into oidc_artifact ${ARTIFACT_COLUMNS} select ${valuesOf(artifact)} from consumed`.execute(db);
  return numAffectedRows === 1n;
}

/** Consumes. False when somebody had before. */
export async function consume(db: Db, consumption: Consumption, now: Date): Promise<boolean> {
  return (await consuming(consumption, now).execute(db)).rows.length === 1;
}

/**
 * Writes a session, and with it the code that it gave out and the end of the sign-in that it came from. A session that was read in this request (`known`, the
 * hash of the identifier that it was read by) is only changed: if it ended meanwhile nothing is written, and the answer is false; a logout is never undone by a request beside it.
 * Nor is anything written when the sign-in that it came from was taken away meanwhile (`endPendingSignIns` waits for this, or this for it).
 * Of two requests at once in one session each keeps what the other has noted about its console, and one that began before the identifier
 * rotated does not bring the old identifier back.
 */
export async function writeSession(
  db: Db,
  session: StoredSession,
  extra: { known: string | undefined; code?: StoredArtifact | undefined; endedSignIn?: string | undefined },
  now: Date,
): Promise<boolean> {
  const ended =
    extra.endedSignIn === undefined ? sql`` : sql`ended as (${endingSignIn(extra.endedSignIn, now)}),`;
  const ifEnded = extra.endedSignIn === undefined ? sql`true` : sql`exists (select from ended)`;
  const written =
    extra.known === undefined ? making(session, now, ifEnded) : changing(session, extra.known, now, ifEnded);
  const { rows } = await (
    extra.code
      ? sql`with ${ended} written as (${written}) insert into oidc_artifact ${ARTIFACT_COLUMNS} select ${valuesOf(extra.code)} from written returning id_hash`
      : sql`with ${ended} written as (${written}) select uid from written`
  ).execute(db);
  return rows.length === 1;
}

/** Ends a pending sign-in; it is remembered for a while, so that its page can still say where to go (see pending-sign-in.ts). */
export async function endSignIn(db: Db, idHash: string, now: Date): Promise<void> {
  await endingSignIn(idHash, now).execute(db);
}

/** Writes an artifact only while what it is given for has not been taken away (`removeGranted` waits for this, or this for it). False when it has. */
export async function writeWhileUnrevoked(
  db: Db,
  source: Consumption,
  artifact: StoredArtifact,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    with source as (select 1 from oidc_artifact where kind = ${source.kind} and id_hash = ${source.idHash} for share)
    insert into oidc_artifact ${ARTIFACT_COLUMNS} select ${valuesOf(artifact)} from source`.execute(db);
  return numAffectedRows === 1n;
}

/**
 * Takes away everything that was given out under a grant: its code or refresh token was used twice. First what is exchanged, so that a token which is being written for it
 * is either there for the second statement to see or never comes to be.
 */
export async function removeGranted(db: Db, sessionUid: string, grantId: string): Promise<void> {
  await db
    .deleteFrom('oidc_artifact')
    .where('session_uid', '=', sessionUid)
    .where('grant_id', '=', grantId)
    .where('kind', 'in', ['AuthorizationCode', 'RefreshToken'])
    .execute();
  await db
    .deleteFrom('oidc_artifact')
    .where('session_uid', '=', sessionUid)
    .where('grant_id', '=', grantId)
    .execute();
}

const REPLACING = sql`
    on conflict (kind, id_hash) do update set
      payload = excluded.payload, account_id = excluded.account_id, expires_at = excluded.expires_at`;
const PERSON = sql`a.email_address, a.name, a.locale, links.console_user_ids`;
const ARTIFACT_COLUMNS = sql`(kind, id_hash, grant_id, account_id, client_id, session_uid, payload, expires_at)`;

function personOf(table: 's' | 'o'): RawBuilder<unknown> {
  return sql`
    left join account a on a.id = ${sql.ref(`${table}.account_id`)} and a.state = 'active'
    left join lateral (
      select jsonb_object_agg(console_id, console_user_id) as console_user_ids from console_link where account_id = a.id
    ) links on true`;
}

function valuesOf(row: StoredArtifact): RawBuilder<unknown> {
  return sql`${row.kind}, ${row.id_hash}, ${row.grant_id}, ${row.account_id}, ${row.client_id}, ${row.session_uid}, ${row.payload}::jsonb, ${row.expires_at}::timestamptz`;
}

function consuming({ kind, idHash }: Consumption, now: Date): RawBuilder<unknown> {
  return sql`update oidc_artifact set consumed_at = ${now} where kind = ${kind} and id_hash = ${idHash} and consumed_at is null returning 1`;
}

/**
 * The first sign-in of a person, console and day (Japan time); the further ones write nothing. Only where there is a link. The table has no foreign keys, so a sign-in
 * neither waits for a change of its account or console, nor fails by one.
 */
function notingSignIn(clientId: string | null, accountId: string | null, now: Date): RawBuilder<unknown> {
  return sql`
    insert into sign_in_day (console_id, account_id, kind, day, first_at, last_at)
    select l.console_id, l.account_id, 'unified', (${now}::timestamptz at time zone 'Asia/Tokyo')::date, ${now}, ${now}
    from consumed, console c join console_link l on l.console_id = c.id
    where c.client_id = ${clientId} and l.account_id = ${accountId}
    on conflict do nothing`;
}

function endingSignIn(idHash: string, now: Date): RawBuilder<unknown> {
  return sql`update oidc_artifact set ended_at = ${now} where kind = 'Interaction' and id_hash = ${idHash} returning 1`;
}

function making(session: StoredSession, now: Date, when: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    insert into sso_session (uid, id_hash, account_id, payload, expires_at, created_at, client_ip, user_agent, seen_at)
    select ${session.uid}, ${session.id_hash}, ${session.account_id}, ${session.payload}::jsonb, ${session.expires_at}::timestamptz, ${now}::timestamptz,
      ${session.client_ip}, ${session.user_agent}, ${now}::timestamptz
    where ${when}
    on conflict (uid) do update set
      id_hash = excluded.id_hash, account_id = excluded.account_id, payload = excluded.payload, expires_at = excluded.expires_at,
      client_ip = excluded.client_ip, user_agent = excluded.user_agent, seen_at = excluded.seen_at
    returning uid`;
}

function changing(
  session: StoredSession,
  readBy: string,
  now: Date,
  when: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`
    update sso_session s set
      id_hash = case when s.id_hash = ${readBy} then ${session.id_hash} else s.id_hash end,
      account_id = case when s.id_hash = ${readBy} then ${session.account_id} else s.account_id end,
      expires_at = greatest(s.expires_at, ${session.expires_at}),
      client_ip = ${session.client_ip}, user_agent = ${session.user_agent}, seen_at = ${now},
      payload = case when s.id_hash = ${readBy} then new.payload else s.payload end || jsonb_build_object('authorizations',
        coalesce(s.payload -> 'authorizations', '{}') || coalesce(new.payload -> 'authorizations', '{}'))
    from (select ${session.payload}::jsonb as payload) new
    where s.uid = ${session.uid} and ${when}
    returning s.uid`;
}
