import type { KnownLoginId, LoginIdStore } from '@hitokagi/console-kit';
import type { Db } from '#support/db/database.ts';
import { applyLoginId } from './apply.ts';
import { addWish, claimChange, findOpenChange, writeChange } from './outbox.ts';

/** The login IDs of this console's people and the outbox of their changes, for the console kit (R18). */
export function loginIdStore(db: Db, clock: () => Date): LoginIdStore {
  return {
    apply: (change) => applyLoginId(db, change, clock),
    page: (after, limit) => loginIdsAfter(db, after, limit),
    add: (wish, busyUntil) => addWish(db, wish, busyUntil),
    find: (personId) => findOpenChange(db, personId),
    claim: (times) => claimChange(db, times),
    write: (change, fields) => writeChange(db, change, fields),
    async takeCompareTurn({ now, until }) {
      const taken = await db
        .insertInto('login_id_compare')
        .values({ next_at: until })
        .onConflict((conflict) =>
          conflict
            .column('only_row')
            .doUpdateSet({ next_at: until })
            .where('login_id_compare.next_at', '<=', now),
        )
        .returning('next_at')
        .executeTakeFirst();
      return taken !== undefined;
    },
    async setNextCompare(at) {
      await db.updateTable('login_id_compare').set({ next_at: at }).execute();
    },
  };
}

async function loginIdsAfter(db: Db, after: string | null, limit: number): Promise<KnownLoginId[]> {
  const people = db
    .selectFrom('person')
    .select(['id as consoleUserId', 'email_address as emailAddress', 'login_id_version as version'])
    .where('active', '=', true);
  return (after === null ? people : people.where('id', '>', after)).orderBy('id').limit(limit).execute();
}
