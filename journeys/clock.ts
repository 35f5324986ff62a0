/** The machine's clock, for every program in this process at once. Browsers keep the real one. */
export type MachineClock = {
  now(): Date;
  /** Lets time pass at once. */
  pass(milliseconds: number): void;
  /** Gives the real clock back. */
  release(): void;
};

/**
 * Takes over `Date` of this process. The apps have their clock injected, but the protocol engine and the OpenID client below them read `Date` by
 * themselves: moving it for all is what a machine does whose time passes. Timers go on in real time.
 */
export function takeClock(): MachineClock {
  const RealDate = globalThis.Date;
  let ahead = 0;
  const now = (): number => RealDate.now() + ahead;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given, newTarget) =>
      Reflect.construct(
        target,
        given.length === 0 ? [now()] : given,
        newTarget === MovedDate() ? target : newTarget,
      ) as object,
    apply: () => new RealDate(now()).toString(),
    get: (target, key) => (key === 'now' ? now : (Reflect.get(target, key) as unknown)),
  });
  return {
    now: () => new RealDate(now()),
    pass(milliseconds) {
      ahead += milliseconds;
    },
    release() {
      globalThis.Date = RealDate;
    },
  };

  function MovedDate(): unknown {
    return globalThis.Date;
  }
}
