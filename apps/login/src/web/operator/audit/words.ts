import { AUDIT_ACTIONS, type AuditAction } from '#support/audit/events.ts';
import type { AuditEntry } from '#support/audit/search.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { defineTexts, type Locale } from '#support/primitives/locale.ts';

/** What happened, as a sentence; an event of a later release stands there by its name. */
export function eventSentence(
  entry: Pick<AuditEntry, 'action' | 'detail' | 'reason'>,
  locale: Locale,
): string {
  return isKnown(entry.action) ? EVENTS[locale][entry.action] + more(entry, locale) : entry.action;
}

/** The event alone, as it stands in the choice of events. */
export function eventName(action: AuditAction, locale: Locale): string {
  return EVENTS[locale][action];
}

/** Why, in words where it is one of our own; an operator's words as they are. */
export function reasonWords(reason: string, locale: Locale): string {
  return (REASONS[locale] as Readonly<Record<string, string>>)[reason] ?? reason;
}

/** The one fact that a reader wants at once. */
function more({ action, detail }: Pick<AuditEntry, 'action' | 'detail'>, locale: Locale): string {
  const t = MORE[locale];
  const text = (key: string): string => (typeof detail[key] === 'string' ? detail[key] : '');
  const fact = ((): string => {
    switch (action) {
      case 'account.signed-in':
      case 'password.set':
        return (t.methods as Readonly<Record<string, string>>)[text('method')] ?? '';
      case 'plan.changed':
        return (t.changes as Readonly<Record<string, string>>)[text('change')] ?? text('change');
      case 'login-id.changed':
      case 'login-id.undone':
        return text('from') === '' ? '' : `${text('from')} → ${text('to')}`;
      case 'operator.added':
      case 'operator.role-changed':
      case 'operator.removed':
      case 'operator-token.created':
        return (t.roles as Readonly<Record<string, string>>)[text('role')] ?? '';
      case 'console.registered':
        return text('clientId');
      case 'plan.check-overruled':
        return text('reason');
      case 'import.cancelled':
      case 'import.failed':
      case 'import.started':
      case 'import.uploaded':
      case 'people.imported':
      case 'signing-key.created':
      case 'signing-key.ended':
      case 'signing-key.hastened':
        return text('fileName') || text('alg');
      case 'notice.created':
        return Number.isNaN(Date.parse(text('sendAt')))
          ? ''
          : t.sentAt(japanTime(new Date(text('sendAt')), locale));
      default:
        return '';
    }
  })();
  return fact === '' ? '' : t.joined(fact);
}

function isKnown(action: string): action is AuditAction {
  return (AUDIT_ACTIONS as readonly string[]).includes(action);
}

