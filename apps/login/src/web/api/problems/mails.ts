import type { ProblemList } from './problem-words.ts';

/** Mails that were sent or wait. */
export const MAIL_PROBLEMS = {
  'mail-unknown': [
    404,
    {
      ja: ['該当するメールがありません', 'このIDのメールはありません。90日より前のものは削除されています。'],
      en: ['No such mail', 'There is no mail with this id; it may be older than 90 days.'],
    },
  ],
  'mail-ended': [
    409,
    {
      ja: [
        '結果の出たメールです',
        'このメールはすでに送信されたか、拒否されたか、送らないことになりました。',
      ],
      en: ['The mail has ended', 'This mail was accepted, refused or not sent: it does not wait any more.'],
    },
  ],
  'mail-under-way': [
    409,
    {
      ja: ['送信の最中です', 'このメールはちょうど送信中です。少し待って、結果をご確認ください。'],
      en: ['The mail is under way', 'It is being handed over at this moment. Look again in a minute.'],
    },
  ],
} as const satisfies ProblemList;
