import { sql } from 'kysely';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import { inTransaction } from '#support/db/in-transaction.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { CONSOLES_CHANGED } from './consoles.ts';
import { registerEventStream } from './event-stream.ts';
import { faultsOf, type SettingFault } from './faults.ts';
import { columnsOf, differences, settingsOf, type ConsoleSettings, type SettingName } from './settings.ts';

export type ChangeConsoleResult =
  /** `changed` is empty when everything was so already; then nothing was written. */
  { ok: true; console: ConsoleRow; changed: readonly SettingName[] } | ChangeRefusal;
export type ChangeRefusal =
  | { ok: false; reason: 'console-unknown' }
  | { ok: false; reason: 'settings-unfit'; faults: readonly SettingFault[] }
  /** Somebody else has changed it since that revision. */
  | { ok: false; reason: 'changed-meanwhile'; console: ConsoleRow };

/** What stands against a change now; undefined when nothing does. */
export function foreseeChange(
  console: ConsoleRow,
  changes: Partial<ConsoleSettings>,
  by: { revision: number; allowedInternalHosts: readonly string[] },
): ChangeRefusal | undefined {
  if (console.revision !== by.revision) return { ok: false, reason: 'changed-meanwhile', console };
  const before = settingsOf(console);
  const wanted = { ...before, ...changes };
  // What was registered before a rule came stays; whoever changes a value keeps the rules.
  const touched = new Set<string>(differences(before, wanted));
  const rests = touched.has('homeUrl') || touched.has('domains');
  const faults = faultsOf(wanted, by.allowedInternalHosts).filter(
    ({ field, code }) => touched.has(field) || (rests && code === 'address-elsewhere'),
  );
  return faults.length > 0 ? { ok: false, reason: 'settings-unfit', faults } : undefined;
}

/**
 * Changes what is registered of a console, on the revision that was looked at: of two who change it at once the second is refused. Every node of the login server knows it
 * with the commit.
 */
export async function changeConsole(
  db: Db,
  clientId: string,
  changes: Partial<ConsoleSettings>,
  by: { actor: string; now: Date; revision: number; allowedInternalHosts: readonly string[] },
): Promise<ChangeConsoleResult> {
  return inTransaction(db, async (trx): Promise<ChangeConsoleResult> => {
    const console = await trx
      .selectFrom('console')
      .selectAll()
      .where('client_id', '=', clientId)
      .forUpdate()
      .executeTakeFirst();
    if (!console) return { ok: false, reason: 'console-unknown' };
    const refusal = foreseeChange(console, changes, by);
    if (refusal) return refusal;
    const before = settingsOf(console);
    const settings = { ...before, ...changes };
    const changed = differences(before, settings);
    if (changed.length === 0) return { ok: true, console, changed };
    const row = await trx
      .updateTable('console')
      .set({ ...columnsOf(settings), revision: console.revision + 1, updated_at: by.now })
      .where('id', '=', console.id)
      .returningAll()
      .executeTakeFirstOrThrow();
    await registerEventStream(trx, row.id, { before: before.eventUri, now: settings.eventUri }, by.now);
    await recordEvent(trx, {
      at: by.now,
      action: 'console.changed',
      actor: by.actor,
      consoleId: row.id,
      detail: {
        revision: row.revision,
        changes: Object.fromEntries(
          changed.map((name) => [name, { from: before[name], to: settings[name] }]),
        ),
      },
    });
    await sql`select pg_notify(${CONSOLES_CHANGED}, '')`.execute(trx);
    return { ok: true, console: row, changed };
  });
}
