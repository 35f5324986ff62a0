import { sql, type RawBuilder } from 'kysely';
import type { SignInSuccess } from '#domain/sign-in/authenticate.ts';
import { holding, type ProofMarks } from '#domain/sign-in/still-holds.ts';
import { compiled, type From } from '#support/db/compiled.ts';
import type { Db } from '#support/db/database.ts';
import { inTransaction } from '#support/db/in-transaction.ts';
import {
  ARTIFACT_COLUMNS,
  endingSignIn,
  PERSON,
  personOf,
  valuesOf,
  type Payload,
  type PersonColumns,
  type StoredArtifact,
} from './statement-parts.ts';

/** A code or refresh token that is used up. */
export type Consumption = { kind: string; idHash: string };

/**
 * The living artifact with this identifier, the living session that it belongs to, and its person.
 * @param kinds what it may be; the row says what it is
 */
export async function readArtifact(db: Db, kinds: readonly [string, string?], idHash: string, now: Date) {
  const { rows } = await readingArtifact(db, { kinds, idHash, now });
  return rows[0];
}

const readingArtifact = compiled<
  { kinds: readonly [string, string?]; idHash: string; now: Date },
  PersonColumns & {
    kind: string;
    payload: Payload;
    consumed_at: Date | null;
    session_uid: string | null;
    session_payload: Payload | null;
  }
>(
  (from) => sql`
    select o.kind, o.payload, o.consumed_at, o.session_uid, s.payload as session_payload, o.account_id, ${PERSON}
    from oidc_artifact o
    left join sso_session s on s.uid = o.session_uid and s.expires_at > ${from((v) => v.now)}
    ${personOf('o')}
    where o.kind in (${from((v) => v.kinds[0])}, ${from((v) => v.kinds[1] ?? v.kinds[0])}) and o.id_hash = ${from((v) => v.idHash)} and o.ended_at is null
      and (o.expires_at is null or o.expires_at > ${from((v) => v.now)})`,
);

/** Writes an artifact, or replaces what it holds. */
export async function writeArtifact(db: Db, artifact: StoredArtifact): Promise<void> {
  await writingArtifact(db, artifact);
}

const writingArtifact = compiled<StoredArtifact, unknown>(
  (from) => sql`
    insert into oidc_artifact ${ARTIFACT_COLUMNS} values (${valuesOf((column) => from((v) => v[column]))})
    ${REPLACING}`,
);

/**
 * Writes a pending sign-in in which somebody has authenticated, only while the proof holds. The account and its password are locked by the same statement, so that an undo, a suspension or a
 * new password either sees what is written here and ends it, or is seen. False when it came first.
 * @param success what is written of the success, in the same statement and only with it
 */
export async function writeAuthenticated(
  db: Db,
  artifact: StoredArtifact,
  proof: ProofMarks,
  success: SignInSuccess | undefined,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    with holder as (${holding(proof)})${success ? sql`, ${success(sql`exists (select from holder)`)}` : sql``}
    insert into oidc_artifact ${ARTIFACT_COLUMNS} select ${valuesOf((column) => artifact[column])} from holder
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
  const write = consumption.kind === 'AuthorizationCode' ? redeeming : refreshing;
  const { numAffectedRows } = await write(db, { consumption, artifact, now });
  return numAffectedRows === 1n;
}

type Consuming = { consumption: Consumption; artifact: StoredArtifact; now: Date };

const redeeming = compiled<Consuming, unknown>(
  (from) => sql`
    with consumed as (${consuming(from)}), signed_in as (${notingSignIn(from)})
    insert into oidc_artifact ${ARTIFACT_COLUMNS} select ${artifactIn(from)} from consumed`,
);

const refreshing = compiled<Consuming, unknown>(
  (from) => sql`
    with consumed as (${consuming(from)})
    insert into oidc_artifact ${ARTIFACT_COLUMNS} select ${artifactIn(from)} from consumed`,
);

/** Consumes. False when somebody had before. */
export async function consume(db: Db, consumption: Consumption, now: Date): Promise<boolean> {
  return (await consumingAlone(db, { consumption, now })).rows.length === 1;
}

const consumingAlone = compiled<Omit<Consuming, 'artifact'>, unknown>(consuming);

