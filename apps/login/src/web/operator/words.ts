import { defineTexts } from '#support/primitives/locale.ts';

/** Words that all operator pages share. */
export const WORDS = defineTexts({
  ja: {
    roles: { viewer: '閲覧者', support: 'サポート担当', administrator: '管理者' },
    phases: { prepared: '移行前', parallel: '移行期間', unified: '切替後' },
    closed: '完了',
    people: '人',
    mails: '通',
    items: '件',
    list: '一覧を見る',
    undetermined: '未定',
    pleaseNote: 'ご注意',
    done: '完了',
    error: 'エラー',
    info: 'お知らせ',
    notPossible: 'いまは実行できません',
  },
  en: {
    roles: { viewer: 'Viewer', support: 'Support', administrator: 'Administrator' },
    phases: { prepared: 'Prepared', parallel: 'Parallel period', unified: 'Cut over' },
    closed: 'Closed',
    people: 'people',
    mails: 'mails',
    items: 'items',
    list: 'See the list',
    undetermined: 'Undetermined',
    pleaseNote: 'Please note',
    done: 'Done',
    error: 'Error',
    info: 'Information',
    notPossible: 'This cannot be done now',
  },
});

/** A figure with its digits grouped. */
export function grouped(value: number): string {
  return GROUPED.format(value);
}

/** A share with one digit; never 100 while somebody is missing, never 0 while there is somebody. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return '–';
  const tenths = Math.round((part / whole) * 1_000);
  const honest = part < whole ? Math.min(tenths, 999) : tenths;
  return `${((part > 0 ? Math.max(honest, 1) : honest) / 10).toFixed(1)}%`;
}

/** The beginning of what a machine said, for a list; its own page has all of it. */
export function shortened(text: string): string {
  const characters = [...text];
  return characters.length <= MOST_IN_A_LIST ? text : `${characters.slice(0, MOST_IN_A_LIST - 1).join('')}…`;
}

const MOST_IN_A_LIST = 60;
const GROUPED = new Intl.NumberFormat('en-US');
