import type { AuditAction } from '#support/audit/events.ts';
import type { RecordedEvent } from '#support/audit/read.ts';
import { defineTexts, type Locale } from '#support/primitives/locale.ts';

/** What happened to an account, as the support desk reads it; an act that has no words here is named as the audit log names it. */
export function eventWords({ action, detail }: RecordedEvent, locale: Locale): string {
  const t = texts[locale];
  const words = (t.acts as Partial<Record<AuditAction, string>>)[action] ?? action;
  const { reason, cause } = detail;
  if (action === 'session.ended' && typeof cause === 'string')
    return `${words}${t.because((t.causes as Readonly<Record<string, string>>)[cause] ?? cause)}`;
  return typeof reason === 'string' && reason !== '' ? `${words}${t.because(reason)}` : words;
}

const texts = defineTexts({
  ja: {
    because: (reason: string) => `（${reason}）`,
    acts: {
      'account.signed-in': 'ログイン',
      'account.sign-in-refused': 'ログインできず',
      'account.suspended': '利用の停止',
      'account.reinstated': '利用の再開',
      'account.closed': '解約',
      'account.delay-cleared': '待ち時間の解除',
      'code.sent': '検証コードを送信',
      'code.resent': '検証コードの再送を指示',
      'code.refused': '違う検証コードの入力',
      'set-up-mail.sent': 'パスワード設定の案内を送信',
      'legacy-password.verified': '従来のパスワードを確認',
      'login-id.change-requested': 'ログインIDの変更の申し込み',
      'login-id.changed': 'ログインIDを変更',
      'login-id.undone': 'ログインIDの変更を取り消し',
      'login-id.drift-repaired': 'アドレスの差異を修復',
      'login-id.drift-dismissed': 'アドレスの差異を対応不要に',
      'notice.recipient-settled': 'お知らせの不達に対応',
      'notice.bounced': 'お知らせのメールが不達',
      'operator.added': '担当者に登録',
      'operator.role-changed': '担当者の権限を変更',
      'operator.removed': '担当者から削除',
      'password.set': 'パスワードを設定',
      'password.change-refused': 'パスワードを変更できず',
      'session.ended': 'ログアウト',
    },
    causes: {
      logout: '本人の操作',
      'other-account': '同じブラウザーで別の人がログイン',
      person: '本人が別のブラウザーから',
      operator: 'サポート窓口',
      suspended: '利用の停止',
      closed: '解約',
      'password-set': 'パスワードの設定',
      'login-id-changed': 'ログインIDの変更',
      'login-id-undone': 'ログインIDの変更の取り消し',
    },
  },
  en: {
    because: (reason) => ` (${reason})`,
    acts: {
      'account.signed-in': 'Signed in',
      'account.sign-in-refused': 'Sign-in refused',
      'account.suspended': 'Suspended',
      'account.reinstated': 'Reinstated',
      'account.closed': 'Closed',
      'account.delay-cleared': 'Delay cleared',
      'code.sent': 'Code mailed',
      'code.resent': 'Code asked for again by support',
      'code.refused': 'Wrong code typed',
      'set-up-mail.sent': 'Mailed how to set a password',
      'legacy-password.verified': 'Earlier password verified',
      'login-id.change-requested': 'Change of the login ID asked for',
      'login-id.changed': 'Login ID changed',
      'login-id.undone': 'Change of the login ID undone',
      'login-id.drift-repaired': 'Difference of addresses repaired',
      'login-id.drift-dismissed': 'Difference of addresses dismissed',
      'notice.recipient-settled': 'Undelivered notice settled',
      'notice.bounced': 'Notice bounced',
      'operator.added': 'Made an operator',
      'operator.role-changed': 'Role as an operator changed',
      'operator.removed': 'No operator any more',
      'password.set': 'Password set',
      'password.change-refused': 'Change of password refused',
      'session.ended': 'Signed out',
    },
    causes: {
      logout: 'by the person',
      'other-account': 'somebody else signed in with the browser',
      person: 'by the person, elsewhere',
      operator: 'by support',
      suspended: 'suspended',
      closed: 'closed',
      'password-set': 'password set',
      'login-id-changed': 'login ID changed',
      'login-id-undone': 'change of login ID undone',
    },
  },
});
