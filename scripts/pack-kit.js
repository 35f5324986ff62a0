// `npm run pack-kit [folder]`: the console kit as a package for consoles outside of this repository, JavaScript and types: hitokagi-console-kit-VERSION.tgz in that folder.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const kit = join(root, 'packages/console-kit');
const folder = mkdtempSync(join(tmpdir(), 'hitokagi-kit-'));

try {
  run(join(root, 'node_modules/.bin/tsc'), [
    '-p',
    join(kit, 'tsconfig.pack.json'),
    '--outDir',
    join(folder, 'dist'),
  ]);
  const {
    private: _private,
    devDependencies: _dev,
    ...manifest
  } = JSON.parse(readFileSync(join(kit, 'package.json'), 'utf8'));
  manifest.exports = Object.fromEntries(
    Object.entries(manifest.exports).map(([name, source]) => {
      const built = source.replace('./src/', './dist/');
      return [name, { types: built.replace(/\.ts$/, '.d.ts'), default: built.replace(/\.ts$/, '.js') }];
    }),
  );
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const [from, to] of [
    [join(kit, 'README.md'), 'README.md'],
    [join(kit, 'examples'), 'examples'],
    [join(root, 'docs/console-kit.md'), 'console-kit.md'],
    [join(root, 'LICENSE'), 'LICENSE'],
  ])
    cpSync(from, join(folder, to), { recursive: true });
  const target = resolve(process.argv[2] ?? '.');
  run('npm', ['pack', '--silent', '--pack-destination', target], folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(command, args, cwd = root) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} failed.`);
}
