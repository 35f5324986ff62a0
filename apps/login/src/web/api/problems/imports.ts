import type { ProblemList } from './problem-words.ts';

/** Files of people. */
export const IMPORT_PROBLEMS = {
  'import-unknown': [
    404,
    {
      ja: ['該当する取り込みがありません', 'このIDの取り込みはありません。'],
      en: ['No such import', 'There is no import with this id.'],
    },
  ],
  'import-not-checked': [
    409,
    {
      ja: [
        '取り込みを始められません',
        '事前の確認が終わっていないか、すでに始めたか、終わったか、中止されています。状態を確かめてください。',
      ],
      en: [
        'The import cannot be started',
        'Its dry run has not ended, or it was started, ended or cancelled before. Look at its state.',
      ],
    },
  ],
  'import-ended': [
    409,
    {
      ja: ['終わった取り込みです', 'この取り込みはすでに終わっているため、中止するものがありません。'],
      en: ['The import has ended', 'This import has ended: there is nothing to cancel.'],
    },
  ],
  'file-missing': [
    422,
    {
      ja: [
        'ファイルがありません',
        '本文 (Content-Type は text/csv または text/tab-separated-values) か、multipart/form-data の1つのファイルとして送ってください。',
      ],
      en: [
        'The file is missing',
        'Send the file as the body (content type text/csv or text/tab-separated-values) or as the one file of multipart/form-data.',
      ],
    },
  ],
  'file-empty': [
    422,
    {
      ja: ['ファイルが空です', '1行目に見出し、2行目から利用者を書いたファイルを送ってください。'],
      en: [
        'The file is empty',
        'Send a file with the column names on its first line and one person on each line after it.',
      ],
    },
  ],
  'file-too-large': [
    413,
    {
      ja: [
        'ファイルが大きすぎます',
        'ファイルは200MBまでです。使わない列を除くか、いくつかに分けて送ってください。',
      ],
      en: [
        'The file is too large',
        'A file may have 200 MB. Take out the columns that are not needed, or send it in parts.',
      ],
    },
  ],
} as const satisfies ProblemList;
