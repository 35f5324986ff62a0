import type { ColumnName } from './refusals.ts';

export type Separator = ',' | '\t';

/** Where each column stands in a row; what a file does not have is absent. `width` is the number of columns of the header. */
export type Header = {
  columns: { id: number; address: number } & Partial<Record<ColumnName, number>>;
  names: readonly string[];
  width: number;
};

export type HeaderResult =
  | { ok: true; header: Header }
  | { ok: false; reason: 'columns-missing'; missing: readonly ColumnName[]; found: readonly string[] }
  | { ok: false; reason: 'column-twice'; column: ColumnName; found: readonly string[] };

/** What stands above a column in the files that offices export; compared as `plain` writes it. Messages name the first few. */
export const COLUMN_NAMES: Record<ColumnName, readonly string[]> = {
  id: [
    'ユーザーID',
    'user id',
    '会員番号',
    'id',
    'ユーザID',
    'ユーザー番号',
    '利用者ID',
    '利用者番号',
    '会員ID',
    '顧客ID',
    '顧客番号',
    'アカウントID',
    'uid',
    'member id',
    'member number',
    'member no',
    'customer id',
    'account id',
    'console user id',
  ],
  address: [
    'メールアドレス',
    'email',
    'メール',
    'mail',
    'Eメール',
    'Eメールアドレス',
    '電子メール',
    '電子メールアドレス',
    'email address',
    'mail address',
  ],
  name: ['氏名', '名前', 'お名前', '担当者', '担当者名', '担当者氏名', 'name', 'full name', 'display name'],
  company: [
    '会社名',
    '会社',
    '御社名',
    '貴社名',
    '企業名',
    '法人名',
    '団体名',
    '組織名',
    'company',
    'company name',
    'organization',
    'organisation',
  ],
  locale: ['言語', '表示言語', '言語設定', 'locale', 'language', 'lang'],
  apiOnly: ['API専用', 'api only', 'APIのみ', 'API利用のみ'],
  passwordHash: ['パスワードハッシュ', 'password hash', 'ハッシュ化パスワード', 'legacy password hash'],
};

const REQUIRED = ['id', 'address'] as const satisfies readonly ColumnName[];

/** Finds the known columns in the first row of a file; unknown ones are ignored. Trailing columns without a name do not count. */
export function readHeader(fields: readonly string[]): HeaderResult {
  const names = fields.map((name) => name.trim());
  const columns: Partial<Record<ColumnName, number>> = {};
  for (const [index, name] of names.entries()) {
    const column = COLUMN_OF.get(plain(name));
    if (!column) continue;
    const first = columns[column];
    if (first !== undefined)
      return { ok: false, reason: 'column-twice', column, found: [names[first] ?? '', name] };
    columns[column] = index;
  }
  const { id, address } = columns;
  if (id === undefined || address === undefined) {
    const missing = REQUIRED.filter((column) => columns[column] === undefined);
    return {
      ok: false,
      reason: 'columns-missing',
      missing,
      found: names.slice(0, 20).map((name) => name.slice(0, 30)),
    };
  }
  const width = names.findLastIndex((name) => name !== '') + 1;
  return { ok: true, header: { columns: { ...columns, id, address }, names, width } };
}

/** How many of the known columns a row of header names has: tells which separator is the file's. */
export function knownColumns(fields: readonly string[]): number {
  return fields.filter((name) => COLUMN_OF.has(plain(name))).length;
}

const COLUMN_OF: ReadonlyMap<string, ColumnName> = new Map(
  (Object.keys(COLUMN_NAMES) as ColumnName[]).flatMap((column) =>
    COLUMN_NAMES[column].map((name) => [plain(name), column] as const),
  ),
);

/** A header name without what varies from office to office: width, case, spaces, `_`, `-`, marks of required fields, remarks in brackets. */
function plain(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\(.*?\)|\[.*?\]|【.*?】/g, '')
    .replace(/[\s_\-‐-―.:*※#]/g, '');
}
