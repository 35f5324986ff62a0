import type { Adapter } from 'oidc-provider';
import { errors } from 'oidc-provider';
import { sql } from 'kysely';
import type { ConsoleDirectory } from '#domain/consoles/consoles.ts';
import type { Db } from '#support/db/database.ts';
import { secretHash } from '#support/primitives/secrets.ts';
import { clientMetadata } from './clients.ts';
import { grantFromId } from './grants.ts';

/**
 * The protocol engine's storage. Sessions have a table of their own, because they are the product's SSO sessions; consoles come from
 * the directory; grants are derived (see grants.ts); everything else is an artifact that lives for a while.
 */
export function storageAdapter(db: Db, consoles: ConsoleDirectory, clock: () => Date): (name: string) => Adapter {
  return (name) => {
    switch (name) {
      case 'Session':
        return sessions(db, clock);
      case 'Client':
        return { ...refuses(name), find: async (id) => clientMetadata(await consoles.byClientId(id)) };
      case 'Grant':
        return { ...refuses(name), find: async (id) => grantFromId(id), upsert: async () => undefined, destroy: async () => undefined };
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
      const row = {
        id_hash: secretHash(id),
        account_id: (payload.accountId) ?? null,
        payload: JSON.stringify(kept),
        expires_at: new Date(now.getTime() + (expiresIn ?? 0) * 1_000),
      };
      await db
        .insertInto('sso_session')
        .values({ uid: payload.uid as string, created_at: now, ...row })
        .onConflict((c) => c.column('uid').doUpdateSet(row))
        .execute();
    },
    async find(id) {
      const row = await db.selectFrom('sso_session').select('payload').where('id_hash', '=', secretHash(id)).where('expires_at', '>', clock()).executeTakeFirst();
      return row && ({ ...row.payload, jti: id });
    },
    async findByUid(uid) {
      const row = await db.selectFrom('sso_session').select('payload').where('uid', '=', uid).where('expires_at', '>', clock()).executeTakeFirst();
      return row?.payload;
    },
    // Called when the identifier rotates; the row of this `uid` gets its new identifier by the upsert that follows. The end of a
    // session goes through domain/logout (see provider.ts).
    async destroy() {},
  };
}

function artifacts(db: Db, kind: string, clock: () => Date): Adapter {
  return {
    ...refuses(kind),
    async upsert(id, payload, expiresIn) {
      const now = clock();
      const { jti: _, ...kept } = payload;
      const row = {
        payload: JSON.stringify(kind === 'Interaction' ? withoutSessionCookie(kept) : kept),
        expires_at: expiresIn ? new Date(now.getTime() + (expiresIn ?? 0) * 1_000) : null,
      };
      await db
        .insertInto('oidc_artifact')
        .values({
          kind,
          id_hash: secretHash(id),
          grant_id: text(payload.grantId),
          account_id: text(payload.accountId),
          client_id: text(payload.clientId),
          session_uid: text(payload.sessionUid),
          consumed_at: null,
          ended_at: null,
          ...row,
        })
        .onConflict((c) => c.columns(['kind', 'id_hash']).doUpdateSet(row))
        .execute();
    },
    async find(id) {
      const row = await db
        .selectFrom('oidc_artifact')
        .select(['payload', 'consumed_at'])
        .where('kind', '=', kind)
        .where('id_hash', '=', secretHash(id))
        .where('ended_at', 'is', null)
        .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', clock())]))
        .executeTakeFirst();
      if (!row) return undefined;
      return { ...row.payload, jti: id, ...(row.consumed_at ? { consumed: Math.floor(row.consumed_at.getTime() / 1_000) } : {}) };
    },
    async consume(id) {
      const consumed = await db
        .updateTable('oidc_artifact')
        .set({ consumed_at: clock() })
        .where('kind', '=', kind)
        .where('id_hash', '=', secretHash(id))
        .where('consumed_at', 'is', null)
        .returning('id_hash')
        .executeTakeFirst();
      // Of many that come at once with one code or refresh token, all but the first end here (RFC 6749 §4.1.2, RFC 9700 §4.14).
      if (!consumed) throw new errors.InvalidGrant('already consumed');
    },
    async destroy(id) {
      const row = db.updateTable('oidc_artifact').where('kind', '=', kind).where('id_hash', '=', secretHash(id));
      // An ended sign-in is remembered for a while, so that its page can still say where to go (see pending-sign-in.ts).
      if (kind === 'Interaction') await row.set({ ended_at: clock() }).execute();
      else await db.deleteFrom('oidc_artifact').where('kind', '=', kind).where('id_hash', '=', secretHash(id)).execute();
    },
    async revokeByGrantId(grantId) {
      await db
        .deleteFrom('oidc_artifact')
        .where('session_uid', '=', grantFromId(grantId)?.sessionUid ?? '')
        .where('grant_id', '=', grantId)
        .where('kind', '=', kind)
        .execute();
    },
  };
}

/** Removes artifacts that have been of no use for a day, and expired sessions; a few thousand at a time. Returns how many went. */
export async function removeExpired(db: Db, now: Date): Promise<number> {
  const dayAgo = new Date(now.getTime() - 24 * 60 * 60 * 1_000);
  const artifacts = await sql`delete from oidc_artifact where ctid = any (array(
    select ctid from oidc_artifact where expires_at < ${dayAgo} limit 5000))`.execute(db);
  const anonymous = await sql`delete from sso_session where uid in (
    select uid from sso_session where expires_at < ${now} limit 5000)`.execute(db);
  return Number(artifacts.numAffectedRows ?? 0) + Number(anonymous.numAffectedRows ?? 0);
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
