/** The notification that every change of a plan sends with its commit; its payload is the console's id. */
export const PLAN_CHANGED = 'plan_changed';

/** So many requests of one console may wait on one node; a console has a few nodes, each with one. */
const PLACES = 32;

/** Who waits for a plan to change, on this node. */
export type PlanWatch = {
  /** Takes a place for somebody who waits; undefined when all of this console's places are taken, or the node is closing. */
  take(consoleId: string): PlanWait | undefined;
  /** Wakes those who wait for this console, or everybody when nobody knows whose plan changed. */
  changed(consoleId?: string): void;
  /** Ends all waiting, for good. */
  close(): void;
};

export type PlanWait = {
  /**
   * Resolves with true as soon as the plan may have changed since this place was taken or last looked at (so that nothing is missed between reading the plan and
   * waiting), else with false after so many milliseconds; at once when the place was given back or the node closes.
   */
  next(milliseconds: number): Promise<boolean>;
  /** Whether there is no use in waiting on. */
  over(): boolean;
  /** Gives the place back. */
  leave(): void;
};

export function planWatch(places = PLACES): PlanWatch {
  const waiting = new Map<string, Set<{ wake(changed: boolean): void; end(): void }>>();
  let closed = false;
  return {
    take(consoleId) {
      const others = waiting.get(consoleId) ?? new Set();
      if (closed || others.size >= places) return undefined;
      let news = false;
      let ended = false;
      let resolve: ((changed: boolean) => void) | undefined;
      const place = {
        wake(changed: boolean) {
          news ||= changed;
          resolve?.(news);
        },
        end() {
          ended = true;
          others.delete(place);
          if (others.size === 0 && waiting.get(consoleId) === others) waiting.delete(consoleId);
          resolve?.(news);
        },
      };
      others.add(place);
      waiting.set(consoleId, others);
      return {
        async next(milliseconds) {
          let timer: NodeJS.Timeout | undefined;
          if (!news && !ended)
            await new Promise<boolean>((done) => {
              resolve = done;
              timer = setTimeout(() => done(false), milliseconds);
            });
          clearTimeout(timer);
          const changed = news;
          news = false;
          return changed;
        },
        over: () => ended,
        leave: () => place.end(),
      };
    },
    changed(consoleId) {
      const whose = consoleId === undefined ? [...waiting.values()] : [waiting.get(consoleId) ?? []];
      for (const places of whose) for (const place of [...places]) place.wake(true);
    },
    close() {
      closed = true;
      for (const places of [...waiting.values()]) for (const place of [...places]) place.end();
    },
  };
}
