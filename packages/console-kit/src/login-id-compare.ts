import { randomUUID } from 'node:crypto';
import { type Background, inBackground } from './background.ts';
import type { CheckedOptions } from './checked-options.ts';
import { type ApiAnswer, type CallConsoleApi, problemCode } from './console-api.ts';
import { HOUR, MINUTE, SECOND } from './durations.ts';
import type { KnownLoginId, LoginIdStore } from './login-ids.ts';
import { LoginServerUnreachable } from './outbound.ts';
import type { LoginIdsCompared } from './results.ts';

/** As many as the login server takes at once. */
const LARGEST_PAGE = 500;
/** A node that does not finish leaves the turn to another after this. */
const TURN = 30 * MINUTE;
const LONGEST_LOOK = 10 * MINUTE;
/** A sign-in waits no longer than this for the answer about its person. */
const PATIENCE = 1 * SECOND;

type Counts = Omit<Extract<LoginIdsCompared, { ok: true }>, 'ok' | 'compared'>;

/** Brings login IDs together that differ although every change was delivered: after a restored backup, or a change by hand (R18). */
export type LoginIdComparison = Pick<Background, 'start' | 'stop'> & {
  /** Compares all login IDs now, in pages. */
  compareAll(): Promise<LoginIdsCompared>;
  /** Compares the one of a person whose sign-in named another address; takes a second at most, goes on behind, and never throws. */
  compareOne(known: KnownLoginId): Promise<void>;
};

export function loginIdComparison(
  options: CheckedOptions,
  call: CallConsoleApi,
  store: LoginIdStore,
): LoginIdComparison {
  const { clock, log, loginIdCompareIntervalMilliseconds: interval } = options;
  const look = Math.min(Math.max(interval, SECOND) / 10, LONGEST_LOOK);
  const background = inBackground(
    log,
    'comparison of login IDs',
    { interval: look, longest: Math.max(look, LONGEST_LOOK) },
    takeTurn,
  );
  return {
    start: () => {
      if (interval > 0) background.start();
    },
    stop: background.stop,
    compareAll,
    compareOne,
  };

  async function takeTurn(): Promise<{ ok: boolean }> {
    if (!(await store.takeCompareTurn({ now: clock(), until: later(TURN) }))) return { ok: true };
    const result = await compareAll();
    if (!result.ok) log.warn({ reason: result.reason }, 'comparison of login IDs: failed; it is tried again');
    // Up to an hour later each time, so that the consoles of one login server do not meet in one minute for ever.
    await store.setNextCompare(
      later(result.ok ? interval + Math.random() * Math.min(HOUR, interval / 10) : look),
    );
    return { ok: result.ok };
  }

  async function compareAll(): Promise<LoginIdsCompared> {
    const round = randomUUID();
    const counts: Counts = { taken: 0, listed: 0, unknown: 0, inUse: 0 };
    let compared = 0;
    let people = await store.page(null, LARGEST_PAGE);
    for (;;) {
      const after = people.at(-1)?.consoleUserId;
      const next =
        people.length === LARGEST_PAGE && after !== undefined ? await store.page(after, LARGEST_PAGE) : [];
      const failure = await comparePage({ round, last: next.length === 0, people }, counts);
      if (failure) return failure;
      compared += people.length;
      if (next.length === 0) break;
      people = next;
    }
    log.info({ compared, ...counts }, 'comparison of login IDs: done');
    return { ok: true, compared, ...counts };
  }

  async function compareOne(known: KnownLoginId): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, PATIENCE);
    });
    const counts: Counts = { taken: 0, listed: 0, unknown: 0, inUse: 0 };
    const done = comparePage({ round: randomUUID(), last: false, people: [known] }, counts).then(
      () => undefined,
      (error: unknown) =>
        log.error({ err: error, consoleUserId: known.consoleUserId }, 'login ID of a sign-in: not compared'),
    );
    await Promise.race([done, late]);
    clearTimeout(timer);
  }

  async function comparePage(
    page: { round: string; last: boolean; people: readonly KnownLoginId[] },
    counts: Counts,
  ): Promise<Exclude<LoginIdsCompared, { ok: true }> | undefined> {
    const answer = await call({ method: 'POST', path: '/login-ids/compare', body: page });
    if (answer instanceof LoginServerUnreachable) return { ok: false, reason: 'login-server-unreachable' };
    if (answer.status !== 200)
      return { ok: false, reason: 'refused-by-login-server', code: problemCode(answer) };
    const asked = new Set(page.people.map((one) => one.consoleUserId));
    for (const difference of differencesIn(answer)) {
      if (!asked.has(difference.consoleUserId)) continue;
      if (difference.action === 'listed') counts.listed += 1;
      else if (difference.action === 'unknown-user') counts.unknown += 1;
      else {
        const { consoleUserId, emailAddress, version } = difference;
        const applied = await store.apply({ consoleUserId, emailAddress, version });
        if (applied === 'applied') counts.taken += 1;
        else if (applied === 'address-in-use') counts.inUse += 1;
      }
    }
    return undefined;
  }

  function later(milliseconds: number): Date {
    return new Date(clock().getTime() + milliseconds);
  }
}

type Difference =
  | { action: 'take'; consoleUserId: string; emailAddress: string; version: number }
  | { action: 'listed'; consoleUserId: string }
  | { action: 'unknown-user'; consoleUserId: string };

function differencesIn({ body }: ApiAnswer): Difference[] {
  if (!Array.isArray(body.differences)) return [];
  return body.differences.flatMap((one: unknown): Difference[] => {
    const { consoleUserId, action, emailAddress, version } = (
      typeof one === 'object' && one !== null ? one : {}
    ) as Record<string, unknown>;
    if (typeof consoleUserId !== 'string') return [];
    if (action === 'listed' || action === 'unknown-user') return [{ action, consoleUserId }];
    return action === 'take' && typeof emailAddress === 'string' && typeof version === 'number'
      ? [{ action, consoleUserId, emailAddress, version }]
      : [];
  });
}
