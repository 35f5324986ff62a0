import type { ProblemList } from './problem-words.ts';

/** What a company changes without a deploy. */
export const SETTING_PROBLEMS = {
  'setting-unfit': [
    422,
    {
      ja: ['設定できない値があります', 'faults にある値を直して、すべてもう一度送ってください。'],
      en: ['A value cannot be taken', 'Mend what faults names and send all of it again.'],
    },
  ],
  'rotation-under-way': [
    409,
    {
      ja: [
        '次の鍵はすでに公開されています',
        '公開済みの鍵が使い始められるまでお待ちください。漏えいの疑いがあるときは urgent で早められます。',
      ],
      en: [
        'The next key is published already',
        'Wait until it comes into use. Where a key may be known to others, urgent brings it forward.',
      ],
    },
  ],
} as const satisfies ProblemList;
