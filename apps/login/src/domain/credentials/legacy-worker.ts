// The thread in which legacy hashes are verified: bcrypt and SHA-crypt would stop the event loop of the server for as long as they take.
import { parentPort } from 'node:worker_threads';
import { verifyLegacyHash } from './legacy-hash.ts';

parentPort?.on('message', ({ id, hash, password }: { id: number; hash: string; password: string }) => {
  let matches = false;
  try {
    matches = verifyLegacyHash(hash, password);
  } catch {
    // A hash that its library cannot read is nobody's password.
  }
  parentPort?.postMessage({ id, matches });
});
