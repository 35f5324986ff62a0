import type { Db } from '#support/db/database.ts';

export type ConsoleFound = { id: string; clientId: string };

/** The console that an argument names; without one the command has failed, and stderr says how to go on. */
export async function consoleOf(
  db: Db,
  clientId: string,
  errors: { write(text: string): unknown },
): Promise<ConsoleFound | undefined> {
  const rows = await db.selectFrom('console').select(['id', 'client_id']).orderBy('created_at').execute();
  const found = rows.find((row) => row.client_id === clientId);
  if (found) return { id: found.id, clientId };
  const names = rows.map((row) => row.client_id).join(', ');
  errors.write(
    names === ''
      ? 'No console is registered yet. "hitokagi console register" registers one.\n'
      : `No console is registered as ${clientId}. There are: ${names}.\n`,
  );
  return undefined;
}
