import { Chip } from '@hitokagi/design-system';
import type { ComponentProps } from 'preact';
import type { MailFate } from '#domain/person/mail-ledger.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { texts as accountTexts } from '../accounts/text.ts';

const LOOKS: Readonly<Record<MailFate, Pick<ComponentProps<typeof Chip>, 'tone' | 'shape'>>> = {
  waiting: { tone: 'info', shape: 'clock' },
  deferred: { tone: 'warning', shape: 'triangle' },
  accepted: { tone: 'success', shape: 'check' },
  refused: { tone: 'danger', shape: 'cross' },
  bounced: { tone: 'danger', shape: 'cross' },
  dropped: { tone: 'neutral', shape: 'dash' },
};

export function FateChip({ fate, locale }: { fate: MailFate; locale: Locale }) {
  return <Chip {...LOOKS[fate]}>{accountTexts[locale].fates[fate]}</Chip>;
}

/** What a kind of mail is called; one of a later release stands there by its name. */
export function kindWords(template: string, locale: Locale): string {
  return (accountTexts[locale].templates as Readonly<Record<string, string>>)[template] ?? template;
}

/** Every kind of mail, by its name. */
export function kinds(locale: Locale): [template: string, words: string][] {
  return Object.entries(accountTexts[locale].templates);
}

export function mailPath(id: string): string {
  return `/operator/mail/${encodeURIComponent(id)}`;
}
