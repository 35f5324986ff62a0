import { MINUTE, SECOND } from '#support/primitives/durations.ts';
import { openLink, type Link, type LinkEnd, type SubmitAnswer } from '#support/smpp/link.ts';
import type { Pdu, PduFields } from '#support/smpp/smpp.d.ts';
import { readStatus } from './command-status.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import { openPace } from './pace.ts';

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
  onDeliver(pdu: Pdu, answer: (status: number) => void): void;
  log(level: 'info' | 'warn', facts: Readonly<Record<string, unknown>>, sentence: string): void;
};

/** Kept bound until it is stopped: it comes again after every end, each time a little later. */
export type Gateway = {
  readonly settings: GatewaySettings;
  start(): void;
  /** Takes nothing more, lets what is under way be answered for a while, and unbinds. */
  stop(grace: number): Promise<void>;
  room(): Room;
  /** False: nothing was written. */
  submit(fields: PduFields, onAnswer: (answer: SubmitAnswer) => void): boolean;
  state(): GatewayState;
};

export type Backoff = { readonly first: number; readonly most: number };
export const BACKOFF: Backoff = { first: SECOND, most: MINUTE };

/** After so many refusals in a row that say nothing about the messages, or one that blames our settings, others get the work. */
const FAILURES_BEFORE_REST = 20;
const REST = 30 * SECOND;
const WINDOW_WITH_A_PLACE_FOR_CODES = 4;
const A_GOOD_WHILE = 30 * SECOND;

export function createGateway(
  settings: GatewaySettings,
  events: GatewayEvents,
  clock: () => Date,
  backoff: Backoff = BACKOFF,
): Gateway {
  const pace = openPace(settings.perSecond, performance.now());
  let link: Link | null = null;
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
    link = openLink(
      {
        ...settings,
        enquireInterval: settings.enquireLinkSeconds,
        answerTimeout: settings.answerSeconds,
      },
      {
        onBound() {
          bound = true;
          boundAt = performance.now();
          since = clock();
          events.log('info', { gateway: settings.name }, 'bound to the gateway');
          events.onRoom();
        },
        onDeliver: events.onDeliver,
        onEnd,
      },
    );
  }

  function onEnd(end: LinkEnd): void {
    const wasGood = bound && performance.now() - boundAt > A_GOOD_WHILE;
    bound = false;
    link = null;
    since = clock();
    if (stopped) return;
    failedBinds = wasGood ? 0 : failedBinds + 1;
    const error = wordsFor(end);
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

  function noteAnswer(answer: SubmitAnswer): void {
    if (answer.kind === 'in-doubt') return;
    if (answer.kind === 'taken') {
      failures = 0;
      return;
    }
    const { name, verdict } = readStatus(answer.status);
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
    submit(fields, onAnswer) {
      if (!bound || link === null) return false;
      const written = link.submit(fields, (answer) => {
        inFlight -= 1;
        noteAnswer(answer);
        onAnswer(answer);
        if (inFlight === 0) onIdle?.();
        events.onRoom();
      });
      if (!written) return false;
      inFlight += 1;
      pace.take(1);
      return true;
    },
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

function wordsFor(end: LinkEnd): string {
  if (end.status !== undefined) return `bind refused: ${readStatus(end.status).name}`;
  return end.detail === undefined ? end.reason : `${end.reason}: ${end.detail}`;
}
