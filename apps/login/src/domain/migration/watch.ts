/** The notification that every change of a plan sends with its commit; its payload is the console's id. */
export const PLAN_CHANGED = 'plan_changed';
