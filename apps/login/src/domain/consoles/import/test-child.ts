// Imports a file in a process of its own, for a test that kills it. Arguments: database URL, console id, file. Prints a line for each batch.
import { createReadStream } from 'node:fs';
import { openDatabase } from '#support/db/database.ts';
import { importPeople } from './import-people.ts';

const [url = '', consoleId = '', path = ''] = process.argv.slice(2);
const database = openDatabase(url);
await importPeople(database.db, {
  consoleId,
  file: () => createReadStream(path),
  fileName: 'people.csv',
  dryRun: false,
  actor: 'system',
  judgeHash: () => ({ ok: false, reason: 'hash-unknown' }),
  clock: () => new Date(),
  onProgress: ({ stage, counts }) => {
    if (stage === 'importing') console.log(counts.rowsRead);
  },
});
await database.close();
