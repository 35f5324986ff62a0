import { HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';

/** Pauses before the 2nd, 3rd … try; after these one an hour until a day has passed. */
const PAUSES = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE];
/** How long a delivery is tried before it is listed as failed, and again after an operator has it tried anew. */
export const GIVE_UP_AFTER = 24 * HOUR;
export const TRY_TIMEOUT = 5 * SECOND;
/** How long a try belongs to its worker; afterwards another one may begin, and what the first one brings is not written. */
export const LEASE = 20 * SECOND;
/** How long a worker waits for a place at a console that is busy, and how long a delivery that found none is put off. */
export const PATIENCE = 500;
export const PUT_OFF = 1 * SECOND;
/** Longer than a try takes; what has waited this long past its time has lost its job. */
export const OVERDUE = 30 * SECOND;

/**
 * When a delivery is tried again that did not arrive.
 * @param before tries before this one
 * @param asked milliseconds for which the console asked to wait
 */
export function nextTry(before: number, asked: number, giveUpAt: Date, now: Date): Date {
  const pause = Math.max(PAUSES[before] ?? 1 * HOUR, asked);
  return new Date(Math.min(now.getTime() + pause, giveUpAt.getTime()));
}

/** Whether the answer says that the console is there and did not like this delivery. A redirect does not: it leads away, to a page that says sorry, as often as not. */
export function isPresent(status: number | null): boolean {
  return status !== null && status >= 400 && status < 500 && ![408, 425, 429].includes(status);
}

/** Retry-After in milliseconds (RFC 9110 §10.2.3), at most a day; 0 when absent or unreadable. */
export function retryAfter(header: string | undefined, now: Date): number {
  if (!header) return 0;
  const pause = /^\d+$/.test(header) ? Number(header) * SECOND : Date.parse(header) - now.getTime();
  return Number.isFinite(pause) ? Math.min(Math.max(pause, 0), 24 * HOUR) : 0;
}
