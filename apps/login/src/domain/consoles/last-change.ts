import type { Db } from '#support/db/database.ts';

/** Who changed what is registered of a console last, and when; undefined when nobody did since it was registered. */
export async function lastConsoleChange(
  db: Db,
  consoleId: string,
): Promise<{ at: Date; actor: string } | undefined> {
  return db
    .selectFrom('audit_event')
    .select(['at', 'actor'])
    .where('console_id', '=', consoleId)
    .where('action', '=', 'console.changed')
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}
