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
} as const satisfies ProblemList;
