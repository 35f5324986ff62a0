import type { Db } from '#support/db/database.ts';
import { newId } from '#support/primitives/ids.ts';

/**
 * Gives a console that registers an address for events its push stream, without any call of its own (R24). One that it deleted or turned into a polled one stays as it
 * is while the address stays the same. Without an address nothing is pushed any more.
 */
export async function registerEventStream(
  trx: Db,
  consoleId: string,
  address: { before: string | null; now: string | null },
  now: Date,
): Promise<void> {
  const stream = await trx
    .selectFrom('event_stream')
    .select(['id', 'method', 'endpoint_url'])
    .where('console_id', '=', consoleId)
    .forUpdate()
    .executeTakeFirst();
  if (address.now === null) {
    if (stream?.method === 'push') await trx.deleteFrom('event_stream').where('id', '=', stream.id).execute();
    return;
  }
  if (address.now === address.before) return;
  if (!stream) {
    await trx
      .insertInto('event_stream')
      .values({
        id: newId('str', now),
        console_id: consoleId,
        method: 'push',
        endpoint_url: address.now,
        created_at: now,
        updated_at: now,
      })
      .execute();
    return;
  }
  const elsewhere = !isEventAddress(address.now, stream.endpoint_url ?? '');
  const follows = stream.endpoint_url === address.before || elsewhere;
  if (stream.method === 'push' && follows)
    await trx
      .updateTable('event_stream')
      .set({
        endpoint_url: address.now,
        // What the console wants said there was for the former place.
        ...(elsewhere ? { sealed_authorization: null } : {}),
        updated_at: now,
      })
      .where('id', '=', stream.id)
      .execute();
}

/** Whether events of a console may be pushed there: only to the origin of its registered address, whatever the console says by itself. */
export function isEventAddress(registered: string | null, address: string): boolean {
  if (registered === null || !URL.canParse(registered) || !URL.canParse(address)) return false;
  const url = new URL(address);
  return (
    url.origin === new URL(registered).origin && url.username === '' && url.password === '' && url.hash === ''
  );
}
