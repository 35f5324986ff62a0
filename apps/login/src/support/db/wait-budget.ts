import { AsyncLocalStorage } from 'node:async_hooks';
import type pg from 'pg';

/** How much longer a request may wait for connections to the database, over all of its statements. */
export type WaitBudget = {
  /** In milliseconds. */
  left: number;
  readonly most: number;
  /** When its last wait ended, by the process's own clock; in milliseconds. */
  waitedAt: number;
};

/** Of the time in which a request does something else this part is given back, so that an export of many minutes is not cut off for what it has waited in all. */
const GIVEN_BACK = 0.25;

const budgets = new AsyncLocalStorage<WaitBudget>();

/** @param most milliseconds */
export function waitBudget(most: number): WaitBudget {
  return { left: most, most, waitedAt: performance.now() };
}

/** Whatever `work` begins waits for connections out of this budget: where the first wait was in vain, an answer that asks once more on its way out does not wait as long again. */
export function withWaitBudget<T>(budget: WaitBudget, work: () => T): T {
  return budgets.run(budget, work);
}

/** Whether somebody waits for the answer to a request. */
export function isInRequest(): boolean {
  return budgets.getStore() !== undefined;
}

/**
 * A connection of the pool. For a request with a budget it waits no longer than what is left of it, otherwise as long as the pool does; either way it fails with the pool's own words.
 */
export async function connectionOf(pool: pg.Pool): Promise<pg.PoolClient> {
  const budget = budgets.getStore();
  // One that is idle is there at once.
  if (!budget || pool.idleCount > pool.waitingCount) return pool.connect();
  const begun = performance.now();
  budget.left = Math.min(budget.most, budget.left + (begun - budget.waitedAt) * GIVEN_BACK);
  const connecting = pool.connect();
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('timeout exceeded when trying to connect')), budget.left);
  });
  try {
    return await Promise.race([connecting, tooLate]);
  } catch (error) {
    // Whatever still comes of it belongs to the pool.
    connecting.then(
      (client) => client.release(),
      () => undefined,
    );
    throw error;
  } finally {
    clearTimeout(timer);
    budget.waitedAt = performance.now();
    budget.left = Math.max(0, budget.left - (budget.waitedAt - begun));
  }
}
