/** Who waits for news of a key (a console), on this node. */
export type Watch = {
  /** Takes a place for somebody who waits; undefined when all of this key's places are taken, or the node is closing. */
  take(key: string): Wait | undefined;
  /** Wakes those who wait for this key, or everybody when nobody knows whose news it is. */
  changed(key?: string): void;
  /** Ends all waiting, for good. */
  close(): void;
};

export type Wait = {
  /**
   * Resolves with true as soon as there may be news since this place was taken or last looked at (so that nothing is missed between reading and
   * waiting), else with false after so many milliseconds; at once when the place was given back or the node closes.
   */
  next(milliseconds: number): Promise<boolean>;
  /** Whether there is no use in waiting on. */
  over(): boolean;
  /** Gives the place back. */
  leave(): void;
};

/** @param places how many may wait for one key on this node */
export function createWatch(places: number): Watch {
  const waiting = new Map<string, Set<{ wake(changed: boolean): void; end(): void }>>();
  let closed = false;
  return {
    take(key) {
      const others = waiting.get(key) ?? new Set();
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
          if (others.size === 0 && waiting.get(key) === others) waiting.delete(key);
          resolve?.(news);
        },
      };
      others.add(place);
      waiting.set(key, others);
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
    changed(key) {
      const whose = key === undefined ? [...waiting.values()] : [waiting.get(key) ?? []];
      for (const places of whose) for (const place of [...places]) place.wake(true);
    },
    close() {
      closed = true;
      for (const places of [...waiting.values()]) for (const place of [...places]) place.end();
    },
  };
}
