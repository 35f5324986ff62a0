import { texts } from '#support/primitives/locale.ts';

export const peopleTexts = texts({
  ja: {
    title: 'メンバー',
    lead: 'この管理画面を使える、会社の方々です。',
    caption: (company: string) => `${company} のメンバー`,
    name: '氏名',
    address: 'メールアドレス',
    role: '権限',
    state: '状態',
    action: '操作',
    change: '変更',
    you: '(ご自身)',
    next: '続きを見る',
    first: '最初へ',
    roles: { administrator: '管理者', sender: '送信担当', viewer: '閲覧のみ' },
    roleHelp: {
      administrator: '送信に加えて、メンバー・APIキー・送信の設定を変更できます。',
      sender: 'メッセージの作成と送信、宛先とテンプレートの変更ができます。',
      viewer: '送信結果などを見ることだけができます。',
    },
    states: {
      active: '利用中',
      waiting: '登録待ち',
      refused: '登録できません',
      inactive: '停止中',
    },
    refused: {
      'address-taken':
        'このメールアドレスは統合認証に登録できませんでした。別のメールアドレスで追加し直すか、お問い合わせ窓口にご連絡ください。',
      other: '統合認証に登録できませんでした。お問い合わせ窓口にご連絡ください。',
    },
    errorTitle: '入力内容をご確認ください',
    add: {
      title: 'メンバーの追加',
      address: 'メールアドレス',
      addressHelp: 'ご案内のメールをこのアドレスにお送りします。ログインにも使います。',
      language: '言語',
      button: '追加する',
      errors: {
        'name-missing': '氏名を入力してください。',
        'name-too-long': '氏名は100文字以内で入力してください。',
        'address-malformed': 'メールアドレスを確認してください。例: hanako@example.co.jp',
        'address-here':
          'このメールアドレスの方は、すでにメンバーの一覧にいます。利用を停止した方は、一覧の「変更」から再開できます。',
      },
    },
    one: {
      roleButton: '権限を変更する',
      leave: '利用の停止',
      leaveLead: (name: string) =>
        `${name} さんは、この管理画面にログインできなくなり、いまのログインもすべて終了します。送信の記録は残ります。いつでも再開できます。`,
      leaveButton: '利用を停止する',
      back: '利用の再開',
      backLead: (name: string) => `${name} さんは、またこの管理画面にログインできるようになります。`,
      backButton: '利用を再開する',
      self: 'ご自身の権限です。変更すると、すぐにこの画面を使えなくなることがあります。',
      last: 'この方は会社でただ一人の管理者です。先に別の方を管理者にしてから、変更してください。何も変更されていません。',
    },
  },
  en: {
    title: 'People',
    lead: 'Those of your company who can use this console.',
    caption: (company: string) => `People of ${company}`,
    name: 'Name',
    address: 'E-mail address',
    role: 'Role',
    state: 'State',
    action: 'Action',
    change: 'Change',
    you: '(you)',
    next: 'Next',
    first: 'First',
    roles: { administrator: 'Administrator', sender: 'Sender', viewer: 'Viewer' },
    roleHelp: {
      administrator: 'Beside sending, changes people, API keys and the rules of sending.',
      sender: 'Writes and sends messages, changes addresses and templates.',
      viewer: 'Sees results and the like, and changes nothing.',
    },
    states: {
      active: 'Active',
      waiting: 'Being registered',
      refused: 'Not registered',
      inactive: 'Inactive',
    },
    refused: {
      'address-taken':
        'The unified login could not register this address. Add the person with another one, or contact us.',
      other: 'The unified login could not register this person. Please contact us.',
    },
    errorTitle: 'Please check what you typed',
    add: {
      title: 'Add a person',
      address: 'E-mail address',
      addressHelp: 'We mail there how to start. It is also what the person signs in with.',
      language: 'Language',
      button: 'Add',
      errors: {
        'name-missing': 'Enter a name.',
        'name-too-long': 'A name has 100 characters at most.',
        'address-malformed': 'Check the e-mail address, for example: hanako@example.co.jp',
        'address-here':
          'The list has a person with this address already. One who was deactivated is reactivated there, under "Change".',
      },
    },
    one: {
      roleButton: 'Change the role',
      leave: 'Deactivate',
      leaveLead: (name: string) =>
        `${name} can no longer sign in to this console, and their sessions end at once. What they sent stays on record. You can take it back at any time.`,
      leaveButton: 'Deactivate',
      back: 'Reactivate',
      backLead: (name: string) => `${name} can sign in to this console again.`,
      backButton: 'Reactivate',
      self: 'This is your own role. After a change you may not be able to use this page any more.',
      last: 'This is the only administrator of your company. Make somebody else an administrator first. Nothing was changed.',
    },
  },
});
