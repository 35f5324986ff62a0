#!/usr/bin/env node
// Plain JavaScript for any Node: says clearly what is missing before anything modern is loaded.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    `hitokagi needs Node 24 or later (this is ${process.versions.node}). Run "npm ci" in the project: it brings its own.`,
  );
  process.exit(1);
}
const { NODE_ENVIRONMENT, NODE_FLAGS } = await import('../src/node-flags.ts');
const root = fileURLToPath(new URL('../../../', import.meta.url));
const words = process.argv.slice(2);
const file = (path) => fileURLToPath(new URL(path, import.meta.url));
const child = spawn(
  process.execPath,
  words.length === 1 && words[0] === 'serve'
    ? [...NODE_FLAGS, file('serve.js')]
    : [...NODE_FLAGS, '--import', import.meta.resolve('tsx'), file('../src/cli/main.ts'), ...words],
  {
    stdio: 'inherit',
    env: { ...NODE_ENVIRONMENT, ...process.env, TSX_TSCONFIG_PATH: `${root}tsconfig.json` },
  },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
