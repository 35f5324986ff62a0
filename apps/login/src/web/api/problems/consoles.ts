import type { ProblemList } from './problem-words.ts';

/** Joined consoles, and what they were told. */
export const CONSOLE_PROBLEMS = {
  'console-unknown': [
    404,
    {
      ja: ['該当する管理画面がありません', 'このクライアントIDの管理画面は登録されていません。'],
      en: ['No such console', 'No console is registered under this client id.'],
    },
  ],
  'console-unfit': [
    422,
    {
      ja: ['登録できない内容です', '登録する内容が規則に合っていません。'],
      en: ['It cannot be registered', 'What is to be registered does not meet the rules.'],
    },
  ],
  'client-id-taken': [
    409,
    {
      ja: [
        'クライアントIDは使われています',
        'このクライアントIDの管理画面が既にあります。それを変更するか、別のIDにしてください。',
      ],
      en: [
        'The client ID is taken',
        'A console is registered under this client ID already. Change that one, or take another ID.',
      ],
    },
  ],
  'domain-list-changed': [
    409,
    {
      ja: [
        '一覧が先に変わりました',
        'ほかの担当者が新しい版を発行しています。いまの一覧を読み直してから、もう一度送ってください。',
      ],
      en: [
        'The list has changed meanwhile',
        'Somebody else has published a version. Read the list as it is now, then send the request again.',
      ],
    },
  ],
  'domain-list-unchanged': [
    409,
    {
      ja: [
        '発行することはありません',
        '発行している一覧は、いまの設定と同じです。設定か管理画面の登録を変えてから送ってください。',
      ],
      en: [
        'There is nothing to publish',
        'The published list is what the configuration says. Change the configuration or the console first.',
      ],
    },
  ],
  'domain-list-date-unfit': [
    422,
    {
      ja: ['有効にする日付が合いません', 'validFrom は、今日から400日先までの日時にしてください。'],
      en: ['The date does not fit', 'validFrom must be from today to 400 days ahead.'],
    },
  ],
  'two-secrets': [
    409,
    {
      ja: [
        'シークレットは2つまでです',
        'この管理画面には既に2つのシークレットがあります。使われていないほうを先に無効にしてください。',
      ],
      en: [
        'There are two secrets',
        'The console has two secrets already. End the one that is not used any more first.',
      ],
    },
  ],
  'secret-unknown': [
    404,
    {
      ja: [
        '該当するシークレットがありません',
        'この管理画面にそのシークレットはありません。既に無効にされたのかもしれません。',
      ],
      en: ['No such secret', 'The console has no such secret; it may have been ended already.'],
    },
  ],
  'last-secret': [
    409,
    {
      ja: [
        '最後のシークレットです',
        'この管理画面のただ1つのシークレットです。先に新しいものを作ってください。',
      ],
      en: ['The last secret', 'This is the only secret of the console. Make another one first.'],
    },
  ],
  'secret-in-use': [
    409,
    {
      ja: ['使われているシークレットです', '管理画面がこのシークレットを24時間以内に使っています。'],
      en: ['The secret is in use', 'The console used this secret in the last 24 hours.'],
    },
  ],
  'check-unknown': [
    404,
    {
      ja: ['点検の結果がありません', 'この管理画面はまだ点検されていません。ここにPOSTすると点検します。'],
      en: ['Never checked', 'This console was never checked. POST here to check it.'],
    },
  ],
  'test-unknown': [
    404,
    {
      ja: [
        'テストログインがありません',
        'この1日に、あなたがこの管理画面で始めたテストログインはありません。',
      ],
      en: ['No test sign-in', 'You have begun no test sign-in at this console in the last day.'],
    },
  ],
  'test-needs-person': [
    409,
    {
      ja: [
        '人のトークンが必要です',
        'このトークンは誰のものでもありません。テストログインは人がするものなので、自分のトークンを使ってください。',
      ],
      en: [
        'It takes a person',
        'This token belongs to nobody, and a test sign-in is that of a person. Use a token of your own.',
      ],
    },
  ],
  'legacy-uri-missing': [
    422,
    {
      ja: ['確認先のアドレスがありません', '管理画面が答えるアドレスを uri に書いてください。'],
      en: ['The address is missing', 'Say where the console answers: uri.'],
    },
  ],
  'legacy-uri-malformed': [
    422,
    {
      ja: [
        'アドレスの形が正しくありません',
        'ユーザー名とフラグメントを含まない、http(s) の絶対URLを指定してください。',
      ],
      en: [
        'The address is malformed',
        'The address must be an absolute http(s) URL without user name and fragment.',
      ],
    },
  ],
  'legacy-uri-internal': [
    422,
    {
      ja: [
        'サーバーの内部ネットワークのアドレスです',
        'そのアドレスは、このサーバーの内部ネットワークにあります。意図したものであれば、ホスト名を HITOKAGI_ALLOWED_INTERNAL_HOSTS に加えてください。',
      ],
      en: [
        'The address is internal',
        'The address lies inside the network of this server. Name its host in HITOKAGI_ALLOWED_INTERNAL_HOSTS if it is meant.',
      ],
    },
  ],
  'hashes-would-be-deleted': [
    409,
    {
      ja: [
        '取り込んだハッシュが消えます',
        'まだ取り込んだハッシュを持つ方がいます。消してよければ deleteHashes: true を送ってください。',
      ],
      en: [
        'Imported hashes would be deleted',
        'People still have an imported hash. Send deleteHashes: true to delete them.',
      ],
    },
  ],
  'stream-unknown': [
    404,
    {
      ja: ['イベントの送信先がありません', 'この管理画面には、イベントのストリームがありません。'],
      en: ['No event stream', 'This console has no event stream.'],
    },
  ],
  'delivery-unknown': [
    404,
    {
      ja: [
        '該当するログアウト通知がありません',
        'このログアウト通知はありません。90日を過ぎたものは残っていません。',
      ],
      en: ['No such logout delivery', 'There is no such logout delivery; it may be older than 90 days.'],
    },
  ],
  'delivery-not-failed': [
    409,
    {
      ja: ['断念された通知ではありません', 'この通知は断念されていません。届いたか、自動的に再送されます。'],
      en: [
        'The delivery was not given up',
        'This delivery was not given up: it has arrived, or is tried again by itself.',
      ],
    },
  ],
  'event-delivery-unknown': [
    404,
    {
      ja: [
        '該当するイベント通知がありません',
        'このイベント通知はありません。90日を過ぎたものは残っていません。',
      ],
      en: [
        'No such delivery of an event',
        'There is no such delivery of an event; it may be older than 90 days.',
      ],
    },
  ],
  'event-overtaken': [
    409,
    {
      ja: [
        '新しい状態に置き換わっています',
        'アカウントはその後に新しい状態になりました。古い通知を送ると元に戻ってしまいます。',
      ],
      en: [
        'A newer state has overtaken it',
        'The account has a newer state since; the older one would take it back.',
      ],
    },
  ],
  'audit-event-unknown': [
    404,
    {
      ja: [
        '該当する監査の記録がありません',
        'この監査の記録はありません。保存期間を過ぎた可能性があります。',
      ],
      en: ['No such audit event', 'There is no such audit event; it may be older than what is kept.'],
    },
  ],
  'directory-unknown': [
    404,
    {
      ja: [
        'ディレクトリ連携が見つかりません',
        'このIDのディレクトリ連携はありません。一覧でご確認ください。',
      ],
      en: [
        'There is no such directory',
        'There is no directory with this id. The list of the console has all.',
      ],
    },
  ],
  'directory-token-unknown': [
    404,
    {
      ja: [
        'ディレクトリ連携のトークンが見つかりません',
        'このIDのトークンはありません。一覧でご確認ください。',
      ],
      en: ['There is no such token', 'There is no token with this id. The list of directories has all.'],
    },
  ],
  'directory-token-revoked': [
    409,
    {
      ja: ['失効済みのトークンです', 'このトークンは、すでに失効しています。'],
      en: ['The token was revoked before', 'This token was revoked before. There is nothing to do.'],
    },
  ],
  'domain-malformed': [
    422,
    {
      ja: [
        'ドメインの形が正しくありません',
        'メールアドレスの@より後ろの形で指定してください。例：example.co.jp',
      ],
      en: ['A domain is malformed', 'Give domains as they stand in addresses: example.co.jp.'],
    },
  ],
} as const satisfies ProblemList;
