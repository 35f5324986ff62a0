import { Chip } from '@hitokagi/design-system';
import type { ComponentProps } from 'preact';
import type { ImportEntry, ImportState } from '#domain/consoles/import/history.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { actorWords } from '../actor.ts';
import { grouped } from '../words.ts';
import { texts } from './text.ts';

type Look = Pick<ComponentProps<typeof Chip>, 'tone' | 'shape'>;

const LOOKS: Readonly<Record<ImportState, Look>> = {
  checking: { tone: 'info', shape: 'clock' },
  checked: { tone: 'warning', shape: 'half' },
  importing: { tone: 'info', shape: 'clock' },
  imported: { tone: 'success', shape: 'check' },
  unusable: { tone: 'danger', shape: 'cross' },
  cancelled: { tone: 'neutral', shape: 'dash' },
  failed: { tone: 'danger', shape: 'cross' },
  expired: { tone: 'neutral', shape: 'dash' },
  replaced: { tone: 'neutral', shape: 'arrow' },
};

export function ImportChip({ state, locale }: { state: ImportState; locale: Locale }) {
  return <Chip {...LOOKS[state]}>{texts[locale].states[state]}</Chip>;
}

export function importPath(id: string): string {
  return `/operator/imports/${encodeURIComponent(id)}`;
}

/** What an import did, or would do by its dry run, in one line. */
export function figuresWords({ done, foreseen, state }: ImportEntry, locale: Locale): string {
  const t = texts[locale];
  const counts = done ?? foreseen;
  if (!counts || state === 'checking') return '–';
  const words = t.figuresWords(grouped(counts.created), grouped(counts.linked), grouped(counts.refused));
  return done ? words : t.foreseenFigures(words);
}

export function whoWords(actor: string | null, actors: ReadonlyMap<string, string>, locale: Locale): string {
  return actor === null ? texts[locale].unknownActor : actorWords(actor, actors, locale);
}

/** A size in megabytes or kilobytes, as files are told of. */
export function sizeWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const kilobytes = bytes / 1024;
  return kilobytes < 1024 ? `${Math.round(kilobytes)} KB` : `${(kilobytes / 1024).toFixed(1)} MB`;
}
