import { jittered } from './background.ts';
import type { CheckedOptions } from './checked-options.ts';
import type { CallConsoleApi } from './console-api.ts';
import { HOUR, SECOND } from './durations.ts';
import { askForChange, type ChangeThere, findChange } from './login-id-change.ts';
import type { LoginIdChange, LoginIdChangeFields, LoginIdStore } from './login-ids.ts';

/** A person may be waiting: however long an outage was, what is in the outbox goes on this soon after it. */
export const LONGEST_PAUSE = 15 * SECOND;
/** How often the login server is asked about a change that waits for its code: nothing stays open that has ended there. */
const LOOK_AFTER = 1 * HOUR;
/** A node that took a change in hand and said nothing for this long, beyond the wait for one answer, is taken for dead. */
const GRACE = 5 * SECOND;
/** Causes to put something off that are no trouble. */
const TOO_MANY = 'too-many';
const PENDING = 'pending';

/** What one try came to: `put-off` is tried again later. */
export type Tried =
  | { change: LoginIdChange; outcome: 'settled' | 'code-sent' }
  | { change: LoginIdChange; outcome: 'put-off'; cause: string };

/** What became of a confirmed address in the console's own record. */
export type Applied =
  { ok: true; emailAddress: string } | { ok: false; reason: 'address-in-use' | 'user-unknown' };

/** The steps that bring a row of the outbox to where its change is at the login server. Each may be cut off anywhere and taken again, by any node. */
export type LoginIdDelivery = {
  /** Everything that is due. */
  deliverAll(): Promise<{ ok: boolean }>;
  /** Takes the next step of a change that the caller has claimed. */
  bring(change: LoginIdChange): Promise<Tried>;
  /** Hands a noted change to the login server; a person is told of `too-many` at once, in the background it is waited for. */
  send(change: LoginIdChange, forWhom: 'person' | 'background'): Promise<Tried>;
  /** Asks the login server how a change stands whose confirmation brought no answer. */
  ask(change: LoginIdChange): Promise<Tried>;
  /** Takes a confirmed address over, in one transaction with the row. */
  apply(change: LoginIdChange, emailAddress: string, version: number): Promise<Applied>;
  /** The row waits for a code, again. */
  awaitCode(change: LoginIdChange): Promise<LoginIdChange | null>;
  settle(change: LoginIdChange, fields: LoginIdChangeFields): Promise<Tried>;
  /** Until when a node that takes something in hand now may be busy with it. */
  lease(): Date;
};

