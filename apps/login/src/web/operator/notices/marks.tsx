import { Chip, type ShapeName, type Tone } from '@hitokagi/design-system';
import { wordsKindOf } from '#domain/notices/kinds.ts';
import type { NoticeProgress, NoticeState } from '#domain/notices/progress.ts';
import type { Recipient } from '#domain/notices/recipients.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { texts } from './text.ts';

/** What a notice is called. */
export function noticeName(
  { kind, cutOverAt, daysBefore }: Pick<NoticeProgress, 'kind' | 'cutOverAt' | 'daysBefore'>,
  locale: Locale,
): string {
  const t = texts[locale];
  if (kind === 'domains') return t.domainsKind;
  return `${t.kinds[wordsKindOf({ kind, cutOverAt })]}${daysBefore === null ? '' : t.daysBefore(daysBefore)}`;
}

type Sign = { tone: Tone; shape: ShapeName };

const STATES: { readonly [S in NoticeState]: Sign } = {
  planned: { tone: 'info', shape: 'clock' },
  sending: { tone: 'info', shape: 'arrow' },
  ended: { tone: 'success', shape: 'check' },
  cancelled: { tone: 'neutral', shape: 'square' },
};

/** The state of a notice, as a word with a shape. */
export function NoticeChip({ state, locale }: { state: NoticeState; locale: Locale }) {
  return <Chip {...STATES[state]}>{texts[locale].states[state]}</Chip>;
}

const VERDICTS: { readonly [V in Recipient['state'] | 'deferred']: Sign } = {
  waiting: { tone: 'neutral', shape: 'ring' },
  queued: { tone: 'info', shape: 'arrow' },
  deferred: { tone: 'warning', shape: 'clock' },
  accepted: { tone: 'success', shape: 'check' },
  refused: { tone: 'danger', shape: 'cross' },
  bounced: { tone: 'danger', shape: 'cross' },
  dropped: { tone: 'neutral', shape: 'square' },
};

/** What became of the mail to one person. */
export function VerdictChip({ one, locale }: { one: Pick<Recipient, 'state' | 'tries'>; locale: Locale }) {
  const verdict = one.state === 'queued' && one.tries > 0 ? 'deferred' : one.state;
  return <Chip {...VERDICTS[verdict]}>{texts[locale].verdicts[verdict]}</Chip>;
}
