import { texts } from '#support/primitives/locale.ts';

export const signedOutTexts = texts({
  ja: {
    title: 'ログアウトしました',
    heading: 'ログアウトしました',
    lead: (console: string) => `${console} からログアウトしました。`,
    shared: '共用のパソコンをお使いのときは、ブラウザーのウィンドウも閉じてください。',
    again: 'ログイン画面へ',
    unifiedFailed: {
      label: 'ご注意',
      title: '統合認証からはログアウトできていません',
      body: '統合認証につながらなかったため、この管理画面だけからログアウトしました。ほかの管理画面はログインしたままの場合があります。しばらくしてから、次のリンクでもう一度ログアウトしてください。',
      link: '統合認証の画面へ',
    },
  },
  en: {
    title: 'Signed out',
    heading: 'You are signed out',
    lead: (console: string) => `You have been signed out of ${console}.`,
    shared: 'If you share this computer with others, please close the browser window as well.',
    again: 'Go to the sign-in page',
    unifiedFailed: {
      label: 'Please note',
      title: 'You are not signed out of the unified login',
      body: 'The unified login could not be reached, so you are signed out of this console only. Other consoles may still be signed in. Please sign out there again in a while, by the following link.',
      link: 'Go to the unified login',
    },
  },
});
