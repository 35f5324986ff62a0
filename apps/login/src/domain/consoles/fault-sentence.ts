import { defineTexts, type Locale } from '#support/primitives/locale.ts';
import { CONSOLE_SCOPES } from './scopes.ts';
import type { SettingFault } from './faults.ts';

/** What is wrong with a value and what to do about it: the only place that says so, on pages, in the API and at the command line. */
export function faultSentence({ code, value }: SettingFault, locale: Locale): string {
  const sentence = texts[locale][code];
  return typeof sentence === 'string' ? sentence : sentence(value);
}

const texts = defineTexts({
  ja: {
    'client-id-malformed':
      'クライアントIDは、英小文字、数字、ハイフンで40文字までにしてください。先頭にハイフンは使えません。',
    missing: '入力してください。',
    'too-long': (most: string) =>
      /^\d+$/.test(most)
        ? `${most}文字以内で入力してください。`
        : 'アドレスが長すぎます。2,000文字以内で入力してください。',
    'control-character': '改行やタブなどの制御文字は使えません。1行で入力してください。',
    'too-many': (most: string) => `${most}件までにしてください。`,
    twice: (value: string) => `${value} が2回書かれています。1つにしてください。`,
    'address-malformed': (value: string) =>
      `${value} はURLとして読めません。https:// で始まるアドレスを、ユーザー名やパスワードを含めずに入力してください。`,
    'address-not-https': (value: string) =>
      `${value} は暗号化されていません。https:// で始まるアドレスにしてください (http:// は localhost と、設定で許した社内のホストだけで使えます)。`,
    'address-fragment': (value: string) => `${value} の # から後ろを削除してください。`,
    'address-wildcard': (value: string) =>
      `${value} の * は使えません。アドレスは1文字まで一致する必要があるので、1件ずつ登録してください。`,
    'address-internal': (value: string) =>
      `${value} は統合認証サーバーのネットワークの中のアドレスです。本当に使う場合は、ホスト名を HITOKAGI_ALLOWED_INTERNAL_HOSTS に加えてください。`,
    'address-elsewhere': (value: string) =>
      `${value} はトップページと別のドメインにあります。この管理画面のものであれば、「ドメイン」にそのホスト名を加えてください。`,
    'domain-malformed': (value: string) =>
      `${value} はホスト名として読めません。https:// やポート番号を付けずに、console.example.co.jp のように小文字で入力してください。日本語ドメインは xn-- で始まる形にします。`,
    'colour-malformed': '色は #1a4fa3 のように、# と6桁の16進数 (英小文字) で入力してください。',
    'colour-contrast': (ratio: string) =>
      `この色では白い文字が読みにくくなります (コントラスト比 ${ratio}:1)。4.5:1 以上になる、もっと濃い色にしてください。`,
    'minutes-malformed': '1 から 525600 までの整数 (分) で入力してください。',
    'absolute-below-idle': '無操作の時間より短くすることはできません。',
    'scope-unknown': (value: string) =>
      `${value} という権限はありません。次の中から選んでください：${CONSOLE_SCOPES.join(', ')}。`,
  },
  en: {
    'client-id-malformed':
      'The client ID must be of small letters, digits and hyphens, 40 at most, and not begin with a hyphen.',
    missing: 'Fill this in.',
    'too-long': (most) =>
      /^\d+$/.test(most)
        ? `Use ${most} characters at most.`
        : 'The address is too long. Use 2,000 characters at most.',
    'control-character':
      'Line breaks, tabs and other control characters cannot be used. Write it on one line.',
    'too-many': (most) => `Use ${most} at most.`,
    twice: (value) => `${value} stands there twice. Keep one of them.`,
    'address-malformed': (value) =>
      `${value} cannot be read as a URL. Write an address that begins with https://, without user name and password.`,
    'address-not-https': (value) =>
      `${value} is not encrypted. Use an address that begins with https:// (http:// is only for localhost and for internal hosts that the installation names).`,
    'address-fragment': (value) => `Remove the # and what follows it from ${value}.`,
    'address-wildcard': (value) =>
      `* cannot be used in ${value}. Addresses are compared to the letter: register each of them.`,
    'address-internal': (value) =>
      `${value} lies inside the network of this server. Name its host in HITOKAGI_ALLOWED_INTERNAL_HOSTS if it is meant.`,
    'address-elsewhere': (value) =>
      `${value} lies on another domain than the home page. If it is the console’s own, add its host name to the domains.`,
    'domain-malformed': (value) =>
      `${value} cannot be read as a host name. Write it in small letters without https:// and port, such as console.example.co.jp; international names in their xn-- form.`,
    'colour-malformed': 'Write the colour as # and six hexadecimal digits in small letters, such as #1a4fa3.',
    'colour-contrast': (ratio) =>
      `White text is hard to read on this colour (contrast ${ratio}:1). Take a darker one, of at least 4.5:1.`,
    'minutes-malformed': 'Write a whole number of minutes from 1 to 525600.',
    'absolute-below-idle': 'This cannot be shorter than the idle time.',
    'scope-unknown': (value) => `There is no scope ${value}. Take some of ${CONSOLE_SCOPES.join(', ')}.`,
  },
});