type Names = Readonly<Record<AuditAction, string>>;
const EVENTS: Readonly<Record<Locale, Names>> = {
  ja: {
    'account.signed-in': 'ログインした',
    'account.sign-in-refused': 'ログインを断った',
    'account.suspended': 'アカウントを停止した',
    'account.reinstated': 'アカウントの利用を再開した',
    'account.closed': 'アカウントを解約した',
    'account.merged': 'ほかのアカウントを統合した',
    'account.absorbed': 'ほかのアカウントに統合された',
    'audit.erased': '監査記録の個人情報を消去した',
    'account.delay-cleared': 'ログインの待ち時間を解除した',
    'audit.exported': '監査記録を保存した',
    'audit.trimmed': '保存期間を過ぎた監査記録を削除した',
    'code.requested': '検証コードを求めた',
    'code.sent': '検証コードを送った',
    'code.resent': '検証コードをもう一度送らせた',
    'code.refused': '違う検証コードを断った',
    'console.registered': '管理画面を登録した',
    'console.changed': '管理画面の登録内容を変えた',
    'console.secret-added': '管理画面のシークレットを追加した',
    'console.secret-ended': '管理画面のシークレットを無効にした',
    'console.checked': '管理画面を点検した',
    'console.test-started': 'テストログインを始めた',
    'console.legacy-passwords-set': '従来のパスワードの扱いを決めた',
    'database.restored': '復元したデータベースを使えるようにした',
    'directory.created': 'ディレクトリ連携を登録した',
    'directory-token.created': 'ディレクトリ連携のトークンを発行した',
    'directory-token.revoked': 'ディレクトリ連携のトークンを失効させた',
    'link.deactivated': '1つの管理画面の利用を止めた',
    'link.reactivated': '1つの管理画面の利用を再開した',
    'link.ended': '管理画面とのひも付けを解除した',
    'user.provisioned': 'SCIMで利用者を登録した',
    'user.changed': 'SCIMで利用者の情報を変更した',
    'domain-list.published': '必要なドメインの一覧を発行した',
    'event.retried': 'イベントを送り直した',
    'event-stream.created': 'イベントの送り先を作った',
    'event-stream.changed': 'イベントの送り先を変えた',
    'event-stream.deleted': 'イベントの送り先をなくした',
    'import.cancelled': '取り込みを中止した',
    'import.failed': '取り込みを打ち切った',
    'import.started': '取り込みを始めた',
    'import.uploaded': '取り込むファイルを送った',
    'legacy-password.verified': '従来のパスワードを確かめた',
    'login-id.change-requested': 'ログインIDの変更を申し込んだ',
    'login-id.changed': 'ログインIDを変更した',
    'login-id.undone': 'ログインIDの変更を取り消した',
    'login-id.drift-repaired': 'ログインIDの差異を直した',
    'login-id.drift-dismissed': 'ログインIDの差異を一覧から外した',
    'logout.retried': 'ログアウト配信を送り直した',
    'mail.abandoned': 'メールの送信をやめた',
    'mail.retried': 'メールをすぐに送り直させた',
    'notice.created': 'お知らせを作った',
    'notice.cancelled': 'お知らせを取りやめた',
    'notice.recipient-settled': '届かなかった人への対応を記録した',
    'notice.bounced': 'お知らせのメールが戻ってきた',
    'notice.tested': 'お知らせを試しに送った',
    'notice.words-changed': 'お知らせの文面を変えた',
    'operator.added': '担当者を加えた',
    'operator.role-changed': '担当者の権限を変えた',
    'operator.removed': '担当者から外した',
    'operator-token.created': '担当者用トークンを作った',
    'operator-token.revoked': '担当者用トークンを失効させた',
    'password.set': 'パスワードを設定した',
    'password.change-refused': 'パスワードの変更を断った',
    'people.imported': '利用者を取り込んだ',
    'people.exported': '利用者の一覧を保存した',
    'plan.changed': '移行の予定を変えた',
    'plan.check-overruled': '点検に問題があるまま移行を進めた',
    'session.ended': 'ログアウトした',
    'set-up-mail.sent': 'パスワード設定の案内を送った',
    'settings.changed': '設定を変えた',
    'signing-key.created': '署名の鍵を作った',
    'master-key.change-started': 'マスターキーの交換を始めた',
    'master-key.changed': 'マスターキーの交換を終えた',
    'signing-key.ended': '署名の鍵を終えた',
    'signing-key.hastened': '署名の鍵の使い始めを早めた',
  },
  en: {
    'account.signed-in': 'Signed in',
    'account.sign-in-refused': 'A sign-in was refused',
    'account.suspended': 'The account was suspended',
    'account.reinstated': 'The account was reinstated',
    'account.closed': 'The account was closed',
    'account.merged': 'Another account was merged into this one',
    'account.absorbed': 'Merged into another account',
    'audit.erased': 'Personal data was erased from audit events',
    'account.delay-cleared': 'The delay of sign-ins was cleared',
    'audit.exported': 'Audit events were saved to a file',
    'audit.trimmed': 'Audit events were removed at the end of their time',
    'code.requested': 'A verification code was asked for',
    'code.sent': 'A verification code was mailed',
    'code.resent': 'A code was sent again for a person',
    'code.refused': 'A wrong verification code was refused',
    'console.registered': 'A console was registered',
    'console.changed': 'What is registered of a console was changed',
    'console.secret-added': 'A second secret was made for a console',
    'console.secret-ended': 'A secret of a console was ended',
    'console.checked': 'A console was checked',
    'console.test-started': 'A test sign-in was begun',
    'console.legacy-passwords-set': 'How legacy passwords are treated was set',
    'database.restored': 'Restored database made ready',
    'directory.created': 'Directory registered',
    'directory-token.created': 'Directory token made',
    'directory-token.revoked': 'Directory token revoked',
    'link.deactivated': 'Shut out of one console',
    'link.reactivated': 'Let into one console again',
    'link.ended': 'Console link ended',
    'user.provisioned': 'User registered (SCIM)',
    'user.changed': 'User changed (SCIM)',
    'domain-list.published': 'The list of needed domains was published',
    'event.retried': 'An event was sent again',
    'event-stream.created': 'An event stream was created',
    'event-stream.changed': 'An event stream was changed',
    'event-stream.deleted': 'An event stream was deleted',
    'import.cancelled': 'An import was cancelled',
    'import.failed': 'An import was given up',
    'import.started': 'An import was started',
    'import.uploaded': 'A file to import was uploaded',
    'legacy-password.verified': 'A legacy password was verified',
    'login-id.change-requested': 'A change of the login ID was asked for',
    'login-id.changed': 'The login ID was changed',
    'login-id.undone': 'A change of the login ID was undone',
    'login-id.drift-repaired': 'A difference of login IDs was repaired',
    'login-id.drift-dismissed': 'A difference of login IDs was taken off the list',
    'logout.retried': 'A logout was delivered again',
    'mail.abandoned': 'A mail was given up',
    'mail.retried': 'A mail was tried at once',
    'notice.created': 'A notice was made',
    'notice.cancelled': 'A notice was cancelled',
    'notice.recipient-settled': 'Somebody whom a notice did not reach was settled',
    'notice.bounced': 'A mail of a notice came back',
    'notice.tested': 'A notice was sent as a test',
    'notice.words-changed': 'The words of notices were changed',
    'operator.added': 'An operator was added',
    'operator.role-changed': 'The role of an operator was changed',
    'operator.removed': 'An operator was removed',
    'operator-token.created': 'An operator token was created',
    'operator-token.revoked': 'An operator token was revoked',
    'password.set': 'The password was set',
    'password.change-refused': 'A change of the password was refused',
    'people.imported': 'People were imported',
    'people.exported': 'A list of people was saved to a file',
    'plan.changed': 'The migration plan was changed',
    'plan.check-overruled': 'The move went on though the check of the console fails',
    'session.ended': 'Signed out',
    'set-up-mail.sent': 'A mail on how to set a password was sent',
    'settings.changed': 'Settings were changed',
    'signing-key.created': 'A signing key was created',
    'master-key.change-started': 'A change of the master key was begun',
    'master-key.changed': 'The master key was changed',
    'signing-key.ended': 'A signing key was ended',
    'signing-key.hastened': 'A signing key came into use earlier',
  },
};

