import { defineTexts, type Locale } from '#support/primitives/locale.ts';
import type { SettingProblem } from './check.ts';

/** What is wrong with a value, and what to do. */
export function settingProblemSentence({ reason, fact = '' }: SettingProblem, locale: Locale): string {
  return texts[locale][reason](fact);
}

const texts = defineTexts({
  ja: {
    'setting-unknown': (_fact: string) => 'この名前の設定はありません。',
    'value-missing': (_fact: string) => '入力してください。',
    'not-a-line': (_fact: string) => '改行や制御文字を含まない文字で入力してください。',
    'too-long': (most: string) => `${most}文字以内にしてください。`,
    'colour-malformed': (_fact: string) => '#0b3d91 のように、#と6桁の16進数で入力してください。',
    'contrast-too-low': (contrast: string) =>
      `白い文字が読めません（コントラスト ${contrast}）。4.5以上になるよう、もっと濃い色にしてください。`,
    'address-malformed': (_fact: string) => 'メールアドレスの形になっていません。ご確認ください。',
    'choice-unknown': (choices: string) => `次のどれかにしてください：${choices}`,
    'not-a-number': (_fact: string) => '数字で入力してください。',
    'out-of-bounds': (bounds: string) => `${bounds} の範囲で入力してください。`,
    'placeholder-unknown': (name: string) => `{${name}} という差し込みは、ここでは使えません。`,
    'placeholder-unclosed': (name: string) => `組になっていない波かっこがあります：{${name}`,
    'too-short-without-classes': (least: string) =>
      `文字の種類を求めないときは、${least}文字以上にしてください。`,
    'fewer-a-day': (few: string) => `15分あたりの上限（${few}）以上にしてください。`,
  },
  en: {
    'setting-unknown': () => 'There is no setting with this name.',
    'value-missing': () => 'Please fill this in.',
    'not-a-line': () => 'Use characters without line breaks and control characters.',
    'too-long': (most) => `Use at most ${most} characters.`,
    'colour-malformed': () => 'Write # and six hexadecimal digits, such as #0b3d91.',
    'contrast-too-low': (contrast) =>
      `White letters cannot be read on it (contrast ${contrast}). Take a darker colour with at least 4.5.`,
    'address-malformed': () => 'This is not an e-mail address. Please check it.',
    'choice-unknown': (choices) => `Use one of these: ${choices}`,
    'not-a-number': () => 'Use a number.',
    'out-of-bounds': (bounds) => `Use a number from ${bounds.replace('–', ' to ')}.`,
    'placeholder-unknown': (name) => `There is no placeholder {${name}} here.`,
    'placeholder-unclosed': (name) => `A brace has no partner: {${name}`,
    'too-short-without-classes': (least) => `Without classes use at least ${least}.`,
    'fewer-a-day': (few) => `Use at least as many as in 15 minutes (${few}).`,
  },
});
