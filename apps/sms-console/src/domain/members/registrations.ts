import type { Registration, RegistrationStore } from '@hitokagi/console-kit';
import type { Db } from '#support/db/database.ts';

/** Marks a row whose person is registered and still to be greeted. */
export const GREET = 'greet';

/** Has a person registered at the unified login as they are now. Call it in the transaction that adds or changes them. */
export async function noteRegistration(trx: Db, personId: string, now: Date): Promise<void> {
  const row = { noted_at: now, state: 'waiting' as const, reason: null, tries: 0, next_try_at: now };
  await trx
    .insertInto('registration_outbox')
    .values({ person_id: personId, ...row })
    .onConflict((conflict) => conflict.column('person_id').doUpdateSet(row))
    .execute();
}

/** The console kit's outbox of people to register. A row whose person has changed meanwhile is another wish and stays. */
export function registrationStore(db: Db, clock: () => Date): RegistrationStore {
  return {
    async oldest(limit) {
      const rows = await db
        .selectFrom('registration_outbox as outbox')
        .innerJoin('person', 'person.id', 'outbox.person_id')
        .innerJoin('company', 'company.id', 'person.company_id')
        .where('state', '=', 'waiting')
        .where('reason', 'is', null)
        .orderBy('next_try_at')
        .limit(limit)
        .select([
          'person.id as consoleUserId',
          'person.email_address as emailAddress',
          'person.name as name',
          'person.locale as locale',
          'person.active as active',
          'company.name as company',
          'outbox.noted_at as notedAt',
        ])
        .execute();
      return rows.map(({ notedAt, ...row }): Registration => ({
        ...row,
        key: `${row.consoleUserId} ${notedAt.toISOString()}`,
      }));
    },
    async settle(key, outcome) {
      const [personId = '', notedAt = ''] = key.split(' ');
      const waiting = db
        .updateTable('registration_outbox')
        .where('person_id', '=', personId)
        .where('noted_at', '=', new Date(notedAt))
        .where('state', '=', 'waiting');
      if (outcome.state === 'refused')
        await waiting.set({ state: 'refused', reason: outcome.reason.slice(0, 100) }).execute();
      else await waiting.set({ reason: GREET, next_try_at: clock() }).execute();
    },
  };
}
