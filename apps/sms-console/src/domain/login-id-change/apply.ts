import type { AppliedLoginId, LoginIdToApply } from '@hitokagi/console-kit';
import { sql } from 'kysely';
import { isUniqueViolation, type Db } from '#support/db/database.ts';
import { lockPerson } from './outbox.ts';

const OPEN = ['noted', 'code-sent', 'confirming'] as const;

/**
 * Takes an address over that the unified login has for a person, if it is newer than what is here; the change's own row, the person's other open changes and the history go with
 * it in one transaction. Sessions of this console stay. While another person here has the address it waits, and is taken over when that person gets another one.
 */
export async function applyLoginId(
  db: Db,
  change: LoginIdToApply,
  clock: () => Date,
): Promise<AppliedLoginId> {
  if (!/^[0-9]{1,18}$/.test(change.consoleUserId)) return 'user-unknown';
  const taken = await takeOver(db, change, clock());
  if (taken.result === 'address-in-use') return letWait(db, change, clock);
  if (taken.freed !== undefined) await takeOverWhatWaited(db, taken.freed, clock);
  return taken.result;
}

async function takeOver(
  db: Db,
  change: LoginIdToApply,
  now: Date,
): Promise<{ result: AppliedLoginId; freed?: string }> {
  const { consoleUserId: personId, emailAddress, version, key } = change;
  try {
    return await db.transaction().execute(async (trx) => {
      const person = await trx
        .selectFrom('person')
        .select(['email_address', 'login_id_version'])
        .where('id', '=', personId)
        .forUpdate()
        .executeTakeFirst();
      if (!person) return { result: 'user-unknown' };
      const isNew = version > (person.login_id_version ?? -1);
      // What is known may have come a second time: only who names the row knows that it is about that one.
      const own = isNew || key !== undefined ? await ownRow(trx, change) : undefined;
      if (own)
        await openRows(trx, personId)
          .set({ state: 'applied', busy_until: null })
          .where('key', '=', own.key)
          .execute();
      if (!isNew) return { result: 'known' };
      const others = openRows(trx, personId).set({
        state: 'ended',
        reason: 'changed-meanwhile',
        busy_until: null,
      });
      await (own ? others.where('number', '<', own.number) : others).execute();
      await trx
        .updateTable('person')
        .set({
          email_address: emailAddress,
          login_id_version: version,
          waiting_address: null,
          waiting_version: null,
        })
        .where('id', '=', personId)
        .execute();
      await note(trx, { personId, previous: person.email_address, emailAddress, version, own: !!own }, now);
      return { result: 'applied', freed: person.email_address };
    });
  } catch (error) {
    if (isUniqueViolation(error, 'person_email_address')) return { result: 'address-in-use' };
    throw error;
  }
}

/** The row whose confirmation this is; without a key the newest open one that wishes for this very address. */
async function ownRow(
  trx: Db,
  { consoleUserId, emailAddress, key }: LoginIdToApply,
): Promise<{ key: string; number: number } | undefined> {
  const rows = trx
    .selectFrom('login_id_outbox')
    .select(['key', 'number'])
    .where('person_id', '=', consoleUserId)
    .where('state', 'in', OPEN);
  const one =
    key === undefined
      ? rows.where(sql`lower(new_address)`, '=', sql`lower(${emailAddress})`)
      : rows.where('key', '=', key);
  return one.orderBy('number', 'desc').limit(1).executeTakeFirst();
}

function openRows(trx: Db, personId: string) {
  return trx
    .updateTable('login_id_outbox')
    .set({ revision: sql`revision + 1` })
    .where('person_id', '=', personId)
    .where('state', 'in', OPEN);
}

/** An address that comes back was taken back; an unchanged one is nothing to tell. */
async function note(
  trx: Db,
  change: { personId: string; previous: string; emailAddress: string; version: number; own: boolean },
  now: Date,
): Promise<void> {
  if (change.previous === change.emailAddress) return;
  const last = await trx
    .selectFrom('login_id_history')
    .select('previous_address')
    .where('person_id', '=', change.personId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const back = last?.previous_address.toLowerCase() === change.emailAddress.toLowerCase();
  await trx
    .insertInto('login_id_history')
    .values({
      person_id: change.personId,
      previous_address: change.previous,
      address: change.emailAddress,
      version: change.version,
      cause: change.own ? 'here' : back ? 'taken-back' : 'elsewhere',
      at: now,
    })
    .execute();
}

/** Notes that the address waits for another person to leave it; if that one has left already, it is taken over after all. */
async function letWait(db: Db, change: LoginIdToApply, clock: () => Date): Promise<AppliedLoginId> {
  const { consoleUserId: personId, emailAddress, version } = change;
  const waits = await db.transaction().execute(async (trx) => {
    await lockPerson(trx, personId);
    const other = await trx
      .selectFrom('person')
      .select('id')
      .where(sql`lower(email_address)`, '=', sql`lower(${emailAddress})`)
      .where('id', '<>', personId)
      .executeTakeFirst();
    if (!other) return false;
    const own = await ownRow(trx, change);
    if (own)
      await openRows(trx, personId)
        .set({ state: 'refused', reason: 'address-in-use', busy_until: null })
        .where('key', '=', own.key)
        .execute();
    await trx
      .updateTable('person')
      .set({ waiting_address: emailAddress, waiting_version: version })
      .where('id', '=', personId)
      .where((eb) => eb.or([eb('waiting_version', 'is', null), eb('waiting_version', '<', version)]))
      .execute();
    return true;
  });
  return waits ? 'address-in-use' : applyLoginId(db, change, clock);
}

/** Somebody left this address: who was waiting for it gets it. */
async function takeOverWhatWaited(db: Db, freed: string, clock: () => Date): Promise<void> {
  const waiting = await db
    .selectFrom('person')
    .select(['id', 'waiting_address', 'waiting_version'])
    .where(sql`lower(waiting_address)`, '=', sql`lower(${freed})`)
    .executeTakeFirst();
  if (waiting?.waiting_address == null || waiting.waiting_version === null) return;
  const { id, waiting_address: emailAddress, waiting_version: version } = waiting;
  await applyLoginId(db, { consoleUserId: id, emailAddress, version }, clock);
}
