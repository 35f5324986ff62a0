import { defineTexts } from '#support/primitives/locale.ts';
import type { SettingGroup, SettingKey } from './table.ts';

type Name = {
  name: string;
  /** What it is for, and what it does. */
  help: string;
};

/** What settings and their groups are called, for pages, API, command line and documents. */
export const SETTING_NAMES: {
  readonly [L in 'ja' | 'en']: {
    readonly groups: Readonly<Record<SettingGroup, { name: string; lead: string }>>;
    readonly settings: Readonly<Record<SettingKey, Name>>;
    readonly choices: Readonly<Record<string, string>>;
  };
} = defineTexts({
  ja: {
    groups: {
      brand: { name: 'ブランド', lead: 'お客様の画面とメールに出る名前と色です。' },
      texts: { name: '文面', lead: 'お客様の画面とメールに入る、会社からのご案内です。' },
      sender: { name: 'メールの差出人', lead: '統合認証が送るすべてのメールの差出人です。' },
      password: { name: 'パスワードの条件', lead: '新しく設定するパスワードに求める条件です。' },
      limits: { name: '制限', lead: '検証コード、ログイン、お知らせの送信の上限です。' },
      retention: { name: '記録の保存期間', lead: '期間を過ぎた記録は、1時間ごとに消去します。' },
    },
    settings: {
      brandNameJa: { name: '名前（日本語）', help: '画面の上部、メールの件名と末尾に出ます。' },
      brandNameEn: { name: '名前（英語）', help: '英語の画面とメールに出ます。' },
      keyColour: {
        name: 'キーカラー',
        help: '#と6桁の16進数。ほかの色はここから作ります。メールでは白い文字の背景になるため、白とのコントラストが4.5以上の色にします。',
      },
      supportJa: { name: 'お問い合わせ先（日本語）', help: '各画面の下部とメールの末尾に出ます。' },
      supportEn: { name: 'お問い合わせ先（英語）', help: '英語の画面とメールに出ます。' },
      helpJa: {
        name: 'ログイン画面のご案内（日本語）',
        help: 'ログイン画面の下に出る一文。メンテナンスの予告などに使えます。',
      },
      helpEn: { name: 'ログイン画面のご案内（英語）', help: '英語のログイン画面に出ます。' },
      mailFooterJa: {
        name: 'メールの末尾（日本語）',
        help: 'お問い合わせ先のあとに入ります。会社名や所在地など。改行できます。',
      },
      mailFooterEn: { name: 'メールの末尾（英語）', help: '英語のメールに入ります。改行できます。' },
      senderName: { name: '差出人の名前', help: 'メールソフトの差出人の欄に出ます。' },
      senderAddress: {
        name: '差出人のアドレス',
        help: '変える前に、このドメインのSPF・DKIM・DMARCが新しい差出人を認めることをご確認ください。お客様の受信設定の案内にも出ます。',
      },
      replyTo: { name: '返信先（Reply-To）', help: '空欄なら差出人に届きます。' },
      passwordProfile: {
        name: '条件の種類',
        help: 'すでに設定されたパスワードは、次に変えるときまでそのまま使えます。',
      },
      passwordMinimumLength: {
        name: '最小の文字数',
        help: '文字の種類を求めないときは15以上にします。最大は128文字です。',
      },
      sendPauseSeconds: {
        name: '検証コードの再送の間隔（秒）',
        help: '同じメールアドレスへ次のコードを送れるまでの時間。',
      },
      sendsPerQuarterHour: {
        name: '検証コードの送信（15分あたり）',
        help: '同じメールアドレスへ15分に送る回数の上限。',
      },
      sendsPerDay: {
        name: '検証コードの送信（1日あたり）',
        help: '同じメールアドレスへ1日に送る回数の上限。',
      },
      sendsPerHourAndNetwork: {
        name: '検証コードの送信（接続元ごと、1時間あたり）',
        help: '同じIPアドレスから1時間に頼める回数の上限。大きな会社は全員が同じIPアドレスから来ることがあります。',
      },
      guessesPerDay: {
        name: '検証コードの入力間違い（1日あたり）',
        help: '1つのアカウントで1日に間違えられる回数。',
      },
      freeSignInAttempts: {
        name: '待たずに試せるログインの回数',
        help: 'これを超えると、次に試せるまでの時間が1秒から15分まで延びていきます。',
      },
      signInAttemptsPerNetwork: {
        name: 'ログインの失敗（接続元ごと、5分あたり）',
        help: '同じIPアドレスから5分に失敗できる回数の上限。',
      },
      noticesPerSecond: {
        name: 'お知らせの送信速度（1秒あたりの通数）',
        help: 'サーバーの台数にかかわらず、全体での速さです。',
      },
      keepAuditDays: { name: '監査の記録（日）', help: '0はずっと保存します。' },
      keepMailDays: { name: 'メールの送信記録（日）', help: 'アカウントの画面で見られる期間です。' },
      keepDeliveryDays: {
        name: '管理画面への通知の記録（日）',
        help: 'ログアウトと、アカウントの変更の通知の記録です。',
      },
    },
    choices: {
      classes: '英小文字・英大文字・数字・記号をすべて含める',
      length: '文字の種類を求めず、長くする（15文字以上）',
    },
  },
  en: {
    groups: {
      brand: { name: 'Brand', lead: 'The name and colour of customers’ pages and mails.' },
      texts: { name: 'Texts', lead: 'What the company says on customers’ pages and in mails.' },
      sender: { name: 'Mail sender', lead: 'The sender of every mail of the unified login.' },
      password: { name: 'Password rules', lead: 'What a new password needs.' },
      limits: { name: 'Limits', lead: 'How often codes, sign-ins and notices may be.' },
      retention: { name: 'Retention', lead: 'What is older is removed within the hour.' },
    },
    settings: {
      brandNameJa: {
        name: 'Name (Japanese)',
        help: 'At the top of pages, in the subject and at the end of mails.',
      },
      brandNameEn: { name: 'Name (English)', help: 'On English pages and in English mails.' },
      keyColour: {
        name: 'Key colour',
        help: '# and six hexadecimal digits. The other colours follow from it. White letters stand on it in mails, so it must have a contrast of at least 4.5 to white.',
      },
      supportJa: {
        name: 'Whom to ask (Japanese)',
        help: 'At the bottom of every page and at the end of mails.',
      },
      supportEn: { name: 'Whom to ask (English)', help: 'On English pages and in English mails.' },
      helpJa: {
        name: 'Word on the sign-in page (Japanese)',
        help: 'One sentence below the sign-in form, for example of coming maintenance.',
      },
      helpEn: { name: 'Word on the sign-in page (English)', help: 'On the English sign-in page.' },
      mailFooterJa: {
        name: 'End of mails (Japanese)',
        help: 'After “whom to ask”: the company’s name and address, for example. May have several lines.',
      },
      mailFooterEn: { name: 'End of mails (English)', help: 'In English mails. May have several lines.' },
      senderName: { name: 'Sender’s name', help: 'What mail programs show as the sender.' },
      senderAddress: {
        name: 'Sender’s address',
        help: 'Make sure first that SPF, DKIM and DMARC of this domain allow the new sender. Customers are told to let it through their filters.',
      },
      replyTo: { name: 'Reply-To', help: 'When empty, answers go to the sender.' },
      passwordProfile: {
        name: 'Kind of rules',
        help: 'Passwords that are set already stay good until they are changed.',
      },
      passwordMinimumLength: {
        name: 'Least number of characters',
        help: 'At least 15 where no classes are asked for. At most 128 characters are taken.',
      },
      sendPauseSeconds: {
        name: 'Pause between codes (seconds)',
        help: 'Until the next code can be sent to the same address.',
      },
      sendsPerQuarterHour: {
        name: 'Codes sent in 15 minutes',
        help: 'To the same address within a quarter of an hour, at most.',
      },
      sendsPerDay: { name: 'Codes sent a day', help: 'To the same address within a day, at most.' },
      sendsPerHourAndNetwork: {
        name: 'Codes an hour for one origin',
        help: 'Asked for from the same IP address within an hour, at most. Everybody in a large company may come from one.',
      },
      guessesPerDay: { name: 'Wrong codes a day', help: 'For one account within a day, at most.' },
      freeSignInAttempts: {
        name: 'Sign-in attempts without a wait',
        help: 'After these the wait before the next grows from one second to 15 minutes.',
      },
      signInAttemptsPerNetwork: {
        name: 'Failed sign-ins of one origin in 5 minutes',
        help: 'From the same IP address, at most.',
      },
      noticesPerSecond: {
        name: 'Notices a second',
        help: 'Of the whole installation, however many servers it has.',
      },
      keepAuditDays: { name: 'Audit log (days)', help: '0 keeps it for ever.' },
      keepMailDays: { name: 'Fate of mails (days)', help: 'As long as an account’s page shows it.' },
      keepDeliveryDays: {
        name: 'What consoles were told (days)',
        help: 'Logouts, and events of accounts.',
      },
    },
    choices: {
      classes: 'A lower-case letter, an upper-case letter, a digit and a symbol',
      length: 'No classes of characters, but more of them (15 or more)',
    },
  },
});
