// Works on an uploaded file in a process of its own, for a test that kills it. Arguments: database URL, id of the upload. Prints a line for each batch.
import { openDatabase } from '#support/db/database.ts';
import { workOnUpload } from './upload-work.ts';

const [url = '', id = ''] = process.argv.slice(2);
const database = openDatabase(url);
await workOnUpload(
  {
    db: database.db,
    jobs: { enqueue: async () => undefined },
    judgeHash: () => ({ ok: false, reason: 'hash-unknown' }),
    clock: () => new Date(),
    isStopping: () => false,
  },
  id,
);
await database.close();
