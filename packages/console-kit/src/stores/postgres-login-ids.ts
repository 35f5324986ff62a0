import type { AppliedLoginId, LoginIdChange, LoginIdStore, LoginIdToApply, SentCode } from '../login-ids.ts';
import type { PostgresQuery } from './postgres-stores.ts';

/** `pg.Pool` fits as it is. */
export type PostgresPool = PostgresQuery & { connect(): Promise<PostgresQuery & { release(): void }> };

/** Where the console's users are: names of the table and of its columns. `id` may be of any type; it is compared as what it is. */
export type UserTable = {
  table: string;
  id: string;
  emailAddress: string;
  /** `integer`, null until a first address came from the login server. */
  version: string;
};

const OPEN = `state IN ('noted', 'code-sent', 'confirming')`;
const CHANGES = 'hitokagi_login_id_change';

/** Login IDs in the console's own user table, and the outbox of their changes in the tables of `postgresSchema` (R18). */
export function postgresLoginIdStore(pool: PostgresPool, users: UserTable): LoginIdStore {
  const { table, id, emailAddress, version } = {
    table: users.table.split('.').map(quoted).join('.'),
    id: quoted(users.id),
    emailAddress: quoted(users.emailAddress),
    version: quoted(users.version),
  };
  const lockUser = (db: PostgresQuery, consoleUserId: string) =>
    db.query(`SELECT ${version} AS version FROM ${table} WHERE ${id} = $1 FOR UPDATE`, [consoleUserId]);
  const settle = (db: PostgresQuery, set: string, where: string, values: unknown[]) =>
    db.query(`UPDATE ${CHANGES} SET ${set}, revision = revision + 1 WHERE ${OPEN} AND ${where}`, values);

  return {
    apply: async (change) => {
      try {
        return await inTransaction(pool, (db) => apply(db, change));
      } catch (error) {
        // An id of another form than the console's own is nobody's.
        if (codeOf(error) === INVALID_TEXT) return 'user-unknown';
        if (codeOf(error) !== UNIQUE_VIOLATION) throw error;
        return inTransaction(pool, (db) => refuse(db, change));
      }
    },
    page: async (after, limit) => {
      const where = after === null ? '' : `WHERE ${id} > $2`;
      const text = `SELECT ${id}::text AS id, ${emailAddress} AS address, ${version} AS version FROM ${table} ${where} ORDER BY ${id} LIMIT $1`;
      const { rows } = await pool.query(text, after === null ? [limit] : [limit, after]);
      return rows.map((row) => ({
        consoleUserId: String(row.id),
        emailAddress: String(row.address),
        version: row.version === null ? null : Number(row.version),
      }));
    },
    add: (wish, busyUntil) =>
      inTransaction(pool, async (db) => {
        await lockUser(db, wish.consoleUserId);
        const { consoleUserId, notedAt } = wish;
        const { rows } = await db.query(
          `SELECT coalesce(max(number), 0) AS last, coalesce(bool_or(state = 'confirming' OR busy_until > $2), false) AS busy
           FROM ${CHANGES} WHERE console_user_id = $1`,
          [consoleUserId, notedAt],
        );
        await settle(
          db,
          `state = 'cancelled', reason = 'replaced'`,
          `console_user_id = $1 AND state = 'noted'`,
          [consoleUserId],
        );
        const added = await db.query(
          `INSERT INTO ${CHANGES} (key, console_user_id, number, new_address, locale, sid, noted_at, state, next_try_at, busy_until)
           VALUES ($1, $2, $3, $4, $5, $6, $7, 'noted', $7, $8) RETURNING *`,
          [
            wish.key,
            consoleUserId,
            Number(rows[0]?.last) + 1,
            wish.newEmailAddress,
            wish.locale,
            wish.sid,
            notedAt,
            rows[0]?.busy === true ? null : busyUntil,
          ],
        );
        return changeIn(added.rows[0] ?? {});
      }),
    find: async (consoleUserId) => {
      const text = `SELECT * FROM ${CHANGES} WHERE console_user_id = $1 AND ${OPEN} ORDER BY number DESC LIMIT 1`;
      const { rows } = await pool.query(text, [consoleUserId]);
      return rows[0] === undefined ? null : changeIn(rows[0]);
    },
    claim: async ({ now, busyUntil, consoleUserId }) => {
      const due =
        consoleUserId === undefined
          ? `${OPEN} AND next_try_at <= $1`
          : `console_user_id = $3 AND state IN ('noted', 'confirming') AND (next_try_at <= $1 OR tries > 0)`;
      const { rows } = await pool.query(
        `UPDATE ${CHANGES} SET busy_until = $2, revision = revision + 1 WHERE key = (
           SELECT key FROM ${CHANGES} due WHERE ${due} AND (busy_until IS NULL OR busy_until <= $1) AND NOT EXISTS (
             SELECT FROM ${CHANGES} earlier WHERE earlier.console_user_id = due.console_user_id
               AND earlier.number < due.number AND (earlier.state = 'confirming' OR earlier.busy_until > $1))
           ORDER BY next_try_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING *`,
        consoleUserId === undefined ? [now, busyUntil] : [now, busyUntil, consoleUserId],
      );
      return rows[0] === undefined ? null : changeIn(rows[0]);
    },
    write: (change, fields) =>
      inTransaction(pool, async (db) => {
        await lockUser(db, change.consoleUserId);
        const next = { ...change, ...fields };
        const { rows } = await db.query(
          `UPDATE ${CHANGES} SET state = $3, reason = $4, tries = $5, next_try_at = $6, busy_until = $7, change_id = $8,
             sent_from = $9, code_expires_at = $10, resend_at = $11, revision = revision + 1
           WHERE key = $1 AND revision = $2 AND ${OPEN} RETURNING *`,
          [
            ...[
              change.key,
              change.revision,
              next.state,
              next.reason,
              next.tries,
              next.nextTryAt,
              next.busyUntil,
            ],
            ...[next.sent?.id, next.sent?.sentFrom, next.sent?.codeExpiresAt, next.sent?.resendAt],
          ],
        );
        if (rows[0] === undefined) return null;
        if (fields.state === 'code-sent')
          await settle(
            db,
            `state = 'cancelled', reason = 'replaced'`,
            `console_user_id = $1 AND number < $2 AND state <> 'confirming'`,
            [change.consoleUserId, change.number],
          );
        return changeIn(rows[0]);
      }),
    takeCompareTurn: async ({ now, until }) => {
      const text = `INSERT INTO hitokagi_login_id_compare VALUES (true, $2) ON CONFLICT (only_row)
        DO UPDATE SET next_at = $2 WHERE hitokagi_login_id_compare.next_at <= $1`;
      return (await pool.query(text, [now, until])).rowCount === 1;
    },
    setNextCompare: async (at) => {
      await pool.query('UPDATE hitokagi_login_id_compare SET next_at = $1', [at]);
    },
  };

  async function apply(db: PostgresQuery, change: LoginIdToApply): Promise<AppliedLoginId> {
    const { consoleUserId, key } = change;
    const user = (await lockUser(db, consoleUserId)).rows[0];
    if (user === undefined) return 'user-unknown';
    const isNew = change.version > (user.version === null ? -1 : Number(user.version));
    // What is known may have come a second time: only who names the row knows that it is about that one.
    const own = isNew || key !== undefined ? await ownRow(db, change) : undefined;
    if (isNew) {
      const taken = `SELECT FROM ${table} WHERE lower(${emailAddress}) = lower($1) AND ${id} <> $2 LIMIT 1`;
      if ((await db.query(taken, [change.emailAddress, consoleUserId])).rowCount) return refuse(db, change);
    }
    if (own) await settle(db, `state = 'applied', busy_until = NULL`, 'key = $1', [own.key]);
    if (!isNew) return 'known';
    await settle(
      db,
      `state = 'ended', reason = 'changed-meanwhile', busy_until = NULL`,
      `console_user_id = $1 AND ($2::integer IS NULL OR number < $2)`,
      [consoleUserId, own?.number ?? null],
    );
    await db.query(`UPDATE ${table} SET ${emailAddress} = $2, ${version} = $3 WHERE ${id} = $1`, [
      consoleUserId,
      change.emailAddress,
      change.version,
    ]);
    return 'applied';
  }

  async function refuse(db: PostgresQuery, change: LoginIdToApply): Promise<'address-in-use'> {
    const own = await ownRow(db, change);
    if (own)
      await settle(db, `state = 'refused', reason = 'address-in-use', busy_until = NULL`, 'key = $1', [
        own.key,
      ]);
    return 'address-in-use';
  }
}

