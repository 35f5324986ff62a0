import { createHash } from 'node:crypto';
import type { ReceivedEventStore } from '../events/account-event.ts';
import type {
  Clock,
  EndedSessionsStore,
  LegacySignInStore,
  LogoutTokenStore,
  PlanStore,
} from '../options.ts';
import type { Plan } from '../plan/plan.ts';
import type { SessionBinding, SessionBindings } from '../session-bindings.ts';

type Row = Record<string, unknown>;
/** What the kit asks of a database: `pg.Pool` and `pg.Client` fit as they are. `$1` stands for the first value. */
export type PostgresQuery = {
  query(text: string, values: unknown[]): Promise<{ rows: Row[]; rowCount: number | null }>;
};

/** All of the kit's stores but the login IDs, which `postgresLoginIdStore` keeps beside the console's users. */
export type KitStores = {
  sessions: SessionBindings;
  logoutTokens: LogoutTokenStore;
  plan: PlanStore;
  endedSessions: EndedSessionsStore;
  legacySignIns: LegacySignInStore;
  receivedEvents: ReceivedEventStore;
};

const DAY = 24 * 60 * 60 * 1000;
/** No console session is older; until then a binding may be looked for. */
const BINDINGS_KEPT = 90 * DAY;
/** Rows out of date that one write clears away at most, so that none takes long. */
const CLEARED_AT_ONCE = 100;

/** The kit's stores in PostgreSQL, in the tables of `postgresSchema`. Several nodes of a console share them. What is out of date is cleared away as new rows come. */
export function postgresStores(db: PostgresQuery, clock: Clock): KitStores {
  const changed = async (text: string, values: unknown[]): Promise<number> =>
    (await db.query(text, values)).rowCount ?? 0;
  return {
    sessions: postgresSessionBindings(db, clock),
    logoutTokens: {
      firstUse: async (jti, expiresAt) =>
        (await changed(
          `WITH cleared AS (${clear('hitokagi_used_token', 'jti', 'expires_at', '$3')})
           INSERT INTO hitokagi_used_token VALUES ($1, $2) ON CONFLICT DO NOTHING`,
          [jti, expiresAt, clock()],
        )) === 1,
    },
    plan: {
      load: async () => {
        const value = await load(db, 'plan');
        return value === null ? null : (JSON.parse(value) as Plan);
      },
      save: (plan) => save(db, 'plan', JSON.stringify(plan)),
    },
    endedSessions: {
      load: () => load(db, 'ended-sessions'),
      save: (place) => save(db, 'ended-sessions', place),
    },
    legacySignIns: {
      add: async ({ id, consoleUserId, at }) => {
        await db.query(
          `INSERT INTO hitokagi_legacy_sign_in (id, console_user_id, at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`,
          [id, consoleUserId, at],
        );
      },
      oldest: async (limit) => {
        const text = 'SELECT id, console_user_id, at FROM hitokagi_legacy_sign_in ORDER BY number LIMIT $1';
        const { rows } = await db.query(text, [limit]);
        return rows.map((row) => ({
          id: String(row.id),
          consoleUserId: String(row.console_user_id),
          at: row.at as Date,
        }));
      },
      remove: async (ids) => {
        await db.query('DELETE FROM hitokagi_legacy_sign_in WHERE id = ANY($1)', [[...ids]]);
      },
    },
    receivedEvents: {
      has: async (id) => (await changed('SELECT FROM hitokagi_received_event WHERE id = $1', [id])) === 1,
      add: async (id, expiresAt) => {
        await db.query(
          `WITH cleared AS (${clear('hitokagi_received_event', 'id', 'expires_at', '$3')})
           INSERT INTO hitokagi_received_event VALUES ($1, $2) ON CONFLICT DO NOTHING`,
          [id, expiresAt, clock()],
        );
      },
    },
  };
}

function postgresSessionBindings(db: PostgresQuery, clock: Clock): SessionBindings {
  const end = async (column: 'sid' | 'sub', value: string, startedBefore: Date): Promise<number> => {
    const text = `UPDATE hitokagi_session SET ended_at = $3 WHERE ${column} = $1 AND started_at < $2 AND ended_at IS NULL`;
    return (await db.query(text, [value, startedBefore, clock()])).rowCount ?? 0;
  };
  const one = async (text: string, sessionId: string): Promise<SessionBinding | null> => {
    const row = (await db.query(text, [hash(sessionId)])).rows[0];
    return row === undefined ? null : bindingIn(row);
  };
  return {
    endBySid: (sid, { startedBefore }) => end('sid', sid, startedBefore),
    endBySub: (sub, { startedBefore }) => end('sub', sub, startedBefore),
    bind: async (sessionId, { sub, sid, consoleUserId, idToken, startedAt }) => {
      const old = new Date(clock().getTime() - BINDINGS_KEPT);
      await db.query(
        `WITH cleared AS (${clear('hitokagi_session', 'session_hash', 'started_at', '$7')})
         INSERT INTO hitokagi_session (session_hash, sub, sid, console_user_id, id_token, started_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (session_hash) DO UPDATE SET sub = excluded.sub, sid = excluded.sid,
           console_user_id = excluded.console_user_id, id_token = excluded.id_token,
           started_at = excluded.started_at, ended_at = NULL`,
        [hash(sessionId), sub, sid, consoleUserId, idToken, startedAt, old],
      );
    },
    find: (sessionId) => one('SELECT * FROM hitokagi_session WHERE session_hash = $1', sessionId),
    release: (sessionId) =>
      one('DELETE FROM hitokagi_session WHERE session_hash = $1 RETURNING *', sessionId),
  };
}

function bindingIn(row: Row): SessionBinding {
  return {
    sub: String(row.sub),
    sid: row.sid as string | null,
    consoleUserId: row.console_user_id as string | null,
    idToken: String(row.id_token),
    startedAt: row.started_at as Date,
    endedAt: row.ended_at as Date | null,
  };
}

/** Who can read the database learns no session id. */
function hash(sessionId: string): string {
  return createHash('sha256').update(sessionId).digest('hex');
}

function clear(table: string, key: string, column: string, before: string): string {
  return `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${column} < ${before}
    ORDER BY ${column} LIMIT ${CLEARED_AT_ONCE} FOR UPDATE SKIP LOCKED)`;
}

async function load(db: PostgresQuery, name: string): Promise<string | null> {
  const { rows } = await db.query('SELECT value FROM hitokagi_kept WHERE name = $1', [name]);
  return rows[0] === undefined ? null : String(rows[0].value);
}

async function save(db: PostgresQuery, name: string, value: string): Promise<void> {
  await db.query(
    'INSERT INTO hitokagi_kept VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    [name, value],
  );
}
