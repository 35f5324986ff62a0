import type { FastifyRequest } from 'fastify';
import type { NoticeTexts } from '#domain/notices/kinds.ts';
import { MAX_BODY, MAX_SUBJECT } from '#domain/notices/letter.ts';
import type { WholeWords } from '#domain/notices/words.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { grouped } from '../words.ts';
import { wordsTexts } from './words-text.ts';

const LONGEST = {
  ja_subject: MAX_SUBJECT,
  ja_body: MAX_BODY,
  en_subject: MAX_SUBJECT,
  en_body: MAX_BODY,
  reader: 300,
} as const;
type FieldName = keyof typeof LONGEST;
const FIELDS = Object.keys(LONGEST) as FieldName[];

/** A form as it was typed. */
export type Typed = Record<FieldName, string>;
export type FieldError = { field: FieldName | 'address'; message: string };

/** What was typed, whatever it is; without characters that cannot be stored. */
export function typedIn(request: FastifyRequest): Typed {
  const body = (request.body ?? {}) as Record<string, unknown>;
  return typed((name) => {
    const value = body[name];
    return typeof value === 'string' ? value.replaceAll('\0', '').replaceAll('\r\n', '\n') : '';
  });
}

/** The form as it is opened. */
export function freshTyped(words: WholeWords): Typed {
  return typed((name) => {
    const [locale, part] = name.split('_');
    return part === 'subject' || part === 'body' ? words[locale as Locale][part] : '';
  });
}

/** The values as a form sends them along. */
export function hiddenWords(values: Typed): { name: string; value: string }[] {
  return FIELDS.map((name) => ({ name, value: values[name] }));
}

/** The words that were typed. */
export function textsOf(values: Typed): NoticeTexts {
  const inLanguage = (locale: Locale) => ({
    subject: values[`${locale}_subject`],
    body: values[`${locale}_body`],
  });
  return { ja: inLanguage('ja'), en: inLanguage('en') };
}

/** Fields that are longer than they may be. */
export function tooLong(values: Typed, locale: Locale): FieldError[] {
  return FIELDS.filter((name) => [...values[name]].length > LONGEST[name]).map((field) => ({
    field,
    message: wordsTexts[locale].tooLong(grouped(LONGEST[field])),
  }));
}

/** The field of a part of the words. */
export function fieldOf(locale: Locale, part: 'subject' | 'body'): FieldName {
  return `${locale}_${part}`;
}

function typed(valueOf: (name: FieldName) => string): Typed {
  return Object.fromEntries(FIELDS.map((name) => [name, valueOf(name)])) as Typed;
}
