import type { Db } from '#support/db/database.ts';
import { beginClaims, claim, endClaims } from './claims.ts';
import type { Encoding } from './encoding.ts';
import type { Header, Separator } from './header.ts';
import { withConsoleLock } from './lock.ts';
import {
  FileChanged,
  inspectFile,
  recordsOf,
  type FileLayout,
  type FileRefusal,
  type OpenFile,
} from './read-file.ts';
import type { Refusal } from './refusals.ts';
import { readRow, type HashJudge, type Row } from './rows.ts';
import {
  beginRun,
  breakOffRun,
  endRun,
  importRefusals,
  NOTHING_YET,
  RunEnded,
  unfinishedRun,
  type Counts,
  type Run,
} from './run.ts';
import { settleBatch, type Batch } from './settle.ts';

export type ImportOrder = {
  consoleId: string;
  file: OpenFile;
  fileName: string;
  /** Check everything against the database, write nothing, tell the same numbers. */
  dryRun: boolean;
  /** For the audit log: `operator:<account id>`, `console:<client id>` or `system`. */
  actor: string;
  /** Judges the hashes of legacy passwords (R21); what verifies them lies in `domain/credentials`. */
  judgeHash: HashJudge;
  clock: () => Date;
  /** The uploaded file that this takes in, by its id; its run has the same. */
  upload?: string;
  onProgress?: (progress: ImportProgress) => void;
  /** Gets every refused row in the order of the file, of a resumed run those of its first part too, as soon as they are settled. */
  onRefusals?: (refusals: readonly Refusal[]) => void | Promise<void>;
};

/** `bytes` of the file have been read; to check it comes first, and begins again if it is not UTF-8. */
export type ImportProgress = { stage: 'checking' | 'importing'; bytes: number; counts: Counts };

export type ImportReport = Counts & {
  /** Null for a dry run, which leaves no trace. */
  runId: string | null;
  /** The line after which a run that was cut off earlier went on; null when it began at the top. */
  resumedAfterLine: number | null;
  encoding: Encoding;
  separator: Separator;
  header: Header;
};

export type ImportResult =
  | { ok: true; report: ImportReport }
  | FileRefusal
  /** The file has hashes of legacy passwords, and the console is not set to accept any (R21): they would lie about unused. */
  | { ok: false; reason: 'hashes-not-wanted'; column: string }
  /** The rows settled so far stay; the same command with the file as it is now starts over and takes the rest. */
  | { ok: false; reason: 'file-changed' }
  /** Another import of this console has not ended yet, here or on another node. */
  | { ok: false; reason: 'already-running' }
  /** Somebody ended it meanwhile; the rows settled until then stay. */
  | { ok: false; reason: 'cancelled' };

/** Rows that are settled in one transaction. */
const BATCH_ROWS = 1_000;

/**
 * Imports a console's people from a CSV file (R20): UTF-8 or Shift_JIS, comma or tab, header in Japanese or English.
 *
 * Safe to run again: what is there already is `unchanged`. A run that was cut off goes on after its last settled batch when the same file (by
 * SHA-256) is given again for the same console, since a batch and the note of it commit together. One import a console at a time. Needs one
 * connection of the pool for itself; memory does not grow with the file.
 */
export async function importPeople(db: Db, order: ImportOrder): Promise<ImportResult> {
  return db.connection().execute(async (connection): Promise<ImportResult> => {
    const locked = await withConsoleLock(connection, order.consoleId, () => inspectAndRun(connection, order));
    return locked.ok ? locked.result : locked;
  });
}

async function inspectAndRun(connection: Db, order: ImportOrder): Promise<ImportResult> {
  const tellBytes = (bytes: number) => order.onProgress?.({ stage: 'checking', bytes, counts: NOTHING_YET });
  const layout = await inspectFile(order.file, tellBytes);
  if (!layout.ok) return layout;
  const { columns, names } = layout.header;
  if (columns.passwordHash !== undefined && !(await wantsHashes(connection, order.consoleId)))
    return { ok: false, reason: 'hashes-not-wanted', column: names[columns.passwordHash] ?? '' };
  await beginClaims(connection);
  try {
    return await run(connection, order, layout);
  } catch (error) {
    if (error instanceof FileChanged) return { ok: false, reason: 'file-changed' };
    if (error instanceof RunEnded) return { ok: false, reason: 'cancelled' };
    throw error;
  } finally {
    await endClaims(connection).catch(() => undefined);
  }
}

