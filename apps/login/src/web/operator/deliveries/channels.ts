import type { DeliveryHealth } from '#domain/delivery/health.ts';
import { retryAllEvents, retryEvent, type RetryAllResult } from '#domain/events/again.ts';
import { eventHealth } from '#domain/events/channel.ts';
import { eventEntry, eventLedger, type EventEntry } from '#domain/events/ledger.ts';
import { retryAllDeliveries, retryDelivery } from '#domain/logout/again.ts';
import { deliveryHealth } from '#domain/logout/health.ts';
import { ledgerEntry, logoutLedger, type LedgerEntry } from '#domain/logout/ledger.ts';
import type { Db } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { texts } from './text.ts';

/** What consoles are told of, by the part of the address of its pages. */
export type ChannelName = 'logouts' | 'events';
export const CHANNEL_NAMES: readonly ChannelName[] = ['logouts', 'events'];

/** One console told once, whatever of. */
export type Delivery = {
  deliveryId: string;
  accountId: string | null;
  clientId: string;
  /** The cause of a logout, or the last part of an event's type. */
  what: string;
  at: Date;
  state: 'waiting' | 'delivered' | 'failed';
  tries: number;
  nextTryAt: Date | null;
  lastStatus: number | null;
  lastError: string | null;
  toldBy: 'push' | 'pull' | null;
  endedAt: Date | null;
};

export type Attempt = {
  number: number;
  at: Date;
  kind: 'timetable' | 'probe' | 'poll';
  status: number | null;
  error: string | null;
  tookMs: number;
};

export type RetryProblem =
  'delivery-unknown' | 'event-delivery-unknown' | 'delivery-not-failed' | 'event-overtaken';

type Filter = {
  consoleId?: string;
  accountId?: string;
  state?: Delivery['state'];
  after?: string;
  limit: number;
};
type By = { actor: string; now: Date };

/** The domain functions of one kind of deliveries, in one form for both. */
export type Channel = {
  list(db: Db, filter: Filter): Promise<Delivery[]>;
  one(db: Db, id: string): Promise<(Delivery & { attempts: readonly Attempt[] }) | undefined>;
  retry(db: Db, jobs: Jobs, id: string, by: By): Promise<{ ok: true } | { ok: false; reason: RetryProblem }>;
  retryAll(db: Db, jobs: Jobs, consoleId: string, by: By): Promise<RetryAllResult>;
  health(db: Db): Promise<readonly (DeliveryHealth & { lastAskedAt?: Date | null })[]>;
};

export const CHANNELS: Readonly<Record<ChannelName, Channel>> = {
  logouts: {
    list: async (db, filter) => (await logoutLedger(db, filter)).map(ofLogout),
    one: async (db, id) => {
      const entry = await ledgerEntry(db, id);
      return entry && { ...ofLogout(entry), attempts: entry.attempts };
    },
    retry: retryDelivery,
    retryAll: retryAllDeliveries,
    health: deliveryHealth,
  },
  events: {
    list: async (db, filter) => (await eventLedger(db, filter)).map(ofEvent),
    one: async (db, id) => {
      const entry = await eventEntry(db, id);
      return entry && { ...ofEvent(entry), attempts: entry.attempts };
    },
    retry: retryEvent,
    retryAll: retryAllEvents,
    health: eventHealth,
  },
};

/** What a delivery tells of, in words where it is one of ours. */
export function whatWords({ what }: Delivery, locale: Locale): string {
  const { causes, types } = texts[locale];
  return ({ ...causes, ...types } as Readonly<Record<string, string>>)[what] ?? what;
}

function ofLogout({ cause, ...entry }: LedgerEntry): Delivery {
  return { ...entry, what: cause };
}

function ofEvent({ type, ...entry }: EventEntry): Delivery {
  return { ...entry, what: type.split('/').at(-1) ?? type, toldBy: null };
}
