import type { ConsoleRow, NoticeRow } from '#support/db/schema.ts';
import { renderLetter, type LetterPart } from '#support/mail/letter.tsx';
import type { RenderedMail } from '#support/mail/mail.ts';
import { mailFooter, type Brand } from '#support/primitives/brand.ts';
import { japanDate, japanHour } from '#support/primitives/japan-time.ts';
import { LOCALES, type Locale } from '#support/primitives/locale.ts';
import type { MoveNoticeKind, NoticeKind, NoticeTexts } from './kinds.ts';
import {
  fillPlaceholders,
  oneLine,
  type PlaceholderProblem,
  type PlaceholderValues,
} from './placeholders.ts';
import { noticeTexts } from './texts.ts';

/** What is the same in all notices of an installation. */
export type NoticeHouse = { readonly brand: Brand; readonly pagesUrl: string };

/** What a notice says, and about which console. */
export type NoticeOccasion = {
  kind: NoticeKind;
  daysBefore: number | null;
  cutOverAt: Date | null;
  /** What people were told before: for corrections. */
  oldCutOverAt: Date | null;
  texts: NoticeTexts;
  console: { clientId: string; nameJa: string; nameEn: string; support: { readonly [L in Locale]: string } };
};

export type NoticeReader = { name: string; company: string; emailAddress: string };

export type NoticeTextProblem = PlaceholderProblem & { locale: Locale; part: 'subject' | 'body' };

/** Longer ones are cut by mail programs, and by some mail servers refused. */
export const MAX_SUBJECT = 200;
export const MAX_BODY = 20_000;

/** Makes the mail of a notice for one reader. Throws when the texts do not fit the occasion: `noticeTextProblem` was not asked when they were stored. */
export function noticeLetter(
  house: NoticeHouse,
  occasion: NoticeOccasion,
  reader: NoticeReader,
  locale: Locale,
  options: { test?: boolean } = {},
): RenderedMail {
  const t = noticeTexts[locale];
  const values = valuesOf(house, occasion, reader, locale);
  const { subject, body } = wordsOf(occasion, locale);
  const brandName = house.brand.name[locale];
  const subjectLine = oneLine(filled(subject)).slice(0, MAX_SUBJECT);
  return renderLetter({
    locale,
    subject: `${options.test ? t.test : ''}${subjectLine}${locale === 'ja' ? '｜' : ' | '}${brandName}`,
    parts: [...(options.test ? [{ kind: 'text' as const, text: t.testLead }] : []), ...partsOf(filled(body))],
    footer: [
      filled(occasion.kind === 'domains' ? t.whyDomains : t.why),
      t.never,
      ...mailFooter(house.brand, locale, values.support),
    ],
    brandName,
    keyColour: house.brand.keyColour,
  });

  function filled(text: string): string {
    const result = fillPlaceholders(text, values);
    if (!result.ok)
      throw new Error(`${result.reason}: {${result.name}} in a notice of kind ${occasion.kind}`);
    return result.text;
  }
}

/** Whether an operator's own words fit the occasion; the first problem otherwise. Ask before storing them. */
export function noticeTextProblem(
  occasion: { kind: NoticeKind; cutOverAt: Date | null },
  texts: NoticeTexts,
): NoticeTextProblem | undefined {
  const values = sampleValues(occasion);
  for (const locale of LOCALES)
    for (const part of ['subject', 'body'] as const) {
      const result = fillPlaceholders(texts[locale]?.[part] ?? '', values);
      if (!result.ok) return { reason: result.reason, name: result.name, locale, part };
    }
  return undefined;
}

/** The notice as it is stored, with what it is about. */
export function occasionOf(
  notice: Pick<NoticeRow, 'kind' | 'days_before' | 'cut_over_at' | 'texts'>,
  console: Pick<
    ConsoleRow,
    'client_id' | 'name_ja' | 'name_en' | 'support_contact_ja' | 'support_contact_en'
  >,
  oldCutOverAt: Date | null,
): NoticeOccasion {
  return {
    kind: notice.kind,
    daysBefore: notice.days_before,
    cutOverAt: notice.cut_over_at,
    oldCutOverAt,
    texts: notice.texts as NoticeTexts,
    console: {
      clientId: console.client_id,
      nameJa: console.name_ja,
      nameEn: console.name_en,
      support: { ja: console.support_contact_ja, en: console.support_contact_en },
    },
  };
}

