import type { Registration, RegistrationStore } from '@hitokagi/console-kit';
import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { Mail } from '#support/mail/mailer.ts';
import { after, HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import type { Locale } from '#support/primitives/locale.ts';

/** The first mail to somebody who was added: how to sign in. */
export type WelcomeMail = { to: { name: string; address: string }; company: string; locale: Locale };

/** Marks a row whose person is registered and still to be greeted. */
const GREET = 'greet';
const LEASE = 90 * SECOND;
const PAUSES = [30 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR] as const;

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

/** Greets those who are registered now, each once; who was shut out or has signed in already needs no greeting. A mail that is not taken is tried again four times. */
export async function mailWelcomes(
  db: Db,
  outbox: {
    compose: (mail: WelcomeMail) => Mail;
    send: (mail: Mail) => Promise<void>;
    onRefused: (error: unknown) => void;
  },
  clock: () => Date,
): Promise<void> {
  while (await greetOne(db, outbox, clock));
}

async function greetOne(
  db: Db,
  outbox: Parameters<typeof mailWelcomes>[1],
  clock: () => Date,
): Promise<boolean> {
  const now = clock();
  const claimed = await sql<{ person_id: string; noted_at: Date; tries: number }>`
    update registration_outbox set tries = tries + 1, next_try_at = ${after(now, LEASE)}
    where person_id = (
      select person_id from registration_outbox
      where state = 'waiting' and reason = ${GREET} and next_try_at <= ${now}
      order by next_try_at limit 1 for update skip locked
    )
    returning person_id, noted_at, tries`.execute(db);
  const due = claimed.rows[0];
  if (!due) return false;
  const row = db
    .updateTable('registration_outbox')
    .where('person_id', '=', due.person_id)
    .where('noted_at', '=', due.noted_at);
  const person = await db
    .selectFrom('person')
    .innerJoin('company', 'company.id', 'person.company_id')
    .where('person.id', '=', due.person_id)
    .where('active', '=', true)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('console_session')
            .select('console_session.id')
            .whereRef('console_session.person_id', '=', 'person.id'),
        ),
      ),
    )
    .select(['person.name as name', 'person.locale as locale', 'email_address', 'company.name as company'])
    .executeTakeFirst();
  try {
    if (person)
      await outbox.send(
        outbox.compose({
          to: { name: person.name, address: person.email_address },
          company: person.company,
          locale: person.locale,
        }),
      );
  } catch (error) {
    outbox.onRefused(error);
    const pause = PAUSES[due.tries - 1];
    await row
      .set(pause === undefined ? { state: 'done', reason: 'not-mailed' } : { next_try_at: after(now, pause) })
      .execute();
    return true;
  }
  await row.set({ state: 'done', reason: null }).execute();
  return true;
}
