import type { Db } from '#support/db/database.ts';
import type { Sealer } from '#support/primitives/sealed-text.ts';

/**
 * Seals with the key in use what an earlier release stored readable or an earlier key sealed; `lost` are secrets that no key opens, which stay
 * as they are. Several nodes may do so at once, and somebody may change a secret meanwhile: only what was read is replaced.
 */
export async function sealSecrets(db: Db, sealer: Sealer): Promise<{ sealed: number; lost: number }> {
  const old = `${sealer.mark}%`;
  const rows = await db
    .selectFrom('webhook_endpoint')
    .select(['id', 'secret', 'previous_secret'])
    .where('removed_at', 'is', null)
    .where((eb) => eb.or([eb('secret', 'not like', old), eb('previous_secret', 'not like', old)]))
    .execute();
  let sealed = 0;
  let lost = 0;
  for (const row of rows) {
    const secret = anew(sealer, row.id, row.secret);
    const previous = row.previous_secret === null ? null : anew(sealer, row.id, row.previous_secret);
    if (secret === undefined) lost += 1;
    if (secret === undefined) continue;
    const result = await db
      .updateTable('webhook_endpoint')
      .set({ secret, previous_secret: previous ?? row.previous_secret })
      .where('id', '=', row.id)
      .where('secret', '=', row.secret)
      .where('previous_secret', 'is not distinct from', row.previous_secret)
      .executeTakeFirst();
    sealed += Number(result.numUpdatedRows);
  }
  return { sealed, lost };
}

function anew(sealer: Sealer, id: string, stored: string): string | undefined {
  if (stored.startsWith(sealer.mark)) return stored;
  const text = sealer.open(stored, id);
  return text === null ? undefined : sealer.seal(text, id);
}
