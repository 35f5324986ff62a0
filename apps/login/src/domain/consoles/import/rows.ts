import { parseEmailAddress } from '#support/primitives/email-address.ts';
import { localeFromTags, type Locale } from '#support/primitives/locale.ts';
import type { Header } from './header.ts';
import { isFilled, LONGEST_RECORD, type CsvRecord } from './records.ts';
import type { ColumnName, Fault, HashFault, Refusal } from './refusals.ts';

/** One person as a console's file tells of them: `id` is the console's own, `key` what accounts are looked up by. Absent texts are empty. */
export type Person = {
  line: number;
  lastLine: number;
  id: string;
  address: string;
  key: string;
  name: string;
  company: string;
  locale: Locale | null;
  /** Uses the console through its API only (R14); null where the file does not say. */
  apiOnly: boolean | null;
  /** Of the legacy password (R21); `kind` is the same for hashes whose verification takes the same work. */
  passwordHash: { hash: string; kind: string } | null;
  /** Why the hash that the row has was not taken. */
  hashFault: HashFault | null;
};

/** Says of a legacy password's hash whether it can be verified here, without computing anything. */
export type HashJudge = (hash: string) => { ok: true; kind: string } | { ok: false; reason: HashFault };

/** A row by itself, before it is compared with others: a person, or everything that is wrong with it. */
export type Row = { line: number; lastLine: number } & (
  { person: Person } | { refusals: readonly Refusal[] }
);

/** In characters. */
export const LONGEST = { id: 200, name: 200, company: 200 } as const;

/** Reads a record as a person; undefined for one that is empty throughout. */
export function readRow(record: CsvRecord, header: Header, judgeHash: HashJudge): Row | undefined {
  if (!record.fault && !isFilled(record)) return undefined;
  const { line, lastLine } = record;
  const { columns } = header;
  const cell = (column: ColumnName): string => record.fields[columns[column] ?? -1]?.trim() ?? '';
  const id = cell('id');
  const shownId = id === '' ? null : shown(id);
  const refused = (faults: readonly Fault[]): Row => ({
    line,
    lastLine,
    refusals: faults.map((fault) => ({ line, lastLine, id: shownId, ...fault })),
  });

  if (record.fault === 'line-too-long') return refused([{ reason: record.fault, limit: LONGEST_RECORD }]);
  if (record.fault) return refused([{ reason: record.fault }]);
  const found =
    record.fields.findLastIndex((field, index) => index < header.width || field.trim() !== '') + 1;
  if (found !== header.width) return refused([{ reason: 'columns-mismatch', wanted: header.width, found }]);

  const address = parseEmailAddress(cell('address'));
  const person = {
    id,
    name: oneLine(cell('name')),
    company: oneLine(cell('company')),
    locale: localeOf(cell('locale')),
  };
  const apiOnly = yesOrNo(cell('apiOnly'));
  const faults: Fault[] = [];
  if (id === '') faults.push({ reason: 'id-missing' });
  else if (id.startsWith('"')) faults.push({ reason: 'quote-broken' });
  else if (/^\d(\.\d+)?E\+\d{2,}$/i.test(id)) faults.push({ reason: 'id-damaged' });
  if (cell('address') === '') faults.push({ reason: 'address-missing' });
  else if (!address.ok) faults.push({ reason: 'address-malformed', value: shown(cell('address')) });
  for (const column of ['id', 'name', 'company'] as const) {
    if (CONTROL.test(person[column])) faults.push({ reason: 'characters-forbidden', column });
    else if (person[column].length > LONGEST[column])
      faults.push({ reason: 'too-long', column, limit: LONGEST[column] });
  }
  if (apiOnly === undefined)
    faults.push({ reason: 'yes-no-unreadable', column: 'apiOnly', value: shown(cell('apiOnly')) });
  if (faults.length > 0 || !address.ok || apiOnly === undefined) return refused(faults);
  const hash = cell('passwordHash');
  const judged = hash === '' ? undefined : judgeHash(hash);
  return {
    line,
    lastLine,
    person: {
      line,
      lastLine,
      address: address.address,
      key: address.key,
      ...person,
      apiOnly,
      passwordHash: judged?.ok ? { hash, kind: judged.kind } : null,
      hashFault: judged && !judged.ok ? judged.reason : null,
    },
  };
}

/** A person's row that was refused after it had been read. */
export function refusalOf({ line, lastLine, id }: Person, fault: Fault): Refusal {
  return { line, lastLine, id, ...fault };
}

// PostgreSQL cannot store NUL, and nobody can see the others.
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const ALL_CONTROLS = new RegExp(CONTROL, 'g');

/** A value as a report may show it, and as jsonb can keep it. */
function shown(text: string): string {
  return oneLine(text).replace(ALL_CONTROLS, '\ufffd').slice(0, 100).toWellFormed();
}

/** A name or company that was typed on two lines becomes one. */
function oneLine(text: string): string {
  return text.replace(/\s*[\r\n\t]+\s*/g, ' ');
}

/** Null where nothing is given; undefined for what is neither yes nor no. */
function yesOrNo(text: string): boolean | null | undefined {
  return text === '' ? null : YES_NO_WORDS.get(text.normalize('NFKC').toLowerCase());
}

const YES_NO_WORDS: ReadonlyMap<string, boolean> = new Map([
  ...['はい', '○', '〇', '◯', '有', 'あり', '該当', 'yes', 'y', 'true', '1', 'on'].map(
    (word) => [word, true] as const,
  ),
  ...['いいえ', '×', '✕', '無', 'なし', '非該当', 'no', 'n', 'false', '0', 'off', '-'].map(
    (word) => [word, false] as const,
  ),
]);

/** A language that is not ours counts as none given: the person is asked in the browser's language, and is not shut out for it (R8). */
function localeOf(text: string): Locale | null {
  const name = text.normalize('NFKC').toLowerCase();
  return LANGUAGE_NAMES.get(name) ?? localeFromTags(name) ?? null;
}

const LANGUAGE_NAMES: ReadonlyMap<string, Locale> = new Map([
  ['日本語', 'ja'],
  ['和文', 'ja'],
  ['japanese', 'ja'],
  ['jp', 'ja'],
  ['英語', 'en'],
  ['英文', 'en'],
  ['english', 'en'],
]);
