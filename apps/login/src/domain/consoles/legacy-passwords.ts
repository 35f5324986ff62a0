import { sql } from 'kysely';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { outboundRefusal } from '#support/primitives/outbound.ts';
import { CONSOLES_CHANGED } from './consoles.ts';

/** `off`: not accepted. `imported`: verified against the hashes of an import. `asked`: the console is asked by a signed call. */
export type LegacyPasswordSetting = ConsoleRow['legacy_passwords'];

export type SetLegacyPasswordsResult =
  /** `deleted`: imported hashes that are gone now. */
  | { ok: true; deleted: number }
  | {
      ok: false;
      reason: 'console-unknown' | 'legacy-uri-missing' | 'legacy-uri-malformed' | 'legacy-uri-internal';
    }
  /** There are imported hashes, and without `deleteHashes` nothing was changed. */
  | { ok: false; reason: 'hashes-would-be-deleted'; hashes: number };

/**
 * Says whether a console's legacy passwords are accepted once at the unified login (R21). Any other setting than `imported` deletes the imported hashes, because hashes that nobody
 * uses must not lie about: only with `deleteHashes`.
 * @param wanted.uri where the console answers, for `asked`; left out: as it was
 */
export async function setLegacyPasswords(
  db: Db,
  clientId: string,
  wanted: { setting: LegacyPasswordSetting; uri?: string | undefined; deleteHashes: boolean },
  by: { actor: string; now: Date; allowedInternalHosts: readonly string[] },
): Promise<SetLegacyPasswordsResult> {
  // Passwords travel to it, so it is https; http only reaches hosts that the installation names as internal (see the outbound client).
  const refusal = wanted.uri === undefined ? undefined : outboundRefusal(wanted.uri, by.allowedInternalHosts);
  if (refusal)
    return {
      ok: false,
      reason: refusal === 'address-malformed' ? 'legacy-uri-malformed' : 'legacy-uri-internal',
    };
  return db.transaction().execute(async (trx): Promise<SetLegacyPasswordsResult> => {
    const console = await trx
      .selectFrom('console')
      .selectAll()
      .where('client_id', '=', clientId)
      .forUpdate()
      .executeTakeFirst();
    if (!console) return { ok: false, reason: 'console-unknown' };
    const uri = wanted.uri ?? console.legacy_password_uri;
    if (wanted.setting === 'asked' && uri === null) return { ok: false, reason: 'legacy-uri-missing' };

    let deleted = 0;
    if (wanted.setting !== 'imported') {
      const hashes = await storedHashes(trx, console.id);
      if (hashes > 0 && !wanted.deleteHashes) return { ok: false, reason: 'hashes-would-be-deleted', hashes };
      const result = await trx
        .deleteFrom('legacy_credential')
        .where('console_id', '=', console.id)
        .executeTakeFirst();
      deleted = Number(result.numDeletedRows);
    }
    await trx
      .updateTable('console')
      .set({ legacy_passwords: wanted.setting, legacy_password_uri: uri, updated_at: by.now })
      .where('id', '=', console.id)
      .execute();
    await recordEvent(trx, {
      at: by.now,
      action: 'console.legacy-passwords-set',
      actor: by.actor,
      consoleId: console.id,
      detail: { setting: wanted.setting, uri, deletedHashes: deleted },
    });
    await sql`select pg_notify(${CONSOLES_CHANGED}, '')`.execute(trx);
    return { ok: true, deleted };
  });
}

/** How many imported hashes are still there, by the id of their console; none where it is not named. */
export async function storedHashesOfAll(db: Db): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('legacy_credential')
    .select((eb) => ['console_id', eb.fn.countAll().as('hashes')])
    .groupBy('console_id')
    .execute();
  return new Map(rows.map((row) => [row.console_id, Number(row.hashes)]));
}

/** How many imported hashes of a console are still there. */
export async function storedHashes(db: Db, consoleId: string): Promise<number> {
  const { hashes } = await db
    .selectFrom('legacy_credential')
    .select((eb) => eb.fn.countAll().as('hashes'))
    .where('console_id', '=', consoleId)
    .executeTakeFirstOrThrow();
  return Number(hashes);
}
