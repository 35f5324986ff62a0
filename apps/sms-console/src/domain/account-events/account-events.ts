import type { AccountEvent, AccountEvents } from '@hitokagi/console-kit';
import { sql } from 'kysely';
import { endSessionsOfSuspended } from '#domain/console-sessions/end-session.ts';
import type { Db } from '#support/db/database.ts';
import type { Standing } from '#support/db/schema.ts';

/** What this console does with events of accounts, for the kit. */
export function accountEvents(db: Db, clock: () => Date): AccountEvents {
  return {
    received: {
      async has(jti) {
        const row = await db
          .selectFrom('received_event')
          .select('jti')
          .where('jti', '=', jti)
          .executeTakeFirst();
        return row !== undefined;
      },
      async add(jti, expiresAt) {
        await db
          .insertInto('received_event')
          .values({ jti, expires_at: expiresAt })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      },
    },
    handlers: {
      suspended: (event) => setStanding(db, event, 'suspended', clock()),
      closed: (event) => setStanding(db, event, 'closed', clock()),
      reinstated: (event) => setStanding(db, event, 'active', clock()),
      'password-changed': (event) => notePasswordChange(db, event),
    },
  };
}

/** Whether a person may come in, and since when that is so by the login server's clock; null for nobody of this console. */
export async function standingOf(
  db: Db,
  personId: string,
): Promise<{ standing: Standing; since: Date | null } | null> {
  if (!isPersonId(personId)) return null;
  const row = await db
    .selectFrom('person')
    .select(['standing', 'standing_at as since'])
    .where('id', '=', personId)
    .executeTakeFirst();
  return row ?? null;
}

/** Acts on an event once: one that is not newer than the last one acted on changes nothing. */
async function setStanding(db: Db, event: AccountEvent, standing: Standing, now: Date): Promise<void> {
  const { consoleUserId: id } = event;
  if (!isPersonId(id)) return;
  await db.transaction().execute(async (trx) => {
    const changed = await trx
      .updateTable('person')
      .set({ standing, standing_sequence: String(event.sequence), standing_at: event.at })
      .where('id', '=', id)
      .where('standing_sequence', '<', String(event.sequence))
      .returning('id')
      .executeTakeFirst();
    if (changed && standing !== 'active') await endSessionsOfSuspended(trx, id, now);
  });
}

/** Takes a suspension back that is older than a sign-in at the unified login, which lets in nobody who is suspended. */
export async function welcomeBack(db: Db, personId: string, signedInAt: Date): Promise<void> {
  await db
    .updateTable('person')
    .set({ standing: 'active', standing_at: signedInAt })
    .where('id', '=', personId)
    .where('standing_at', '<', signedInAt)
    .execute();
}

async function notePasswordChange(db: Db, event: AccountEvent): Promise<void> {
  if (!isPersonId(event.consoleUserId)) return;
  await db
    .updateTable('person')
    .set({
      unified_password_changed_at: sql`greatest(coalesce(unified_password_changed_at, ${event.at}), ${event.at})`,
    })
    .where('id', '=', event.consoleUserId)
    .execute();
}

function isPersonId(id: string): boolean {
  return /^[0-9]{1,18}$/.test(id);
}
