import { texts } from '#support/primitives/locale.ts';

export const gatewayTexts = texts({
  ja: {
    title: '送信状況',
    settings: '設定',
    lead: 'メッセージが携帯電話会社へ送られていく様子です。この画面を開いた時点の状況です。',
    gateways: {
      title: '送信先への接続',
      name: '接続',
      state: '状態',
      since: 'この状態になった日時',
      lastMinute: '直近1分の送信',
      speed: '1秒あたりの上限',
      error: '最後のエラー',
      none: 'なし',
      states: {
        bound: '接続中',
        resting: '休止中 (まもなく再開します)',
        connecting: '接続しています',
        away: '切断 (自動でつなぎ直します)',
      },
      empty:
        '接続はまだありません。メッセージは送信待ちのまま保管されます。続くときは、お問い合わせ窓口までご連絡ください。',
    },
    queue: {
      title: (company: string) => `${company} のメッセージ`,
      codes: '検証コードの送信待ち',
      single: '個別のメッセージの送信待ち',
      campaigns: '一斉送信の送信待ち',
      inDoubt: '届いたかどうか確認できないもの (直近7日間)',
      withoutReceipt: '配信結果が返ってこなかったもの (直近7日間)',
      count: (count: number) => `${count.toLocaleString('ja-JP')} 件`,
    },
  },
  en: {
    title: 'Sending status',
    settings: 'Settings',
    lead: 'How messages are going out to the mobile carriers, as of when you opened this page.',
    gateways: {
      title: 'Connections to carriers',
      name: 'Connection',
      state: 'State',
      since: 'Since',
      lastMinute: 'Sent in the last minute',
      speed: 'Limit per second',
      error: 'Last error',
      none: 'none',
      states: {
        bound: 'Connected',
        resting: 'Resting (resumes shortly)',
        connecting: 'Connecting',
        away: 'Disconnected (reconnects by itself)',
      },
      empty:
        'There is no connection yet. Messages are kept and wait to be sent. If this goes on, please contact support.',
    },
    queue: {
      title: (company: string) => `Messages of ${company}`,
      codes: 'Verification codes waiting',
      single: 'Single messages waiting',
      campaigns: 'Campaign messages waiting',
      inDoubt: 'Not known whether they arrived (last 7 days)',
      withoutReceipt: 'Without a delivery result (last 7 days)',
      count: (count: number) => count.toLocaleString('en-US'),
    },
  },
});
