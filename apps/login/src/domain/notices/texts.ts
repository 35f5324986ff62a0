import { defineTexts } from '#support/primitives/locale.ts';

/** The brand's words for each kind of notice, with placeholders; an operator may replace subject and body of each notice. */
export const noticeTexts = defineTexts({
  ja: {
    nameMissing: 'ご担当者',
    oldCutOverMissing: '先にお知らせした日',
    test: '【テスト送信】',
    testLead: 'これはテスト送信です。お客様には届いていません。',
    why: 'このメールは、{console}をご利用のお客様に、ログイン方法の変更をお知らせするためお送りしています。',
    whyDomains:
      'このメールは、{console}をご利用のお客様に、必要な接続先の変更をお知らせするためお送りしています。',
    never:
      'このメールの中のページを開いただけでは、何も変更されません。当社の担当者がパスワードや検証コードをお尋ねすることはありません。',
    announcement: {
      subject: '【重要】{cutOverDate}から{console}のログイン方法が変わります',
      body: `{company}
{name} 様

{cutOverDate} {cutOverTime}に、{console}のログイン方法が「{service}」（統合認証）に変わります。それ以降は、これまでのログイン画面とパスワードではログインできなくなります。

■ 変わること
・{cutOverDate} {cutOverTime}からは、統合認証のログイン画面だけでログインできます。
・ログインIDは、メールアドレス（{loginId}）です。
・{console}の内容や機能は変わりません。APIキーによるご利用も、今までどおりです。

■ 切替日までにしていただくこと（約3分）
・次のページを開き、メールアドレスを入力して送信してください。
  {firstSignInUrl}
・メールで届く検証コードと、新しいパスワードを入力してください。
・これで統合認証のパスワードが設定され、切替日を待たずに今日からお使いいただけます。

■ パスワードについて
・統合認証のパスワードは、{console}のこれまでのパスワードとは別のものです。一方を設定・変更しても、もう一方は変わりません。
・切替日までは、これまでのログイン画面とパスワードもお使いいただけます。

■ メールが届かないときは
・検証コードのメールは {sender} からお送りします。{senderDomain} からのメールを受信できるようにし、迷惑メールフォルダもご確認ください。`,
    },
    reminder: {
      subject: '【あと{daysBefore}日】{cutOverDate}から{console}のログイン方法が変わります',
      body: `{company}
{name} 様

{cutOverDate} {cutOverTime}に、{console}のログイン方法が「{service}」（統合認証）に変わります。統合認証でまだログインされていないため、あらためてお知らせします。

■ 切替日までにしていただくこと（約3分）
・次のページを開き、メールアドレス（{loginId}）を入力して送信してください。
  {firstSignInUrl}
・メールで届く検証コードと、新しいパスワードを入力してください。
・すでにパスワードを設定された方は、次のページからログインをお試しください。
  {signInUrl}

切替後は、これまでのログイン画面とパスワードではログインできません。切替後でも、上のページからパスワードを設定すればログインできます。

統合認証のパスワードは、{console}のこれまでのパスワードとは別のものです。一方を設定・変更しても、もう一方は変わりません。

検証コードのメールは {sender} からお送りします。{senderDomain} からのメールを受信できるようにし、迷惑メールフォルダもご確認ください。`,
    },
    postponed: {
      subject: '【日程変更】{console}のログイン方法の変更は{cutOverDate}になりました',
      body: `{company}
{name} 様

{oldCutOverDate}に予定していた{console}のログイン方法の変更を、{cutOverDate} {cutOverTime}に変更します。ご予定を変えていただくことになり、申し訳ございません。

・{cutOverDate} {cutOverTime}までは、これまでのログイン画面とパスワードもお使いいただけます。
・統合認証のパスワードを設定された方は、そのままお使いいただけます。設定し直す必要はありません。
・まだ設定されていない方は、{cutOverDate}までに次のページから設定してください。
  {firstSignInUrl}

統合認証のパスワードは、{console}のこれまでのパスワードとは別のものです。一方を設定・変更しても、もう一方は変わりません。

検証コードのメールは {sender} からお送りします。`,
    },
    withdrawn: {
      subject: '【訂正】{console}のこれまでのログイン方法を引き続きお使いいただけます',
      body: `{company}
{name} 様

{oldCutOverDate}とお知らせした{console}のログイン方法の変更を取りやめました。これまでのログイン画面とパスワードを、引き続きお使いいただけます。ご案内が変わり、申し訳ございません。

・お客様にしていただくことはありません。
・統合認証のパスワードを設定された方は、統合認証でもログインできます。
・二つのパスワードは別のものです。一方を設定・変更しても、もう一方は変わりません。
・あらためて変更するときは、1か月以上前にメールでお知らせします。`,
    },
    completion: {
      subject: '【完了】{console}のログイン方法が変わりました',
      body: `{company}
{name} 様

{cutOverDate} {cutOverTime}に、{console}のログイン方法が「{service}」（統合認証）に変わりました。これからは、次のページからログインしてください。

  {signInUrl}

・ログインIDは、メールアドレス（{loginId}）です。
・統合認証のパスワードをまだ設定されていない方は、次のページで設定すると、すぐにログインできます。期限はありません。
  {firstSignInUrl}
・これまでのパスワードは、{console}のログインには使えません。統合認証のパスワードとは別のもので、引き継がれていません。
・APIキーによるご利用は、今までどおりです。

検証コードのメールは {sender} からお送りします。{senderDomain} からのメールを受信できるようにし、迷惑メールフォルダもご確認ください。`,
    },
  },
  en: {
    nameMissing: 'customer',
    oldCutOverMissing: 'the date that we announced',
    test: '[Test] ',
    testLead: 'This is a test. No customer has received it.',
    why: 'You receive this mail because you use {console} and the way to sign in to it is changing.',
    whyDomains: 'You receive this mail because you use {console} and what it needs to reach is changing.',
    never:
      'Opening a page named in this mail changes nothing by itself. Our staff will never ask you for a password or a verification code.',
    announcement: {
      subject: 'Important: the way to sign in to {console} changes on {cutOverDate}',
      body: `Dear {name},
{company}

On {cutOverDate} at {cutOverTime} the way to sign in to {console} changes to “{service}”, our unified login. From then on the present sign-in page and password no longer work.

What changes:
- From {cutOverDate}, {cutOverTime}, you sign in on the page of the unified login only.
- Your login ID is your e-mail address ({loginId}).
- Nothing else in {console} changes. API keys keep working as they do.

What to do before that day (about three minutes):
- Open this page, enter your e-mail address and send it: {firstSignInUrl}
- Enter the verification code that we mail to you, and a new password.
- That sets your password for the unified login. You can use it from today on.

About passwords:
- The password of the unified login and your present password for {console} are independent. Setting or changing one never changes the other.
- Until that day the present sign-in page and password work too.

If no mail arrives:
- The mail with the code comes from {sender}. Please allow mail from {senderDomain}, and look into the spam folder.`,
    },
    reminder: {
      subject: 'Days left: {daysBefore}. The way to sign in to {console} changes on {cutOverDate}',
      body: `Dear {name},
{company}

On {cutOverDate} at {cutOverTime} the way to sign in to {console} changes to “{service}”, our unified login. You have not signed in there yet, so we remind you.

What to do before that day (about three minutes):
- Open this page, enter your e-mail address ({loginId}) and send it: {firstSignInUrl}
- Enter the verification code that we mail to you, and a new password.
- If you have set your password already, please try to sign in: {signInUrl}

After that day the present sign-in page and password no longer work. You can still set a password for the unified login on the page above.

The password of the unified login and your present password for {console} are independent. Setting or changing one never changes the other.

The mail with the code comes from {sender}. Please allow mail from {senderDomain}, and look into the spam folder.`,
    },
    postponed: {
      subject: 'New date: the way to sign in to {console} changes on {cutOverDate}',
      body: `Dear {name},
{company}

The change of the way to sign in to {console}, planned for {oldCutOverDate}, is postponed to {cutOverDate}, {cutOverTime}. We are sorry that you have to change your plans.

- Until {cutOverDate}, {cutOverTime}, the present sign-in page and password work too.
- If you have set a password for the unified login, it stays as it is. There is nothing to do again.
- If you have not, please set one before {cutOverDate}: {firstSignInUrl}

The password of the unified login and your present password for {console} are independent. Setting or changing one never changes the other.

The mail with the code comes from {sender}.`,
    },
    withdrawn: {
      subject: 'Correction: you can go on signing in to {console} as before',
      body: `Dear {name},
{company}

The change of the way to sign in to {console}, announced for {oldCutOverDate}, has been taken back. The present sign-in page and password go on working. We are sorry for the changed message.

- There is nothing that you have to do.
- If you have set a password for the unified login, you can sign in there too.
- The two passwords are independent. Setting or changing one never changes the other.
- If the change is planned again, we tell you by mail at least one month before.`,
    },
    completion: {
      subject: 'Done: the way to sign in to {console} has changed',
      body: `Dear {name},
{company}

On {cutOverDate} at {cutOverTime} the way to sign in to {console} changed to “{service}”, our unified login. From now on please sign in here:

{signInUrl}

- Your login ID is your e-mail address ({loginId}).
- If you have no password for the unified login yet, set one here and you are in; there is no time limit: {firstSignInUrl}
- Your earlier password no longer signs you in to {console}. It is not the password of the unified login and was not carried over.
- API keys keep working as they do.

The mail with the code comes from {sender}. Please allow mail from {senderDomain}, and look into the spam folder.`,
    },
  },
});