const UNIQUE_VIOLATION = '23505';
const INVALID_TEXT = '22P02';

/** The row whose confirmation this is; without a key the newest open one that wishes for this very address. */
async function ownRow(
  db: PostgresQuery,
  { consoleUserId, emailAddress, key }: LoginIdToApply,
): Promise<{ key: string; number: number } | undefined> {
  const which = key === undefined ? 'lower(new_address) = lower($2)' : 'key = $2';
  const { rows } = await db.query(
    `SELECT key, number FROM ${CHANGES} WHERE console_user_id = $1 AND ${OPEN} AND ${which} ORDER BY number DESC LIMIT 1`,
    [consoleUserId, key ?? emailAddress],
  );
  return rows[0] && { key: String(rows[0].key), number: Number(rows[0].number) };
}

async function inTransaction<T>(pool: PostgresPool, work: (db: PostgresQuery) => Promise<T>): Promise<T> {
  const db = await pool.connect();
  try {
    await db.query('BEGIN', []);
    try {
      const result = await work(db);
      await db.query('COMMIT', []);
      return result;
    } catch (error) {
      await db.query('ROLLBACK', []).catch(() => undefined);
      throw error;
    }
  } finally {
    db.release();
  }
}

function changeIn(row: Record<string, unknown>): LoginIdChange {
  const sent: SentCode | null =
    typeof row.change_id !== 'string'
      ? null
      : {
          id: row.change_id,
          sentFrom: String(row.sent_from),
          codeExpiresAt: row.code_expires_at as Date,
          resendAt: row.resend_at as Date,
        };
  return {
    key: String(row.key),
    consoleUserId: String(row.console_user_id),
    number: Number(row.number),
    newEmailAddress: String(row.new_address),
    locale: row.locale as LoginIdChange['locale'],
    sid: row.sid as string | null,
    notedAt: row.noted_at as Date,
    state: row.state as LoginIdChange['state'],
    reason: row.reason as LoginIdChange['reason'],
    sent,
    tries: Number(row.tries),
    nextTryAt: row.next_try_at as Date,
    busyUntil: row.busy_until as Date | null,
    revision: Number(row.revision),
  };
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
