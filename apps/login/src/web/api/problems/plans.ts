import type { ProblemList } from './problem-words.ts';

/** Migration plans. Each answer says in its detail what stands in the way and what to do. */
export const PLAN_PROBLEMS = {
  'plan-closed': [
    409,
    {
      ja: ['移行は完了しています', '計画は閉じられているため、もう変更できません。'],
      en: ['The plan is closed', 'The plan is closed: nothing of it can change any more.'],
    },
  ],
  'plan-changed': [
    409,
    {
      ja: [
        '計画がほかで変更されました',
        'ご覧になった後に計画が変更されました。読み直してから、もう一度お試しください。',
      ],
      en: [
        'The plan was changed meanwhile',
        'The plan was changed since you looked at it. Read it again and repeat.',
      ],
    },
  ],
  'after-cut-over': [
    409,
    {
      ja: ['切替日時より後です', 'リンクは切替日時より前に表示しなければなりません。'],
      en: ['After the cut-over', 'The link must appear before the cut-over.'],
    },
  ],
  'already-unified': [
    409,
    {
      ja: ['切替は済んでいます', '切替日時を過ぎています。'],
      en: ['The cut-over has passed', 'The cut-over has passed.'],
    },
  ],
  'cut-over-stands': [
    409,
    {
      ja: ['切替日時が決まっています', '切替日時が決まり、お客様に知らされています。'],
      en: ['A cut-over is set', 'A cut-over is set, and people know it.'],
    },
  ],
  'send-time-past': [
    422,
    {
      ja: ['送信日時が過去です', '送信日時は、これからの日時にしてください。'],
      en: ['The time of sending is past', 'The time of sending must lie in the future.'],
    },
  ],
  'cut-over-past': [
    422,
    {
      ja: ['切替日時が過去です', '切替日時は、これからの日時にしてください。'],
      en: ['The cut-over is past', 'The cut-over must lie in the future.'],
    },
  ],
  'before-link-time': [
    409,
    {
      ja: [
        'リンクの表示開始より前です',
        '切替日時はリンクの表示開始より後で、表示開始が決まっている必要があります。',
      ],
      en: ['Before the link time', 'The cut-over must come after the link time, which must be set.'],
    },
  ],
  'cut-over-unchanged': [
    409,
    {
      ja: ['切替日時は変わりません', 'すでにこの切替日時になっています。'],
      en: ['The cut-over is unchanged', 'This is the cut-over already.'],
    },
  ],
  'not-announced': [
    409,
    {
      ja: ['まだお知らせしていません', '先に日程をお知らせしてください。'],
      en: ['Not announced', 'Announce the date first.'],
    },
  ],
  'announcement-under-way': [
    409,
    {
      ja: ['お知らせを送信中です', 'お知らせのメールがまだ送信中です。終わってからお試しください。'],
      en: [
        'The announcement is under way',
        'Mails of the announcement are under way. Try again when they have ended.',
      ],
    },
  ],
  'people-untold': [
    409,
    {
      ja: ['まだ知らされていない方がいます', 'お知らせの後に加わり、まだ知らされていない方がいます。'],
      en: ['People are not told yet', 'People came after the announcement who are not told yet.'],
    },
  ],
  'people-unsettled': [
    409,
    {
      ja: ['お知らせが届いていない方がいます', 'お知らせが届かなかった方への対応が終わっていません。'],
      en: [
        'The announcement did not reach everybody',
        'Settle the people whom the announcement did not reach.',
      ],
    },
  ],
  'earlier-than-announced': [
    409,
    {
      ja: ['お知らせした日時より前です', 'お客様には、これより後の日時をお知らせしています。'],
      en: ['Earlier than announced', 'People were told a later date.'],
    },
  ],
  'check-failed': [
    409,
    {
      ja: [
        '管理画面の点検に問題があります',
        '必須の項目を直して点検し直すか、進める理由を overrideCheck で送ってください。',
      ],
      en: [
        'The check of the console fails',
        'Put right what is required and check again, or send the reason to go on as overrideCheck.',
      ],
    },
  ],
  'cut-over-too-soon': [
    409,
    {
      ja: ['切替日時が早すぎます', '最後のメールが受け付けられてから、暦で1か月あける必要があります。'],
      en: ['The cut-over is too soon', 'People must have a calendar month after the last accepted mail.'],
    },
  ],
  'nothing-to-take-back': [
    409,
    {
      ja: ['取り消すものがありません', '切替日時は決まっておらず、お知らせもされていません。'],
      en: ['Nothing to take back', 'No cut-over is set or announced.'],
    },
  ],
  'not-unified': [
    409,
    {
      ja: ['まだ切り替わっていません', '計画を閉じられるのは、切替日時を過ぎてからです。'],
      en: ['Not unified yet', 'Only a plan whose cut-over has passed can be closed.'],
    },
  ],
} as const satisfies ProblemList;
