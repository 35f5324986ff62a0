import { Chip } from '@hitokagi/design-system';
import type { Phase } from '#domain/migration/phase.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { WORDS } from './words.ts';

/** The phase of a console's move as a word with a sign. */
export function PhaseChip({ phase, closed, locale }: { phase: Phase; closed: boolean; locale: Locale }) {
  const words = WORDS[locale];
  if (closed)
    return (
      <Chip tone="neutral" shape="square">
        {words.closed}
      </Chip>
    );
  switch (phase) {
    case 'prepared':
      return (
        <Chip tone="neutral" shape="ring">
          {words.phases.prepared}
        </Chip>
      );
    case 'parallel':
      return (
        <Chip tone="info" shape="half">
          {words.phases.parallel}
        </Chip>
      );
    case 'unified':
      return (
        <Chip tone="success" shape="check">
          {words.phases.unified}
        </Chip>
      );
  }
}
