import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { Mail } from '#support/mail/mailer.ts';
import { after, HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { GREET } from './registrations.ts';

/** The first mail to somebody who was added: how to sign in; or, where the address is in use at another company (`isElsewhere`), that nothing came of it. */
export type WelcomeMail = {
  to: { name: string; address: string };
  company: string;
  locale: Locale;
  isElsewhere: boolean;
};
export type Outbox = {
  compose: (mail: WelcomeMail) => Mail;
  send: (mail: Mail) => Promise<void>;
  onRefused: (error: unknown) => void;
  isLoginServerThere: () => Promise<boolean>;
};

const LEASE = 90 * SECOND;
const PAUSES = [30 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR] as const;

/** Greets those who are registered now, each once; who was shut out or has signed in already needs no greeting. A mail that is not taken is tried again four times. */
export async function mailWelcomes(db: Db, outbox: Outbox, clock: () => Date): Promise<void> {
  while (await greetOne(db, outbox, clock));
  while (await tellElsewhere(db, outbox, clock));
}

async function greetOne(db: Db, outbox: Outbox, clock: () => Date): Promise<boolean> {
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
          isElsewhere: false,
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

/** Tells the mailbox of one member who is elsewhere; false when none is due. Nothing is told while the login server is away: then nobody is registered either. */
async function tellElsewhere(db: Db, outbox: Outbox, clock: () => Date): Promise<boolean> {
  const now = clock();
  const waiting = db
    .selectFrom('member_elsewhere')
    .select('id')
    .where('state', '=', 'waiting')
    .where('next_try_at', '<=', now)
    .orderBy('next_try_at')
    .limit(1);
  if (!(await waiting.executeTakeFirst()) || !(await outbox.isLoginServerThere())) return false;
  const due = await db
    .updateTable('member_elsewhere')
    .set((eb) => ({ tries: eb('tries', '+', 1), next_try_at: after(now, LEASE) }))
    .where('id', '=', waiting.forUpdate().skipLocked())
    .returning(['id', 'tries', 'active', 'company_id', 'email_address'])
    .executeTakeFirst();
  if (!due) return false;
  const mine = db.updateTable('member_elsewhere').where('id', '=', due.id).where('tries', '=', due.tries);
  const owner = await db
    .selectFrom('person')
    .innerJoin('company', (join) => join.on('company.id', '=', due.company_id))
    .where(sql`lower(email_address)`, '=', due.email_address.toLowerCase())
    .select(['person.name as name', 'locale', 'email_address as address', 'company.name as company'])
    .executeTakeFirst();
  try {
    if (owner && due.active) {
      const { name, address, company, locale } = owner;
      await outbox.send(outbox.compose({ to: { name, address }, company, locale, isElsewhere: true }));
    }
  } catch (error) {
    outbox.onRefused(error);
    const pause = PAUSES[due.tries - 1];
    await mine.set(pause === undefined ? { state: 'done' } : { next_try_at: after(now, pause) }).execute();
    return true;
  }
  await mine.set({ state: 'done' }).execute();
  return true;
}
