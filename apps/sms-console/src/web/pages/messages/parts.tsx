import { Chip, type ShapeName, type Tone } from '@hitokagi/design-system';
import type { MessageState } from '#support/db/schema.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { campaignTexts } from '#web/pages/campaigns/text.ts';

const LOOK: Readonly<Record<MessageState, { tone: Tone; shape: ShapeName }>> = {
  held: { tone: 'warning', shape: 'square' },
  queued: { tone: 'info', shape: 'clock' },
  sending: { tone: 'info', shape: 'arrow' },
  sent: { tone: 'info', shape: 'half' },
  delivered: { tone: 'success', shape: 'check' },
  undelivered: { tone: 'danger', shape: 'cross' },
  expired: { tone: 'warning', shape: 'clock' },
  failed: { tone: 'danger', shape: 'cross' },
  cancelled: { tone: 'neutral', shape: 'dash' },
};

/** How a message stands, as a word with a sign. */
export function MessageChip({ state, locale }: { state: MessageState; locale: Locale }) {
  const { tone, shape } = LOOK[state];
  return (
    <Chip tone={tone} shape={shape}>
      {campaignTexts[locale].messageStates[state]}
    </Chip>
  );
}