async function run(connection: Db, order: ImportOrder, layout: FileLayout): Promise<ImportResult> {
  const { consoleId, fileName, upload, actor } = order;
  const of = { consoleId, fileName, fileHash: layout.hash, upload, actor };
  const found = order.dryRun ? undefined : await unfinishedRun(connection, consoleId, layout.hash);
  // A run of an upload goes on by itself; one of the command line may never do.
  if (found?.uploaded && found.id !== upload) return { ok: false, reason: 'already-running' };
  const cutOff = upload === undefined || found?.uploaded ? found : undefined;
  if (found && !cutOff) await breakOffRun(connection, found.id, 'replaced', order.clock());
  const begun = order.dryRun
    ? undefined
    : (cutOff ?? (await beginRun(connection, { ...of, now: order.clock() })));
  if (cutOff) await tellStoredRefusals(connection, order, cutOff);

  let state: Run = begun ?? { id: '', lastLine: 0, counts: NOTHING_YET };
  let bytes = 0;
  for await (const rows of oneAhead(batchesOf(order, layout, (read) => (bytes = read)))) {
    const batch = await claimAll(connection, rows, cutOff?.lastLine ?? 0);
    if (batch.rows > 0) {
      const how = { consoleId: order.consoleId, dryRun: order.dryRun, now: order.clock() };
      const settled = await settleBatch(connection, how, state, batch);
      state = settled.run;
      if (settled.refusals.length > 0) await order.onRefusals?.(settled.refusals);
    }
    order.onProgress?.({ stage: 'importing', bytes, counts: state.counts });
  }
  if (begun) await endRun(connection, state, { ...of, now: order.clock() });
  const { encoding, separator, header } = layout;
  return {
    ok: true,
    report: {
      runId: begun?.id ?? null,
      resumedAfterLine: cutOff?.lastLine ?? null,
      encoding,
      separator,
      header,
      ...state.counts,
    },
  };
}

async function wantsHashes(connection: Db, consoleId: string): Promise<boolean> {
  const row = await connection
    .selectFrom('console')
    .select('legacy_passwords')
    .where('id', '=', consoleId)
    .executeTakeFirst();
  return row?.legacy_passwords === 'imported';
}

/** The rows of the file in groups of `BATCH_ROWS`, the empty ones left out. */
async function* batchesOf(
  { file, judgeHash }: ImportOrder,
  layout: FileLayout,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Row[]> {
  let batch: Row[] = [];
  for await (const record of recordsOf(file, layout, onBytes)) {
    const row = readRow(record, layout.header, judgeHash);
    if (row) batch.push(row);
    if (batch.length === BATCH_ROWS) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

/** Reads the next batch while the database is busy with this one. */
async function* oneAhead<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = source.next();
  try {
    for (let one = await next; !one.done; one = await next) {
      next = source.next();
      // Whoever asks for the next one hears of it.
      next.catch(() => undefined);
      yield one.value;
    }
  } finally {
    await source.return(undefined);
  }
}

/** What the file alone says of a batch. Rows up to `settled` only keep their ids and addresses; they were dealt with before the run was cut off. */
async function claimAll(connection: Db, rows: readonly Row[], settled: number): Promise<Batch> {
  const people = rows.flatMap((row) => ('person' in row ? [row.person] : []));
  const { first, repeated } = await claim(connection, people);
  const isNew = ({ line }: { line: number }) => line > settled;
  return {
    rows: rows.filter(isNew).length,
    lastLine: rows.at(-1)?.lastLine ?? 0,
    people: first.filter(isNew),
    refusals: [...rows.flatMap((row) => ('refusals' in row ? row.refusals : [])), ...repeated].filter(isNew),
  };
}

async function tellStoredRefusals(connection: Db, order: ImportOrder, run: Run): Promise<void> {
  let page: Refusal[] = [];
  do {
    page = await importRefusals(connection, run.id, { after: page.at(-1), limit: BATCH_ROWS });
    if (page.length > 0) await order.onRefusals?.(page);
  } while (page.length === BATCH_ROWS);
}
