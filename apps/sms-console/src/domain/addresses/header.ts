import { readRecipientNumber } from '#domain/recipients/recipient-number.ts';

const NUMBER_NAMES = [
  '電話番号',
  '携帯電話番号',
  '携帯番号',
  '携帯電話',
  '携帯',
  '電話',
  '宛先',
  'tel',
  'phone',
  'phonenumber',
  'mobile',
  'mobilenumber',
  'mobilephone',
  'cell',
  'number',
  'to',
];

/** Which column has the numbers: by its name, else the one in whose first rows most can be sent to. Null when there is none. */
export function guessColumns(
  names: readonly string[],
  first: readonly (readonly string[])[],
): { number: number | null } {
  const known = NUMBER_NAMES.map((wanted) => names.findIndex((name) => plain(name) === wanted)).find(
    (index) => index !== -1,
  );
  if (known !== undefined) return { number: known };
  const hits = names.map(
    (_, index) => first.filter((row) => readRecipientNumber(row[index] ?? '').ok).length,
  );
  const most = Math.max(0, ...hits);
  return { number: most === 0 ? null : hits.indexOf(most) };
}

/** A header name without what varies from office to office. */
function plain(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\(.*?\)|\[.*?\]|【.*?】/g, '')
    .replace(/[\s_\-‐-―.:*※#]/g, '');
}
