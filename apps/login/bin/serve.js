// Runs the login server from its bundle. `npm start`, `npx hitokagi serve` and the benchmark all start this file.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// In a process of its own, because what the bundler needs in memory would stay in the server's.
const { status } = spawnSync(process.execPath, [fileURLToPath(new URL('bundle.js', import.meta.url))], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
if (status === 0) await import(new URL('../dist/main.js', import.meta.url).href);
else process.exitCode = 1;
