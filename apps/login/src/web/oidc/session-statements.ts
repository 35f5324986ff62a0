import { sql, type RawBuilder } from 'kysely';
import { compiled, type From } from '#support/db/compiled.ts';
import type { Db } from '#support/db/database.ts';
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

/** The living session with this identifier, and its person. */
export async function readSession(db: Db, idHash: string, now: Date) {
  const { rows } = await readingSession(db, { idHash, now });
  return rows[0];
}

const readingSession = compiled<{ idHash: string; now: Date }, PersonColumns & { payload: Payload }>(
  (from) => sql`
    select s.payload, s.account_id, ${PERSON}
    from sso_session s ${personOf('s')}
    where s.id_hash = ${from((v) => v.idHash)} and s.expires_at > ${from((v) => v.now)}`,
);

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
  const { code, endedSignIn, known } = extra;
  const write = writingSession({
    known: known !== undefined,
    code: code !== undefined,
    endedSignIn: endedSignIn !== undefined,
  });
  const { rows } = await write(db, { session, known, code, endedSignIn, now });
  return rows.length === 1;
}

type SessionWrite = {
  session: StoredSession;
  known: string | undefined;
  code: StoredArtifact | undefined;
  endedSignIn: string | undefined;
  now: Date;
};
type SessionShape = { known: boolean; code: boolean; endedSignIn: boolean };

const sessionWrites = new Map<string, ReturnType<typeof compiled<SessionWrite, { uid: string }>>>();

/** The statement for what goes with a session. */
function writingSession(shape: SessionShape) {
  const name = `${shape.known} ${shape.code} ${shape.endedSignIn}`;
  let write = sessionWrites.get(name);
  if (!write) sessionWrites.set(name, (write = compiled((from) => sessionStatement(shape, from))));
  return write;
}

function sessionStatement(shape: SessionShape, from: From<SessionWrite>): RawBuilder<{ uid: string }> {
  const ended = shape.endedSignIn
    ? sql`ended as (${endingSignIn({
        idHash: from((v) => v.endedSignIn),
        now: from((v) => v.now),
      })}),`
    : sql``;
  const ifEnded = shape.endedSignIn ? sql`exists (select from ended)` : sql`true`;
  const written = shape.known ? changing(from, ifEnded) : making(from, ifEnded);
  return shape.code
    ? sql`with ${ended} written as (${written})
        insert into oidc_artifact ${ARTIFACT_COLUMNS} select ${valuesOf((column) => from((v) => v.code?.[column]))} from written returning session_uid as uid`
    : sql`with ${ended} written as (${written}) select uid from written`;
}

function making(from: From<SessionWrite>, when: RawBuilder<unknown>): RawBuilder<unknown> {
  const now = from((v) => v.now);
  return sql`
    insert into sso_session (uid, id_hash, account_id, payload, expires_at, created_at, client_ip, user_agent, seen_at)
    select ${from((v) => v.session.uid)}, ${from((v) => v.session.id_hash)}, ${from((v) => v.session.account_id)}, ${from((v) => v.session.payload)}::jsonb,
      ${from((v) => v.session.expires_at)}::timestamptz, ${now}::timestamptz, ${from((v) => v.session.client_ip)}, ${from((v) => v.session.user_agent)}, ${now}::timestamptz
    where ${when}
    on conflict (uid) do update set
      id_hash = excluded.id_hash, account_id = excluded.account_id, payload = excluded.payload, expires_at = excluded.expires_at,
      client_ip = excluded.client_ip, user_agent = excluded.user_agent, seen_at = excluded.seen_at
    returning uid`;
}

function changing(from: From<SessionWrite>, when: RawBuilder<unknown>): RawBuilder<unknown> {
  const readBy = from((v) => v.known);
  return sql`
    update sso_session s set
      id_hash = case when s.id_hash = ${readBy} then ${from((v) => v.session.id_hash)} else s.id_hash end,
      account_id = case when s.id_hash = ${readBy} then ${from((v) => v.session.account_id)} else s.account_id end,
      expires_at = greatest(s.expires_at, ${from((v) => v.session.expires_at)}),
      client_ip = ${from((v) => v.session.client_ip)}, user_agent = ${from((v) => v.session.user_agent)}, seen_at = ${from((v) => v.now)},
      payload = case when s.id_hash = ${readBy} then new.payload else s.payload end || jsonb_build_object('authorizations',
        coalesce(s.payload -> 'authorizations', '{}') || coalesce(new.payload -> 'authorizations', '{}'))
    from (select ${from((v) => v.session.payload)}::jsonb as payload) new
    where s.uid = ${from((v) => v.session.uid)} and ${when}
    returning s.uid`;
}
