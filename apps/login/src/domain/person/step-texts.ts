import { japanTime } from '#support/primitives/japan-time.ts';
import { defineTexts, type Locale } from '#support/primitives/locale.ts';
import type { Step } from './step.ts';

/** What the support desk reads on the phone: where the person is stuck, in one sentence, and what to do next. */
export type StepWords = { sentence: string; next: string };

/** @param nameOf how a console is called, by its client id */
export function stepWords(step: Step, locale: Locale, nameOf: (clientId: string) => string): StepWords {
  const t = texts[locale];
  const at = (moment: Date): string => japanTime(moment, locale);
  const said = (response: string | null): string => (response ? t.said(oneLine(response)) : '');
  switch (step.kind) {
    case 'closed':
    case 'suspended':
      return {
        sentence: t[step.kind].sentence(
          step.since ? at(step.since) : null,
          step.reason ? oneLine(step.reason) : null,
        ),
        next: t[step.kind].next,
      };
    case 'code-mail-refused':
      return {
        sentence: t.refused.sentence(at(step.at), step.asked, said(step.response)),
        next: t.refused.next,
      };
    case 'code-mail-deferred':
      return { sentence: t.deferred.sentence(at(step.since), said(step.response)), next: t.deferred.next };
    case 'code-mail-waiting':
      return { sentence: t.waiting.sentence(at(step.since)), next: t.waiting.next };
    case 'guesses-used-up':
      return { sentence: t.guesses.sentence(at(step.until)), next: t.guesses.next };
    case 'tries-used-up':
      return t.tries;
    case 'code-sent':
      return { sentence: t.sent.sentence(at(step.at), at(step.until)), next: t.sent.next };
    case 'code-expired':
      return { sentence: t.expired.sentence(at(step.at)), next: t.expired.next };
    case 'only-reset':
      return { sentence: t.onlyReset.sentence(step.attempts), next: t.onlyReset.next };
    case 'delayed':
      return { sentence: t.delayed.sentence(step.attempts, at(step.until)), next: t.delayed.next };
    case 'wrong-passwords':
      return { sentence: t.wrong.sentence(step.attempts, at(step.at)), next: t.wrong.next };
    case 'mail-unreachable':
      return { sentence: t.unreachable.sentence(at(step.at), said(step.response)), next: t.unreachable.next };
    case 'address-differs':
      return { sentence: t.differs.sentence(nameOf(step.clientId), step.address), next: t.differs.next };
    case 'no-password':
      return { sentence: t.noPassword.sentence(legacyWords(), step.attempts), next: t.noPassword.next };
    case 'ready':
      return {
        sentence: t.ready.sentence(step.lastUnifiedAt ? at(step.lastUnifiedAt) : null),
        next: t.ready.next,
      };
  }

  function legacyWords(): string {
    if (step.kind !== 'no-password') return '';
    const { legacy } = step;
    switch (legacy.state) {
      case 'works':
        return t.legacy.works(nameOf(legacy.clientId), legacy.until ? at(legacy.until) : null);
      case 'ended':
        return t.legacy.ended(nameOf(legacy.clientId), at(legacy.at));
      case 'none':
        return '';
    }
  }
}

/** What a mail server said may have several lines; an operator's reason too. */
function oneLine(text: string): string {
  const flat = text.replaceAll(/\s+/gu, ' ').trim();
  return flat.length > 200 ? `${flat.slice(0, 200)}…` : flat;
}

