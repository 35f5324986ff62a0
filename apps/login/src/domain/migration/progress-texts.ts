import { defineTexts } from '#support/primitives/locale.ts';

/** What the states of progress and the lists of a rehearsal are called. */
export const PROGRESS_LABELS = defineTexts({
  ja: {
    states: {
      'never-seen': '未利用',
      'code-requested': '検証コード送付済み',
      unreachable: 'メール不達',
      'password-set': 'パスワード設定済み',
      'signed-in-unified': '移行済み',
      'api-only': 'APIのみ',
      inactive: '停止・解約',
    },
    groups: {
      'locked-out': 'ログインできない',
      'told-late': 'お知らせが1か月前に届いていない',
      'must-set-password': 'パスワードの設定が必要',
    },
  },
  en: {
    states: {
      'never-seen': 'never seen',
      'code-requested': 'code mailed',
      unreachable: 'mail does not arrive',
      'password-set': 'password set',
      'signed-in-unified': 'moved',
      'api-only': 'API only',
      inactive: 'suspended or closed',
    },
    groups: {
      'locked-out': 'locked out',
      'told-late': 'not told a month before',
      'must-set-password': 'has to set a password',
    },
  },
});
