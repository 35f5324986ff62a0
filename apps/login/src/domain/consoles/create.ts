import { sql } from 'kysely';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import { inTransaction } from '#support/db/in-transaction.ts';
import { newId } from '#support/primitives/ids.ts';
import { newSecret, secretHash } from '#support/primitives/secrets.ts';
import { CONSOLES_CHANGED } from './consoles.ts';
import { registerEventStream } from './event-stream.ts';
import { faultsOf, isClientId, type SettingFault } from './faults.ts';
import { columnsOf, type ConsoleSettings } from './settings.ts';

export type CreateConsoleResult =
  /** The secret is returned this once; stored is its SHA-256. */
  { ok: true; consoleId: string; clientSecret: string } | CreateRefusal;
export type CreateRefusal =
  | { ok: false; reason: 'settings-unfit'; faults: readonly SettingFault[] }
  | { ok: false; reason: 'client-id-taken' };

/** What stands against registering a console now; undefined when nothing does. Changes nothing. */
export async function foreseeCreate(
  db: Db,
  clientId: string,
  settings: ConsoleSettings,
  allowedInternalHosts: readonly string[],
): Promise<CreateRefusal | undefined> {
  const faults: readonly SettingFault[] = [
    ...(isClientId(clientId)
      ? []
      : [
          {
            field: 'clientId',
            code: clientId === '' ? 'missing' : 'client-id-malformed',
            value: clientId,
          } as const,
        ]),
    ...faultsOf(settings, allowedInternalHosts),
  ];
  if (faults.length > 0) return { ok: false, reason: 'settings-unfit', faults };
  const taken = await db
    .selectFrom('console')
    .select('id')
    .where('client_id', '=', clientId)
    .executeTakeFirst();
  return taken && { ok: false, reason: 'client-id-taken' };
}

/** Registers a console that is not there yet (R19), with a migration plan that has no moment and, with an address for events, a stream that pushes; within the caller's transaction, if it is in one. */
export async function createConsole(
  db: Db,
  clientId: string,
  settings: ConsoleSettings,
  by: {
    actor: string;
    now: Date;
    allowedInternalHosts: readonly string[];
    /** Where the secret is made elsewhere; otherwise one is made here. */
    clientSecret?: string;
  },
): Promise<CreateConsoleResult> {
  const refusal = await foreseeCreate(db, clientId, settings, by.allowedInternalHosts);
  if (refusal) return refusal;
  const clientSecret = by.clientSecret ?? newSecret();
  return inTransaction(db, async (trx): Promise<CreateConsoleResult> => {
    const row = await trx
      .insertInto('console')
      .values({
        id: newId('con', by.now),
        client_id: clientId,
        client_secret_hash: secretHash(clientSecret),
        secret_made_at: by.now,
        created_at: by.now,
        updated_at: by.now,
        ...columnsOf(settings),
      })
      .onConflict((c) => c.column('client_id').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (!row) return { ok: false, reason: 'client-id-taken' };
    await trx
      .insertInto('migration_plan')
      .values({ console_id: row.id, link_at: null, announce_at: null, cut_over_at: null, updated_at: by.now })
      .execute();
    await registerEventStream(trx, row.id, { before: null, now: settings.eventUri }, by.now);
    await recordEvent(trx, {
      at: by.now,
      action: 'console.registered',
      actor: by.actor,
      consoleId: row.id,
      detail: { clientId, homeUrl: settings.homeUrl },
    });
    await sql`select pg_notify(${CONSOLES_CHANGED}, '')`.execute(trx);
    return { ok: true, consoleId: row.id, clientSecret };
  });
}
