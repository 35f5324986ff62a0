import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { LoginIdDriftRow } from '#support/db/schema.ts';

/** A person in one console: its own id for them, and how they sign in there. */
export type PersonLink = {
  consoleId: string;
  clientId: string;
  nameJa: string;
  nameEn: string;
  consoleUserId: string;
  linkedAt: Date;
  apiOnly: boolean;
  /** The link on the legacy login page appears; null: undetermined. */
  linkAt: Date | null;
  /** The legacy login ends; null: undetermined. */
  cutOverAt: Date | null;
  lastLegacyAt: Date | null;
  lastUnifiedAt: Date | null;
  /** The console has another address for them, and people must decide which is right. */
  drift: { id: string; address: string; kind: LoginIdDriftRow['kind'] } | null;
};

/** A person's consoles, as consoles are listed everywhere. */
export async function linksOfPerson(db: Db, accountId: string): Promise<PersonLink[]> {
  const { rows } = await sql<PersonLink>`
    select l.console_id as "consoleId", c.client_id as "clientId", c.name_ja as "nameJa", c.name_en as "nameEn",
      l.console_user_id as "consoleUserId", l.created_at as "linkedAt", l.api_only as "apiOnly",
      p.link_at as "linkAt", p.cut_over_at as "cutOverAt",
      greatest(w.last_at, (select d.last_at from sign_in_day d
        where d.console_id = l.console_id and d.account_id = l.account_id and d.kind = 'legacy' order by d.day desc limit 1)) as "lastLegacyAt",
      greatest(l.last_unified_sign_in_at, (select d.last_at from sign_in_day d
        where d.console_id = l.console_id and d.account_id = l.account_id and d.kind = 'unified' order by d.day desc limit 1)) as "lastUnifiedAt",
      case when f.id is null then null
        else jsonb_build_object('id', f.id, 'address', f.console_address, 'kind', f.kind) end as drift
    from console_link l
    join console c on c.id = l.console_id
    left join migration_plan p on p.console_id = l.console_id
    left join unknown_console_user w on w.console_id = l.console_id and w.console_user_id = l.console_user_id
    left join login_id_drift f on f.console_id = l.console_id and f.console_user_id = l.console_user_id and f.state in ('open', 'asked')
    where l.account_id = ${accountId} order by c.created_at, c.id`.execute(db);
  return rows;
}
