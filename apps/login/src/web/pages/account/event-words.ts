import type { ShapeName, Tone } from '@hitokagi/design-system';
import type { LogoutCause } from '#domain/logout/end-session.ts';
import type { RecordedEvent } from '#support/audit/read.ts';
import type { AuditAction } from '#support/audit/events.ts';
import { defineTexts, type Locale } from '#support/primitives/locale.ts';

/** An event as its person reads it: what happened, and whether it is something to look at twice. */
export type EventWords = { title: string; tone: Tone; shape: ShapeName };

/** What a person is shown of an event of theirs; of what is not in here they are shown nothing. */
export function eventWords(event: RecordedEvent, locale: Locale): EventWords {
  const t = texts[locale];
  const sign = SIGNS[event.action as ShownAction] ?? PLAIN;
  return { ...sign, title: title() };

  function title(): string {
    switch (event.action as ShownAction) {
      case 'account.signed-in':
        return event.detail.method === 'legacy-password' ? t.signedInByLegacy : t.signedIn;
      case 'password.set':
        return event.detail.method === 'current-password' ? t.passwordChanged : t.passwordSet;
      case 'session.ended':
        return t.ended[event.detail.cause as LogoutCause] ?? t.ended.logout;
      case 'code.refused':
        return event.detail.purpose === 'change-login-id' ? t.codeRefusedAtChange : t['code.refused'];
      case 'account.sign-in-refused':
      case 'code.sent':
      case 'password.change-refused':
      case 'legacy-password.verified':
      case 'login-id.change-requested':
      case 'login-id.changed':
      case 'login-id.undone':
      case 'account.suspended':
      case 'account.reinstated':
        return t[event.action as 'code.sent'];
    }
  }
}

type ShownAction = (typeof SHOWN_ACTIONS)[number];

/** What a person is shown; everything else concerns operators. */
export const SHOWN_ACTIONS = [
  'account.signed-in',
  'account.sign-in-refused',
  'code.sent',
  'code.refused',
  'password.set',
  'password.change-refused',
  'legacy-password.verified',
  'session.ended',
  'login-id.change-requested',
  'login-id.changed',
  'login-id.undone',
  'account.suspended',
  'account.reinstated',
] as const satisfies readonly AuditAction[];

type Sign = { tone: Tone; shape: ShapeName };
const PLAIN: Sign = { tone: 'neutral', shape: 'ring' };
const GOOD: Sign = { tone: 'success', shape: 'check' };
const CHANGED: Sign = { tone: 'info', shape: 'info' };
const ODD: Sign = { tone: 'warning', shape: 'triangle' };

const SIGNS: { readonly [A in ShownAction]?: Sign } = {
  'account.signed-in': GOOD,
  'account.sign-in-refused': ODD,
  'code.refused': ODD,
  'password.set': CHANGED,
  'password.change-refused': ODD,
  'login-id.change-requested': CHANGED,
  'login-id.changed': CHANGED,
  'login-id.undone': CHANGED,
  'account.suspended': ODD,
};

const texts = defineTexts({
  ja: {
    signedIn: 'ログインしました',
    signedInByLegacy: '従来のパスワードではじめてログインしました',
    'account.sign-in-refused': 'パスワードが違うため、ログインできませんでした',
    'code.sent': 'パスワードを設定するための検証コードを、メールでお送りしました',
    'code.refused': 'パスワードの設定で、違う検証コードが入力されました',
    codeRefusedAtChange: 'ログインIDの変更で、違う検証コードが入力されました',
    passwordSet: 'パスワードを設定しました',
    passwordChanged: 'パスワードを変更しました',
    'password.change-refused': 'パスワードの変更で、現在のパスワードが違いました',
    'legacy-password.verified': '従来のパスワードを確認しました',
    'login-id.change-requested': 'ログインIDの変更の申し込みがありました',
    'login-id.changed': 'ログインIDを変更しました',
    'login-id.undone': 'ログインIDの変更を取り消し、前のメールアドレスに戻しました',
    'account.suspended': 'アカウントの利用を停止しました',
    'account.reinstated': 'アカウントの利用を再開しました',
    ended: {
      logout: 'ログアウトしました',
      'other-account': '同じブラウザーで別の方がログインしたため、ログアウトしました',
      person: '別のブラウザーからの操作で、ログアウトしました',
      operator: 'サポート窓口の操作で、ログアウトしました',
      suspended: 'アカウントの停止にともない、ログアウトしました',
      closed: 'アカウントの解約にともない、ログアウトしました',
      merged: 'アカウントの統合にともない、ログアウトしました',
      'password-set': 'パスワードが新しくなったため、ログアウトしました',
      'login-id-changed': 'ログインIDが変わったため、ログアウトしました',
      'login-id-undone': 'ログインIDの変更が取り消されたため、ログアウトしました',
      restored: 'システムの復旧作業のため、ログアウトしました',
    },
  },
  en: {
    signedIn: 'Signed in',
    signedInByLegacy: 'Signed in for the first time, with an earlier password',
    'account.sign-in-refused': 'A sign-in was refused: wrong password',
    'code.sent': 'A verification code to set a password was mailed',
    'code.refused': 'A wrong verification code was entered to set a password',
    codeRefusedAtChange: 'A wrong verification code was entered to change the login ID',
    passwordSet: 'The password was set',
    passwordChanged: 'The password was changed',
    'password.change-refused': 'The current password was wrong when changing it',
    'legacy-password.verified': 'An earlier password was verified',
    'login-id.change-requested': 'A change of the login ID was asked for',
    'login-id.changed': 'The login ID was changed',
    'login-id.undone': 'A change of the login ID was undone; the former address is back',
    'account.suspended': 'The account was suspended',
    'account.reinstated': 'The account was reinstated',
    ended: {
      logout: 'Signed out',
      'other-account': 'Signed out, because someone else signed in with the same browser',
      person: 'Signed out from another browser',
      operator: 'Signed out by our support',
      suspended: 'Signed out, because the account was suspended',
      closed: 'Signed out, because the account was closed',
      merged: 'Signed out, because the account was merged into another one',
      'password-set': 'Signed out, because the password is new',
      'login-id-changed': 'Signed out, because the login ID changed',
      'login-id-undone': 'Signed out, because a change of the login ID was undone',
      restored: 'Signed out during the recovery of the system',
    },
  },
});
