import { defineTexts } from '#support/primitives/locale.ts';

/** Words of what is done with directories and their tokens. */
export const directoryTexts = defineTexts({
  ja: {
    problems: '次の点をご確認ください',
    cancel: 'やめる',
    toList: 'ディレクトリの一覧へ',
    registerTitle: 'ディレクトリの登録',
    registerLead:
      '登録しただけでは何もできません。続けてトークンを作成し、お客様のディレクトリに設定します。',
    name: '名前',
    nameHelp: 'どのお客様の、どのディレクトリか。例：見本商事のEntra ID',
    nameMissing: '名前を100文字以内で入力してください。',
    company: '担当する会社',
    companyHelp:
      'この会社の利用者だけを扱います。管理画面に登録されている会社名と同じに入力してください。空欄なら、管理画面のすべての利用者を扱います。',
    companyLong: '会社名は200文字以内で入力してください。',
    domains: '扱えるドメイン',
    domainsHelp:
      'メールアドレスの@より後を1行に1つ。例：example.co.jp。空欄なら、すべてのドメインを扱います。お客様のディレクトリでは、会社とドメインの両方を入力してください。',
    domainWrong: (domain: string) =>
      `「${domain}」はドメインではありません。example.co.jp の形で入力してください。`,
    domainsMany: (most: number) => `ドメインは${most}個までです。`,
    consoleIds: 'ディレクトリのexternalIdは、管理画面の利用者IDである',
    consoleIdsHelp: '管理画面が自分の利用者IDをディレクトリに登録しているときだけ選びます。',
    doRegister: '登録する',
    makeTitle: 'ディレクトリのトークンの作成',
    makeLead:
      'まだ何も変更されていません。このディレクトリができることを確認し、よければ作成してください。トークンは作成した直後に一度だけ表示されます。',
    othersStay: (count: number) => `ほかに有効なトークンが${count}個あり、そのまま使えます。`,
    days: '有効日数',
    daysHelp: '1日から365日まで',
    daysWrong: '1から365までの数字で入力してください。',
    doMake: '作成する',
    madeTitle: 'ディレクトリのトークンを作成しました',
    once: 'このトークンが表示されるのは今回だけです',
    lost: 'お客様に安全な方法で渡してください。失くしたときは、失効させて新しく作成します。',
    token: 'トークン',
    address: 'SCIMのアドレス',
    expires: '有効期限',
    next: '次にすること',
    nextSteps: [
      'お客様のディレクトリの設定に、SCIMのアドレスとトークンを入力します（Entra IDでは「テナントのURL」と「シークレット トークン」）。',
      'ディレクトリの接続テストのあと、一覧の「最後の使用」に日時が出ることを確かめます。',
      '前のトークンがあれば、使われなくなったことを確かめて失効させます。',
    ],
    revokeTitle: 'ディレクトリのトークンを失効させる',
    revokeLead:
      'このトークンを使うディレクトリは、直ちに利用者の登録も停止もできなくなります。元には戻せません。',
    lastOne:
      'ほかに有効なトークンはありません。続けて使うディレクトリなら、先に新しいトークンを作成して設定してください。',
    doRevoke: '失効させる',
    revokedBefore: 'このトークンは、すでに失効しています。',
  },
  en: {
    problems: 'Please check the following',
    cancel: 'Cancel',
    toList: 'To the directories',
    registerTitle: 'Register a directory',
    registerLead:
      'Registered alone it can do nothing. Make a token next, and have it set in the customer’s directory.',
    name: 'Name',
    nameHelp: 'Which directory of which customer, such as “Entra ID of Mihon Trading”',
    nameMissing: 'Give a name of at most 100 characters.',
    company: 'Company',
    companyHelp:
      'It looks after the people of this company only. Write the name as the console has it. Left empty, it looks after all people of the console.',
    companyLong: 'Give at most 200 characters.',
    domains: 'Domains that it may name',
    domainsHelp:
      'What stands after the @ of addresses, one a line, such as example.co.jp. Left empty, all domains. For a customer’s directory give both company and domains.',
    domainWrong: (domain) => `“${domain}” is not a domain. Write it like example.co.jp.`,
    domainsMany: (most) => `Give at most ${most} domains.`,
    consoleIds: 'Its externalId is the console’s own user id',
    consoleIdsHelp: 'Only if the console has put its own user ids into the directory.',
    doRegister: 'Register it',
    makeTitle: 'Make a token of a directory',
    makeLead:
      'Nothing has changed yet. See what this directory may do, then make its token. It is shown once, right after it was made.',
    othersStay: (count) =>
      count === 1 ? 'One other token is good, and stays so.' : `${count} other tokens are good, and stay so.`,
    days: 'Days',
    daysHelp: 'From 1 to 365',
    daysWrong: 'Give a number from 1 to 365.',
    doMake: 'Make it',
    madeTitle: 'The token of the directory was made',
    once: 'This token is shown this once',
    lost: 'Hand it to the customer in a safe way. If it is lost, revoke it and make another one.',
    token: 'Token',
    address: 'Address of SCIM',
    expires: 'Good until',
    next: 'Next',
    nextSteps: [
      'Set the address of SCIM and the token in the customer’s directory (in Entra ID: “Tenant URL” and “Secret Token”).',
      'Test the connection there, and see that the list says when it was last used.',
      'If there was a token before, see that it is used no more, and revoke it.',
    ],
    revokeTitle: 'Revoke a token of a directory',
    revokeLead:
      'The directory that uses this token can neither register nor deactivate people any more, at once. This cannot be taken back.',
    lastOne:
      'No other token is good. If the directory is to go on, make a new one first and have it set there.',
    doRevoke: 'Revoke it',
    revokedBefore: 'This token was revoked before.',
  },
});
