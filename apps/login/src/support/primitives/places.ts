/** A few places for each key, in this process. */
export type Places = {
  /**
   * Waits for a place and takes it.
   * @param patience milliseconds; undefined when none has become free by then
   * @returns gives the place free; call it once
   */
  take(key: string, patience: number): Promise<(() => void) | undefined>;
};

/** @param limit how many places each key has */
export function createPlaces(limit: number): Places {
  const taken = new Map<string, number>();
  const waiting = new Map<string, (() => void)[]>();

  const free = (key: string): void => {
    const next = waiting.get(key)?.shift();
    if (next) return next();
    const left = (taken.get(key) ?? 1) - 1;
    if (left > 0) taken.set(key, left);
    else taken.delete(key);
    if (waiting.get(key)?.length === 0) waiting.delete(key);
  };

  return {
    async take(key, patience) {
      const now = taken.get(key) ?? 0;
      if (now < limit) {
        taken.set(key, now + 1);
        return () => free(key);
      }
      const row = waiting.get(key) ?? [];
      waiting.set(key, row);
      return new Promise((resolve) => {
        const called = (): void => {
          clearTimeout(timer);
          resolve(() => free(key));
        };
        const timer = setTimeout(() => {
          row.splice(row.indexOf(called), 1);
          resolve(undefined);
        }, patience);
        row.push(called);
      });
    },
  };
}