const texts = defineTexts({
  ja: {
    said: (response: string) => `（相手の返答：${response}）`,
    closed: {
      sentence: (since: string | null, reason: string | null) =>
        `${since ? `${since}に` : ''}解約済みのアカウントです。${reason ? `理由：${reason}` : ''}`,
      next: 'ログインもパスワードの設定もできません。再開できるのは管理者だけです。',
    },
    suspended: {
      sentence: (since: string | null, reason: string | null) =>
        `${since ? `${since}から` : ''}利用を停止しています。${reason ? `理由：${reason}` : ''}`,
      next: 'ログインもパスワードの設定もできません。停止の理由が解消していれば、利用を再開してください。',
    },
    refused: {
      sentence: (at: string, asked: number, said: string) =>
        `検証コードを${asked}回申し込みましたが、${at}のメールは届いていません。相手のメールサーバーに拒否されました${said}。`,
      next: 'メールアドレスが正しいか、メールボックスが使えるかをお客様に確かめてください。アドレスが変わっている場合は「ログインIDを変更する」へ進みます。',
    },
    deferred: {
      sentence: (at: string, said: string) =>
        `${at}の検証コードのメールを、相手のメールサーバーがまだ受け取っていません。自動で送り直しています${said}。`,
      next: '数分待ってもらってください。続く場合は、お客様の会社のメール担当者に、当社からのメールを受け取れるか確認を依頼してください。',
    },
    waiting: {
      sentence: (at: string) => `${at}に検証コードの申し込みがあり、メールは送信待ちです。`,
      next: '1分ほど待ち、このページを開き直してください。何分も変わらない場合は、概況の「送信待ちのメール」を確認してください。',
    },
    guesses: {
      sentence: (until: string) =>
        `違う検証コードの入力が1日の上限に達したため、${until}まで検証コードを受け付けません。`,
      next: '本人の入力か確かめてください。心当たりがなければ、他人が試している疑いがあります。上限は短縮できません。',
    },
    tries: {
      sentence: '違う検証コードが5回入力されたため、今の検証コードは使えません。',
      next: '検証コードを送り直し、新しいメールの8桁を入力してもらってください。',
    },
    sent: {
      sentence: (at: string, until: string) =>
        `${at}に検証コードのメールが相手のメールサーバーに届いています。コードは${until}まで使えます。`,
      next: '迷惑メールのフォルダーも見てもらい、申し込んだ画面に8桁を入力してもらってください。見つからなければ検証コードを送り直します。',
    },
    expired: {
      sentence: (at: string) => `${at}の検証コードは、入力されないまま期限が切れました。`,
      next: '申し込んだ画面を開いたまま、検証コードを送り直してください。画面を閉じた場合は、ログイン画面の「パスワードを忘れた方はこちら」からやり直してもらいます。',
    },
    onlyReset: {
      sentence: (attempts: number) =>
        `パスワードの間違いが${attempts}回続いたため、パスワードを設定し直すまでログインできません。`,
      next: '「パスワードを忘れた方はこちら」から設定し直してもらってください。本人が正しいパスワードを覚えている場合は、待ち時間を解除できます。',
    },
    delayed: {
      sentence: (attempts: number, until: string) =>
        `パスワードの間違いが${attempts}回続いたため、${until}までログインを受け付けません。`,
      next: '時刻まで待つか、本人と確かめられたら待ち時間を解除します。パスワードが分からない場合は、待たずに「パスワードを忘れた方はこちら」から設定し直せます。',
    },
    wrong: {
      sentence: (attempts: number, at: string) =>
        `パスワードの間違いが${attempts}回続いています（最後は${at}）。`,
      next: '管理画面の従来のパスワードを入力していないか確かめてください。分からない場合は「パスワードを忘れた方はこちら」から設定し直してもらいます。',
    },
    unreachable: {
      sentence: (at: string, said: string) =>
        `パスワードが未設定で、${at}のメールが届いていません${said}。検証コードも届かないおそれがあります。`,
      next: 'メールアドレスが正しいか、メールボックスが使えるかをお客様に確かめてください。アドレスが変わっている場合は「ログインIDを変更する」へ進みます。',
    },
    differs: {
      sentence: (console: string, address: string) =>
        `パスワードが未設定で、${console}に登録のアドレス（${address}）がログインIDと違います。`,
      next: 'お客様が使えるアドレスを確かめてください。ログインIDのほうが古い場合は「ログインIDを変更する」へ進みます。',
    },
    legacy: {
      works: (console: string, until: string | null) =>
        until
          ? `${console}の既存ログインは${until}まで使えます。`
          : `${console}の既存ログインは使えます（終了日は未定）。`,
      ended: (console: string, at: string) => `${console}の既存ログインは${at}に終了しました。`,
    },
    noPassword: {
      sentence: (legacy: string, attempts: number) =>
        `統合認証のパスワードを、まだ一度も設定していません。${attempts > 0 ? `パスワードの入力を${attempts}回試しています（従来のパスワードでは入れません）。` : ''}${legacy}`,
      next: '「設定の案内を送る」でメールを送るか、ログイン画面の「パスワードを忘れた方はこちら」へ案内してください。検証コードは、ご本人がその画面で申し込みます。',
    },
    ready: {
      sentence: (last: string | null) =>
        last
          ? `手続きは済んでいて、いつでもログインできます。最後のログインは${last}です。`
          : 'パスワードは設定済みで、いつでもログインできます。管理画面へのログインはまだありません。',
      next: 'ログインできない場合は、表示された文言とエラー番号をたずねてください。同じネットワークの利用が集中したときは、5分ほど待つと入れます。',
    },
  },
  en: {
    said: (response) => ` (the mail server said: ${response})`,
    closed: {
      sentence: (since, reason) =>
        `The account was closed${since ? ` on ${since}` : ''}.${reason ? ` Reason: ${reason}` : ''}`,
      next: 'Neither signing in nor setting a password works. Only an administrator can reinstate it.',
    },
    suspended: {
      sentence: (since, reason) =>
        `Suspended${since ? ` since ${since}` : ''}.${reason ? ` Reason: ${reason}` : ''}`,
      next: 'Neither signing in nor setting a password works. Reinstate the account once the reason is gone.',
    },
    refused: {
      sentence: (at, asked, said) =>
        `Asked for a code ${asked === 1 ? 'once' : `${asked} times`}; the mail of ${at} did not arrive: the mail server refused it${said}.`,
      next: 'Ask whether the address is right and the mailbox in use. If the address has changed, change the login ID.',
    },
    deferred: {
      sentence: (at, said) =>
        `The mail server has not taken the code mail of ${at} yet; it is being tried again by itself${said}.`,
      next: 'Have them wait some minutes. If it goes on, ask their mail administrator whether mail from us is let through.',
    },
    waiting: {
      sentence: (at) => `A code was asked for on ${at}; the mail is waiting to be sent.`,
      next: 'Wait a minute and open this page again. If nothing changes for minutes, look at the waiting mails of the overview.',
    },
    guesses: {
      sentence: (until) => `Too many wrong codes within a day: none is taken until ${until}.`,
      next: 'Ask whether it was them. If not, somebody else may be trying. The limit cannot be shortened.',
    },
    tries: {
      sentence: 'A wrong code was typed five times: the codes sent so far are void.',
      next: 'Send the code again and have them type the eight figures of the new mail.',
    },
    sent: {
      sentence: (at, until) => `The mail server took the code mail of ${at}; the code works until ${until}.`,
      next: 'Have them look in the spam folder too, and type the eight figures on the page where they asked. If it is nowhere, send the code again.',
    },
    expired: {
      sentence: (at) => `The code of ${at} ran out before it was typed.`,
      next: 'With their page still open, send the code again. If they closed it, they begin anew with “Forgot your password?” on the sign-in page.',
    },
    onlyReset: {
      sentence: (attempts) =>
        `${attempts} wrong passwords in a row: only setting a new password lets them in.`,
      next: 'Have them set a new one with “Forgot your password?”. If they know the right one, you can clear the delay.',
    },
    delayed: {
      sentence: (attempts, until) =>
        `${attempts} wrong passwords in a row: sign-ins are refused until ${until}.`,
      next: 'Wait, or clear the delay once you are sure who is calling. Who does not know the password can set a new one at once with “Forgot your password?”.',
    },
    wrong: {
      sentence: (attempts, at) =>
        `${attempts === 1 ? 'One wrong password' : `${attempts} wrong passwords in a row`}, lastly on ${at}.`,
      next: 'Ask whether they typed the earlier password of a console. If they do not know it, they set a new one with “Forgot your password?”.',
    },
    unreachable: {
      sentence: (at, said) =>
        `No password yet, and the mail of ${at} did not arrive${said}. A code may not arrive either.`,
      next: 'Ask whether the address is right and the mailbox in use. If the address has changed, change the login ID.',
    },
    differs: {
      sentence: (console, address) =>
        `No password yet, and ${console} has another address (${address}) than the login ID.`,
      next: 'Ask which address they can read. If the login ID is the outdated one, change it.',
    },
    legacy: {
      works: (console, until) =>
        until
          ? ` The legacy login of ${console} works until ${until}.`
          : ` The legacy login of ${console} works; no end is set.`,
      ended: (console, at) => ` The legacy login of ${console} ended on ${at}.`,
    },
    noPassword: {
      sentence: (legacy, attempts) =>
        `Has never set a password at the unified login.${attempts > 0 ? ` ${attempts === 1 ? 'One attempt' : `${attempts} attempts`} to sign in: earlier passwords do not work here.` : ''}${legacy}`,
      next: 'Send them the mail that explains it, or lead them to “Forgot your password?” on the sign-in page. They ask for the code there themselves.',
    },
    ready: {
      sentence: (last) =>
        last
          ? `Everything is set up; they can sign in at any time. Last sign-in: ${last}.`
          : 'A password is set; they can sign in at any time. They have not entered a console yet.',
      next: 'If they cannot get in, ask for the words and the number on the page. Where many share a network, five minutes of waiting help.',
    },
  },
});
