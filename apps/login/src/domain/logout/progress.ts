import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { deleteInBatches } from '#support/db/delete-in-batches.ts';
import { after, DAY } from '#support/primitives/durations.ts';
import type { Locale } from '#support/primitives/locale.ts';

export type LogoutProgress = {
  at: Date;
  /** The language that the account chose. */
  locale: Locale | null;
  consoles: readonly {
    consoleId: string;
    nameJa: string;
    nameEn: string;
    homeUrl: string;
    state: 'waiting' | 'delivered' | 'failed';
  }[];
};

/** Who has been told of a single logout and who not yet (the page says so). Undefined for an unknown id. */
export async function logoutProgress(db: Db, singleLogoutId: string): Promise<LogoutProgress | undefined> {
  const logout = await db
    .selectFrom('single_logout')
    .leftJoin('account', 'account.id', 'single_logout.account_id')
    .select(['at', 'locale'])
    .where('single_logout.id', '=', singleLogoutId)
    .executeTakeFirst();
  if (!logout) return undefined;
  const rows = await db
    .selectFrom('logout_delivery')
    .innerJoin('console', 'console.id', 'logout_delivery.console_id')
    .select([
      'console.id as consoleId',
      'name_ja as nameJa',
      'name_en as nameEn',
      'home_url as homeUrl',
      'logout_delivery.state',
    ])
    .where('single_logout_id', '=', singleLogoutId)
    .orderBy('console.created_at')
    .orderBy('console.id')
    .execute();
  return { at: logout.at, locale: logout.locale, consoles: rows };
}

/** Pauses between looks, in milliseconds: a console that is well answers at once. */
const LOOKS = [25, 50, 75, 100, 150, 200];

/** The single logout that ended the session in which a console was given this `sid`; undefined when there was none. */
export async function logoutOfSid(
  db: Db,
  accountId: string,
  clientId: string,
  sid: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('logout_delivery')
    .innerJoin('console', 'console.id', 'logout_delivery.console_id')
    .select('single_logout_id')
    .where('account_id', '=', accountId)
    .where('sid', '=', sid)
    .where('client_id', '=', clientId)
    .executeTakeFirst();
  return row?.single_logout_id;
}

/** At most two seconds, with what comes before and after it (L2). */
const PATIENCE = 1_750;

/** Waits until every console has been told, but not long: the person's page must not hang on a slow console. */
export async function waitForLogout(
  db: Db,
  singleLogoutId: string,
  pause: (ms: number) => Promise<void>,
): Promise<LogoutProgress | undefined> {
  const until = performance.now() + PATIENCE;
  for (let look = 0; ; look++) {
    const progress = await logoutProgress(db, singleLogoutId);
    const left = until - performance.now();
    if (left <= 0 || !progress?.consoles.some((console) => console.state === 'waiting')) return progress;
    await pause(Math.min(left, LOOKS[look] ?? 200));
  }
}

/** Forgets logouts and their deliveries after so many days; until then operators can see who was told when. */
export async function forgetOldLogouts(db: Db, keepDays: number, now: Date): Promise<void> {
  const old = after(now, -keepDays * DAY);
  await deleteInBatches(db, 'logout_delivery', sql`created_at < ${old}`);
  await deleteInBatches(
    db,
    'single_logout',
    sql`at < ${old} and not exists (select from logout_delivery d where d.single_logout_id = single_logout.id)`,
  );
}
