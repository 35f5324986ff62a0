import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';

/** When consoles last did something. Noted in memory and written now and then, so that no request waits for it. */
export type ConsoleUses = {
  /** @param what `PLAN_ASKED`, or a use of a secret (see secrets.ts) */
  note(clientId: string, what: string, now: Date): void;
  /** Writes what was noted since the last time, in one statement. */
  write(db: Db): Promise<void>;
};

/** That a console asked for its migration plan. */
export const PLAN_ASKED = 'plan';

export function consoleUses(): ConsoleUses {
  let noted = new Map<string, { clientId: string; what: string; at: Date }>();
  return {
    note: (clientId, what, at) => void noted.set(`${clientId} ${what}`, { clientId, what, at }),
    async write(db) {
      if (noted.size === 0) return;
      const written = noted;
      noted = new Map();
      try {
        await store(db, [...written.values()]);
      } catch (error) {
        noted = new Map([...written, ...noted]);
        throw error;
      }
    },
  };
}

async function store(db: Db, uses: readonly { clientId: string; what: string; at: Date }[]): Promise<void> {
  const column = <K extends 'clientId' | 'what' | 'at'>(name: K) => uses.map((use) => use[name]);
  await sql`
    insert into console_use as known (console_id, what, at)
    select c.id, u.what, u.at
    from unnest(${column('clientId')}::text[], ${column('what')}::text[], ${column('at')}::timestamptz[]) as u (client_id, what, at)
    join console c on c.client_id = u.client_id
    order by c.id, u.what
    on conflict (console_id, what) do update set at = excluded.at where known.at < excluded.at`.execute(db);
}
