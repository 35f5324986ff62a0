import { sql } from 'kysely';
import { z } from 'zod';
import type { Layout } from '#support/csv/records.ts';
import type { Db } from '#support/db/database.ts';
import type { CsvState } from '#support/db/schema.ts';
import { isId } from '#support/primitives/ids.ts';

/** What a person wants of a file: which column has the numbers, the text that the others fill, and when. */
export type Wanted = {
  readonly name: string;
  /** Place of the column in a row, from 0. */
  readonly numberColumn: number;
  readonly body: string;
  readonly when: 'now' | 'later';
  readonly date: string;
  readonly time: string;
};

/** What the reading of a file came to, so far or in all. */
export type CsvCounts = {
  readonly rows: number;
  /** Rows that can be sent to, and the parts that these take. */
  readonly ready: number;
  readonly parts: number;
  /** Rows that are left out, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** What the first of them would get. */
  readonly sample: string;
};

export type CsvSending = {
  readonly id: string;
  readonly fileName: string;
  readonly state: CsvState;
  readonly fault: string | null;
  readonly layout: (Layout & { readonly first: readonly (readonly string[])[] }) | null;
  readonly wanted: Wanted | null;
  readonly revision: number;
  readonly counts: CsvCounts | null;
  readonly createdAt: Date;
  readonly campaignId: string | null;
};

/** A file of the company; null for any other id. */
export async function findCsvSending(db: Db, companyId: string, id: string): Promise<CsvSending | null> {
  if (!isId('csv', id)) return null;
  const row = await csvSendings(db, companyId).where('id', '=', id).executeTakeFirst();
  return row ? read(row) : null;
}

/** The company's files that nobody has sent or cancelled yet, newest first. */
export async function openCsvSendings(db: Db, companyId: string): Promise<readonly CsvSending[]> {
  const rows = await csvSendings(db, companyId)
    .where('state', 'in', ['mapping', 'checking', 'checked'])
    .orderBy('id', 'desc')
    .limit(10)
    .execute();
  return rows.map(read);
}

/** Sets a file aside before it was confirmed; its rows go. False when it is not the company's or was sent. */
export async function cancelCsvSending(db: Db, companyId: string, id: string): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const cancelled = await trx
      .updateTable('csv_sending')
      .set({ state: 'cancelled', busy_until: null })
      .where('id', '=', id)
      .where('company_id', '=', companyId)
      .where('state', 'in', ['mapping', 'checking', 'checked', 'unusable'])
      .executeTakeFirst();
    if (cancelled.numUpdatedRows === 0n) return false;
    await forgetFile(trx, id, 'all');
    return true;
  });
}

/** Removes what is kept of a file: all of it, or all but the rows that are still to be queued. */
export async function forgetFile(trx: Db, id: string, what: 'all' | 'file'): Promise<void> {
  await trx.deleteFrom('csv_piece').where('csv_id', '=', id).execute();
  if (what === 'all') await trx.deleteFrom('csv_row').where('csv_id', '=', id).execute();
}

/** The rows of a file that are left out, with their reasons, in the order of the file. */
export async function refusalsOf(
  db: Db,
  csvId: string,
  { after, limit }: { after: number; limit: number },
): Promise<readonly { line: number; reason: string; value: string }[]> {
  return db
    .selectFrom('csv_refusal')
    .select(['line', 'reason', 'value'])
    .where('csv_id', '=', csvId)
    .where('line', '>', after)
    .orderBy('line')
    .limit(limit)
    .execute();
}

const layoutForm = z.object({
  encoding: z.enum(['utf-8', 'shift_jis']),
  separator: z.enum([',', '\t', ';']),
  names: z.array(z.string()),
  first: z.array(z.array(z.string())),
});
const wantedForm = z.object({
  name: z.string(),
  numberColumn: z.number(),
  body: z.string(),
  when: z.enum(['now', 'later']),
  date: z.string(),
  time: z.string(),
});
const countsForm = z.object({
  rows: z.number(),
  ready: z.number(),
  parts: z.number(),
  refused: z.record(z.string(), z.number()),
  sample: z.string(),
});

export function readStored(row: { layout: unknown; wanted: unknown; counts: unknown }) {
  return {
    layout: layoutForm.nullable().parse(row.layout),
    wanted: wantedForm.nullable().parse(row.wanted),
    counts: countsForm.nullable().parse(row.counts),
  };
}

function read(
  row: Awaited<ReturnType<ReturnType<typeof csvSendings>['executeTakeFirstOrThrow']>>,
): CsvSending {
  return { ...row, ...readStored(row) };
}

function csvSendings(db: Db, companyId: string) {
  return db
    .selectFrom('csv_sending')
    .where('company_id', '=', companyId)
    .where(sql<boolean>`state <> 'receiving'`)
    .select([
      'id',
      'file_name as fileName',
      'state',
      'fault',
      'layout',
      'wanted',
      'revision',
      'counts',
      'created_at as createdAt',
      'campaign_id as campaignId',
    ]);
}