/** The brand's words for a notice, with their placeholders: what an operator's own words start from. */
export function brandWords(
  { kind, cutOverAt }: { kind: MoveNoticeKind; cutOverAt: Date | null },
  locale: Locale,
): { subject: string; body: string } {
  const t = noticeTexts[locale];
  return kind === 'correction' ? (cutOverAt ? t.postponed : t.withdrawn) : t[kind];
}

function wordsOf(occasion: NoticeOccasion, locale: Locale): { subject: string; body: string } {
  const own = occasion.texts[locale];
  const { kind, cutOverAt } = occasion;
  if (kind === 'domains') {
    if (!own?.subject || !own.body) throw new Error('A notice about domains brings its words.');
    return { subject: own.subject, body: own.body };
  }
  const brands = brandWords({ kind, cutOverAt }, locale);
  return { subject: own?.subject ?? brands.subject, body: own?.body ?? brands.body };
}

function valuesOf(
  house: NoticeHouse,
  occasion: NoticeOccasion,
  reader: NoticeReader,
  locale: Locale,
): PlaceholderValues {
  const { console, cutOverAt, oldCutOverAt, daysBefore, kind } = occasion;
  const t = noticeTexts[locale];
  return {
    name: oneLine(reader.name) || t.nameMissing,
    company: reader.company,
    loginId: reader.emailAddress,
    console: locale === 'ja' ? console.nameJa : console.nameEn,
    service: house.brand.name[locale],
    ...(cutOverAt
      ? { cutOverDate: japanDate(cutOverAt, locale), cutOverTime: japanHour(cutOverAt, locale) }
      : {}),
    ...(kind === 'correction'
      ? { oldCutOverDate: oldCutOverAt ? japanDate(oldCutOverAt, locale) : t.oldCutOverMissing }
      : {}),
    ...(daysBefore === null ? {} : { daysBefore: String(daysBefore) }),
    signInUrl: `${house.pagesUrl}/sign-in`,
    firstSignInUrl: `${house.pagesUrl}/reset?client_id=${encodeURIComponent(console.clientId)}`,
    sender: house.brand.senderAddress,
    senderDomain: house.brand.senderAddress.split('@')[1] ?? '',
    support: console.support[locale] || house.brand.support[locale],
  };
}

/** Which placeholders have a value is decided by the occasion alone, never by the reader. */
function sampleValues({ kind, cutOverAt }: { kind: NoticeKind; cutOverAt: Date | null }): PlaceholderValues {
  const brand: Brand = {
    name: { ja: 'x', en: 'x' },
    keyColour: '#000000',
    senderName: 'x',
    senderAddress: 'x@example.co.jp',
    replyTo: null,
    support: { ja: 'x', en: 'x' },
    help: { ja: '', en: '' },
    mailFooter: { ja: '', en: '' },
  };
  const console = { clientId: 'x', nameJa: 'x', nameEn: 'x', support: brand.support };
  const daysBefore = kind === 'reminder' ? 1 : null;
  return valuesOf(
    { brand, pagesUrl: 'https://example.co.jp' },
    { kind, cutOverAt, daysBefore, oldCutOverAt: null, texts: {}, console },
    { name: 'x', company: 'x', emailAddress: 'x' },
    'ja',
  );
}

/** Paragraphs are parted by empty lines; lines that begin with 「・」 or "- " make a list, with an indented line below belonging to its point. */
function partsOf(body: string): LetterPart[] {
  const parts: LetterPart[] = [];
  for (const paragraph of body.split(/\n\s*\n/)) {
    const items: string[] = [];
    let text: string[] = [];
    const endText = (): void => {
      if (text.length > 0) parts.push({ kind: 'text', text: text.join('\n') });
      text = [];
    };
    const endList = (): void => {
      if (items.length > 0) parts.push({ kind: 'list', items: items.splice(0) });
    };
    for (const line of paragraph.split('\n')) {
      const point = /^(?:・|- )\s*(.+)$/.exec(line)?.[1];
      if (point !== undefined) {
        endText();
        items.push(point);
      } else if (/^[\s\u3000]/.test(line) && items.length > 0) {
        items.push(`${items.pop() ?? ''}\n${line.trim()}`);
      } else if (line.trim() !== '') {
        endList();
        text.push(line.trim());
      }
    }
    endText();
    endList();
  }
  return parts;
}
