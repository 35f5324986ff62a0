import { Chip } from '@hitokagi/design-system';
import type { AccountRow } from '#support/db/schema.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { texts } from './text.ts';

/** The state of an account as a word with a sign. */
export function StateChip({ state, locale }: { state: AccountRow['state']; locale: Locale }) {
  const word = texts[locale].states[state];
  switch (state) {
    case 'active':
      return (
        <Chip tone="success" shape="check">
          {word}
        </Chip>
      );
    case 'suspended':
      return (
        <Chip tone="danger" shape="cross">
          {word}
        </Chip>
      );
    case 'closed':
      return (
        <Chip tone="neutral" shape="square">
          {word}
        </Chip>
      );
  }
}
