import { defineTexts } from '#support/primitives/locale.ts';

export const texts = defineTexts({
  ja: {
    title: '新しいパスワードの設定',
    lead: (console: string) =>
      `${console}のこれまでのパスワードを確認しました。統合認証では条件を満たすパスワードが必要なため、ここで新しいパスワードをお決めください。`,
    independent: (console: string) =>
      `${console}の従来のパスワードは変わりません。次回から統合認証では、ここで決めるパスワードをお使いください。`,
    endedTitle: 'もう一度ログインをお願いします',
    endedLead:
      'この画面は、ログインしたブラウザーで15分間、1回だけお使いいただけます。もう一度ログインすると、続きからお手続きいただけます。',
    again: 'ログイン画面に戻る',
  },
  en: {
    title: 'Choose a new password',
    lead: (console) =>
      `Your earlier password of ${console} is right. The unified login asks for one that meets its rules, so please choose a new password here.`,
    independent: (console) =>
      `The earlier password of ${console} does not change. From now on use the one that you choose here at the unified login.`,
    endedTitle: 'Please sign in once more',
    endedLead:
      'This page works once, for 15 minutes, in the browser that you signed in with. Sign in once more to go on.',
    again: 'Back to the sign-in page',
  },
});
