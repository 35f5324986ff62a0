// `npm run check`: types, lint, boundaries, unused code. A missing text is a type error (see defineTexts). Each step runs even when one before it failed, so that one run shows all.
import { spawnSync } from 'node:child_process';

const STEPS = [
  ['types', 'tsc', ['--noEmit', '-p', 'tsconfig.json']],
  ['lint', 'eslint', ['.']],
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
  [
    'boundaries',
    'depcruise',
    [
      '--config',
      '.dependency-cruiser.cjs',
      'apps',
      'packages',
      'scripts',
      'test-support',
      'journeys',
      'bench',
      'drills',
    ],
  ],
  ['unused code', 'knip', []],
];

const wanted = process.argv.slice(2);
const failed = STEPS.filter(([name]) => wanted.length === 0 || wanted.includes(name)).filter(
  ([name, command, args]) => {
    const started = Date.now();
    const { status, stdout, stderr } = spawnSync(command, args, {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    // A tool that sees nothing says "no violations" too.
    const sawNothing = name === 'boundaries' && !/\b[1-9]\d{2,} modules/.test(stdout);
    const ok = status === 0 && !sawNothing;
    process.stdout.write(
      `${ok ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`,
    );
    if (!ok)
      process.stdout.write(
        `${stdout}${stderr}${sawNothing ? 'The boundary lint saw hardly any module.\n' : ''}\n`,
      );
    return !ok;
  },
);
process.exit(failed.length === 0 ? 0 : 1);
