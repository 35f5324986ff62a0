import type { ConsoleKit, LoginIdChangeConfirmResult, LoginIdChangeReason } from '@hitokagi/console-kit';
import { sql } from 'kysely';
import type { Person } from '#domain/people/people.ts';
import type { Db } from '#support/db/database.ts';
import type { LoginIdCause } from '#support/db/schema.ts';

/**
 * Gives the code to the unified login; when it is right, the address is changed here too: from then on the legacy login takes the new address and no longer the old one. For
 * an address that another person of this console has no code is right: the unified login is asked with another one, so that sentence, tries and pauses are those of any
 * address and nobody learns here who has an account.
 */
export async function confirmChange(
  { db, kit }: { db: Db; kit: Pick<ConsoleKit, 'loginIds'> },
  { person, code }: { person: Person; code: string },
): Promise<LoginIdChangeConfirmResult> {
  const open = await kit.loginIds.open(person.id);
  const another = open !== null && (await belongsToAnother(db, open.newEmailAddress, person.id));
  return kit.loginIds.confirm(person.id, another ? otherThan(code) : code);
}

/** What a person is still to be told about their address. */
export type LoginIdNews = {
  /** How their last change ended, unless as they meant it to. */
  readonly failed: { newAddress: string; reason: LoginIdChangeReason | null } | null;
  /** A change that was not made here. */
  readonly changed: {
    cause: Exclude<LoginIdCause, 'here'>;
    previous: string;
    address: string;
    at: Date;
  } | null;
  /** The unified login has this address for them; here another person has it. */
  readonly waitingAddress: string | null;
};

/** What the person has not confirmed to have seen. */
export async function findNews(db: Db, personId: string): Promise<LoginIdNews> {
  const last = await db
    .selectFrom('login_id_outbox')
    .select(['new_address as newAddress', 'reason', 'state', 'seen_at'])
    .where('person_id', '=', personId)
    .where('state', '<>', 'cancelled')
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  const change = await db
    .selectFrom('login_id_history')
    .select(['cause', 'previous_address as previous', 'address', 'at', 'seen_at'])
    .where('person_id', '=', personId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const { waiting_address: waitingAddress } = await db
    .selectFrom('person')
    .select('waiting_address')
    .where('id', '=', personId)
    .executeTakeFirstOrThrow();
  const failed = last && (last.state === 'refused' || last.state === 'ended') && last.seen_at === null;
  return {
    failed: failed ? { newAddress: last.newAddress, reason: last.reason } : null,
    changed:
      change && change.cause !== 'here' && change.seen_at === null
        ? { cause: change.cause, previous: change.previous, address: change.address, at: change.at }
        : null,
    waitingAddress,
  };
}

/** The person was told how their changes ended. */
export async function noteSeen(db: Db, personId: string, now: Date): Promise<void> {
  await db
    .updateTable('login_id_outbox')
    .set({ seen_at: now })
    .where('person_id', '=', personId)
    .where('state', 'in', ['refused', 'ended'])
    .where('seen_at', 'is', null)
    .execute();
  await db
    .updateTable('login_id_history')
    .set({ seen_at: now })
    .where('person_id', '=', personId)
    .where('seen_at', 'is', null)
    .execute();
}

/** A change of an address that took place here, for the company's people to look through. */
export type PastChange = {
  readonly name: string;
  readonly previous: string;
  readonly address: string;
  readonly cause: LoginIdCause;
  readonly at: Date;
};

/** The latest changes of addresses in the person's company, newest first. */
export async function recentChanges(db: Db, personId: string): Promise<readonly PastChange[]> {
  return db
    .selectFrom('login_id_history as history')
    .innerJoin('person', 'person.id', 'history.person_id')
    .where('person.company_id', '=', (eb) =>
      eb.selectFrom('person as self').select('self.company_id').where('self.id', '=', personId),
    )
    .select([
      'person.name',
      'history.previous_address as previous',
      'history.address',
      'history.cause',
      'history.at',
    ])
    .orderBy('history.id', 'desc')
    .limit(10)
    .execute();
}

/** After a unified sign-in that names another address than the one here: the unified login is asked which is right (R18). */
export async function catchUpWithLoginId(
  { db, kit }: { db: Db; kit: Pick<ConsoleKit, 'loginIds'> },
  person: Person,
  loginId: string | null,
): Promise<void> {
  if (loginId === null || loginId.toLowerCase() === person.emailAddress.toLowerCase()) return;
  const { login_id_version: version } = await db
    .selectFrom('person')
    .select('login_id_version')
    .where('id', '=', person.id)
    .executeTakeFirstOrThrow();
  await kit.loginIds.compareOne({ consoleUserId: person.id, emailAddress: person.emailAddress, version });
}

async function belongsToAnother(db: Db, address: string, personId: string): Promise<boolean> {
  const other = await db
    .selectFrom('person')
    .select('id')
    .where(sql`lower(email_address)`, '=', sql`lower(${address})`)
    .where('id', '<>', personId)
    .executeTakeFirst();
  return other !== undefined;
}

/** A code of the same form with other figures. */
function otherThan(code: string): string {
  return code.replaceAll(/[0-9]/g, (figure) => String((Number(figure) + 1) % 10));
}
