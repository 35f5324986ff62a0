import { addOptOuts } from '#domain/opt-outs/opt-outs.ts';
import { readRecipientNumber, type NumberFault } from '#domain/recipients/recipient-number.ts';
import { findEncoding, type ForeignFormat } from '#support/csv/encoding.ts';
import { readHead, recordsOf, type Layout } from '#support/csv/records.ts';
import type { Db } from '#support/db/database.ts';
import { insertAddresses, LONGEST_FIELD, lockGroup, NAME_COLUMN } from './groups.ts';
import { guessColumns } from './header.ts';

export type RefusedRow = {
  readonly line: number;
  readonly value: string;
  readonly reason: NumberFault | 'quote-broken';
};
export type ImportFault =
  | { reason: 'file-empty' | 'text-undecodable' | 'number-column-missing' | 'group-full' | 'gone' }
  | { reason: 'format-foreign'; found: ForeignFormat };
export type Imported =
  { ok: true; added: number; there: number; refused: readonly RefusedRow[] } | ({ ok: false } & ImportFault);

/** In bytes: read in one request. */
export const LARGEST_ADDRESS_FILE = 5 * 1024 * 1024;
const MOST_COLUMNS = 20;

/** Puts the rows of a file into a group, all in one transaction; columns that the group did not have are added to it. A number that is there keeps its entry. */
export async function importAddresses(db: Db, groupId: string, file: Buffer, now: Date): Promise<Imported> {
  const read = await readRows(file);
  if (!read.ok) return read;
  const { layout, numberColumn, rows, refused } = read;
  const names = layout.names.flatMap((name, index) =>
    index === numberColumn || name === '' ? [] : [{ name: name.slice(0, 40), index }],
  );
  return db.transaction().execute(async (trx): Promise<Imported> => {
    const room = await lockGroup(trx, groupId);
    if (room === null) return { ok: false, reason: 'gone' };
    if (rows.length > room) return { ok: false, reason: 'group-full' };
    const { columns } = await trx
      .selectFrom('address_group')
      .select('columns')
      .where('id', '=', groupId)
      .executeTakeFirstOrThrow();
    const hasEntries = columns.length > 1 || columns[0] !== NAME_COLUMN;
    const all = [
      ...new Set([...(hasEntries || names.length === 0 ? columns : []), ...names.map((one) => one.name)]),
    ];
    await trx
      .updateTable('address_group')
      .set({ columns: all.slice(0, MOST_COLUMNS) })
      .where('id', '=', groupId)
      .execute();
    const entries = rows.map(({ number, fields }) => ({
      number,
      fields: Object.fromEntries(
        names.map(({ name, index }) => [name, (fields[index] ?? '').trim().slice(0, LONGEST_FIELD)]),
      ),
    }));
    const added = await insertAddresses(trx, groupId, entries, now);
    return { ok: true, added, there: rows.length - added, refused };
  });
}

/** Puts the numbers of a file on the list of those that get nothing more; a column of reasons is taken along. */
export async function importOptOuts(
  db: Db,
  by: { personId: string; companyId: string },
  file: Buffer,
  now: Date,
): Promise<Imported> {
  const read = await readRows(file);
  if (!read.ok) return read;
  const reasons = read.layout.names.findIndex((name) => /^(理由|備考|メモ|reason|note)$/i.test(name));
  const entries = read.rows.map(({ number, fields }) => ({
    number,
    reason: reasons === -1 ? '' : (fields[reasons] ?? ''),
  }));
  const added = await addOptOuts(db, by, entries, now);
  return { ok: true, added, there: entries.length - added, refused: read.refused };
}

type Rows = {
  ok: true;
  layout: Layout;
  numberColumn: number;
  rows: readonly { number: string; fields: readonly string[] }[];
  refused: readonly RefusedRow[];
};

async function readRows(file: Buffer): Promise<Rows | ({ ok: false } & ImportFault)> {
  const open = async function* () {
    yield file;
  };
  const found = await findEncoding(open);
  if (!found.ok) return found;
  const head = await readHead(open, found.encoding, 5);
  if (head === null) return { ok: false, reason: 'file-empty' };
  const { layout } = head;
  const { number: numberColumn } = guessColumns(layout.names, head.first);
  if (numberColumn === null) return { ok: false, reason: 'number-column-missing' };
  const rows = new Map<string, { number: string; fields: readonly string[] }>();
  const refused: RefusedRow[] = [];
  for await (const record of recordsOf(open, layout)) {
    const value = record.fields[numberColumn] ?? '';
    if (record.fault) refused.push({ line: record.line, value: '', reason: record.fault });
    else {
      const read = readRecipientNumber(value);
      if (!read.ok) refused.push({ line: record.line, value: value.slice(0, 60), reason: read.reason });
      else if (!rows.has(read.number)) rows.set(read.number, { number: read.number, fields: record.fields });
    }
  }
  return { ok: true, layout, numberColumn, rows: [...rows.values()], refused };
}
