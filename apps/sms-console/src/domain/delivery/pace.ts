import { SECOND } from '#support/primitives/durations.ts';

/** A tenth of a second's worth may leave at once. */
const BURSTS_A_SECOND = 10;
const SLOWER = 0.7;
/** Of the limit, a second. */
const RECOVERY = 0.1;
const REST_AFTER_THROTTLE = SECOND / 2;

/** How fast submits may leave: never above the limit, slower when the gateway says that it is too much, then faster again bit by bit. Times are milliseconds of a steady clock. */
export type Pace = {
  /** How many may leave now. */
  available(now: number): number;
  take(count: number): void;
  /** The gateway said that it was too much. */
  throttled(now: number): void;
  /** Submits a second at the moment. */
  readonly perSecond: number;
};

export function openPace(limit: number, start: number): Pace {
  let rate = limit;
  let tokens = 1;
  let countedAt = start;
  let restUntil = start;

  function count(now: number): void {
    const passed = Math.max(0, now - countedAt) / SECOND;
    countedAt = now;
    tokens = Math.min(Math.max(1, rate / BURSTS_A_SECOND), tokens + passed * rate);
    if (now > restUntil) rate = Math.min(limit, rate + passed * limit * RECOVERY);
  }

  return {
    available(now) {
      count(now);
      return now < restUntil ? 0 : Math.floor(tokens);
    },
    take(taken) {
      tokens -= taken;
    },
    throttled(now) {
      count(now);
      // All that were under way are refused together: that is one answer.
      if (now < restUntil) return;
      rate = Math.max(1, rate * SLOWER);
      tokens = 0;
      restUntil = now + REST_AFTER_THROTTLE;
    },
    get perSecond() {
      return rate;
    },
  };
}
