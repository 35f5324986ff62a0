import { errors, Provider, type Adapter, type AdapterPayload } from 'oidc-provider';
import { sql } from 'kysely';
import type { ConsoleDirectory } from '#domain/consoles/consoles.ts';
import type { Db } from '#support/db/database.ts';
import { deleteBatch } from '#support/db/delete-in-batches.ts';
import { after, DAY, SECOND } from '#support/primitives/durations.ts';
import { secretHash } from '#support/primitives/secrets.ts';
import { SESSION_KEPT } from '#domain/sessions/sessions.ts';
import type { ProofMarks } from '#domain/sign-in/still-holds.ts';
import { browserAtWork } from './browser-at-work.ts';
import { clientMetadata } from './clients.ts';
import { grantFromId } from './grants.ts';
import { requestWork, type PersonAhead, type RequestWork } from './request-work.ts';
import { successAtWork } from './success-at-work.ts';
import { readSession, writeSession } from './session-statements.ts';
import type { StoredArtifact } from './statement-parts.ts';
import {
  consume,
  endSignIn,
  readArtifact,
  removeArtifact,
  removeGranted,
  writeArtifact,
  writeAuthenticated,
  writeConsuming,
  writeWhileUnrevoked,
} from './artifact-statements.ts';

/**
 * The protocol engine's storage. Sessions have a table of their own, because they are the product's SSO sessions; consoles come from
 * the directory; grants are derived (see grants.ts); everything else is an artifact that lives for a while.
 */
export function storageAdapter(
  db: Db,
  consoles: ConsoleDirectory,
  clock: () => Date,
): (name: string) => Adapter {
  return (name) => {
    switch (name) {
      case 'Session':
        return sessions(db, clock);
      case 'Client':
        return { ...refuses(name), find: async (id) => clientMetadata(await consoles.byClientId(id)) };
      case 'Grant':
        return {
          ...refuses(name),
          find: async (id) => grantFromId(id),
          upsert: async () => undefined,
          destroy: async () => undefined,
        };
      default:
        return artifacts(db, name, clock);
    }
  };
}

function sessions(db: Db, clock: () => Date): Adapter {
  return {
    ...refuses('Session'),
    async upsert(id, payload, expiresIn) {
      const { jti: _, ...kept } = payload;
      const now = clock();
      const browser = browserAtWork();
      const row = {
        uid: payload.uid as string,
        id_hash: secretHash(id),
        account_id: payload.accountId ?? null,
        payload: JSON.stringify(kept),
        expires_at: expiry(now, expiresIn),
        client_ip: browser?.clientIp ?? null,
        user_agent: browser?.userAgent ?? null,
      };
      const work = requestWork();
      // The engine tries a second time what failed, and by then has nothing left that could stand against it.
      if (work?.sessionRefused) throw new errors.SessionNotFound('the session ended meanwhile');
      const { code, endedSignIn } = work ?? {};
      const known = work?.session?.uid === row.uid ? (work.session.idHash ?? row.id_hash) : undefined;
      if (work) work.code = work.endedSignIn = undefined;
      if (await writeSession(db, row, { known, code, endedSignIn }, now)) return;
      if (work) work.sessionRefused = true;
      throw new errors.SessionNotFound('the session ended meanwhile');
    },
    async find(id) {
      const row = await readSession(db, secretHash(id), clock());
      if (!row) return undefined;
      const work = requestWork();
      if (work) {
        work.session = { uid: row.payload.uid as string, payload: row.payload, idHash: secretHash(id) };
        work.person = personIn(row);
      }
      return { ...row.payload, jti: id };
    },
    async findByUid(uid) {
      const ahead = requestWork()?.session;
      if (ahead?.uid === uid) return ahead.payload;
      const row = await db
        .selectFrom('sso_session')
        .select('payload')
        .where('uid', '=', uid)
        .where('expires_at', '>', clock())
        .executeTakeFirst();
      return row?.payload;
    },
    // Called when the identifier rotates; the row of this `uid` gets its new identifier by the upsert that follows. The end of a
    // session goes through domain/logout (see provider.ts).
    async destroy() {},
  };
}

function artifacts(db: Db, kind: string, clock: () => Date): Adapter {
  /** Of a token that a console asks about or gives back the engine does not know the kind, and looks for each at once: that is one statement. */
  const found = (idHash: string, work: RequestWork | undefined) => {
    if (!work || !isToken(kind) || !ASKED_ABOUT_TOKENS.has(Provider.ctx?.oidc.route ?? ''))
      return readArtifact(db, [kind], idHash, clock());
    if (work.token?.idHash !== idHash)
      work.token = { idHash, row: readArtifact(db, TOKENS, idHash, clock()) };
    return work.token.row;
  };
  return {
    ...refuses(kind),
    async upsert(id, payload, expiresIn) {
      const now = clock();
      const row = artifactRow(kind, id, payload, expiresIn ? expiry(now, expiresIn) : null);
      const work = requestWork();
      const proof = proofOf(payload);
      if (proof) {
        if (!(await writeAuthenticated(db, row, proof, successAtWork()))) throw new ProofVoid();
      } else if (work && kind === 'AuthorizationCode') {
        work.code = row;
      } else if (work?.consumption && isToken(kind)) {
        work.source = work.consumption;
        work.consumption = undefined;
        if (!(await writeConsuming(db, work.source, row, now))) await refuseReuse(db, row);
      } else if (work?.source && isToken(kind)) {
        if (!(await writeWhileUnrevoked(db, work.source, row)))
          throw new errors.InvalidGrant('revoked meanwhile');
      } else {
        await writeArtifact(db, row);
      }
    },
    async find(id) {
      const work = requestWork();
      const row = await found(secretHash(id), work);
      if (row?.kind !== kind) return undefined;
      if (work) {
        work.person = personIn(row);
        if (row.session_uid && row.session_payload)
          work.session = { uid: row.session_uid, payload: row.session_payload };
      }
      return {
        ...row.payload,
        jti: id,
        ...(row.consumed_at ? { consumed: Math.floor(row.consumed_at.getTime() / 1_000) } : {}),
      };
    },
    async consume(id) {
      const consumption = { kind, idHash: secretHash(id) };
      const work = requestWork();
      if (work) work.consumption = consumption;
      else if (!(await consume(db, consumption, clock()))) throw new errors.InvalidGrant('already consumed');
    },
    async destroy(id) {
      const work = requestWork();
      if (kind !== 'Interaction') await removeArtifact(db, kind, secretHash(id));
      else if (work) work.endedSignIn = secretHash(id);
      else await endSignIn(db, secretHash(id), clock());
    },
    async revokeByGrantId(grantId) {
      const grant = grantFromId(grantId);
      if (grant) await removeGranted(db, grant.sessionUid, grantId);
    },
  };
}

