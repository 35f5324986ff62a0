import { setTimeout as pause } from 'node:timers/promises';
import type { CheckedOptions } from './checked-options.ts';
import { type CallConsoleApi, problemCode } from './console-api.ts';
import { SECOND } from './durations.ts';
import { LoginServerUnreachable } from './outbound.ts';

/** Each pause is up to a tenth longer, so that nodes do not ask in step. */
const JITTER = 0.1;
/** Questions that follow one another at most while the login server has more to tell. */
const MOST_AT_ONCE = 100;

/** What one round of questions came to: how many of the console's sessions it ended, or that nobody could be asked. */
export type EndedSessionsAsked = { ok: true; ended: number } | { ok: false };

/** Asks the login server which of this console's sessions have ended (R9): the second line behind the back-channel logout. */
export type EndedSessionsKeeper = {
  /** Begins to ask: soon, then once a minute. Does nothing when it was switched off. */
  start(): void;
  /** Stops; resolves when no question is under way. */
  stop(): Promise<void>;
  /** Asks now. */
  ask(): Promise<EndedSessionsAsked>;
};

type EndedSession = { sid: string; startedBefore: Date };
type Page = { sessions: readonly EndedSession[]; next: string; more: boolean };

/**
 * R9: `GET /ended-sessions` with the place up to which this console knows, at most once a minute and node, with `If-None-Match`; a further one follows at once only when there is more to be had, or
 * when one brought the end of a session that was still alive, so that the login server can say that the person is out. The place is stored after the
 * sessions of an answer have ended, so that none is left out after a crash. Sessions that began after the end go on, as with a logout token.
 */
export function endedSessionsKeeper(options: CheckedOptions, call: CallConsoleApi): EndedSessionsKeeper {
  const { endedSessions: places, endedSessionsIntervalMilliseconds: interval, log } = options;
  /** The place of the last answer that brought nothing, and its ETag. */
  let empty: { place: string; etag: string } | null = null;
  /** Of the last round. They are ended once more in the next one: a sign-in that was being finished when its session ended has stored its console session by then. */
  let recent: readonly EndedSession[] = [];
  /** Grows with each start and stop, so that a loop knows when it is over. */
  let turn = 0;
  let stopping = new AbortController();
  let asking: Promise<EndedSessionsAsked> | null = null;
  /** What was last wrong; each trouble is logged once, not at every try of an outage. */
  let trouble: string | null = null;

  return {
    start: () => {
      if (interval === 0 || turn % 2 === 1) return;
      turn += 1;
      stopping = new AbortController();
      void askAgainAndAgain(turn, stopping.signal);
    },
    stop: async () => {
      if (turn % 2 === 1) turn += 1;
      stopping.abort();
      await asking;
    },
    ask,
  };

  async function askAgainAndAgain(mine: number, signal: AbortSignal): Promise<void> {
    // Not at once: a console that restarts in circles must not ask in circles.
    await pauseOf(Math.min(interval, SECOND), signal);
    while (mine === turn) {
      await ask();
      await pauseOf(interval, signal);
    }
  }

  function pauseOf(milliseconds: number, signal: AbortSignal): Promise<void> {
    const longer = milliseconds * (1 + JITTER * Math.random());
    return pause(longer, undefined, { signal, ref: false }).catch(() => undefined);
  }

  function ask(): Promise<EndedSessionsAsked> {
    asking ??= round()
      .catch((error: unknown) => {
        log.error({ err: error }, 'ended sessions: a store of the console failed; it is tried again');
        return { ok: false as const };
      })
      .finally(() => {
        asking = null;
      });
    return asking;
  }

  async function round(): Promise<EndedSessionsAsked> {
    const again = recent;
    const seen: EndedSession[] = [];
    let ended = await endAll(again);
    for (let questions = 0; questions < MOST_AT_ONCE; questions += 1) {
      const place = await places.load();
      const page = await pageAfter(place);
      if (page === 'unreachable') return { ok: false };
      if (page === 'nothing-new') break;
      const now = await endAll(page.sessions);
      seen.push(...page.sessions);
      // Only now: what is stored here is not asked for again.
      if (page.next !== place) await places.save(page.next);
      ended += now;
      if (!page.more && now === 0) break;
    }
    recent = seen;
    if (ended > 0) log.info({ ended }, 'ended sessions: ended here too');
    return { ok: true, ended };
  }

  async function endAll(sessions: readonly EndedSession[]): Promise<number> {
    let ended = 0;
    for (const { sid, startedBefore } of sessions)
      ended += await options.sessions.endBySid(sid, { startedBefore });
    return ended;
  }

  async function pageAfter(place: string | null): Promise<Page | 'nothing-new' | 'unreachable'> {
    const answer = await call({
      method: 'GET',
      path: `/ended-sessions${place === null ? '' : `?after=${encodeURIComponent(place)}`}`,
      headers: empty !== null && empty.place === place ? { 'if-none-match': empty.etag } : {},
      signal: stopping.signal,
    });
    if (answer instanceof LoginServerUnreachable) return troubled(answer.message);
    if (answer.status === 304) return well('nothing-new');
    const page = answer.status === 200 ? pageIn(answer.body) : null;
    if (page === null) return troubled(`no list in the answer: ${problemCode(answer)}`);
    const etag = answer.headers.get('etag');
    empty = page.next === place && !page.more && etag !== null ? { place, etag } : null;
    return well(page);
  }

  function well<T>(answer: T): T {
    if (trouble !== null) log.info({}, 'ended sessions: the login server tells them again');
    trouble = null;
    return answer;
  }

  function troubled(what: string): 'unreachable' {
    if (trouble !== what && !stopping.signal.aborted)
      log.warn({ trouble: what }, 'ended sessions: cannot be asked for; it is tried again');
    trouble = what;
    return 'unreachable';
  }
}

/** The answer as far as it can be read; null when it is none. */
function pageIn(body: Record<string, unknown>): Page | null {
  const { sessions, next, more } = body;
  if (!Array.isArray(sessions) || typeof next !== 'string') return null;
  const read: EndedSession[] = [];
  for (const one of sessions as unknown[]) {
    const { sid, endedAt } = (typeof one === 'object' && one !== null ? one : {}) as Record<string, unknown>;
    const at = typeof endedAt === 'string' ? Date.parse(endedAt) : Number.NaN;
    if (typeof sid !== 'string' || sid === '' || Number.isNaN(at)) return null;
    // The end of that second, as with a logout token: times of sessions count whole seconds.
    read.push({ sid, startedBefore: new Date((Math.floor(at / SECOND) + 1) * SECOND) });
  }
  return { sessions: read, next, more: more === true };
}
