import { sql } from 'kysely';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import { actorOf, lockTokens } from './tokens.ts';

export type RevokeTokenResult =
  /** `inForce`: what was made with it, directly or further on, and can still be used. */
  | { ok: true; revoked: string[]; inForce: { id: string; name: string }[] }
  | { ok: false; reason: 'token-unknown' | 'token-revoked' };

/**
 * Ends a token at once, on every node.
 * @param options.withMade and all tokens that were made with it; a token that was revoked before is no obstacle then
 */
export async function revokeOperatorToken(
  db: Db,
  id: string,
  by: { actor: string; now: Date },
  options: { withMade?: boolean } = {},
): Promise<RevokeTokenResult> {
  return db.transaction().execute(async (trx): Promise<RevokeTokenResult> => {
    await lockTokens(trx);
    const known = await trx
      .selectFrom('operator_token')
      .select('revoked_at')
      .where('id', '=', id)
      .executeTakeFirst();
    if (!known) return { ok: false, reason: 'token-unknown' };
    const made = await madeWith(trx, id);
    const ending = [
      ...(known.revoked_at ? [] : [id]),
      ...(options.withMade ? made.map((one) => one.id) : []),
    ];
    if (ending.length === 0) return { ok: false, reason: 'token-revoked' };
    await endTokens(trx, ending, by, (ended) => (ended === id ? {} : { madeWith: id }));
    const inForce = options.withMade ? [] : made.filter((one) => one.expires_at > by.now);
    return { ok: true, revoked: ending, inForce: inForce.map(({ id, name }) => ({ id, name })) };
  });
}

/** Ends all tokens of an operator whose role is taken, for good: they do not come back with it. */
export async function revokeTokensOf(
  trx: Db,
  accountId: string,
  by: { actor: string; now: Date },
): Promise<void> {
  await lockTokens(trx);
  const rows = await trx
    .selectFrom('operator_token')
    .select('id')
    .where('account_id', '=', accountId)
    .where('revoked_at', 'is', null)
    .execute();
  await endTokens(
    trx,
    rows.map((row) => row.id),
    by,
    () => ({ operatorRemoved: accountId }),
  );
}

/** What was made with a token, and with what was made so, and is not revoked, in the order in which they were made. */
async function madeWith(trx: Db, id: string): Promise<{ id: string; name: string; expires_at: Date }[]> {
  const { rows } = await sql<{ id: string; name: string; expires_at: Date }>`
    with recursive made as (
      select id from operator_token where created_by = ${actorOf(id)}
      union
      select t.id from operator_token t join made m on t.created_by = 'operator:' || m.id
    )
    select id, name, expires_at from operator_token where id in (select id from made) and revoked_at is null order by created_at, id`.execute(
    trx,
  );
  return rows;
}

async function endTokens(
  trx: Db,
  ids: readonly string[],
  by: { actor: string; now: Date },
  detail: (id: string) => object,
): Promise<void> {
  if (ids.length === 0) return;
  const ended = await trx
    .updateTable('operator_token')
    .set({ revoked_at: by.now })
    .where('id', 'in', ids)
    .where('revoked_at', 'is', null)
    .returning(['id', 'account_id'])
    .execute();
  for (const one of ended)
    await recordEvent(trx, {
      at: by.now,
      action: 'operator-token.revoked',
      actor: by.actor,
      accountId: one.account_id,
      detail: { id: one.id, ...detail(one.id) },
    });
}
