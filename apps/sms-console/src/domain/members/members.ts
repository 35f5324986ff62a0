import type { Db } from '#support/db/database.ts';
import type { PersonRole } from '#support/db/schema.ts';
import type { Locale } from '#support/primitives/locale.ts';

/** A person of a company as its administrators see them. */
export type Member = {
  readonly id: string;
  readonly name: string;
  readonly emailAddress: string;
  readonly role: PersonRole;
  readonly locale: Locale;
  readonly active: boolean;
  /** Whether the unified login knows them: it will, it does, or it refused them and why. */
  readonly registration: 'waiting' | 'done' | 'refused';
  readonly reason: string | null;
};

/** Somebody whom a company adds. */
export type NewMember = {
  readonly companyId: string;
  readonly name: string;
  readonly emailAddress: string;
  readonly role: PersonRole;
  readonly locale: Locale;
};

/** The people of a company in the order in which they came, at most `limit` after the one with the id `after`, and whether there are more. */
export async function listMembers(
  db: Db,
  companyId: string,
  { after }: { after: string | null },
  limit: number,
): Promise<{ members: readonly Member[]; more: boolean }> {
  const rows = await members(db, companyId)
    .$if(after !== null, (query) => query.where('id', '>', after ?? '0'))
    .orderBy('id')
    .limit(limit + 1)
    .execute();
  return { members: rows.slice(0, limit).map(shown), more: rows.length > limit };
}

/** One person of this company, active or not; null for any other id. */
export async function findMember(db: Db, companyId: string, id: string): Promise<Member | null> {
  if (!/^[0-9]{1,18}$/.test(id)) return null;
  const row = await members(db, companyId).where('id', '=', id).executeTakeFirst();
  return row ? shown(row) : null;
}

/** Those who are elsewhere look like anybody (C4). */
function members(db: Db, companyId: string) {
  return db
    .selectFrom((eb) =>
      eb
        .selectFrom('person')
        .leftJoin('registration_outbox as outbox', 'outbox.person_id', 'person.id')
        .where('person.company_id', '=', companyId)
        .select([
          'person.id as id',
          'person.name as name',
          'person.email_address as emailAddress',
          'person.role as role',
          'person.locale as locale',
          'person.active as active',
          'outbox.state as state',
          'outbox.reason as reason',
        ])
        .unionAll(
          eb
            .selectFrom('member_elsewhere')
            .where('company_id', '=', companyId)
            .select((one) => [
              'id',
              'name',
              'email_address as emailAddress',
              'role',
              'locale',
              'active',
              one.cast<Row['state']>('state', 'text').as('state'),
              one.cast<string | null>(one.val(null), 'text').as('reason'),
            ]),
        )
        .as('member'),
    )
    .selectAll();
}

type Row = Omit<Member, 'registration'> & { state: Member['registration'] | null };

/** Who came by the import has no row in the outbox. */
function shown({ state, reason, ...row }: Row): Member {
  return { ...row, registration: state ?? 'done', reason: state === 'refused' ? reason : null };
}
