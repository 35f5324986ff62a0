import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { peopleOf, unreachableOf, type PersonState, type STATES_TO_MOVE } from './progress-people.ts';

/** How far a console's people have come (R15). */
export type Progress = {
  /** Everybody who is to move: the sum of `states`. */
  people: number;
  states: { readonly [S in (typeof STATES_TO_MOVE)[number]]: number };
  /** Counted nowhere above. */
  apart: { apiOnly: number; inactive: number };
  /** Of `people`: have a password, moved or not. */
  withPassword: number;
  /** Of `people`: their mail does not arrive, with or without a password. */
  mailUnreachable: number;
  /** Of `people`: signed in at the legacy login within 30 days; in whatever state. */
  stillLegacy: { all: number; moved: number; lastAt: Date | null };
  /** Users of the legacy login whom nobody has imported; not among `people`. */
  unknownUsers: number;
};

/** The totals of a console, in one pass over its people. */
export async function progressOf(db: Db, consoleId: string, now: Date): Promise<Progress> {
  const { rows } = await sql<{
    state: PersonState;
    n: number;
    with_password: number;
    unreachable: number;
    still_legacy: number;
    last_legacy_at: Date | null;
    unknown_users: number;
  }>`
    with ${unreachableOf(consoleId)}, person as (${peopleOf(consoleId, now, true)}), unknown as (
      select count(*)::int as n from unknown_console_user w
      where w.console_id = ${consoleId} and not exists (
        select 1 from console_link l where l.console_id = w.console_id and l.console_user_id = w.console_user_id)
    )
    select state, count(*)::int as n,
      count(password_set_at)::int as with_password,
      (count(*) filter (where mail_unreachable))::int as unreachable,
      (count(*) filter (where still_legacy))::int as still_legacy,
      max(last_legacy_at) as last_legacy_at,
      (select n from unknown) as unknown_users
    from person group by state
    union all select null, 0, 0, 0, 0, null, n from unknown`.execute(db);
  const of = (state: PersonState) => rows.find((row) => row.state === state);
  const count = (state: PersonState): number => of(state)?.n ?? 0;
  const states = {
    'never-seen': count('never-seen'),
    'code-requested': count('code-requested'),
    unreachable: count('unreachable'),
    'password-set': count('password-set'),
    'signed-in-unified': count('signed-in-unified'),
  };
  const toMove = rows.filter((row) => row.state in states);
  const sum = (value: (row: (typeof rows)[number]) => number): number =>
    toMove.reduce((total, row) => total + value(row), 0);
  return {
    people: sum((row) => row.n),
    states,
    apart: { apiOnly: count('api-only'), inactive: count('inactive') },
    withPassword: sum((row) => row.with_password),
    mailUnreachable: sum((row) => row.unreachable),
    stillLegacy: {
      all: sum((row) => row.still_legacy),
      moved: of('signed-in-unified')?.still_legacy ?? 0,
      lastAt: toMove.reduce<Date | null>(
        (last, { last_legacy_at: at }) => (at && (!last || at > last) ? at : last),
        null,
      ),
    },
    unknownUsers: rows[0]?.unknown_users ?? 0,
  };
}
