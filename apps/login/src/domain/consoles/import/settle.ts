import type { Db } from '#support/db/database.ts';
import { decideAll, Overtaken, writeAll, type Decided } from './apply.ts';
import type { Refusal } from './refusals.ts';
import { refusalOf, type Person } from './rows.ts';
import { saveProgress, type Counts, type Run } from './run.ts';

/** Rows of the file that are settled together: the people to look up, and what the file alone already refuses. */
export type Batch = {
  rows: number;
  lastLine: number;
  people: readonly Person[];
  refusals: readonly Refusal[];
};

const MOST_ATTEMPTS = 10;

/**
 * Decides and writes one batch, and the note how far the run has come, in one transaction; a dry run's may only read. Begins anew when
 * another import or a console's API call came in between.
 */
export async function settleBatch(
  connection: Db,
  how: { consoleId: string; dryRun: boolean; now: Date },
  before: Run,
  batch: Batch,
): Promise<{ run: Run; refusals: readonly Refusal[] }> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await connection
        .transaction()
        .setAccessMode(how.dryRun ? 'read only' : 'read write')
        .execute(async (trx) => {
          const decided = await decideAll(trx, how.consoleId, batch.people, how.now);
          const refusals = [...batch.refusals, ...decided.flatMap(refusalsOf)].sort(
            (a, b) => a.line - b.line,
          );
          const run = {
            id: before.id,
            lastLine: batch.lastLine,
            counts: counted(before.counts, batch.rows, decided),
          };
          if (!how.dryRun) {
            const { legacyPasswords } = await writeAll(trx, how.consoleId, decided, how.now);
            run.counts.legacyPasswords += legacyPasswords;
            await saveProgress(trx, run, refusals);
          }
          return { run, refusals };
        });
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || !isWorthAnotherTry(error)) throw error;
    }
  }
}

function refusalsOf({ person, decision }: Decided): Refusal[] {
  if (decision.do === 'refuse') return [refusalOf(person, decision.fault)];
  return person.hashFault ? [refusalOf(person, { reason: person.hashFault })] : [];
}

function counted(before: Counts, rows: number, decided: readonly Decided[]): Counts {
  const number = (what: Decided['decision']['do']) =>
    decided.filter(({ decision }) => decision.do === what).length;
  const created = number('create');
  const linked = number('link');
  const filled = number('fill');
  const unchanged = number('nothing');
  return {
    rowsRead: before.rowsRead + rows,
    created: before.created + created,
    linked: before.linked + linked,
    filled: before.filled + filled,
    unchanged: before.unchanged + unchanged,
    refused: before.refused + rows - created - linked - filled - unchanged,
    legacyPasswords: before.legacyPasswords,
    legacyPasswordsRefused:
      before.legacyPasswordsRefused +
      decided.filter(({ person, decision }) => person.hashFault && decision.do !== 'refuse').length,
  };
}

/** Two imports that met: lost a race, deadlock (40P01), serialization failure (40001), account gone between (23503). */
function isWorthAnotherTry(error: unknown): boolean {
  if (error instanceof Overtaken) return true;
  return (
    error instanceof Error && 'code' in error && ['40P01', '40001', '23503'].includes(String(error.code))
  );
}
