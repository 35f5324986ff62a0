import { defineTexts } from '#support/primitives/locale.ts';

/** What the page says on which a person proves the new mailbox of a change that an operator began. */
export const texts = defineTexts({
  ja: {
    title: 'メールアドレスの確認',
    lead: 'ログインIDを、このメールが届いたアドレスに変更します。メールに書かれた検証コードを入力してください。',
    submit: '変更を確定する',
    nothingYet: 'コードを入力するまで、ログインIDは変わりません。',
    mailHelp: (sender: string) =>
      `送信元は ${sender} です。迷惑メールフォルダーもご確認ください。遅れて届いた1通前のコードも使えます。`,
    done: {
      title: 'ログインIDを変更しました',
      lead: 'これからは、新しいメールアドレスでログインしてください。',
      loginId: '新しいログインID',
      password: 'パスワードが分からない場合は、続けて設定できます。',
      set: 'パスワードを設定する',
      home: 'ログイン画面へ',
    },
    ended: {
      title: 'このページは使えません',
      lead: 'お手続きが終わっているか、期限（24時間）を過ぎているか、ページのアドレスが正しくありません。',
    },
    'changed-meanwhile': {
      title: 'この変更は取りやめになりました',
      lead: 'お申し込みのあとにログインIDが別の方法で変更されたため、この変更は行いませんでした。',
    },
    'kept-by-administrators': {
      title: 'この変更は取りやめになりました',
      lead: 'お申し込みのあとに統合認証の運用を担当されるようになったため、ログインIDは統合認証の管理者だけが変更できます。何も変更していません。',
    },
    'address-taken': {
      title: 'このメールアドレスには変更できません',
      lead: 'このメールアドレスは、すでに別のログインIDとして使われています。何も変更していません。',
    },
    'address-reserved': {
      title: 'このメールアドレスにはまだ変更できません',
      lead: 'このメールアドレスは最近まで別のログインIDだったため、元の持ち主のために取り置かれています。何も変更していません。',
    },
    next: '次にできること',
    nextSteps: [
      '新しいメールアドレスでログインできるか、お試しください。',
      '変更が必要な場合は、もう一度ご依頼ください。',
    ],
    home: 'ログイン画面へ',
  },
  en: {
    title: 'Confirm the new address',
    lead: 'This makes the address that the mail came to your login ID. Enter the verification code from the mail.',
    submit: 'Confirm the change',
    nothingYet: 'Your login ID does not change until the code is entered.',
    mailHelp: (sender: string) =>
      `The mail comes from ${sender}. Please look into your spam folder too. A late code, the one before the newest, works as well.`,
    done: {
      title: 'Your login ID has changed',
      lead: 'From now on please sign in with the new e-mail address.',
      loginId: 'Your new login ID',
      password: 'If you do not know your password, you can set one now.',
      set: 'Set a password',
      home: 'To the sign-in page',
    },
    ended: {
      title: 'This page cannot be used',
      lead: 'The change is finished, more than 24 hours old, or the address of the page is not right.',
    },
    'changed-meanwhile': {
      title: 'This change was called off',
      lead: 'The login ID was changed in another way since this change was asked for, so this one was not made.',
    },
    'kept-by-administrators': {
      title: 'This change was called off',
      lead: 'Since this change was asked for you have come to help running the unified login, so only its administrators can change your login ID. Nothing was changed.',
    },
    'address-taken': {
      title: 'This address cannot be your login ID',
      lead: 'This e-mail address is another login ID already. Nothing was changed.',
    },
    'address-reserved': {
      title: 'This address cannot be your login ID yet',
      lead: 'Until lately this e-mail address was another login ID, and it is kept for its former owner. Nothing was changed.',
    },
    next: 'What you can do next',
    nextSteps: [
      'Try to sign in with the new e-mail address.',
      'If the change is still needed, ask for it again.',
    ],
    home: 'To the sign-in page',
  },
});
