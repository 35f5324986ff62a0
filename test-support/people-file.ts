import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import Encoding from 'encoding-japanese';

/** What becomes of a row of the sample file when it is imported into a console that knows nobody yet. */
export type Fate = 'taken' | 'empty' | { refused: string; firstLine?: number };

export type SampleRow = { line: number; fate: Fate; text: string; id: string; address: string };

export type PeopleFileOptions = {
  rows: number;
  encoding?: 'utf-8' | 'shift_jis';
  /** Begins the console's own user ids: two files with different ones are the same people in two consoles. */
  idPrefix?: string;
};

export const PEOPLE_HEADER = 'ユーザーID,メールアドレス,氏名,会社名,言語';
/** One row in twenty is odd. */
const ODD_EVERY = 20;

/**
 * The rows of a large file of people, the same each time; one in twenty is odd in one of the ways below, which follow each other.
 * Line 1 is the header's. Nothing of it is kept, so a million rows cost no memory.
 */
export function* samplePeople({ rows, idPrefix = 'u' }: PeopleFileOptions): Generator<SampleRow> {
  let line = 2;
  let before: Person | undefined;
  for (let index = 0; index < rows; index++) {
    const person = personOf(index, line, idPrefix);
    const isOdd = index % ODD_EVERY === ODD_EVERY - 1;
    const odd = isOdd ? ODDITIES[Math.floor(index / ODD_EVERY) % ODDITIES.length] : undefined;
    const { fate, cells } =
      odd && before ? odd(person, before) : { fate: 'taken' as const, cells: plain(person) };
    const text = cells.map(quoted).join(',');
    yield { line, fate, text, id: person.id, address: person.address };
    line += 1 + (text.match(/\n/g)?.length ?? 0);
    before = person;
  }
}

/** Writes such a file: UTF-8 with byte order mark, or Shift_JIS, with CRLF as spreadsheets write it. */
export async function writePeopleFile(path: string, options: PeopleFileOptions): Promise<void> {
  const file = createWriteStream(path, { highWaterMark: 1024 * 1024 });
  const write = async (text: string): Promise<void> => {
    const bytes = options.encoding === 'shift_jis' ? shiftJis(text) : Buffer.from(text);
    if (!file.write(bytes)) await once(file, 'drain');
  };
  let held = `${options.encoding === 'shift_jis' ? '' : '\ufeff'}${PEOPLE_HEADER}\r\n`;
  for (const row of samplePeople(options)) {
    held += `${row.text}\r\n`;
    if (held.length < 256 * 1024) continue;
    await write(held);
    held = '';
  }
  await write(held);
  file.end();
  await once(file, 'close');
}

type Person = { line: number; id: string; address: string; name: string; company: string; locale: string };
type Odd = (person: Person, before: Person) => { fate: Fate; cells: string[] };

const taken = (cells: string[]) => ({ fate: 'taken' as const, cells });
const refused = (reason: string, cells: string[], firstLine?: number) => ({
  fate: { refused: reason, ...(firstLine === undefined ? {} : { firstLine }) },
  cells,
});

/** The row before an odd one is never odd, so that it is what is repeated. */
const ODDITIES: readonly Odd[] = [
  (one) => taken(plain({ ...one, address: one.address.toUpperCase() })),
  (one) =>
    taken(plain({ ...one, id: `  ${one.id} `, address: ` ${one.address}\u3000`, name: ` ${one.name} ` })),
  (one) => taken(plain({ ...one, address: one.address.replace('@', '＠').replace('user', 'ｕｓｅｒ') })),
  (one) => taken(plain({ ...one, name: '見本\n改行', company: '見本"商店", 本店' })),
  (one) => taken(plain({ ...one, locale: '日本語' })),
  (one, before) => refused('address-repeated', plain({ ...one, address: before.address }), before.line),
  (one, before) =>
    refused('address-repeated', plain({ ...one, address: ` ${before.address.toUpperCase()}` }), before.line),
  (one, before) => refused('id-repeated', plain({ ...one, id: before.id }), before.line),
  (one) => refused('address-malformed', plain({ ...one, address: one.address.replace('@', '＠@') })),
  (one) => refused('address-malformed', plain({ ...one, address: `${one.address}, x@example.co.jp` })),
  (one) => refused('address-missing', plain({ ...one, address: ' ' })),
  (one) => refused('id-missing', plain({ ...one, id: '' })),
  (one) => refused('id-damaged', plain({ ...one, id: '1.23457E+11' })),
  (one) => refused('columns-mismatch', plain(one).slice(0, 3)),
  (one) => refused('columns-mismatch', [...plain(one), 'もう1列']),
  (one) => refused('characters-forbidden', plain({ ...one, name: '見本\u0007太郎' })),
  (one) => refused('too-long', plain({ ...one, company: '長'.repeat(201) })),
  () => ({ fate: 'empty', cells: ['', '', '', '', ''] }),
];

function personOf(index: number, line: number, idPrefix: string): Person {
  return {
    line,
    id: `${idPrefix}${1_000_000 + index}`,
    address: `user${index}@mihon-${index % 997}.example.co.jp`,
    name: `見本 太郎 ${index}`,
    company: `見本商事 ${index % 997} 株式会社`,
    locale: index % 12 === 0 ? 'en' : 'ja',
  };
}

function plain({ id, address, name, company, locale }: Person): string[] {
  return [id, address, name, company, locale];
}

/** As spreadsheets do: quotes only where they are needed. */
function quoted(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function shiftJis(text: string): Buffer {
  return Buffer.from(Encoding.convert(Encoding.stringToCode(text), { from: 'UNICODE', to: 'SJIS' }));
}
