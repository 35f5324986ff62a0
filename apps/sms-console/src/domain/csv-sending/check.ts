import { sql } from 'kysely';
import { measureText } from '#domain/message-text/message-text.ts';
import { optedOutOf } from '#domain/opt-outs/opt-outs.ts';
import { readRecipientNumber } from '#domain/recipients/recipient-number.ts';
import { rulesOf, type SendingRules } from '#domain/sending-rules/sending-rules.ts';
import { asSent, fillIn, textFault } from '#domain/wording/wording.ts';
import { recordsOf, type CsvRecord } from '#support/csv/records.ts';
import type { Db } from '#support/db/database.ts';
import { after, SECOND } from '#support/primitives/durations.ts';
import { readStored, type CsvCounts } from './csv-sendings.ts';
import { openPieces } from './pieces.ts';
import { fieldsOf } from './want.ts';

/** For how long one batch may keep a file; whoever was cut off loses it after that. */
const LEASE = 30 * SECOND;
const BATCH = 1_000;
const SHOWN = 60;

type Held = Awaited<ReturnType<typeof claim>> & object;
type Ready = { line: number; number: string; body: string; encoding: 'gsm7' | 'ucs2'; parts: number };
type Refusal = { line: number; reason: string; value: string };

/**
 * Reads the rows of files that wait for it: which can be sent to, with which text, and why not the others. Each batch commits with the place
 * that was come to, so that a program that is killed goes on from there, and another one too: a file is claimed by a lease.
 */
export async function checkFiles(
  db: Db,
  { clock, isStopping }: { clock: () => Date; isStopping: () => boolean },
): Promise<void> {
  for (;;) {
    if (isStopping()) return;
    const held = await claim(db, clock());
    if (held === null) return;
    await checkFile(db, held, clock, isStopping);
  }
}

