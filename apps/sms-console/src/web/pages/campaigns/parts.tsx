import { Chip, type ShapeName, type Tone } from '@hitokagi/design-system';
import type { CampaignState, MessageState } from '#support/db/schema.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { campaignTexts } from './text.ts';

/** In the order of a message's way. */
export const MESSAGE_STATES = [
  'held',
  'queued',
  'sending',
  'sent',
  'delivered',
  'undelivered',
  'expired',
  'failed',
  'cancelled',
] as const satisfies readonly MessageState[];

const LOOK: Readonly<Record<CampaignState, { tone: Tone; shape: ShapeName }>> = {
  preparing: { tone: 'info', shape: 'clock' },
  held: { tone: 'warning', shape: 'square' },
  scheduled: { tone: 'info', shape: 'clock' },
  sending: { tone: 'info', shape: 'arrow' },
  paused: { tone: 'warning', shape: 'square' },
  cancelled: { tone: 'neutral', shape: 'dash' },
  finished: { tone: 'success', shape: 'check' },
};

/** How a campaign stands, as a word with a sign. */
export function CampaignChip({ state, locale }: { state: CampaignState; locale: Locale }) {
  const { tone, shape } = LOOK[state];
  return (
    <Chip tone={tone} shape={shape}>
      {campaignTexts[locale].states[state]}
    </Chip>
  );
}
