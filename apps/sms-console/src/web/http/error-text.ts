import { texts } from '#support/primitives/locale.ts';

export const errorTexts = texts({
  ja: {
    number: '受付番号',
    home: 'ホームへ',
    back: '前のページを開き直す',
    kinds: {
      'not-found': {
        heading: 'ページが見つかりません',
        lead: 'アドレスが間違っているか、ページがなくなりました。ホームからお進みください。',
      },
      forged: {
        heading: 'もう一度操作してください',
        lead: '画面を開いてから時間がたったか、Cookie が使えないため、受け付けられませんでした。前のページを開き直してから、もう一度操作してください。何も変更されていません。',
      },
      role: {
        heading: 'この操作はできません',
        lead: 'ご利用者の権限では行えない操作です。必要なときは、会社の管理者に権限の変更を依頼してください。',
      },
      bad: {
        heading: '受け付けられませんでした',
        lead: '送られた内容を読み取れませんでした。前のページを開き直してから、もう一度お試しください。何も変更されていません。',
      },
      unavailable: {
        heading: 'ただいまご利用いただけません',
        lead: '一時的に混み合っているか、準備中です。しばらくしてからもう一度お試しください。',
      },
      broken: {
        heading: '問題が起きました',
        lead: '申し訳ございません。しばらくしてからもう一度お試しのうえ、続くときは受付番号を添えてお問い合わせください。',
      },
    },
  },
  en: {
    number: 'Reference',
    home: 'Go to the home page',
    back: 'Open the previous page again',
    kinds: {
      'not-found': {
        heading: 'This page does not exist',
        lead: 'The address is wrong or the page is gone. Please go on from the home page.',
      },
      forged: {
        heading: 'Please do that once more',
        lead: 'The page was open for too long, or your browser does not accept cookies. Open the previous page again and repeat what you did. Nothing was changed.',
      },
      role: {
        heading: 'You may not do this',
        lead: 'Your role does not include it. If you need it, ask an administrator of your company to change your role.',
      },
      bad: {
        heading: 'This could not be accepted',
        lead: 'What was sent could not be read. Open the previous page again and repeat what you did. Nothing was changed.',
      },
      unavailable: {
        heading: 'Not available at the moment',
        lead: 'The service is busy or being prepared. Please try again in a while.',
      },
      broken: {
        heading: 'Something went wrong',
        lead: 'We are sorry. Please try again in a while; if it goes on, tell us the reference below.',
      },
    },
  },
});
export type ErrorKind = keyof (typeof errorTexts)['ja']['kinds'];
