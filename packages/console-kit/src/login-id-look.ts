import type { CheckedOptions } from './checked-options.ts';
import { SECOND } from './durations.ts';
import type { LoginIdDelivery } from './login-id-delivery.ts';
import type { LoginIdChange, LoginIdStore } from './login-ids.ts';

/** A page waits no longer than this for what it may still learn; the try goes on without it. */
const PAGE_WAITS = 1.5 * SECOND;
/** A person who reloads and reloads has their change tried no oftener, per node. */
const BETWEEN_TRIES = 1 * SECOND;
/** Tries of this node at once, however many people look during an outage; whoever is one too many sees what the row says. */
const AT_ONCE = 8;
/** An earlier change of the person can be in the way of the newest. */
const STEPS = 3;

export type LoginIdLook = {
  look(consoleUserId: string): Promise<LoginIdChange | null>;
  /** Resolves when no try is under way. */
  stop(): Promise<void>;
};

/** Somebody waits for a change that goes on by itself (R18): it is tried at once, whatever pause the background has come to. */
export function loginIdLook(
  { clock, log }: CheckedOptions,
  store: LoginIdStore,
  { bring, lease }: LoginIdDelivery,
): LoginIdLook {
  /** What each person's last try settled, or null; with their ids. */
  const underWay = new Map<string, Promise<LoginIdChange | null>>();
  /** When each person's last try began, the oldest first. */
  const begun = new Map<string, number>();
  return { look, stop };

  async function look(consoleUserId: string): Promise<LoginIdChange | null> {
    const open = await store.find(consoleUserId);
    if (open === null || open.state === 'code-sent') return open;
    const settled = await atMost(PAGE_WAITS, tryOf(consoleUserId));
    return (await store.find(consoleUserId)) ?? settled;
  }

  async function stop(): Promise<void> {
    await Promise.all(underWay.values());
  }

  function tryOf(consoleUserId: string): Promise<LoginIdChange | null> {
    const running = underWay.get(consoleUserId);
    if (running) return running;
    const now = clock().getTime();
    for (const [id, at] of begun) if (Math.abs(now - at) >= BETWEEN_TRIES) begun.delete(id);
    if (begun.has(consoleUserId) || underWay.size >= AT_ONCE) return Promise.resolve(null);
    begun.set(consoleUserId, now);
    const started = tryNow(consoleUserId)
      .catch((error: unknown) => {
        log.error({ err: error }, 'login-ID changes: one that a person waits for cannot be tried');
        return null;
      })
      .finally(() => underWay.delete(consoleUserId));
    underWay.set(consoleUserId, started);
    return started;
  }

  async function tryNow(consoleUserId: string): Promise<LoginIdChange | null> {
    let settled: LoginIdChange | null = null;
    for (let step = 0; step < STEPS; step += 1) {
      const change = await store.claim({ now: clock(), busyUntil: lease(), consoleUserId });
      if (change === null) break;
      const tried = await bring(change);
      if (tried.outcome === 'put-off') break;
      if (tried.outcome === 'settled') settled = tried.change;
    }
    return settled;
  }
}

async function atMost<T>(milliseconds: number, promise: Promise<T>): Promise<T | null> {
  const { promise: over, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(resolve, milliseconds, null);
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}
