// Writes the login server's own sources as one file of JavaScript, `dist/main.js`; packages stay where they are. It takes a seventh of a second, so every start makes it anew
// and nothing can be stale. Why: docs/decisions/0018.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const source = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const target = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** @type {import('esbuild').Plugin} */
const OWN_SOURCES_ONLY = {
  name: 'own sources only',
  setup(build) {
    build.onResolve({ filter: /^[^./#]/ }, ({ path, kind }) =>
      kind === 'entry-point' || path.startsWith('@hitokagi/') ? undefined : { path, external: true },
    );
    // Files that lie beside a source (migrations, styles, the worker's source) are still found from there.
    build.onLoad({ filter: /\.tsx?$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(
        'import.meta.url',
        `new URL(${JSON.stringify(relative(dirname(target), path))}, import.meta.url).href`,
      ),
      loader: path.endsWith('x') ? 'tsx' : 'ts',
    }));
  },
};

const { outputFiles } = await build({
  entryPoints: [source],
  outfile: target,
  write: false,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  charset: 'utf8',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  plugins: [OWN_SOURCES_ONLY],
});
const made = outputFiles[0]?.text ?? '';
// An installation whose files cannot be written is served by the file that was made when it was built.
if (made !== (await readFile(target, 'utf8').catch(() => undefined))) {
  const unfinished = `${target}.${process.pid}`;
  await mkdir(dirname(target), { recursive: true });
  await writeFile(unfinished, made);
  await rename(unfinished, target);
}
