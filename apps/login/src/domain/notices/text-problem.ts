import { defineTexts, type Locale } from '#support/primitives/locale.ts';
import type { NoticeTextProblem } from './letter.ts';

/** What is wrong with an operator's own words for a notice, and where. */
export function noticeTextSentence(problem: NoticeTextProblem, locale: Locale): string {
  const t = texts[locale];
  return t[problem.reason](problem.name, t.places[problem.locale][problem.part]);
}

const texts = defineTexts({
  ja: {
    'placeholder-unclosed': (name: string, place: string) =>
      `${place}に、組になっていない波かっこがあります：{${name}。`,
    'placeholder-unknown': (name: string, place: string) =>
      `${place}にある {${name}} という差し込みはありません。`,
    'placeholder-without-value': (name: string, place: string) =>
      `${place}にある {${name}} は、このお知らせには入れるものがありません。`,
    places: {
      ja: { subject: '日本語の件名', body: '日本語の本文' },
      en: { subject: '英語の件名', body: '英語の本文' },
    },
  },
  en: {
    'placeholder-unclosed': (name, place) => `A brace in ${place} has no partner: {${name}.`,
    'placeholder-unknown': (name, place) => `There is no placeholder {${name}}, which stands in ${place}.`,
    'placeholder-without-value': (name, place) =>
      `This notice has nothing to put for {${name}}, which stands in ${place}.`,
    places: {
      ja: { subject: 'the Japanese subject', body: 'the Japanese body' },
      en: { subject: 'the English subject', body: 'the English body' },
    },
  },
});