export function loginIdDelivery(
  options: CheckedOptions,
  call: CallConsoleApi,
  store: LoginIdStore,
): LoginIdDelivery {
  const { clock, log, loginIdIntervalMilliseconds: interval } = options;
  /** What was last wrong; each trouble is logged once, not at every try of an outage. */
  let trouble: string | null = null;
  return { deliverAll, bring, send, ask, apply, awaitCode, settle, lease };

  async function deliverAll(): Promise<{ ok: boolean }> {
    for (;;) {
      const change = await store.claim({ now: clock(), busyUntil: lease() });
      if (change === null) return { ok: true };
      if (troubleOf(await bring(change)) !== null) return { ok: false };
    }
  }

  async function bring(change: LoginIdChange): Promise<Tried> {
    const tried = await (change.state === 'noted' ? send(change, 'background') : ask(change));
    const what = troubleOf(tried);
    if (what !== null) troubled(what);
    else if (tried.outcome !== 'put-off') told();
    return tried;
  }

  async function send(change: LoginIdChange, forWhom: 'person' | 'background'): Promise<Tried> {
    const answer = await askForChange(options, call, change);
    if (answer.ok) return follow(change, answer);
    switch (answer.reason) {
      case 'too-many':
        if (forWhom === 'background') return waitAsTold(change, answer.retryAfterSeconds ?? 0);
        return settle(change, {
          state: 'refused',
          reason: answer.reason,
          nextTryAt: later((answer.retryAfterSeconds ?? 0) * SECOND),
        });
      case 'login-server-unreachable':
        return putOff(change, answer.cause);
      case 'refused-by-login-server':
      case 'idempotency-key-reused':
        return putOff(change, 'code' in answer ? answer.code : answer.reason);
      case 'user-unknown':
      case 'address-malformed':
      case 'address-unchanged':
      case 'kept-by-administrators':
        return settle(change, { state: 'refused', reason: answer.reason });
    }
  }

  async function ask(change: LoginIdChange): Promise<Tried> {
    if (change.sent === null) throw new Error('A change that nobody knows cannot be asked for.');
    const answer = await findChange(call, change.sent.id);
    if (answer.ok) return follow(change, answer);
    switch (answer.reason) {
      case 'change-unknown':
        return settle(change, { state: 'ended', reason: answer.reason });
      case 'login-server-unreachable':
        return putOff(change, answer.cause);
      case 'refused-by-login-server':
        return putOff(change, answer.code);
    }
  }

  /** Brings the row to where the change is at the login server. */
  async function follow(change: LoginIdChange, there: ChangeThere): Promise<Tried> {
    const { sent, newEmailAddress, version } = there;
    switch (there.state) {
      case 'confirmed': {
        if (version === null) throw new Error('The login server confirmed a change without a version.');
        const result = await apply({ ...change, sent }, newEmailAddress, version);
        const state = result.ok ? ('applied' as const) : ('refused' as const);
        return { change: { ...change, sent, state, newEmailAddress }, outcome: 'settled' };
      }
      case 'ended':
      case 'undone':
        return settle(change, {
          state: 'ended',
          reason: there.state === 'undone' ? 'undone' : 'change-ended',
          sent,
        });
      case 'pending': {
        // Whoever gave up waiting for the answer may be ahead of the confirmation: it is asked for once more.
        if (change.state === 'confirming' && change.tries === 0) return waitForConfirmation(change);
        const newest = await store.find(change.consoleUserId);
        if (newest !== null && newest.number > change.number)
          return settle(change, { state: 'cancelled', reason: 'replaced', sent });
        return { change: (await awaitCode({ ...change, sent })) ?? change, outcome: 'code-sent' };
      }
    }
  }

  async function apply(
    change: LoginIdChange,
    emailAddress: string,
    version: number,
  ): Promise<{ ok: true; emailAddress: string } | { ok: false; reason: 'address-in-use' | 'user-unknown' }> {
    const { consoleUserId, key } = change;
    const applied = await store.apply({ consoleUserId, emailAddress, version, key });
    if (applied === 'applied' || applied === 'known') return { ok: true, emailAddress };
    log.error({ consoleUserId, version, reason: applied }, 'login-ID changes: one cannot be taken over');
    if (applied === 'user-unknown')
      await store.write(change, { state: 'refused', reason: applied, busyUntil: null });
    return { ok: false, reason: applied };
  }

  function awaitCode(change: LoginIdChange): Promise<LoginIdChange | null> {
    const { sent } = change;
    const nextTryAt = later(LOOK_AFTER);
    return store.write(change, { state: 'code-sent', sent, tries: 0, busyUntil: null, nextTryAt });
  }

  async function settle(change: LoginIdChange, fields: LoginIdChangeFields): Promise<Tried> {
    const all = { ...fields, busyUntil: null };
    return { change: (await store.write(change, all)) ?? { ...change, ...all }, outcome: 'settled' };
  }

  async function putOff(
    change: LoginIdChange,
    cause: string,
    fields: LoginIdChangeFields = {},
  ): Promise<Tried> {
    const pause = jittered(Math.min(interval * 2 ** Math.min(change.tries, 20), LONGEST_PAUSE));
    const waits = { busyUntil: null, nextTryAt: later(pause), tries: change.tries + 1, ...fields };
    return { change: (await store.write(change, waits)) ?? change, outcome: 'put-off', cause };
  }

  /** Never before the login server said, also for somebody who looks: jitter only adds to that, and without tries the moment is kept. */
  function waitAsTold(change: LoginIdChange, seconds: number): Promise<Tried> {
    return putOff(change, TOO_MANY, { nextTryAt: later(seconds * SECOND + jittered(interval)), tries: 0 });
  }

  /** Nobody asks while it may be on its way. */
  function waitForConfirmation(change: LoginIdChange): Promise<Tried> {
    const nextTryAt = later(GRACE);
    return putOff(change, PENDING, { nextTryAt, busyUntil: nextTryAt });
  }

  function troubleOf(tried: Tried): string | null {
    if (tried.outcome !== 'put-off' || tried.cause === TOO_MANY || tried.cause === PENDING) return null;
    return tried.cause;
  }

  function told(): void {
    if (trouble !== null) log.info({}, 'login-ID changes: delivered again');
    trouble = null;
  }

  function troubled(what: string): void {
    if (trouble !== what)
      log.warn({ trouble: what }, 'login-ID changes: cannot be delivered; they stay in the outbox');
    trouble = what;
  }

  function lease(): Date {
    return later(options.timeoutMilliseconds + GRACE);
  }

  function later(milliseconds: number): Date {
    return new Date(clock().getTime() + milliseconds);
  }
}