/** Writes what waited for a session or a token that the engine then did not write. Belongs around every request to the engine. */
export async function writeRest(db: Db, ctx: object, now: Date): Promise<void> {
  const work = requestWork(ctx);
  if (work?.code) await writeArtifact(db, work.code);
  if (work?.endedSignIn) await endSignIn(db, work.endedSignIn, now);
  if (work?.consumption) await consume(db, work.consumption, now);
}

/** Of many that come at once with one code or refresh token all but the first end here, and what the first was given ends too (RFC 6749 §4.1.2, RFC 9700 §4.14). */
async function refuseReuse(
  db: Db,
  { session_uid: sessionUid, grant_id: grantId }: StoredArtifact,
): Promise<never> {
  if (sessionUid && grantId) await removeGranted(db, sessionUid, grantId);
  throw new errors.InvalidGrant('already consumed');
}

const TOKENS: readonly [string, string] = ['AccessToken', 'RefreshToken'];
const ASKED_ABOUT_TOKENS: ReadonlySet<string> = new Set(['introspection', 'revocation']);

function isToken(kind: string): boolean {
  return TOKENS.includes(kind);
}

function artifactRow(
  kind: string,
  id: string,
  payload: AdapterPayload,
  expiresAt: Date | null,
): StoredArtifact {
  const { jti: _, ...kept } = payload;
  const result = payload.result as { login?: { accountId?: string } } | undefined;
  return {
    kind,
    id_hash: secretHash(id),
    grant_id: text(payload.grantId),
    account_id: text(payload.accountId) ?? text(result?.login?.accountId),
    client_id: text(payload.clientId),
    session_uid: text(payload.sessionUid),
    payload: JSON.stringify(kind === 'Interaction' ? withoutSessionCookie(kept) : kept),
    expires_at: expiresAt,
  };
}

/** What a pending sign-in remembers of the proof; `passwordSetAt` in milliseconds. */
export type LoginProof = { accountId: string; loginIdVersion: number; passwordSetAt: number };

/** What was proved does not hold any more: the login ID or the password changed, or the account was suspended, while somebody signed in. */
export class ProofVoid extends Error {}

/** What somebody authenticated with in a pending sign-in (see browser-session.ts). */
function proofOf(payload: AdapterPayload): ProofMarks | undefined {
  const result = payload.result as { login?: LoginProof } | undefined;
  if (!result?.login) return undefined;
  const { accountId, loginIdVersion, passwordSetAt } = result.login;
  return { accountId, loginIdVersion, passwordSetAt: new Date(passwordSetAt) };
}

function personIn(row: NonNullable<Awaited<ReturnType<typeof readSession>>>): PersonAhead | undefined {
  if (row.account_id === null) return undefined;
  if (row.email_address === null || row.name === null) return { accountId: row.account_id, found: undefined };
  const account = { email_address: row.email_address, name: row.name, locale: row.locale };
  return { accountId: row.account_id, found: { account, consoleUserIds: row.console_user_ids ?? {} } };
}

function expiry(now: Date, seconds = 0): Date {
  return new Date(now.getTime() + seconds * SECOND);
}

/**
 * Removes what has run out: codes and tokens at once, pending sign-ins after a day (their pages still say where to go), sessions when nothing can be
 * alive that they opened. At most `BATCH` rows of a table; call again while it returns that many.
 */
export async function removeExpired(db: Db, now: Date): Promise<number> {
  const artifacts = await deleteBatch(
    db,
    'oidc_artifact',
    sql`expires_at < ${now} and (kind <> 'Interaction' or expires_at < ${after(now, -1 * DAY)})`,
  );
  const sessions = await deleteBatch(
    db,
    'sso_session',
    sql`expires_at < ${now} and (account_id is null or expires_at < ${after(now, -SESSION_KEPT)})`,
  );
  return Math.max(artifacts, sessions);
}

function refuses(name: string): Adapter {
  const unsupported = async (): Promise<never> => {
    throw new Error(`${name} is not stored this way.`);
  };
  return {
    upsert: unsupported,
    find: unsupported,
    findByUserCode: unsupported,
    findByUid: unsupported,
    consume: unsupported,
    destroy: unsupported,
    revokeByGrantId: unsupported,
  };
}

/** The engine notes the session's cookie value in a pending sign-in and never reads it; a bearer secret is not stored for nothing. */
function withoutSessionCookie(payload: Record<string, unknown>): Record<string, unknown> {
  const session = payload.session as Record<string, unknown> | undefined;
  if (!session) return payload;
  const { cookie: _, ...kept } = session;
  return { ...payload, session: kept };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
