import { texts } from '#support/primitives/locale.ts';

export const apiKeyTexts = texts({
  ja: {
    title: 'APIキー',
    settings: '設定',
    lead: 'お客様のシステムから SMS を送るための鍵です。ログインの方法が変わっても、ログアウトしても、そのままお使いいただけます。',
    errorTitle: '入力内容をご確認ください',
    list: {
      title: 'お使いのAPIキー',
      caption: (company: string) => `${company} のAPIキー`,
      name: '名前',
      hint: '末尾',
      createdAt: '作成',
      lastUsedAt: '最後に使われた日時',
      neverUsed: 'まだ使われていません',
      action: '操作',
      revoke: '無効にする',
      empty: 'APIキーはまだありません。下の欄から作成できます。',
    },
    create: {
      title: '新しいAPIキー',
      name: '名前',
      help: 'どのシステムで使うかがわかる名前を付けてください。例: 受注システム',
      button: 'APIキーを作成する',
      errors: {
        'name-missing': '名前を入力してください。',
        'name-too-long': '名前は60文字以内で入力してください。',
        'name-taken': '同じ名前のAPIキーがあります。別の名前を入力してください。',
        'too-many-keys': 'APIキーは20個までです。使っていないAPIキーを無効にしてから、作成してください。',
      },
    },
    made: {
      label: '作成しました',
      title: (name: string) => `APIキー「${name}」を作成しました。`,
      once: 'このキーが表示されるのは、いま一度だけです。ここで控えて、安全な場所に保管してください。',
    },
    revoke: {
      title: 'APIキーを無効にする',
      lead: (name: string) => `APIキー「${name}」を無効にします。`,
      effect:
        '無効にすると、このキーを使っているシステムからは、すぐに送信できなくなります。元に戻すことはできません。受け付けたメッセージはそのまま残ります。',
      button: '無効にする',
      back: 'やめる',
      gone: 'このAPIキーはありません。すでに無効になっています。',
    },
  },
  en: {
    title: 'API keys',
    settings: 'Settings',
    lead: 'With an API key your own systems send short messages. It goes on working whichever way people sign in, and after they sign out.',
    errorTitle: 'Please check what you typed',
    list: {
      title: 'Keys in use',
      caption: (company: string) => `API keys of ${company}`,
      name: 'Name',
      hint: 'Ends with',
      createdAt: 'Created',
      lastUsedAt: 'Last used',
      neverUsed: 'Not used yet',
      action: 'Action',
      revoke: 'Revoke',
      empty: 'There is no API key yet. Create one below.',
    },
    create: {
      title: 'New API key',
      name: 'Name',
      help: 'A name that says which system uses it, for example: order system',
      button: 'Create the API key',
      errors: {
        'name-missing': 'Enter a name.',
        'name-too-long': 'A name has 60 characters at most.',
        'name-taken': 'There is an API key of this name. Enter another one.',
        'too-many-keys': 'There are 20 API keys at most. Revoke one that is not used, then create another.',
      },
    },
    made: {
      label: 'Created',
      title: (name: string) => `The API key "${name}" has been created.`,
      once: 'It is shown this once only. Copy it now and keep it in a safe place.',
    },
    revoke: {
      title: 'Revoke an API key',
      lead: (name: string) => `You revoke the API key "${name}".`,
      effect:
        'Systems that use this key cannot send from that moment on. This cannot be undone. Messages that were accepted stay as they are.',
      button: 'Revoke',
      back: 'Cancel',
      gone: 'There is no such API key. It has been revoked already.',
    },
  },
});
