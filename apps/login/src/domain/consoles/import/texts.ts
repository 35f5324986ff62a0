import { defineTexts, type Locale } from '#support/primitives/locale.ts';
import type { ForeignFormat } from './encoding.ts';
import { COLUMN_NAMES } from './header.ts';
import type { FileRefusal } from './read-file.ts';
import type { ColumnName, Refusal } from './refusals.ts';

/** Why a row was not taken and what to do about it, in one or two sentences, without its line number. */
export function refusalText(refusal: Refusal, locale: Locale): string {
  const t = TEXTS[locale];
  switch (refusal.reason) {
    case 'id-missing':
      return t.idMissing;
    case 'id-damaged':
      return t.idDamaged(refusal.id ?? '');
    case 'id-repeated':
      return t.idRepeated(refusal.id ?? '', refusal.firstLine);
    case 'address-missing':
      return t.addressMissing;
    case 'address-malformed':
      return t.addressMalformed(refusal.value);
    case 'address-repeated':
      return t.addressRepeated(refusal.firstLine);
    case 'address-differs':
      return t.addressDiffers(refusal.id ?? '', refusal.loginId, refusal.value);
    case 'address-of-another-user':
      return t.addressOfAnotherUser(refusal.value, refusal.otherId);
    case 'address-reserved':
      return t.addressReserved(refusal.value);
    case 'account-closed':
      return t.accountClosed;
    case 'columns-mismatch':
      return refusal.found < refusal.wanted
        ? t.columnsTooFew(refusal.wanted, refusal.found)
        : t.columnsTooMany(refusal.wanted, refusal.found);
    case 'quote-broken':
      return t.quoteBroken + rowsNotRead(refusal, locale);
    case 'characters-forbidden':
      return t.charactersForbidden(columnLabel(refusal.column, locale));
    case 'yes-no-unreadable':
      return t.yesNoUnreadable(columnLabel(refusal.column, locale), refusal.value);
    case 'hash-unknown':
      return t.hashUnknown;
    case 'hash-too-costly':
      return t.hashTooCostly;
    case 'too-long':
      return t.tooLong(columnLabel(refusal.column, locale), refusal.limit);
    case 'line-too-long':
      return t.lineTooLong(refusal.limit / 1024) + rowsNotRead(refusal, locale);
  }
}

/** Why a file cannot be read at all and what to do about it. */
export function fileRefusalText(refusal: FileRefusal, locale: Locale): string {
  const t = TEXTS[locale];
  switch (refusal.reason) {
    case 'file-empty':
      return t.fileEmpty;
    case 'encoding-unsupported':
      return t.encodingForeign(FORMAT_NAMES[locale][refusal.found]);
    case 'text-undecodable':
      return t.textUndecodable(refusal.line);
    case 'columns-missing':
      return t.columnsMissing(
        refusal.missing
          .map((column) => `${columnLabel(column, locale)} (${COLUMN_NAMES[column].slice(0, 4).join(', ')})`)
          .join(t.and),
        refusal.found.join(', '),
      );
    case 'column-twice':
      return t.columnTwice(columnLabel(refusal.column, locale), refusal.found.join(t.and));
  }
}

/** What a column is called in messages. */
export function columnLabel(column: ColumnName, locale: Locale): string {
  return COLUMN_LABELS[locale][column];
}

function rowsNotRead({ line, lastLine }: Refusal, locale: Locale): string {
  return lastLine > line ? TEXTS[locale].rowsNotRead(lastLine) : '';
}

const COLUMN_LABELS: Record<Locale, Record<ColumnName, string>> = {
  ja: {
    id: 'ユーザーID',
    address: 'メールアドレス',
    name: '氏名',
    company: '会社名',
    locale: '言語',
    apiOnly: 'API専用',
    passwordHash: 'パスワードハッシュ',
  },
  en: {
    id: 'user ID',
    address: 'e-mail address',
    name: 'name',
    company: 'company',
    locale: 'language',
    apiOnly: 'API only',
    passwordHash: 'password hash',
  },
};

