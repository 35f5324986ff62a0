import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importPeople, type ImportReport } from '../apps/login/src/domain/consoles/import/import-people.ts';
import { judgeLegacyHash } from '../apps/login/src/domain/credentials/legacy-hash.ts';
import { peopleAsCsv, type DrillPerson } from './people.ts';
import type { DrillWorld } from './world.ts';

/** Imports the people from a CSV file as the console exports it (R20), as `hitokagi import` does. */
export async function importAll(
  { folder, login, consoleId, clock }: DrillWorld,
  people: readonly DrillPerson[],
): Promise<ImportReport> {
  const path = join(folder, 'people.csv');
  await writeFile(path, peopleAsCsv(people));
  const imported = await importPeople(login.database.db, {
    consoleId,
    file: () => createReadStream(path),
    fileName: 'people.csv',
    dryRun: false,
    actor: 'operator:drill',
    judgeHash: judgeLegacyHash,
    clock: clock.now,
  });
  if (!imported.ok) throw new Error(`The import was refused: ${imported.reason}`);
  return imported.report;
}
