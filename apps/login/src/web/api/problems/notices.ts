import type { ProblemList } from './problem-words.ts';

/** Notices, their words and their recipients. */
export const NOTICE_PROBLEMS = {
  'text-unfit': [
    422,
    {
      ja: ['文面が使えません', '文面の差し込み項目に、値のないものがあります。'],
      en: ['The text does not fit', 'A placeholder of the text has no value.'],
    },
  ],
  'notice-unknown': [
    404,
    {
      ja: ['該当するお知らせがありません', 'このIDのお知らせはありません。'],
      en: ['No such notice', 'There is no such notice.'],
    },
  ],
  'notice-ended': [
    409,
    {
      ja: [
        'お知らせは終わっています',
        'このお知らせは全員分の結果が出ています。訂正のお知らせで伝えてください。',
      ],
      en: [
        'The notice has ended',
        'This notice has ended: everybody has a verdict. Tell people by a correction.',
      ],
    },
  ],
  'notice-cancelled': [
    409,
    {
      ja: ['お知らせは取りやめられています', 'このお知らせは取りやめられました。'],
      en: ['The notice was cancelled', 'This notice was cancelled.'],
    },
  ],
  'recipient-unknown': [
    404,
    {
      ja: ['宛先に含まれていません', 'このアカウントは、このお知らせの宛先にありません。'],
      en: ['Not a recipient', 'This account is not among the recipients of the notice.'],
    },
  ],
  'recipient-not-unreached': [
    409,
    {
      ja: [
        '届かなかった方ではありません',
        'この方へのメールは送信中か、受け付けられています。対応は必要ありません。',
      ],
      en: [
        'The person was not missed',
        'The mail to this person is under way or was accepted; there is nothing to settle.',
      ],
    },
  ],
  'recipient-settled': [
    409,
    {
      ja: ['対応済みです', 'この方への対応は、すでに記録されています。'],
      en: ['Settled before', 'This person was settled before.'],
    },
  ],
  'note-missing': [
    422,
    {
      ja: ['メモがありません', 'どのように誰が伝えたかを note に書いてください。'],
      en: ['The note is missing', 'Say in the note how and by whom the person was told.'],
    },
  ],
  'words-changed': [
    409,
    {
      ja: [
        '文面が変更されています',
        'ほかの担当者がこの文面を変更しました。何も上書きしていません。読み直して、その revision を送ってください。',
      ],
      en: [
        'The words have changed',
        'Somebody has changed these words since; nothing was overwritten. Read them again and send their revision.',
      ],
    },
  ],
  'placeholder-unknown': [
    422,
    {
      ja: ['差し込み項目がありません', '文面に、存在しない差し込み項目があります。'],
      en: ['Unknown placeholder', 'The text has a placeholder that does not exist.'],
    },
  ],
  'placeholder-unclosed': [
    422,
    {
      ja: ['かっこが閉じていません', '文面に、対になっていないかっこがあります。'],
      en: ['A brace is not closed', 'The text has a brace that is not closed or not opened.'],
    },
  ],
  'placeholder-without-value': [
    422,
    {
      ja: ['差し込み項目に値がありません', '文面に、この種類のお知らせでは値のない差し込み項目があります。'],
      en: [
        'A placeholder has no value',
        'The text has a placeholder that this kind of notice has no value for.',
      ],
    },
  ],
  'not-a-notification': [
    422,
    {
      ja: ['配信状況の通知ではありません', '送られたメールは配信状況の通知（RFC 3464）ではありません。'],
      en: ['Not a notification', 'This is not a delivery status notification (RFC 3464).'],
    },
  ],
  'no-returned-headers': [
    422,
    {
      ja: ['元のメールのヘッダーがありません', '通知に、対象のメールのヘッダーが含まれていません。'],
      en: [
        'The headers are not returned',
        'The notification does not return the headers of the mail that it is about.',
      ],
    },
  ],
} as const satisfies ProblemList;