const REASONS = defineTexts({
  ja: {
    'account-unknown': 'このログインIDで利用できるアカウントがない',
    'no-password-yet': 'パスワードがまだ設定されていない',
    'password-wrong': 'パスワードが違う',
    'code-wrong': '検証コードが違う',
  },
  en: {
    'account-unknown': 'No account can be used with this login ID',
    'no-password-yet': 'No password is set yet',
    'password-wrong': 'The password was wrong',
    'code-wrong': 'The code was wrong',
  },
});

const MORE = defineTexts({
  ja: {
    joined: (fact: string) => `（${fact}）`,
    sentAt: (at: string) => `${at} に送信`,
    methods: {
      password: 'パスワード',
      'legacy-password': '従来のパスワード',
      code: '検証コード',
      'current-password': '現在のパスワード',
    },
    changes: {
      'link-time-set': 'リンク表示の設定',
      announced: '告知',
      'cut-over-set': '切替の設定',
      postponed: '延期',
      'rolled-back': '切り戻し',
      closed: '完了',
    },
    roles: { viewer: '閲覧者', support: 'サポート担当', administrator: '管理者' },
  },
  en: {
    joined: (fact) => ` (${fact})`,
    sentAt: (at) => `to go out on ${at}`,
    methods: {
      password: 'password',
      'legacy-password': 'legacy password',
      code: 'verification code',
      'current-password': 'current password',
    },
    changes: {
      'link-time-set': 'link time set',
      announced: 'announced',
      'cut-over-set': 'cut-over set',
      postponed: 'postponed',
      'rolled-back': 'rolled back',
      closed: 'closed',
    },
    roles: { viewer: 'viewer', support: 'support', administrator: 'administrator' },
  },
});
