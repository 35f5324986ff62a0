import { defineTexts } from '#support/primitives/locale.ts';

export const bounceTexts = defineTexts({
  ja: {
    title: '戻ってきたメールの読み込み',
    lead: 'お知らせのメールが相手に届かず、配達できないという通知（バウンス）が送信元の受信箱に戻ってきたときに読み込みます。届かなかった人が分かり、対応できるようになります。',
    files: '通知のファイル',
    help: (limit: string, most: string) =>
      `メールソフトで保存した .eml ファイル（複数選べます）か、フォルダーを書き出した mbox ファイル。合わせて${limit}、${most}通まで`,
    again:
      '同じ通知を何度送っても、一度だけ数えます。途中で止まったときは、同じファイルをもう一度送ってください。',
    send: '読み込む',
    back: '戻る',
    more: '続けて読み込む',
    problems: '次の点をご確認ください',
    problemWords: {
      'file-missing': () => '通知のファイルを選んでください。',
      'too-large': (limit: string) =>
        `ファイルが合わせて${limit}を超えています。何も読み込んでいません。何回かに分けて送ってください。`,
      'too-many': (_limit: string, most: string) =>
        `通知が${most}通を超えています。何も読み込んでいません。何回かに分けて送ってください。`,
    },
    wasRead: (count: string) => `${count}通を読みました`,
    someNot: '読み取れない通知がありました。理由と、することを下に示します。',
    summary: '読み込みの結果',
    each: '一通ずつの結果',
    result: '結果',
    count: '通数',
    meaning: '意味と、すること',
    mail: 'ファイル',
    nth: (number: string) => `${number}通目`,
    person: '人',
    status: (code: string) => `状態コード：${code}`,
    todo: '対応',
    settle: '対応する',
    verdicts: {
      bounced: '戻ってきた',
      'under-way': 'まだ送信中',
      'no-returned-headers': '元のメールなし',
      'not-a-notification': '配達の通知ではない',
      'too-large': '大きすぎる',
      'not-ours': 'お知らせのものではない',
      delayed: '遅れている',
      'nothing-to-do': '変更なし',
      known: '読み込み済み',
    },
    meanings: {
      bounced: 'この人を「届いていない人」に加えました。一人ずつ対応してください。',
      'under-way': 'この人への送信がまだ終わっていません。数分後に同じファイルをもう一度送ってください。',
      'no-returned-headers':
        '元のメールのヘッダーが付いていないので、どのメールのことか確かめられません。メールソフトから転送せずに、届いたままの通知を保存してください。それでも付いていなければ、メールサーバーの管理者に、ヘッダーを付けて返すよう頼んでください。',
      'not-a-notification':
        '返信や不在の知らせなど、ほかのメールか、メールではないファイルです。人からの返信なら、読んで答えてください。',
      'too-large': '1通が1 MBを超えています。元のメールの添付を除いて保存し直してください。',
      'not-ours':
        'このサービスのお知らせに対する通知ではないか、送り先と違うアドレスについての通知です。何もする必要はありません。',
      delayed: '配達が遅れています。まだ届くことがあるので、届いていない人には加えていません。',
      'nothing-to-do': '配達できたという知らせか、すでに結果の出ている人への通知です。',
      known: '前に読み込んだ通知です。二度は数えません。',
    },
  },
  en: {
    title: 'Read mails that came back',
    lead: 'When a notice could not be delivered, its sender’s mailbox gets a notification of that (a bounce). Hand them in here: whom the notice did not reach is then known and can be settled.',
    files: 'Files of notifications',
    help: (limit, most) =>
      `.eml files as a mail program saves them (choose several at once), or a folder exported as an mbox file. Together at most ${limit} and ${most} mails`,
    again:
      'A notification counts once, however often it is handed in. If something stops half-way, hand the same file in again.',
    send: 'Read them',
    back: 'Back',
    more: 'Read more',
    problems: 'Please check the following',
    problemWords: {
      'file-missing': () => 'Choose the files of notifications.',
      'too-large': (limit) =>
        `The files are larger than ${limit} together. Nothing was read. Hand them in in several parts.`,
      'too-many': (_limit, most) =>
        `These are more than ${most} mails. Nothing was read. Hand them in in several parts.`,
    },
    wasRead: (count) => (count === '1' ? '1 mail was read' : `${count} mails were read`),
    someNot: 'Some could not be recognised. Why, and what to do, is said below.',
    summary: 'Result',
    each: 'Mail by mail',
    result: 'Result',
    count: 'Mails',
    meaning: 'What it means, and what to do',
    mail: 'File',
    nth: (number) => `Mail ${number}`,
    person: 'Person',
    status: (code) => `Status code: ${code}`,
    todo: 'What to do',
    settle: 'Settle',
    verdicts: {
      bounced: 'Came back',
      'under-way': 'Still under way',
      'no-returned-headers': 'Without the mail',
      'not-a-notification': 'No notification',
      'too-large': 'Too large',
      'not-ours': 'Not of a notice',
      delayed: 'Late',
      'nothing-to-do': 'Changes nothing',
      known: 'Read before',
    },
    meanings: {
      bounced: 'These people count as not reached now. Settle each.',
      'under-way':
        'The mail to this person is still on its way. Hand the same file in again in some minutes.',
      'no-returned-headers':
        'The headers of the returned mail are missing, so nobody can tell which mail it is about. Save the notification as it arrived, not forwarded. If they are still missing, ask the administrator of the mail server to return them.',
      'not-a-notification':
        'Some other mail, such as a reply or a note of absence, or no mail at all. If a person has replied, read it and answer.',
      'too-large': 'One mail is larger than 1 MB. Save it without the attachments of the returned mail.',
      'not-ours':
        'It is not about a notice of this service, or about another address than the mail went to. Nothing has to be done.',
      delayed: 'It is late and may still arrive, so the person does not count as not reached.',
      'nothing-to-do': 'It tells of a success, or of somebody whose result is known.',
      known: 'It was read before. It does not count twice.',
    },
  },
});
