import type { Db } from '#support/db/database.ts';
import { after, SECOND } from '#support/primitives/durations.ts';
import { acceptMessages, type AcceptedMessage, type Message } from './accept-messages.ts';
import { findMessage } from './read-messages.ts';

/** Of the unified login itself, so that no customer sees or pays for its codes. */
const HOUSE = '統合認証 (検証コード)';
export const SHORTEST_LIFE_SECONDS = 30;
export const LONGEST_LIFE_SECONDS = 900;

export type CodeWish = {
  readonly to: string;
  readonly text: string;
  readonly expiresInSeconds: number;
  readonly idempotencyKey: string | null;
};

/** Queues a verification code before everything else (lane 0). What has not been delivered when it expires never is. */
export async function acceptCode(db: Db, wish: CodeWish, now: Date): Promise<AcceptedMessage> {
  const companyId = await houseId(db);
  const { to, text, idempotencyKey, expiresInSeconds } = wish;
  const repeated = idempotencyKey === null ? null : await expiryOf(db, companyId, idempotencyKey);
  const [accepted] = await acceptMessages(
    db,
    { companyId, lane: 0 },
    [{ to, text, idempotencyKey, expiresAt: repeated ?? after(now, expiresInSeconds * SECOND) }],
    now,
  );
  if (!accepted) throw new Error('one code, no answer');
  return accepted;
}

/** How a code stands; null for any other id. */
export async function findCode(db: Db, id: string): Promise<Message | null> {
  return findMessage(db, await houseId(db), id);
}

/** Wipes the texts of codes that are settled or have expired. */
export async function wipeCodeTexts(db: Db, now: Date): Promise<void> {
  await db
    .updateTable('message')
    .set({ body: '' })
    .where('lane', '=', 0)
    .where('body', '<>', '')
    .where((eb) => eb.or([eb('settled_at', 'is not', null), eb('expires_at', '<', now)]))
    .execute();
}

/** A repeated request is to expire when the first one does, or it would be another one. */
async function expiryOf(db: Db, companyId: string, idempotencyKey: string): Promise<Date | null> {
  const row = await db
    .selectFrom('message')
    .select('expires_at')
    .where('company_id', '=', companyId)
    .where('idempotency_key', '=', idempotencyKey)
    .executeTakeFirst();
  return row?.expires_at ?? null;
}

async function houseId(db: Db): Promise<string> {
  const find = () => db.selectFrom('company').select('id').where('name', '=', HOUSE).executeTakeFirst();
  const known = await find();
  if (known) return known.id;
  await db
    .insertInto('company')
    .values({ name: HOUSE })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  const made = await find();
  if (!made) throw new Error('the company of codes cannot be made');
  return made.id;
}
