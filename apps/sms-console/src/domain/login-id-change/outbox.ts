import type { LoginIdChange, LoginIdChangeFields, LoginIdWish } from '@hitokagi/console-kit';
import { sql, type Selectable } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { Tables } from '#support/db/schema.ts';

type Row = Selectable<Tables['login_id_outbox']>;

const OPEN = ['noted', 'code-sent', 'confirming'] as const;

/** Notes a wish with the person's next number; earlier ones that were not told yet are replaced by it. */
export async function addWish(db: Db, wish: LoginIdWish, busyUntil: Date): Promise<LoginIdChange> {
  return db.transaction().execute(async (trx) => {
    await lockPerson(trx, wish.consoleUserId);
    const { last, inTheWay } = await trx
      .selectFrom('login_id_outbox')
      .where('person_id', '=', wish.consoleUserId)
      .select([
        sql<number>`coalesce(max(number), 0)`.as('last'),
        sql<boolean>`coalesce(bool_or(state = 'confirming' or busy_until > ${wish.notedAt}), false)`.as(
          'inTheWay',
        ),
      ])
      .executeTakeFirstOrThrow();
    await trx
      .updateTable('login_id_outbox')
      .set({ state: 'cancelled', reason: 'replaced', revision: sql`revision + 1` })
      .where('person_id', '=', wish.consoleUserId)
      .where('state', '=', 'noted')
      .execute();
    const row = await trx
      .insertInto('login_id_outbox')
      .values({
        key: wish.key,
        person_id: wish.consoleUserId,
        number: last + 1,
        new_address: wish.newEmailAddress,
        locale: wish.locale,
        sid: wish.sid,
        noted_at: wish.notedAt,
        state: 'noted',
        next_try_at: wish.notedAt,
        busy_until: inTheWay ? null : busyUntil,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return changeIn(row);
  });
}

/** The person's newest open change. */
export async function findOpenChange(db: Db, personId: string): Promise<LoginIdChange | null> {
  const row = await db
    .selectFrom('login_id_outbox')
    .selectAll()
    .where('person_id', '=', personId)
    .where('state', 'in', OPEN)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ? changeIn(row) : null;
}

/** Takes one change in hand that is due, or that this person looks at and waits for; nobody else gets it before `busyUntil`. */
export async function claimChange(
  db: Db,
  { now, busyUntil, consoleUserId }: { now: Date; busyUntil: Date; consoleUserId?: string },
): Promise<LoginIdChange | null> {
  const row = await db
    .updateTable('login_id_outbox')
    .set({ busy_until: busyUntil, revision: sql`revision + 1` })
    .where('key', '=', (eb) =>
      eb
        .selectFrom('login_id_outbox as due')
        .select('due.key')
        .where('due.state', 'in', OPEN)
        .$call((due) =>
          consoleUserId === undefined
            ? due.where('due.next_try_at', '<=', now)
            : due
                .where('due.person_id', '=', consoleUserId)
                .where('due.state', '<>', 'code-sent')
                .where((or) => or.or([or('due.next_try_at', '<=', now), or('due.tries', '>', 0)])),
        )
        .where((or) => or.or([or('due.busy_until', 'is', null), or('due.busy_until', '<=', now)]))
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('login_id_outbox as earlier')
                .select('earlier.key')
                .whereRef('earlier.person_id', '=', 'due.person_id')
                .whereRef('earlier.number', '<', 'due.number')
                .where((or) =>
                  or.or([or('earlier.state', '=', 'confirming'), or('earlier.busy_until', '>', now)]),
                ),
            ),
          ),
        )
        .orderBy('due.next_try_at')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .executeTakeFirst();
  return row ? changeIn(row) : null;
}

/** Changes a row that is open and has the revision that was read; one whose code was sent replaces the person's earlier ones. */
export async function writeChange(
  db: Db,
  change: LoginIdChange,
  fields: LoginIdChangeFields,
): Promise<LoginIdChange | null> {
  return db.transaction().execute(async (trx) => {
    if (fields.state === 'code-sent') await lockPerson(trx, change.consoleUserId);
    const row = await trx
      .updateTable('login_id_outbox')
      .set({ ...columnsOf(fields), revision: change.revision + 1 })
      .where('key', '=', change.key)
      .where('revision', '=', change.revision)
      .where('state', 'in', OPEN)
      .returningAll()
      .executeTakeFirst();
    if (row?.state === 'code-sent')
      await trx
        .updateTable('login_id_outbox')
        .set({ state: 'cancelled', reason: 'replaced', revision: sql`revision + 1` })
        .where('person_id', '=', change.consoleUserId)
        .where('number', '<', change.number)
        .where('state', 'in', ['noted', 'code-sent'])
        .execute();
    return row ? changeIn(row) : null;
  });
}

/** All changes of a person are written one after the other. */
export async function lockPerson(trx: Db, personId: string): Promise<void> {
  await trx.selectFrom('person').select('id').where('id', '=', personId).forUpdate().execute();
}

function changeIn(row: Row): LoginIdChange {
  const { change_id: id, sent_from: sentFrom, code_expires_at: codeExpiresAt, resend_at: resendAt } = row;
  return {
    key: row.key,
    consoleUserId: row.person_id,
    number: row.number,
    newEmailAddress: row.new_address,
    locale: row.locale,
    sid: row.sid,
    notedAt: row.noted_at,
    state: row.state,
    reason: row.reason,
    sent:
      id !== null && sentFrom !== null && codeExpiresAt !== null && resendAt !== null
        ? { id, sentFrom, codeExpiresAt, resendAt }
        : null,
    tries: row.tries,
    nextTryAt: row.next_try_at,
    busyUntil: row.busy_until,
    revision: row.revision,
  };
}

function columnsOf({ state, reason, sent, tries, nextTryAt, busyUntil }: LoginIdChangeFields) {
  return {
    ...(state === undefined ? {} : { state }),
    ...(reason === undefined ? {} : { reason }),
    ...(sent === undefined
      ? {}
      : {
          change_id: sent?.id ?? null,
          sent_from: sent?.sentFrom ?? null,
          code_expires_at: sent?.codeExpiresAt ?? null,
          resend_at: sent?.resendAt ?? null,
        }),
    ...(tries === undefined ? {} : { tries }),
    ...(nextTryAt === undefined ? {} : { next_try_at: nextTryAt }),
    ...(busyUntil === undefined ? {} : { busy_until: busyUntil }),
  };
}
