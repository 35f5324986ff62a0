import { LONGEST_CAMPAIGN_NAME, wantedTime, type TimeFault } from '#domain/campaigns/review.ts';
import type { TextFault } from '#domain/messages/text.ts';
import { rulesOf } from '#domain/sending-rules/sending-rules.ts';
import { asSent, placeholdersIn, textFault, unknownPlaceholders } from '#domain/wording/wording.ts';
import type { Db } from '#support/db/database.ts';
import { findCsvSending, type CsvSending, type Wanted } from './csv-sendings.ts';

export type WantedFault =
  'name-too-long' | 'number-column-missing' | 'placeholders-unknown' | TextFault | TimeFault;
export type WantedResult =
  { ok: true } | { ok: false; reasons: readonly WantedFault[]; unknown: readonly string[] };

/**
 * Lays down what is wanted of a file and has its rows read: nothing is sent by that. What was read before for another wish is thrown away.
 * Null when the file is not there or stands otherwise.
 */
export async function wantOfCsv(
  db: Db,
  companyId: string,
  { id, wanted }: { id: string; wanted: Wanted },
  now: Date,
): Promise<WantedResult | null> {
  const found = await findCsvSending(db, companyId, id);
  if (found?.layout == null) return null;
  const checked = await checkWanted(db, companyId, found.layout, wanted, now);
  if (!checked.ok) return checked;
  const taken = await db.transaction().execute(async (trx) => {
    const updated = await trx
      .updateTable('csv_sending')
      .set((eb) => ({
        state: 'checking' as const,
        wanted: JSON.stringify({ ...wanted, body: asSent(wanted.body) }),
        revision: eb('revision', '+', 1),
        rows_read: 0,
        counts: null,
        busy_until: null,
      }))
      .where('id', '=', id)
      .where('company_id', '=', companyId)
      .where('state', 'in', ['mapping', 'checked'])
      .executeTakeFirst();
    if (updated.numUpdatedRows === 0n) return false;
    await trx.deleteFrom('csv_row').where('csv_id', '=', id).execute();
    await trx.deleteFrom('csv_refusal').where('csv_id', '=', id).execute();
    return true;
  });
  return taken ? { ok: true } : null;
}

/** Lets columns, text and time be changed once more after the rows were read. False when the file stands otherwise. */
export async function changeWanted(db: Db, companyId: string, id: string): Promise<boolean> {
  const result = await db
    .updateTable('csv_sending')
    .set({ state: 'mapping' })
    .where('id', '=', id)
    .where('company_id', '=', companyId)
    .where('state', '=', 'checked')
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

async function checkWanted(
  db: Db,
  companyId: string,
  layout: NonNullable<CsvSending['layout']>,
  wanted: Wanted,
  now: Date,
): Promise<WantedResult> {
  const rules = await rulesOf(db, companyId);
  const text = asSent(wanted.body);
  const isPlain = placeholdersIn(text).length === 0;
  const unknown = unknownPlaceholders(text, columnsOf(layout));
  const time = wantedTime(wanted, now);
  const { numberColumn } = wanted;
  const reasons: (WantedFault | false | null)[] = [
    [...wanted.name].length > LONGEST_CAMPAIGN_NAME && 'name-too-long',
    !(Number.isInteger(numberColumn) && layout.names[numberColumn] !== undefined) && 'number-column-missing',
    // Whether a text with placeholders fits is known row by row.
    textFault(text, isPlain ? rules : { longMessages: true }),
    unknown.length > 0 && 'placeholders-unknown',
    !time.ok && time.reason,
  ];
  const faults = reasons.filter((one) => one !== false && one !== null);
  return faults.length === 0 ? { ok: true } : { ok: false, reasons: faults, unknown };
}

/** Names of the columns that can fill placeholders; one that stands twice is the first. */
export function columnsOf({ names }: { names: readonly string[] }): readonly string[] {
  return [...new Set(names.filter((name) => name !== ''))];
}

/** A row by the names of its columns. */
export function fieldsOf(
  { names }: { names: readonly string[] },
  row: readonly string[],
): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {};
  for (const [index, name] of names.entries())
    if (name !== '' && !Object.hasOwn(fields, name)) fields[name] = row[index] ?? '';
  return fields;
}
