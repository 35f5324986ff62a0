import { MINUTE, SECOND } from '#support/primitives/durations.ts';
import type { Carriage, CarriageLink } from './carriage.ts';
import type { PartOutcome } from './decide.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import { kannelCarriage } from './kannel-carriage.ts';
import { openPace } from './pace.ts';
import type { Receipt } from './read-receipt.ts';
import { smppCarriage } from './smpp-carriage.ts';
import type { Sendable } from './submit.ts';

export type GatewayState = {
  readonly gateway: string;
  readonly state: 'connecting' | 'bound' | 'resting' | 'away';
  readonly since: Date;
  readonly lastError: string | null;
  readonly lastErrorAt: Date | null;
  readonly inFlight: number;
  readonly perSecond: number;
};

/** `codes`: how many parts may be written now; `others`: how many of them other than codes, a place is kept for these. */
export type Room = { readonly codes: number; readonly others: number };

export type GatewayEvents = {
  /** Something may go on: an answer came, or a bind. */
  onRoom(): void;
  /** A receipt came over the bind; `answer` says whether it is stored. */
  onReceipt(receipt: Receipt, answer: (stored: boolean) => void): void;
  log(level: 'info' | 'warn', facts: Readonly<Record<string, unknown>>, sentence: string): void;
};

/** Writes one part and tells once what became of it. False: nothing was written, and nothing is told. */
export type Submit = (onOutcome: (outcome: PartOutcome) => void) => boolean;

/** Kept bound until it is stopped: it comes again after every end, each time a little later. */
export type Gateway = {
  readonly settings: GatewaySettings;
  start(): void;
  /** Takes nothing more, lets what is under way be answered for a while, and unbinds. */
  stop(grace: number): Promise<void>;
  room(): Room;
  /** The parts of a message in their order, the same every time. */
  plan(message: Sendable): readonly Submit[];
  state(): GatewayState;
};

export type Backoff = { readonly first: number; readonly most: number };
export const BACKOFF: Backoff = { first: SECOND, most: MINUTE };

/** After so many refusals in a row that say nothing about the messages, or one that blames our settings, others get the work. */
const FAILURES_BEFORE_REST = 20;
const REST = 30 * SECOND;
const WINDOW_WITH_A_PLACE_FOR_CODES = 4;
const A_GOOD_WHILE = 30 * SECOND;

/** A gateway of either kind: window, pace, rests and coming again are the same. */
export function createGateway(
  settings: GatewaySettings,
  events: GatewayEvents,
  clock: () => Date,
  backoff: Backoff = BACKOFF,
): Gateway {
  return settings.kind === 'smpp'
    ? keepBound(settings, smppCarriage(settings), events, clock, backoff)
    : keepBound(settings, kannelCarriage(settings), events, clock, backoff);
}

function keepBound<Part>(
  settings: GatewaySettings,
  carriage: Carriage<Part>,
  events: GatewayEvents,
  clock: () => Date,
  backoff: Backoff,
): Gateway {
  const pace = openPace(settings.perSecond, performance.now());
  let link: CarriageLink<Part> | null = null;
  let bound = false;
  let stopped = false;
  let inFlight = 0;
  let failedBinds = 0;
  let failures = 0;
  let restUntil = 0;
  let boundAt = 0;
  let since = clock();
  let lastError: { text: string; at: Date } | null = null;
  let reconnect: NodeJS.Timeout | undefined;
  let onIdle: (() => void) | null = null;

  function open(): void {
    since = clock();
    link = carriage.open({
      onReady() {
        bound = true;
        boundAt = performance.now();
        since = clock();
        events.log('info', { gateway: settings.name }, 'bound to the gateway');
        events.onRoom();
      },
      onReceipt: events.onReceipt,
      onEnd,
    });
  }

  function onEnd(error: string): void {
    const wasGood = bound && performance.now() - boundAt > A_GOOD_WHILE;
    bound = false;
    link = null;
    since = clock();
    if (stopped) return;
    failedBinds = wasGood ? 0 : failedBinds + 1;
    lastError = { text: error, at: clock() };
    const most = Math.min(backoff.most, backoff.first * 2 ** Math.min(20, failedBinds));
    // Between half and all of it: many that lost the same gateway do not come back in step.
    const wait = most / 2 + Math.random() * (most / 2);
    events.log(
      'warn',
      { gateway: settings.name, error, againInMilliseconds: Math.round(wait) },
      'the bind to the gateway ended',
    );
    reconnect = setTimeout(open, wait);
  }

  function noteOutcome(outcome: PartOutcome): void {
    if (outcome.kind === 'in-doubt' || outcome.kind === 'unsent') return;
    if (outcome.kind === 'taken') {
      failures = 0;
      return;
    }
    const { name, verdict } = outcome;
    if (verdict === 'number' || verdict === 'content') {
      failures = 0;
      return;
    }
    lastError = { text: name, at: clock() };
    if (verdict === 'slow-down') return pace.throttled(performance.now());
    failures += 1;
    if (verdict !== 'gateway' && failures < FAILURES_BEFORE_REST) return;
    if (performance.now() < restUntil) return;
    restUntil = performance.now() + REST;
    events.log('warn', { gateway: settings.name, error: name }, 'the gateway rests after its refusals');
  }

  function submit(part: Part, onOutcome: (outcome: PartOutcome) => void): boolean {
    if (!bound || link === null) return false;
    const written = link.submit(part, (outcome) => {
      inFlight -= 1;
      noteOutcome(outcome);
      onOutcome(outcome);
      if (inFlight === 0) onIdle?.();
      events.onRoom();
    });
    if (!written) return false;
    inFlight += 1;
    pace.take(1);
    return true;
  }

  return {
    settings,
    start: open,
    async stop(grace) {
      stopped = true;
      clearTimeout(reconnect);
      if (inFlight > 0)
        await new Promise<void>((resolve) => {
          onIdle = resolve;
          setTimeout(resolve, grace).unref();
        });
      link?.close();
    },
    room() {
      const now = performance.now();
      if (!bound || stopped || now < restUntil) return { codes: 0, others: 0 };
      const free = Math.max(0, settings.window - inFlight);
      const kept = settings.window >= WINDOW_WITH_A_PLACE_FOR_CODES ? 1 : 0;
      const tokens = Math.max(0, pace.available(now));
      return { codes: Math.min(free, tokens), others: Math.min(Math.max(0, free - kept), tokens) };
    },
    plan: (message) =>
      carriage.plan(message).map(
        (part): Submit =>
          (onOutcome) =>
            submit(part, onOutcome),
      ),
    state: () => ({
      gateway: settings.name,
      state: bound
        ? performance.now() < restUntil
          ? 'resting'
          : 'bound'
        : link === null
          ? 'away'
          : 'connecting',
      since,
      lastError: lastError?.text ?? null,
      lastErrorAt: lastError?.at ?? null,
      inFlight,
      perSecond: pace.perSecond,
    }),
  };
}
