import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { OperatorRole } from '#support/db/schema.ts';
import { after, MINUTE } from '#support/primitives/durations.ts';
import { newId } from '#support/primitives/ids.ts';
import { newSecret, secretHash } from '#support/primitives/secrets.ts';

export type Operator = {
  /** `operator:<token id>`, as the audit log names them. */
  actor: string;
  name: string;
  role: OperatorRole;
};

/** Marks our tokens, so that scanners for leaked secrets find them. */
const PREFIX = 'hko_';

/** How exactly `last_used_at` is kept; a write a call would be waste. */
const LAST_USED_STEP = 10 * MINUTE;

/** Makes a token for a program. The token itself is returned this once; stored is its SHA-256. */
export async function createOperatorToken(
  db: Db,
  wanted: { name: string; role: OperatorRole },
  by: { actor: string; now: Date },
): Promise<{ id: string; token: string }> {
  const id = newId('opt', by.now);
  const token = PREFIX + newSecret();
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto('operator_token')
      .values({
        id,
        ...wanted,
        token_hash: secretHash(token),
        created_at: by.now,
        created_by: by.actor,
        last_used_at: null,
        revoked_at: null,
      })
      .execute();
    await recordEvent(trx, {
      at: by.now,
      action: 'operator-token.created',
      actor: by.actor,
      detail: { id, ...wanted },
    });
  });
  return { id, token };
}

/** The operator whose token this is; undefined for an unknown or a revoked one. */
export async function operatorOfToken(db: Db, token: string, now: Date): Promise<Operator | undefined> {
  const row = await db
    .selectFrom('operator_token')
    .select(['id', 'name', 'role', 'last_used_at'])
    .where('token_hash', '=', secretHash(token))
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (!row) return undefined;
  if (!row.last_used_at || row.last_used_at < after(now, -LAST_USED_STEP))
    await db.updateTable('operator_token').set({ last_used_at: now }).where('id', '=', row.id).execute();
  return { actor: `operator:${row.id}`, name: row.name, role: row.role };
}

/** All tokens that were ever made, the newest first; never the secrets. */
export async function operatorTokens(db: Db) {
  return db
    .selectFrom('operator_token')
    .select(['id', 'name', 'role', 'created_at', 'created_by', 'last_used_at', 'revoked_at'])
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

/** Ends a token at once, on every node. */
export async function revokeOperatorToken(
  db: Db,
  id: string,
  by: { actor: string; now: Date },
): Promise<{ ok: true } | { ok: false; reason: 'token-unknown' | 'token-revoked' }> {
  return db.transaction().execute(async (trx) => {
    const revoked = await trx
      .updateTable('operator_token')
      .set({ revoked_at: by.now })
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .returning('id')
      .executeTakeFirst();
    if (!revoked) {
      const known = await trx
        .selectFrom('operator_token')
        .select('id')
        .where('id', '=', id)
        .executeTakeFirst();
      return { ok: false, reason: known ? 'token-revoked' : 'token-unknown' } as const;
    }
    await recordEvent(trx, {
      at: by.now,
      action: 'operator-token.revoked',
      actor: by.actor,
      detail: { id },
    });
    return { ok: true } as const;
  });
}
