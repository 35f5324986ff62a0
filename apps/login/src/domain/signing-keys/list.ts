import type { Db } from '#support/db/database.ts';
import { after } from '#support/primitives/durations.ts';
import { IN_USE_FOR, KEPT_FOR } from './rotate.ts';

/** `next`: published, not used yet; `kept`: published for what it has signed; `ended`: gone, its private part deleted. */
export type SigningKeyState = 'next' | 'in-use' | 'kept' | 'ended';

export type SigningKeyFacts = {
  kid: string;
  alg: string;
  state: SigningKeyState;
  createdAt: Date;
  useFrom: Date;
  /** When the key after it comes into use, or will by the schedule. */
  usedUntil: Date;
  /** When it leaves the published set. */
  endsAt: Date;
};

/** More than there will be in ten years. */
const MOST = 200;

/** All signing keys, the latest first; never a private part. */
export async function signingKeys(db: Db, now: Date): Promise<readonly SigningKeyFacts[]> {
  const rows = await db
    .selectFrom('signing_key')
    .select(['kid', 'alg', 'created_at', 'use_from', 'retired_at'])
    .orderBy('use_from', 'desc')
    .orderBy('alg')
    .limit(MOST)
    .execute();
  return rows.map((row) => {
    const successor = rows.findLast((one) => one.alg === row.alg && one.use_from > row.use_from);
    const usedUntil = successor?.use_from ?? after(row.use_from, IN_USE_FOR);
    const state = row.retired_at
      ? 'ended'
      : row.use_from > now
        ? 'next'
        : successor && successor.use_from <= now
          ? 'kept'
          : 'in-use';
    return {
      kid: row.kid,
      alg: row.alg,
      state,
      createdAt: row.created_at,
      useFrom: row.use_from,
      usedUntil,
      endsAt: row.retired_at ?? after(usedUntil, KEPT_FOR),
    };
  });
}

/** When the next key comes into use: the one that is published, or else the end of the one in use. */
export function nextRotationAt(keys: readonly SigningKeyFacts[]): Date | undefined {
  const moments = keys.filter((key) => key.state === 'in-use').map((key) => key.usedUntil);
  return moments.sort((a, b) => a.getTime() - b.getTime())[0];
}