async function claim(db: Db, now: Date) {
  const row = await db
    .updateTable('csv_sending')
    .set({ busy_until: after(now, LEASE) })
    .where('id', '=', (eb) =>
      eb
        .selectFrom('csv_sending')
        .select('id')
        .where('state', '=', 'checking')
        .where((or) => or.or([or('busy_until', 'is', null), or('busy_until', '<', now)]))
        .orderBy('id')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returning(['id', 'company_id', 'revision', 'rows_read', 'layout', 'wanted', 'counts'])
    .executeTakeFirst();
  if (!row) return null;
  const { layout, wanted, counts } = readStored(row);
  if (layout === null || wanted === null) throw new Error('a file without its layout waits to be read');
  return { ...row, layout, wanted, counts: counts ?? NOTHING };
}

const NOTHING: CsvCounts = { rows: 0, ready: 0, parts: 0, refused: {}, sample: '' };

async function checkFile(db: Db, held: Held, clock: () => Date, isStopping: () => boolean): Promise<void> {
  const rules = await rulesOf(db, held.company_id);
  const done = { ...held, rows: held.rows_read, counts: held.counts };
  let seen = 0;
  let batch: CsvRecord[] = [];
  for await (const record of recordsOf(() => openPieces(db, held.id), held.layout)) {
    if (++seen <= held.rows_read) continue;
    batch.push(record);
    if (batch.length < BATCH) continue;
    if (isStopping()) return release(db, held);
    if (!(await settle(db, done, batch, rules, clock()))) return;
    batch = [];
  }
  if (isStopping()) return release(db, held);
  if (batch.length > 0 && !(await settle(db, done, batch, rules, clock()))) return;
  await guarded(db, held)
    .set({ state: 'checked', checked_at: clock(), busy_until: null, counts: JSON.stringify(done.counts) })
    .execute();
}

/** Another program may take it at once. */
async function release(db: Db, held: Held): Promise<void> {
  await guarded(db, held).set({ busy_until: null }).execute();
}

/** Only while the file is still to be read for this wish: what was cancelled or changed meanwhile stays as it is. */
function guarded(db: Db, { id, revision }: Pick<Held, 'id' | 'revision'>) {
  return db
    .updateTable('csv_sending')
    .where('id', '=', id)
    .where('state', '=', 'checking')
    .where('revision', '=', revision);
}

/** Stores one batch with the place that it comes to. False when the file is not to be read any more. */
async function settle(
  db: Db,
  done: Held & { rows: number; counts: CsvCounts },
  batch: readonly CsvRecord[],
  rules: SendingRules,
  now: Date,
): Promise<boolean> {
  const { ready, refused } = await judge(db, done, batch, rules);
  const counts = await db.transaction().execute(async (trx): Promise<CsvCounts | null> => {
    const claimed = await guarded(trx, done)
      .set({ busy_until: after(now, LEASE) })
      .where('rows_read', '=', done.rows)
      .executeTakeFirst();
    if (claimed.numUpdatedRows === 0n) return null;
    const stored = await insertRows(trx, done.id, ready);
    const twice = ready
      .filter((row) => !stored.has(row.line))
      .map(({ line, number }) => ({ line, reason: 'duplicate', value: number }));
    const left = [...refused, ...twice];
    await insertRefusals(trx, done.id, left);
    const kept = ready.filter((row) => stored.has(row.line));
    const next = added(done.counts, batch.length, kept, left);
    await guarded(trx, done)
      .set({ rows_read: done.rows + batch.length, counts: JSON.stringify(next) })
      .execute();
    return next;
  });
  if (counts === null) return false;
  done.counts = counts;
  done.rows += batch.length;
  return true;
}

async function judge(
  db: Db,
  { company_id, layout, wanted }: Held,
  batch: readonly CsvRecord[],
  rules: SendingRules,
): Promise<{ ready: Ready[]; refused: Refusal[] }> {
  const refused: Refusal[] = [];
  const numbered: { record: CsvRecord; number: string }[] = [];
  for (const record of batch) {
    const typed = record.fields[wanted.numberColumn] ?? '';
    const read = readRecipientNumber(typed);
    const reason = record.fault ?? (read.ok ? null : read.reason);
    if (read.ok && reason === null) numbered.push({ record, number: read.number });
    else refused.push({ line: record.line, reason: reason ?? '', value: shown(typed) });
  }
  const out = await optedOutOf(
    db,
    company_id,
    numbered.map((one) => one.number),
  );
  const ready: Ready[] = [];
  for (const { record, number } of numbered) {
    const filled = fillIn(wanted.body, fieldsOf(layout, record.fields));
    const text = asSent(filled.text);
    const reason = out.has(number)
      ? 'opted-out'
      : filled.unfilled.length > 0
        ? 'placeholder-empty'
        : textFault(text, rules);
    if (reason !== null) refused.push({ line: record.line, reason, value: number });
    else {
      const { encoding, parts } = measureText(text);
      ready.push({ line: record.line, number, body: text, encoding, parts });
    }
  }
  return { ready, refused };
}

/** Returns the lines of the rows that were stored; a number that the file had before is not. */
async function insertRows(trx: Db, csvId: string, rows: readonly Ready[]): Promise<ReadonlySet<number>> {
  if (rows.length === 0) return new Set();
  const column = <K extends keyof Ready>(key: K): Ready[K][] => rows.map((row) => row[key]);
  const stored = await sql<{ line: number }>`
    insert into csv_row (csv_id, line, number, body, encoding, parts)
    select ${csvId}, line, number, body, encoding, parts
    from unnest(${column('line')}::integer[], ${column('number')}::text[], ${column('body')}::text[],
      ${column('encoding')}::text[], ${column('parts')}::smallint[]) as one (line, number, body, encoding, parts)
    order by line
    on conflict do nothing
    returning line`.execute(trx);
  return new Set(stored.rows.map((row) => row.line));
}

async function insertRefusals(trx: Db, csvId: string, rows: readonly Refusal[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    insert into csv_refusal (csv_id, line, reason, value)
    select ${csvId}, line, reason, value
    from unnest(${rows.map((row) => row.line)}::integer[], ${rows.map((row) => row.reason)}::text[],
      ${rows.map((row) => row.value)}::text[]) as one (line, reason, value)
    on conflict do nothing`.execute(trx);
}

function added(
  counts: CsvCounts,
  rows: number,
  ready: readonly Ready[],
  refused: readonly Refusal[],
): CsvCounts {
  const byReason = { ...counts.refused };
  for (const { reason } of refused) byReason[reason] = (byReason[reason] ?? 0) + 1;
  return {
    rows: counts.rows + rows,
    ready: counts.ready + ready.length,
    parts: counts.parts + ready.reduce((sum, row) => sum + row.parts, 0),
    refused: byReason,
    sample: counts.sample || (ready[0]?.body ?? ''),
  };
}

function shown(typed: string): string {
  return typed.replaceAll('\0', '').slice(0, SHOWN).toWellFormed();
}
