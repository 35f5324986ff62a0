import { Chip } from '@hitokagi/design-system';
import type { DeliveryHealth } from '#domain/delivery/health.ts';
import { consoleName } from '#domain/consoles/consoles.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { ChannelName, Delivery } from './channels.ts';
import { texts } from './text.ts';

export function DeliveryChip({ state, locale }: { state: Delivery['state']; locale: Locale }) {
  const label = texts[locale].deliveryStates[state];
  switch (state) {
    case 'waiting':
      return (
        <Chip tone="info" shape="clock">
          {label}
        </Chip>
      );
    case 'delivered':
      return (
        <Chip tone="success" shape="check">
          {label}
        </Chip>
      );
    case 'failed':
      return (
        <Chip tone="danger" shape="cross">
          {label}
        </Chip>
      );
  }
}

export function HealthChip({ state, locale }: { state: DeliveryHealth['state']; locale: Locale }) {
  const label = texts[locale].states[state];
  switch (state) {
    case 'answering':
      return (
        <Chip tone="success" shape="check">
          {label}
        </Chip>
      );
    case 'failing':
      return (
        <Chip tone="warning" shape="triangle">
          {label}
        </Chip>
      );
    case 'spared':
      return (
        <Chip tone="danger" shape="cross">
          {label}
        </Chip>
      );
  }
}

export function channelPath(name: ChannelName): string {
  return `/operator/deliveries/${name}`;
}

export function deliveryPath(name: ChannelName, id: string): string {
  return `${channelPath(name)}/${encodeURIComponent(id)}`;
}

export function nameOf(clientId: string, consoles: readonly ConsoleRow[], locale: Locale): string {
  const found = consoles.find((one) => one.client_id === clientId);
  return found ? consoleName(found, locale) : clientId;
}

/** What a console answered last, or what kept it from answering. */
export function answerWords({ status, error }: { status: number | null; error: string | null }): string {
  return [status === null ? '' : String(status), error ?? ''].filter((one) => one !== '').join(' ') || '–';
}
