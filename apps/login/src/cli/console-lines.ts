import type { ConsoleCheck } from '#domain/consoles/check.ts';
import {
  checkTitle,
  findingWords,
  meantWords,
  uncheckedTogether,
} from '#domain/consoles/finding-sentence.ts';
import { CHECKS, isRequired } from '#domain/consoles/findings.ts';
import type { ConsoleSecret } from '#domain/consoles/secrets.ts';
import { SETTING_NAMES, type ConsoleSettings } from '#domain/consoles/settings.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { defineTexts, type Locale } from '#support/primitives/locale.ts';
import { plainText } from './plain-text.ts';

/** What is registered of a console, a line a value. */
export function consoleLines(
  console: ConsoleRow,
  settings: ConsoleSettings,
  secrets: readonly ConsoleSecret[],
  locale: Locale,
): readonly string[] {
  const t = texts[locale];
  const values = SETTING_NAMES.flatMap((name) => {
    const value = settings[name];
    const each = typeof value === 'object' && value !== null ? value : [value ?? '–'];
    return (each.length === 0 ? ['–'] : each).map((one) => [name, String(one)] as const);
  });
  return [
    `clientId                ${console.client_id}`,
    `revision                ${console.revision}`,
    ...values.map(([name, value]) => `${name.padEnd(24)}${plainText(value === '' ? '–' : value)}`),
    ...secrets.map(
      (one) =>
        `secret ${one.id}     ${t.made(japanTime(one.madeAt, locale))}, ${
          one.lastUsedAt ? t.used(japanTime(one.lastUsedAt, locale)) : t.unused
        }`,
    ),
  ];
}

/** What a check found: the faults with their cures first. */
export function checkLines(check: ConsoleCheck, locale: Locale): readonly string[] {
  const t = texts[locale];
  const inOrder = check.findings.toSorted((a, b) => CHECKS.indexOf(a.check) - CHECKS.indexOf(b.check));
  const unchecked = uncheckedTogether(inOrder, locale).flatMap(({ titles, fault, cure }) => [
    `${t.results['not-checked']}  ${titles.join(t.comma)}`,
    `        ${plainText(fault)}`,
    `        → ${plainText(cure)}`,
  ]);
  const told = inOrder
    .filter((one) => one.result !== 'not-checked')
    .flatMap((one) => {
      const title = checkTitle(one.check, locale);
      const words = findingWords(one, locale);
      const value = words || one.value === '' ? '' : `  ${plainText(meantWords(one, locale))}`;
      return [
        `${t.results[one.result]}  ${title}${value}${one.result === 'fault' && isRequired(one.check) ? t.required : ''}`,
        ...(words ? [`        ${plainText(words.fault)}`, `        → ${plainText(words.cure)}`] : []),
      ];
    });
  return [...told, ...unchecked, '', check.faults === 0 ? t.noFault : t.faults(check.faults, check.required)];
}

const texts = defineTexts({
  ja: {
    made: (at: string) => `作成 ${at}`,
    used: (at: string) => `最後の使用 ${at}`,
    unused: '未使用',
    results: { pass: '  OK  ', fault: '要対応', 'not-applicable': '  –   ', 'not-checked': '未確認' },
    comma: '、',
    required: '（必須）',
    noFault: '問題は見つかりませんでした。',
    faults: (count: number, required: number) =>
      `${count}件の問題があります。うち${required}件は必須の項目で、直すまで移行の次の段階へ進めません。`,
  },
  en: {
    made: (at) => `made ${at}`,
    used: (at) => `last used ${at}`,
    unused: 'not used yet',
    results: { pass: '  ok  ', fault: 'FAULT ', 'not-applicable': '  –   ', 'not-checked': '  ?   ' },
    comma: '; ',
    required: ' (required)',
    noFault: 'No fault was found.',
    faults: (count, required) =>
      `${count} to put right, ${required} of them required: until then the move does not go on to its next phase.`,
  },
});
