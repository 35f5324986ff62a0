import { defineTexts, type Locale } from '#support/primitives/locale.ts';
import type { UploadRefusal } from './history.ts';
import { fileRefusalText } from './texts.ts';

/** Why an uploaded file cannot be used at all and what to do about it. */
export function uploadRefusalText(refusal: UploadRefusal, locale: Locale): string {
  const t = TEXTS[locale];
  switch (refusal.reason) {
    case 'hashes-not-wanted':
      return t.hashesNotWanted(refusal.column);
    case 'file-changed':
      return t.fileChanged;
    case 'file-empty':
    case 'encoding-unsupported':
    case 'text-undecodable':
    case 'columns-missing':
    case 'column-twice':
      return fileRefusalText(refusal, locale);
  }
}

const TEXTS = defineTexts({
  ja: {
    hashesNotWanted: (column: string) =>
      `列「${column}」にパスワードハッシュがありますが、この管理画面は従来のパスワードを受け付ける設定ではありません。列を消したファイルを取り込むか、先に従来のパスワードの設定を変えてください。何も取り込んでいません。`,
    fileChanged: 'ファイルを最後まで同じ内容で読めませんでした。もう一度アップロードしてください。',
  },
  en: {
    hashesNotWanted: (column) =>
      `The column “${column}” has password hashes, but this console is not set to accept legacy passwords. Upload a file without that column, or change the setting first. Nothing was imported.`,
    fileChanged: 'The file could not be read twice with the same content. Upload it again.',
  },
});
