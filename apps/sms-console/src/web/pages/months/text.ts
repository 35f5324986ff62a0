import { texts } from '#support/primitives/locale.ts';

export const monthTexts = texts({
  ja: {
    title: '月ごとの合計',
    lead: '会社全体の、月ごと (日本時間) の件数です。とりやめたものは含みません。',
    results: '送信結果',
    month: '月',
    messages: '件数',
    parts: '通数',
    delivered: '到達',
    utf8: 'CSVで保存する (UTF-8)',
    shiftJis: 'CSVで保存する (Shift_JIS)',
    empty: 'まだ送信はありません。',
    chart: '月ごとの通数の棒グラフです。同じ数字を表にも載せています。',
    monthOf: (year: string, month: string) => `${year}年${month}月`,
  },
  en: {
    title: 'Totals by month',
    lead: 'What your whole company sent, month by month in Japan time, without what was cancelled.',
    results: 'Results',
    month: 'Month',
    messages: 'Messages',
    parts: 'Parts',
    delivered: 'Delivered',
    utf8: 'Save as CSV (UTF-8)',
    shiftJis: 'Save as CSV (Shift_JIS)',
    empty: 'Nothing has been sent yet.',
    chart: 'A bar chart of the parts by month. The table has the same figures.',
    monthOf: (year: string, month: string) => `${year}-${month}`,
  },
});
