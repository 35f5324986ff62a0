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
const UNREACHABLE: Unreachable = { ok: false, reason: 'login-server-unreachable' };

/** Asks for the plan and keeps the last one known. */
export type PlanKeeper = {
  /**
   * Loads the last known plan from the store, then asks for the newest every few seconds. Does not wait for the login server.
   * Throws if the store does: without its last known plan a console could not tell whether it has been cut over.
   */
  start(): Promise<void>;
  /** Stops asking; resolves when no request is under way. */
  stop(): Promise<void>;
  /** Asks once, now. */
  refresh(): Promise<{ ok: true; changed: boolean } | Unreachable>;
  /** The last known plan; null if none was ever seen. */
  current(): Plan | null;
};

/** R12, R16: the plan by polling `GET /plan` with `If-None-Match`; an outage leaves the last known plan in force. */
export function planKeeper(options: CheckedOptions, call: CallConsoleApi): PlanKeeper {
  let plan: Plan | null = null;
  /** Of the plan that is stored; without it the next answer is a full one and is stored again. */
  let etag: string | null = null;
  /** Grows with each start and stop, so that a loop knows when it is over. */
  let turn = 0;
  let running = false;
  /** What was last wrong; each trouble is logged once, not every few seconds of an outage. */
  let trouble: string | null = null;
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<{ ok: true; changed: boolean } | Unreachable> | null = null;

  return {
    start: async () => {
      if (running) return;
      running = true;
      plan = (await options.plan.load()) ?? plan;
      void askAndAskAgain(++turn);
    },
    stop: async () => {
      running = false;
      turn++;
      clearTimeout(timer);
      await underWay;
    },
    refresh,
    current: () => plan,
  };

  async function askAndAskAgain(mine: number): Promise<void> {
    await refresh();
    if (mine !== turn) return;
    const pause = options.planIntervalMilliseconds * (1 - JITTER + 2 * JITTER * Math.random());
    timer = setTimeout(() => void askAndAskAgain(mine), pause).unref();
  }

  function refresh(): Promise<{ ok: true; changed: boolean } | Unreachable> {
    underWay ??= ask().finally(() => {
      underWay = null;
    });
    return underWay;
  }

  async function ask(): Promise<{ ok: true; changed: boolean } | Unreachable> {
    const answer = await call({
      method: 'GET',
      path: '/plan',
      headers: etag === null ? {} : { 'if-none-match': etag },
    });
    if (answer instanceof LoginServerUnreachable) return troubled(answer.message);
    if (answer.status === 304) return well(false);
    const next = answer.status === 200 ? parsePlan(answer.body) : null;
    if (next === null) return troubled(`no plan in the answer: ${problemCode(answer)}`);
    compareClocks(answer);
    const changed = JSON.stringify(next) !== JSON.stringify(plan);
    plan = next;
    if (changed) options.log.info({ plan: next }, 'plan: changed');
    etag = (await saved(next)) ? answer.headers.get('etag') : null;
    return well(changed);
  }

  function well(changed: boolean): { ok: true; changed: boolean } {
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
