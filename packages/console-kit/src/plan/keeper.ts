import { setTimeout as pause } from 'node:timers/promises';
import type { CheckedOptions } from '../checked-options.ts';
import { type ApiAnswer, type CallConsoleApi, problemCode } from '../console-api.ts';
import { SECOND } from '../durations.ts';
import { LoginServerUnreachable } from '../outbound.ts';
import type { Unreachable } from '../results.ts';
import { parsePlan } from './parse.ts';
import type { Plan } from './plan.ts';

/** Each pause is up to a tenth shorter or longer, so that nodes do not ask in step. */
const JITTER = 0.1;
const CLOCKS_AGREE = 5 * SECOND;
/** A login server that did not wait is asked to again after so many pauses; until then asking every few seconds has to do. */
const PAUSES_WITHOUT_WAITING = 12;
/** An answer that came sooner than this was not waited for. */
const AT_ONCE = 1 * SECOND;
const UNREACHABLE: Unreachable = { ok: false, reason: 'login-server-unreachable' };

type Asked = { ok: true; changed: boolean } | Unreachable;

/** Asks for the plan and keeps the last one known. */
export type PlanKeeper = {
  /**
   * Loads the last known plan from the store, then asks for the newest every few seconds, and to be told of a change at once. Does not wait for the login server.
   * Throws if the store does: without its last known plan a console could not tell whether it has been cut over.
   */
  start(): Promise<void>;
  /** Stops asking; resolves when no request is under way. */
  stop(): Promise<void>;
  /** Asks once, now. */
  refresh(): Promise<Asked>;
  /** The last known plan; null if none was ever seen. */
  current(): Plan | null;
};

/**
 * R12, R16: the plan by `GET /plan` with `If-None-Match`. Two loops: one request that the login server holds open until the plan changes (`Prefer: wait`), and below it, as
 * the net that needs nothing of the other, one every few seconds. An outage leaves the last known plan in force.
 */
export function planKeeper(options: CheckedOptions, call: CallConsoleApi): PlanKeeper {
  let plan: Plan | null = null;
  /** Of the plan that is stored; without it the next answer is a full one and is stored again. */
  let etag: string | null = null;
  /** Counts the plans that came in, so that a late answer does not put an older one in the place of a newer. */
  let received = 0;
  /** Grows with each start and stop, so that a loop knows when it is over. */
  let turn = 0;
  let running = false;
  /** What was last wrong; each trouble is logged once, not every few seconds of an outage. */
  let trouble: string | null = null;
  let stopping = new AbortController();
  let asking: Promise<Asked> | null = null;
  let waiting: Promise<void> = Promise.resolve();
  let saving: Promise<boolean> = Promise.resolve(true);

  return {
    start: async () => {
      if (running) return;
      running = true;
      plan = (await options.plan.load()) ?? plan;
      const mine = ++turn;
      stopping = new AbortController();
      void askAgainAndAgain(mine, stopping.signal);
      if (options.planWaitSeconds > 0) waiting = waitAgainAndAgain(mine, stopping.signal);
    },
    stop: async () => {
      running = false;
      turn++;
      stopping.abort();
      await Promise.all([asking, waiting]);
    },
    refresh,
    current: () => plan,
  };

  /** The net below: needs nothing of the login server but an answer. */
  async function askAgainAndAgain(mine: number, signal: AbortSignal): Promise<void> {
    while (mine === turn) {
      await refresh();
      await pauseOf(1, signal);
    }
  }

  async function waitAgainAndAgain(mine: number, signal: AbortSignal): Promise<void> {
    await asking;
    let changedAtOnce = false;
    while (mine === turn) {
      const began = performance.now();
      const outcome = await waitForChange(signal);
      const atOnce = performance.now() - began < AT_ONCE;
      // A server that has something new each time it is asked is not asked in a circle.
      const onward = outcome === 'waited' || (outcome === 'changed' && !(atOnce && changedAtOnce));
      changedAtOnce = outcome === 'changed' && atOnce;
      if (!onward) await pauseOf(outcome === 'not-waited' ? PAUSES_WITHOUT_WAITING : 1, signal);
    }
  }

  async function waitForChange(signal: AbortSignal): Promise<'changed' | 'waited' | 'not-waited' | 'failed'> {
    if (etag === null) return 'failed';
    const seconds = options.planWaitSeconds;
    const [since, began] = [received, performance.now()];
    const answer = await call({
      method: 'GET',
      path: '/plan',
      headers: { 'if-none-match': etag },
      waitSeconds: seconds,
      signal,
    });
    if (answer instanceof LoginServerUnreachable) return 'failed';
    const taken = await take(answer, since);
    if (!taken.ok) return 'failed';
    if (taken.changed) return 'changed';
    const took = performance.now() - began;
    const applied = answer.headers.has('preference-applied');
    if (took >= AT_ONCE && (applied || took >= (seconds * SECOND) / 2)) return 'waited';
    // One that is closing waits no longer, and another is there soon.
    return applied ? 'failed' : 'not-waited';
  }

  function pauseOf(times: number, signal: AbortSignal): Promise<void> {
    const milliseconds = times * options.planIntervalMilliseconds * (1 - JITTER + 2 * JITTER * Math.random());
    return pause(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
  }

  function refresh(): Promise<Asked> {
    asking ??= ask().finally(() => {
      asking = null;
    });
    return asking;
  }

  async function ask(): Promise<Asked> {
    const since = received;
    const answer = await call({
      method: 'GET',
      path: '/plan',
      headers: etag === null ? {} : { 'if-none-match': etag },
    });
    return answer instanceof LoginServerUnreachable ? troubled(answer.message) : take(answer, since);
  }

  /** @param since `received` when the question was sent */
  async function take(answer: ApiAnswer, since: number): Promise<Asked> {
    if (answer.status === 304) return well(false);
    const next = answer.status === 200 ? parsePlan(answer.body) : null;
    if (next === null) return troubled(`no plan in the answer: ${problemCode(answer)}`);
    compareClocks(answer);
    if (plan !== null && since !== received && next.revision < plan.revision) return well(false);
    const changed = JSON.stringify(next) !== JSON.stringify(plan);
    plan = next;
    if (changed) received++;
    if (changed) options.log.info({ plan: next }, 'plan: changed');
    // One after the other, so that the newest is what stays.
    saving = saving.then(() => saved(next));
    const stored = await saving;
    if (plan === next) etag = stored ? answer.headers.get('etag') : null;
    return well(changed);
  }

  function well(changed: boolean): Asked {
    if (trouble !== null) options.log.info({}, 'plan: the login server tells it again');
    trouble = null;
    return { ok: true, changed };
  }

  function troubled(what: string): Unreachable {
    if (trouble !== what)
      options.log.warn({ trouble: what }, 'plan: cannot be had; the last known one stays in force');
    trouble = what;
    return UNREACHABLE;
  }

  async function saved(next: Plan): Promise<boolean> {
    try {
      await options.plan.save(next);
      return true;
    } catch (error) {
      options.log.error(
        { err: error },
        'plan: could not be stored; it is in force, and stored with the next answer',
      );
      return false;
    }
  }

  function compareClocks({ body }: ApiAnswer): void {
    const difference =
      typeof body.serverTime === 'string'
        ? Date.parse(body.serverTime) - options.clock().getTime()
        : Number.NaN;
    if (Math.abs(difference) > CLOCKS_AGREE) {
      options.log.warn(
        { seconds: Math.round(difference / SECOND) },
        "plan: this machine's clock differs from the login server's",
      );
    }
  }
}