const FORMAT_NAMES: Record<Locale, Record<ForeignFormat, string>> = {
  ja: { 'utf-16': 'UTF-16 (Unicode テキスト)', 'euc-jp': 'EUC-JP', 'excel-workbook': 'Excel ブック' },
  en: { 'utf-16': 'UTF-16 (Unicode Text)', 'euc-jp': 'EUC-JP', 'excel-workbook': 'an Excel workbook' },
};

const TEXTS = defineTexts({
  ja: {
    and: '、',
    idMissing: 'ユーザーIDがありません。管理画面でのユーザーIDを入れてください。',
    idDamaged: (id: string) =>
      `ユーザーID「${id}」は表計算ソフトで指数表示に変わっています。列の表示形式を「文字列」にして書き出し直してください。`,
    idRepeated: (id: string, line: number) =>
      `ユーザーID「${id}」は ${line} 行目にもあります。どちらが正しいかを確かめ、1 行だけ残してください。`,
    addressMissing: 'メールアドレスがありません。ログインIDになるメールアドレスを入れてください。',
    addressMalformed: (value: string) =>
      `「${value}」はメールアドレスとして使えません。name@example.co.jp のような形に直してください。`,
    addressRepeated: (line: number) =>
      `同じメールアドレスが、別のユーザーIDで ${line} 行目にもあります。1 人に 1 つのメールアドレスにしてください。`,
    addressDiffers: (id: string, loginId: string, value: string) =>
      `ユーザーID「${id}」のログインIDは「${loginId}」で、この行の「${value}」と違います。取り込みではログインIDを変えません。管理画面のメールアドレス変更で変えてください。`,
    addressOfAnotherUser: (value: string, id: string) =>
      `「${value}」は、この管理画面のユーザーID「${id}」の人のログインIDです。どちらのユーザーIDが正しいかを確かめてください。`,
    addressReserved: (value: string) =>
      `「${value}」は最近までほかの人のログインIDで、その人が変更を取り消せる72時間のあいだ取り置かれています。そのあとにもう一度取り込んでください。`,
    accountClosed:
      'このメールアドレスのアカウントは閉鎖されています。使うときは、先にアカウントを再開してください。',
    columnsTooFew: (wanted: number, found: number) =>
      `列が足りません (見出し ${wanted} 列、この行 ${found} 列)。空の項目も区切り文字を残してください。`,
    columnsTooMany: (wanted: number, found: number) =>
      `列が多すぎます (見出し ${wanted} 列、この行 ${found} 列)。値に区切り文字を含むときは、値を " で囲んでください。`,
    quoteBroken:
      '引用符 " の対応が正しくありません。値を囲む " を対にし、値の中の " は "" と書いてください。',
    rowsNotRead: (lastLine: number) => `その後の ${lastLine} 行目までの行は読んでいません。`,
    charactersForbidden: (column: string) =>
      `${column}に、改行などの使えない制御文字があります。取り除いてください。`,
    yesNoUnreadable: (column: string, value: string) =>
      `${column}の「${value}」は、はい・いいえのどちらか分かりません。「はい」か「いいえ」、または空にしてください。`,
    hashUnknown:
      'この人は取り込みましたが、パスワードハッシュは使えない形式のため取り込んでいません。この人は検証コードでパスワードを設定します。',
    hashTooCostly:
      'この人は取り込みましたが、パスワードハッシュは計算の負荷が大きすぎるため取り込んでいません。この人は検証コードでパスワードを設定します。',
    tooLong: (column: string, limit: number) => `${column}が長すぎます。${limit} 文字までにしてください。`,
    lineTooLong: (limit: number) => `1 行が長すぎます (${limit} KB まで)。行の区切りを確かめてください。`,
    fileEmpty: 'ファイルに何も入っていません。1 行目に見出し、2 行目から利用者を書いてください。',
    encodingForeign: (format: string) =>
      `このファイルは ${format} です。「CSV UTF-8 (コンマ区切り)」か Shift_JIS の CSV で保存し直してください。`,
    textUndecodable: (line: number) =>
      `${line} 行目の文字を読み取れません。ほかの行と文字コードが違うか、文字が壊れています。ファイル全体を同じ文字コード (「CSV UTF-8 (コンマ区切り)」か Shift_JIS) で保存し直してください。`,
    columnsMissing: (missing: string, found: string) =>
      `見出しに必要な列がありません: ${missing}。1 行目にあったのは: ${found}。見出しの名前を直してください。`,
    columnTwice: (column: string, found: string) =>
      `${column}の列が 2 つあります: ${found}。使う列だけを残すか、使わない列の見出しを変えてください。`,
  },
  en: {
    and: ', ',
    idMissing: 'The user ID is missing. Put in the user ID that the console has for this person.',
    idDamaged: (id) =>
      `A spreadsheet turned the user ID into a rounded number ("${id}"). Format the column as text and export it again.`,
    idRepeated: (id, line) =>
      `The user ID "${id}" stands on line ${line} as well. Find out which one is right and keep one row only.`,
    addressMissing: 'The e-mail address is missing. Put in the address that becomes the login ID.',
    addressMalformed: (value) =>
      `"${value}" cannot be used as an e-mail address. Correct it to the form name@example.co.jp.`,
    addressRepeated: (line) =>
      `The same e-mail address stands on line ${line} with another user ID. Give each person an address of their own.`,
    addressDiffers: (id, loginId, value) =>
      `The login ID of user ID "${id}" is "${loginId}", not "${value}" as in this row. An import never changes a login ID: change the e-mail address in the console.`,
    addressOfAnotherUser: (value, id) =>
      `"${value}" is the login ID of the user whose ID in this console is "${id}". Find out which user ID is right.`,
    addressReserved: (value) =>
      `"${value}" was another person's login ID until lately and is kept for the 72 hours in which that person can undo the change. Import it again afterwards.`,
    accountClosed: 'The account of this e-mail address is closed. Reopen it first if it is to be used.',
    columnsTooFew: (wanted, found) =>
      `There are too few columns (header ${wanted}, this row ${found}). Keep the separators of empty values.`,
    columnsTooMany: (wanted, found) =>
      `There are too many columns (header ${wanted}, this row ${found}). Put a value that contains the separator between quotes (").`,
    quoteBroken:
      'The quotes (") do not match. Put them around a value in pairs, and write "" for a quote inside a value.',
    rowsNotRead: (lastLine) => ` The rows after it, up to line ${lastLine}, were not read.`,
    charactersForbidden: (column) =>
      `The ${column} contains a line break or another control character. Remove it.`,
    yesNoUnreadable: (column, value) =>
      `"${value}" in the column ${column} is neither yes nor no. Write yes or no, or leave it empty.`,
    hashUnknown:
      'The person was imported, but not the password hash: its format is not known here. This person sets a password by mailed code.',
    hashTooCostly:
      'The person was imported, but not the password hash: verifying it would take too much computing. This person sets a password by mailed code.',
    tooLong: (column, limit) => `The ${column} is too long. Use at most ${limit} characters.`,
    lineTooLong: (limit) => `The line is too long (at most ${limit} KB). Check how the lines are separated.`,
    fileEmpty:
      'There is nothing in the file. Put the column names on the first line and one person on each line after it.',
    encodingForeign: (format) =>
      `This file is ${format}. Save it as "CSV UTF-8 (comma delimited)" or as CSV in Shift_JIS.`,
    textUndecodable: (line) =>
      `The text of line ${line} cannot be read: its encoding differs from that of other lines, or it is damaged. Save the whole file in one encoding ("CSV UTF-8 (comma delimited)" or Shift_JIS).`,
    columnsMissing: (missing, found) =>
      `Columns that are needed are missing: ${missing}. The first line has: ${found}. Correct the column names.`,
    columnTwice: (column, found) =>
      `There are two columns for the ${column}: ${found}. Keep the one to use, or rename the other.`,
  },
});
