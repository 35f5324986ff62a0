import { createWatch, type Watch } from '#support/primitives/watch.ts';

/** The notification that new events for consoles that poll send with their commit; its payload is the console's id. */
export const EVENTS_WAITING = 'events_waiting';

/** So many requests of one console may wait on one node. */
const PLACES = 8;

/** Consoles that wait for events, on this node. */
export type EventWatch = Watch;

export function eventWatch(places = PLACES): EventWatch {
  return createWatch(places);
}
