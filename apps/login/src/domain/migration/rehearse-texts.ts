import { refusalText } from '#domain/consoles/import/texts.ts';
import type { Refusal } from '#domain/consoles/import/refusals.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { defineTexts, type Locale } from '#support/primitives/locale.ts';
import type { Finding, FindingClass } from './rehearse.ts';

/** Why a person was found, and what to do about it: a sentence each. */
export function findingText(finding: Finding, locale: Locale): { why: string; next: string } {
  const t = TEXTS[locale];
  const { why, next } = t[finding.class];
  const { refusal, lastLegacyAt, toldAt, smtpResponse } = finding;
  const said = [
    why,
    ...(refusal ? [t.refused(refusal.fileName, refusal.line) + refusalSentence(finding, locale)] : []),
    ...(smtpResponse ? [t.smtp(smtpResponse)] : []),
    ...(toldAt ? [t.told(japanTime(toldAt, locale))] : []),
    ...(lastLegacyAt ? [t.lastLegacy(japanTime(lastLegacyAt, locale))] : []),
  ];
  return { why: said.join(t.space), next };
}

/** The same of a class, without anything of a person. */
export function classText(name: FindingClass, locale: Locale): { why: string; next: string } {
  return TEXTS[locale][name];
}

function refusalSentence({ refusal, consoleUserId }: Finding, locale: Locale): string {
  if (!refusal) return '';
  const { line, lastLine, reason, detail } = refusal;
  // It was stored from a refusal of the import and has the fields of its reason.
  return refusalText({ ...detail, line, lastLine, reason, id: consoleUserId } as Refusal, locale);
}

const TEXTS = defineTexts({
  ja: {
    space: '',
    refused: (file: string, line: number) =>
      `最後の取り込み「${file}」の ${String(line)} 行目が取り込まれていません。理由: `,
    smtp: (response: string) => `メールサーバーの応答: ${response}。`,
    told: (at: string) => `お知らせは ${at} に届いています。`,
    lastLegacy: (at: string) => `既存ログインの最後の利用は ${at} です。`,
    'unknown-user': {
      why: '既存ログインを使っていますが、統合認証に取り込まれていません。',
      next: 'この利用者を含むファイルを取り込んでください (hitokagi import)。',
    },
    'address-shared': {
      why: '同じ管理画面のほかの利用者とメールアドレスが同じため、統合認証に取り込まれていません。',
      next: '管理画面で利用者ごとに別のメールアドレスを設定してもらい、取り込み直してください。',
    },
    'import-refused': {
      why: '統合認証に取り込まれていません。',
      next: '理由を直して、取り込み直してください。',
    },
    'account-closed': {
      why: '統合認証のアカウントが解約されていますが、既存ログインは使われています。',
      next: '利用を続ける人であればアカウントを再開し、そうでなければ管理画面の利用者も停止してください。',
    },
    'account-suspended': {
      why: '統合認証のアカウントが停止されていますが、既存ログインは使われています。',
      next: '利用を続ける人であれば停止を解除し、そうでなければ管理画面の利用者も停止してください。',
    },
    'address-differs': {
      why: '管理画面のメールアドレスと統合認証のログインIDが違い、パスワードもまだありません。本人が知っているメールアドレスではログインも設定もできません。',
      next: '管理画面のメールアドレス変更をやり直してもらうか、正しいログインIDを本人に伝えてください。',
    },
    'mail-unreachable': {
      why: 'メールが届かず、パスワードもまだないため、検証コードを受け取れません。',
      next: '本人に確かめて、メールアドレスを新しいものに変えてください。',
    },
    'not-settled': {
      why: '切替のお知らせが届いておらず、対応も済んでいません。',
      next: '別の方法で知らせて記録するか、新しいメールアドレスを設定するか、API 専用にしてください。',
    },
    'not-told': {
      why: 'この日の切替について、まだお知らせしていません。',
      next: 'お知らせを送ってください。届いてから 1 か月後より前には切り替えられません。',
    },
    'told-late': {
      why: 'お知らせが届いてから切替までが 1 か月に足りません。',
      next: '切替の日を、最後のお知らせが届いた日の 1 か月後より後にしてください。',
    },
    'no-password': {
      why: '統合認証のパスワードがまだありません。切替の後は、検証コードでパスワードを設定するとログインできます。',
      next: '必要なことはありません。早めの設定を案内すると、切替の日の問い合わせが減ります。',
    },
  },
  en: {
    space: ' ',
    refused: (file, line) => `Line ${String(line)} of the last import "${file}" was not taken: `,
    smtp: (response) => `The mail server said: ${response}.`,
    told: (at) => `The announcement was accepted on ${at}.`,
    lastLegacy: (at) => `Last sign-in at the legacy login: ${at}.`,
    'unknown-user': {
      why: 'Uses the legacy login, and has not been imported into the unified login.',
      next: 'Import a file that has this user (hitokagi import).',
    },
    'address-shared': {
      why: 'Was not imported, because another user of the same console has the same e-mail address.',
      next: 'Have each user get an address of their own in the console, and import again.',
    },
    'import-refused': {
      why: 'Has not been imported into the unified login.',
      next: 'Put the reason right and import again.',
    },
    'account-closed': {
      why: 'The account at the unified login is closed, while the legacy login is in use.',
      next: 'Reopen the account if the person stays; if not, end the user in the console too.',
    },
    'account-suspended': {
      why: 'The account at the unified login is suspended, while the legacy login is in use.',
      next: 'End the suspension if the person stays; if not, end the user in the console too.',
    },
    'address-differs': {
      why: 'The console has another address than the login ID here, and there is no password yet: with the address that the person knows they can neither sign in nor set a password.',
      next: 'Have the address changed in the console once more, or tell the person the right login ID.',
    },
    'mail-unreachable': {
      why: 'Mail does not arrive, and there is no password yet: no verification code can be received.',
      next: 'Ask the person, and change the e-mail address to a new one.',
    },
    'not-settled': {
      why: 'The announcement of the cut-over did not arrive, and nobody has settled it.',
      next: 'Tell them by other means and note it, set a new address, or mark them as API-only.',
    },
    'not-told': {
      why: 'Has not been told of a cut-over on this date.',
      next: 'Send the announcement. The cut-over cannot be earlier than one month after it has been accepted.',
    },
    'told-late': {
      why: 'There is less than a month between the announcement and the cut-over.',
      next: 'Set the cut-over no earlier than one month after the last announcement was accepted.',
    },
    'no-password': {
      why: 'Has no password at the unified login yet. After the cut-over they get in by setting one with a mailed code.',
      next: 'Nothing has to be done. Asking them to set it early keeps the support desk quiet on the day.',
    },
  },
});
