import { Literal } from '@hitokagi/design-system';
import { numberText } from '#domain/recipients/recipient-number.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { texts } from '#support/primitives/locale.ts';

/** Words that several pages of sending share. */
export const sendingTexts = texts({
  ja: {
    problems: '入力内容をご確認ください',
    pleaseNote: 'ご注意',
    information: 'お知らせ',
    andMore: (count: string) => `ほか ${count} 件`,
    numberFaults: {
      'number-malformed': '電話番号として読み取れません',
      'number-020': '020 で始まる番号は機器用の番号で、SMS を受け取れません',
      'number-landline': '固定電話などの番号で、SMS を受け取れません。070・080・090 の番号を入力してください',
      'number-foreign': '海外の番号には送信できません',
    },
    textFaults: {
      'text-empty': '本文を入力してください。',
      'text-too-long': '本文が長すぎます。',
      'text-unreadable': '本文に送信できない文字が含まれています。',
    },
  },
  en: {
    problems: 'Please check what you have entered',
    pleaseNote: 'Please note',
    information: 'Information',
    andMore: (count: string) => `and ${count} more`,
    numberFaults: {
      'number-malformed': 'this cannot be read as a phone number',
      'number-020': 'numbers that begin with 020 belong to machines and take no SMS',
      'number-landline':
        'this is a landline or the like and takes no SMS; enter a number that begins with 070, 080 or 090',
      'number-foreign': 'numbers outside Japan cannot be sent to',
    },
    textFaults: {
      'text-empty': 'Please write a message.',
      'text-too-long': 'The message is too long.',
      'text-unreadable': 'The message has characters that cannot be sent.',
    },
  },
});

/** A figure with its digits grouped: 12,345. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

/** A number as people read it, kept together. */
export function PhoneNumber({ number }: { number: string }) {
  return <Literal>{numberText(number)}</Literal>;
}

/** Some of many numbers, and how many more there are. */
export function someNumbers(numbers: readonly string[], locale: Locale, shown = 5): string {
  const some = numbers
    .slice(0, shown)
    .map(numberText)
    .join(locale === 'ja' ? '、' : ', ');
  const more = numbers.length - shown;
  return more <= 0 ? some : `${some} ${sendingTexts[locale].andMore(grouped(more))}`;
}

/** Some of many numbers, each kept together, and how many more there are. */
export function SomeNumbers({
  numbers,
  locale,
  shown,
}: {
  numbers: readonly string[];
  locale: Locale;
  shown: number;
}) {
  const more = numbers.length - shown;
  return (
    <>
      {numbers.slice(0, shown).map((number) => (
        <>
          <PhoneNumber number={number} />{' '}
        </>
      ))}
      {more <= 0 ? null : sendingTexts[locale].andMore(grouped(more))}
    </>
  );
}
