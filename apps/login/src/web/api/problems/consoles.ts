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
} as const satisfies ProblemList;
