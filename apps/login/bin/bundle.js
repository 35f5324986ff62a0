// Writes the login server and the packages that it needs at a start as one file of JavaScript, `dist/main.js`. A start does so when any of its inputs has changed. Why: docs/decisions/0018.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { BUNDLE, INPUTS, noteOf } from './bundle-inputs.js';

const source = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const bundler = fileURLToPath(import.meta.url);
const esbuild = fileURLToPath(import.meta.resolve('esbuild/package.json'));

/** @type {import('esbuild').Plugin} */
const WHAT_A_START_NEEDS = {
  name: 'what a start needs',
  setup(build) {
    // What is loaded on demand stays where it is.
    build.onResolve({ filter: /^[^./#]/ }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    );
    // Files that lie beside a source (migrations, styles, the worker's source) are still found from there.
    build.onLoad({ filter: /\.tsx?$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(
        'import.meta.url',
        `new URL(${JSON.stringify(relative(dirname(BUNDLE), path))}, import.meta.url).href`,
      ),
      loader: path.endsWith('x') ? 'tsx' : 'ts',
    }));
  },
};

const { outputFiles, metafile } = await build({
  entryPoints: [source],
  outfile: BUNDLE,
  write: false,
  metafile: true,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // Text of one byte a character takes half of the memory: V8 keeps a file in two if one of its characters needs them.
  charset: 'ascii',
  minifyWhitespace: true,
  lineLimit: 200,
  legalComments: 'none',
  // Native code; what starts programs from files of its own; and the driver, whose statements `npm run bench` counts.
  external: ['@node-rs/argon2', 'pino', 'pg'],
  // What packages of the older module system expect to be there.
  banner: {
    js: "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename;",
  },
  jsx: 'automatic',
  jsxImportSource: 'preact',
  plugins: [WHAT_A_START_NEEDS],
});
// Regular expressions are what the bundler leaves as they are.
const made = (outputFiles[0]?.text ?? '').replace(
  /[^\0-\x7f]/g,
  (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
);
const note = noteOf([...Object.keys(metafile.inputs), bundler, esbuild]);
await mkdir(dirname(BUNDLE), { recursive: true });
if (made !== (await readFile(BUNDLE, 'utf8').catch(() => undefined))) await replace(BUNDLE, made);
// An installation whose files cannot be written is served by the bundle that was made when it was built; then this note is made in vain at each start.
await replace(INPUTS, note).catch(() => undefined);

/**
 * @param {string} file
 * @param {string} text
 */
async function replace(file, text) {
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, text);
  await rename(unfinished, file);
}
