import { createWatch, type Watch } from '#support/primitives/watch.ts';

/** The notification that every change of a plan sends with its commit; its payload is the console's id. */
export const PLAN_CHANGED = 'plan_changed';

/** So many requests of one console may wait on one node; a console has a few nodes, each with one. */
const PLACES = 32;

/** Who waits for the plan of a console to change, on this node. */
export type PlanWatch = Watch;

export function planWatch(places = PLACES): PlanWatch {
  return createWatch(places);
}