/** Ends a pending sign-in; it is remembered for a while, so that its page can still say where to go (see pending-sign-in.ts). */
export async function endSignIn(db: Db, idHash: string, now: Date): Promise<void> {
  await endingSignIn({ idHash, now }).execute(db);
}

/** Writes an artifact only while what it is given for has not been taken away (`removeGranted` waits for this, or this for it). False when it has. */
export async function writeWhileUnrevoked(
  db: Db,
  source: Consumption,
  artifact: StoredArtifact,
): Promise<boolean> {
  const { numAffectedRows } = await writingWhileUnrevoked(db, { source, artifact });
  return numAffectedRows === 1n;
}

const writingWhileUnrevoked = compiled<{ source: Consumption; artifact: StoredArtifact }, unknown>(
  (from) => sql`
    with source as (
      select 1 from oidc_artifact where kind = ${from((v) => v.source.kind)} and id_hash = ${from((v) => v.source.idHash)} for share
    )
    insert into oidc_artifact ${ARTIFACT_COLUMNS} select ${artifactIn(from)} from source`,
);

/** What is exchanged for tokens, once. */
const EXCHANGED: readonly string[] = ['AuthorizationCode', 'RefreshToken'];

/**
 * Takes away everything that was given out under a grant: its code or refresh token was used twice. First what is exchanged, so that a token which is being written for it
 * is either there for the second statement to see or never comes to be. Both or neither: of a code or refresh token that is gone a replay would not be noticed again, and its access tokens would live on.
 */
export async function removeGranted(db: Db, sessionUid: string, grantId: string): Promise<void> {
  await inTransaction(db, async (trx) => {
    await trx
      .deleteFrom('oidc_artifact')
      .where('session_uid', '=', sessionUid)
      .where('grant_id', '=', grantId)
      .where('kind', 'in', EXCHANGED)
      .execute();
    await trx
      .deleteFrom('oidc_artifact')
      .where('session_uid', '=', sessionUid)
      .where('grant_id', '=', grantId)
      .execute();
  });
}

/** Takes an artifact away; a code or refresh token with everything that was given out under its grant, because that is why the engine does so: it was used twice, or is given back (RFC 7009 §2.1). */
export async function removeArtifact(db: Db, kind: string, idHash: string): Promise<void> {
  const artifact = db.selectFrom('oidc_artifact').where('kind', '=', kind).where('id_hash', '=', idHash);
  const of = EXCHANGED.includes(kind)
    ? await artifact.select(['session_uid', 'grant_id']).executeTakeFirst()
    : undefined;
  if (of?.session_uid && of.grant_id) return removeGranted(db, of.session_uid, of.grant_id);
  await db.deleteFrom('oidc_artifact').where('kind', '=', kind).where('id_hash', '=', idHash).execute();
}

const REPLACING = sql`
    on conflict (kind, id_hash) do update set
      payload = excluded.payload, account_id = excluded.account_id, expires_at = excluded.expires_at`;
function artifactIn(from: From<{ artifact: StoredArtifact }>): RawBuilder<unknown> {
  return valuesOf((column) => from((v) => v.artifact[column]));
}

function consuming(from: From<{ consumption: Consumption; now: Date }>): RawBuilder<unknown> {
  return sql`
    update oidc_artifact set consumed_at = ${from((v) => v.now)}
    where kind = ${from((v) => v.consumption.kind)} and id_hash = ${from((v) => v.consumption.idHash)} and consumed_at is null
    returning 1`;
}

/**
 * The first sign-in of a person, console and day (Japan time); the further ones write nothing. Only where there is a link, and never of the account of a check. The table has no foreign keys, so a sign-in
 * neither waits for a change of its account or console, nor fails by one.
 */
function notingSignIn(from: From<{ artifact: StoredArtifact; now: Date }>): RawBuilder<unknown> {
  const now = from((v) => v.now);
  return sql`
    insert into sign_in_day (console_id, account_id, kind, day, first_at, last_at)
    select l.console_id, l.account_id, 'unified', (${now}::timestamptz at time zone 'Asia/Tokyo')::date, ${now}, ${now}
    from consumed, console c join console_link l on l.console_id = c.id
    where c.client_id = ${from((v) => v.artifact.client_id)} and l.account_id = ${from((v) => v.artifact.account_id)}
      and not starts_with(l.account_id, 'chk_')
    on conflict do nothing`;
}
