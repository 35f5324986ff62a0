import { belowIssuer, type CheckedOptions } from './checked-options.ts';
import { MINUTE, SECOND } from './durations.ts';
import type { Registration, RegistrationOutcome } from './options.ts';
import { LoginServerUnreachable, type Outbound, unreachableIn } from './outbound.ts';

export type RegistrationsFlushed = { ok: true; more: boolean } | { ok: false };

/** Registers people of the console at the login server, from the console's own outbox. */
export type Registrar = {
  /** Begins in the background: soon, then at the interval, with growing pauses while the login server cannot be reached. */
  start(): void;
  /** Stops; resolves when nothing is under way. What is in the outbox stays there for the next start. */
  stop(): Promise<void>;
  /** Registers what waits, now. Call it after a person was added, so that they need not wait for the interval. */
  flush(): Promise<RegistrationsFlushed>;
};

const BATCH = 20;
const LONGEST_PAUSE = 5 * MINUTE;
const JITTER = 0.2;
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/**
 * By SCIM 2.0 (RFC 7644) with the console's client credentials: who is not there is created, who is there gets the wished `active`. Sent again it
 * changes nothing, so several nodes, and a program that died after the login server's answer, do no harm.
 */
export function registrar(options: CheckedOptions, outbound: Outbound): Registrar {
  const { registrations: store, registrationIntervalMilliseconds: interval, log } = options;
  const authorization = `Basic ${Buffer.from(`${options.clientId}:${options.clientSecret}`).toString('base64')}`;
  let turn = 0;
  let running = false;
  let failures = 0;
  let trouble: string | null = null;
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<RegistrationsFlushed> | null = null;

  return {
    start: () => {
      if (running || !store) return;
      running = true;
      const mine = ++turn;
      timer = setTimeout(() => void again(mine), jittered(Math.min(interval, SECOND))).unref();
    },
    stop: async () => {
      running = false;
      turn++;
      clearTimeout(timer);
      await underWay;
    },
    flush,
  };

  async function again(mine: number): Promise<void> {
    const result = await flush();
    if (mine !== turn) return;
    failures = result.ok ? 0 : failures + 1;
    const pause =
      result.ok && result.more
        ? 0
        : jittered(Math.min(interval * 2 ** Math.min(failures, 20), LONGEST_PAUSE));
    timer = setTimeout(() => void again(mine), pause).unref();
  }

  function flush(): Promise<RegistrationsFlushed> {
    underWay ??= registerBatch()
      .catch((error: unknown) => {
        const unreachable = unreachableIn(error);
        if (unreachable) return troubled(unreachable.message);
        log.error({ err: error }, 'registrations: the outbox fails; it is tried again');
        return { ok: false as const };
      })
      .finally(() => {
        underWay = null;
      });
    return underWay;
  }

  async function registerBatch(): Promise<RegistrationsFlushed> {
    const waiting = (await store?.oldest(BATCH)) ?? [];
    for (const one of waiting) {
      const outcome = await register(one);
      if (outcome.state === 'refused')
        log.error(
          { consoleUserId: one.consoleUserId, reason: outcome.reason },
          'registrations: the login server will never take one',
        );
      await store?.settle(one.key, outcome);
    }
    if (trouble !== null) log.info({}, 'registrations: made again');
    trouble = null;
    return { ok: true, more: waiting.length === BATCH };
  }

  async function register(one: Registration): Promise<RegistrationOutcome> {
    const there = await find(one.consoleUserId);
    if (there !== null) {
      if (there.active === one.active) return { state: 'registered' };
      return outcomeOf(
        await ask('PATCH', `/Users/${encodeURIComponent(there.id)}`, {
          schemas: [PATCH],
          Operations: [{ op: 'replace', path: 'active', value: one.active }],
        }),
      );
    }
    if (!one.active) return { state: 'registered' };
    return outcomeOf(
      await ask('POST', '/Users', {
        schemas: [USER, ...(one.company === undefined ? [] : [ENTERPRISE])],
        externalId: one.consoleUserId,
        userName: one.emailAddress,
        displayName: one.name,
        active: true,
        ...(one.locale === undefined ? {} : { preferredLanguage: one.locale }),
        ...(one.company === undefined ? {} : { [ENTERPRISE]: { organization: one.company } }),
      }),
    );
  }

  async function find(consoleUserId: string): Promise<{ id: string; active: boolean } | null> {
    const filter = `externalId eq ${JSON.stringify(consoleUserId)}`;
    const answer = await ask('GET', `/Users?${new URLSearchParams({ filter })}`);
    if (answer.status !== 200) throw unexpected(answer);
    const found: unknown = Array.isArray(answer.body.Resources) ? answer.body.Resources[0] : undefined;
    if (typeof found !== 'object' || found === null) return null;
    const { id, active } = found as Record<string, unknown>;
    return typeof id === 'string' ? { id, active: active !== false } : null;
  }

  async function ask(method: 'GET' | 'POST' | 'PATCH', path: string, body?: object): Promise<Answer> {
    const response = await outbound(belowIssuer(options, `/scim/v2${path}`).href, {
      method,
      headers: {
        accept: 'application/scim+json',
        authorization,
        ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: objectIn(await response.text()) };
  }

  function troubled(what: string): RegistrationsFlushed {
    if (trouble !== what)
      log.warn({ trouble: what }, 'registrations: cannot be made; they stay in the outbox');
    trouble = what;
    return { ok: false };
  }
}

type Answer = { status: number; body: Record<string, unknown> };

/** 400 and 409 speak of this person; anything else of the login server or of who asks, and is tried again. */
function outcomeOf(answer: Answer): RegistrationOutcome {
  if (answer.status >= 200 && answer.status < 300) return { state: 'registered' };
  if (answer.status === 409) return { state: 'refused', reason: 'address-taken' };
  if (answer.status === 400)
    return {
      state: 'refused',
      reason: typeof answer.body.scimType === 'string' ? answer.body.scimType : 'invalidValue',
    };
  throw unexpected(answer);
}

function unexpected({ status }: Answer): LoginServerUnreachable {
  return new LoginServerUnreachable(`status ${status} from /scim/v2/Users`);
}

function objectIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function jittered(pause: number): number {
  return pause * (1 - JITTER + 2 * JITTER * Math.random());
}
