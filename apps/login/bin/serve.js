// Runs the login server from its bundle. `npm start`, `npx hitokagi serve` and the benchmark all start this file.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BUNDLE, isBundleGood } from './bundle-inputs.js';

if (isBundleGood() || isBundled()) await import(BUNDLE);
else process.exitCode = 1;

/** In a process of its own, because what the bundler needs in memory would stay in the server's. */
function isBundled() {
  const bundler = fileURLToPath(new URL('bundle.js', import.meta.url));
  return spawnSync(process.execPath, [bundler], { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}
