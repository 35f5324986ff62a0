import { parse } from 'csv-parse/sync';
import { readEmailAddress, sameAddressKey } from '#support/primitives/email-address.ts';
import { readLocale, type Locale } from '#support/primitives/locale.ts';

export type SamplePerson = {
  id: string;
  emailAddress: string;
  name: string;
  company: string;
  locale: Locale;
};
export type SamplePeople = { people: readonly SamplePerson[]; skippedLines: readonly number[] };

const HEADERS: Readonly<Record<string, keyof SamplePerson>> = {
  ユーザーID: 'id',
  user_id: 'id',
  メールアドレス: 'emailAddress',
  email: 'emailAddress',
  氏名: 'name',
  name: 'name',
  会社名: 'company',
  company: 'company',
  言語: 'locale',
  locale: 'locale',
};

/**
 * Reads the sample people of a CSV file, UTF-8 (with or without BOM) or Shift_JIS, with Japanese or English headers. Rows that
 * no console could have are skipped and their line numbers told: a wrong number of fields, no id, a broken address, an
 * id or an address that an earlier row has.
 */
export function readSamplePeople(file: Buffer): SamplePeople {
  const [header = { record: [], line: 1 }, ...rows] = records(decode(file));
  const names = header.record.map((name) => HEADERS[name.trim()]);
  const seen = new Set<string>();
  const people: SamplePerson[] = [];
  const skippedLines: number[] = [];
  for (const { record, line } of rows) {
    const person = record.length === names.length ? readPerson(names, record) : null;
    const keys = person === null ? [] : [`id ${person.id}`, `address ${sameAddressKey(person.emailAddress)}`];
    if (person === null || keys.some((key) => seen.has(key))) {
      skippedLines.push(line);
      continue;
    }
    for (const key of keys) seen.add(key);
    people.push(person);
  }
  return { people, skippedLines };
}

function readPerson(
  names: readonly (keyof SamplePerson | undefined)[],
  record: readonly string[],
): SamplePerson | null {
  const value = (wanted: keyof SamplePerson) => record[names.indexOf(wanted)]?.trim() ?? '';
  const emailAddress = readEmailAddress(value('emailAddress'));
  if (
    !/^[0-9]{1,18}$/.test(value('id')) ||
    emailAddress === null ||
    value('name') === '' ||
    value('company') === ''
  )
    return null;
  return {
    id: value('id'),
    emailAddress,
    name: value('name'),
    company: value('company'),
    locale: readLocale(value('locale')) ?? 'ja',
  };
}

function records(text: string): readonly { record: string[]; line: number }[] {
  const rows = parse(text, {
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
  }) as unknown;
  return (rows as { record: string[]; info: { lines: number } }[]).map(({ record, info }) => ({
    record,
    line: info.lines,
  }));
}

/** Strict UTF-8 first: Shift_JIS text is hardly ever valid UTF-8. */
function decode(file: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file);
  } catch {
    return new TextDecoder('shift_jis', { fatal: true }).decode(file);
  }
}
