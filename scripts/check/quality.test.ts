import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ATTACKS } from '../../drills/attacks.ts';

/** The rows of QUALITY.md. */
const ROWS = [
  ...['P1', 'P2', 'P3', 'P4'],
  ...['C1', 'C2', 'C3', 'C4', 'C5'],
  ...['V1', 'V2', 'V3', 'V4', 'V5'],
  ...['L1', 'L2', 'L3', 'L4', 'L5'],
  ...['M1', 'M2', 'M3', 'M4', 'M5', 'M6'],
  ...['A1', 'A2', 'A3', 'J1', 'S1', 'S2', 'O1', 'O2', 'U1', 'U2'],
];

const text = readFileSync('docs/quality.md', 'utf8');
const table = new Map(
  text
    .split('\n')
    .filter((line) => /^\| [A-Z]\d /.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, row = '', shownBy = '', ...figures]) => [row, { shownBy, figures }]),
);

it('every row of QUALITY.md is named once, with what shows it and its latest figure', () => {
  expect([...table.keys()]).toEqual(ROWS);
  expect(text.match(/^\| [A-Z]\d /gm)).toHaveLength(ROWS.length);
  for (const [row, { shownBy, figures }] of table) {
    expect(shownBy, row).toMatch(/`[\w./-]+\.ts`/);
    for (const figure of figures.slice(0, 3)) expect(figure, row).not.toBe('');
  }
});

it('every file that is named is there, and every file that shows a row names it', () => {
  const files = [...text.matchAll(/`((?:apps|packages|drills|journeys|scripts)\/[\w./-]+)`/g)].map(
    ([, file = '']) => file,
  );
  expect(files.length).toBeGreaterThan(50);
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
  for (const [row, { shownBy }] of table) {
    const named = [...shownBy.matchAll(/`([^`]+)`/g)].map(([, file = '']) => readFileSync(file, 'utf8'));
    expect(
      named.some((content) => new RegExp(`\\b${row}\\b`).test(content)),
      `no file of ${row} names it`,
    ).toBe(true);
  }
});

it('the drill of attacks plays files that are there', () => {
  for (const [row, { tests }] of Object.entries(ATTACKS)) {
    expect(ROWS).toContain(row);
    expect(tests.filter((file) => !existsSync(file))).toEqual([]);
  }
});

/** How many sections each chapter of OWASP ASVS 5.0 has, V1 first. */
const ASVS_SECTIONS = [5, 4, 7, 4, 4, 8, 6, 4, 2, 7, 7, 3, 4, 3, 4, 5, 3];

it('every section of ASVS 5.0 is judged once; what is not met is named by its number, with why', () => {
  const asvs = readFileSync('docs/asvs.md', 'utf8');
  const rows = [...asvs.matchAll(/^\| (V\d+\.\d+) [^|]+\| ([^|]+) \| ([^|]+) \|$/gm)];
  expect(rows.map(([, section]) => section)).toEqual(
    ASVS_SECTIONS.flatMap((count, chapter) =>
      Array.from({ length: count }, (_, at) => `V${chapter + 1}.${at + 1}`),
    ),
  );
  for (const [, section = '', met = '', why = ''] of rows) {
    expect(['yes', 'partly', 'no', 'n/a'], section).toContain(met);
    expect(why.length, section).toBeGreaterThan(10);
    if (met === 'partly' || met === 'no')
      expect(why, section).toMatch(new RegExp(`\\b${section.slice(1)}\\.\\d+`));
  }
  const files = [...asvs.matchAll(/`((?:apps|packages|drills|journeys|scripts)\/[\w./-]+)`/g)].map(
    ([, file = '']) => file,
  );
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
});
