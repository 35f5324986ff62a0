import type { FastifyReply, FastifyRequest } from 'fastify';
import { useApiKey, type Caller } from '#domain/api-keys/use-key.ts';
import type { Db } from '#support/db/database.ts';
import { SECOND } from '#support/primitives/durations.ts';
import { sendProblem } from './problem.ts';

/** All that the machine API knows: it has neither the plan nor the kit, so nothing that they do can reach it (R30). */
export type MachineApi = {
  readonly db: Db;
  readonly clock: () => Date;
  /** Requests a minute that one key may make. */
  readonly requestsPerMinute: number;
  /** Where the console is, for the description. */
  readonly url: string;
};

/** What every address of the machine API begins with: no cookie counts there, and no form token is asked for. */
export const API_PREFIX = '/api';

/** Who calls; only behind the authentication of this API. */
export function callerOf(request: Pick<FastifyRequest, 'caller'>): Caller {
  if (request.caller === null) throw new Error('The route is not behind the authentication of the API.');
  return request.caller;
}

/** A path of the API as its scope registers it. */
export function within(path: string): string {
  return path.slice(API_PREFIX.length);
}

/** Answers a request without a key in use by itself; notes whose key it is otherwise. Cookies are not looked at. Every answer to a key says how much it may still ask (draft-ietf-httpapi-ratelimit-headers-10). */
export async function authenticate(
  { db, clock, requestsPerMinute }: MachineApi,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  const secret = /^Bearer +([\w.~+/-]{1,200}=*)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (secret === undefined) return sendProblem(reply, 'key-missing');
  const now = clock();
  const used = await useApiKey(db, secret, { perMinute: requestsPerMinute, now });
  if (!used.ok && used.reason === 'unknown') return sendProblem(reply, 'key-unknown');
  const left = used.ok ? used.left : 0;
  const seconds = Math.max(1, Math.ceil((used.windowEndsAt.getTime() - now.getTime()) / SECOND));
  void reply
    .header('ratelimit-policy', `"minute";q=${requestsPerMinute};w=60`)
    .header('ratelimit', `"minute";r=${left};t=${seconds}`);
  if (!used.ok) return sendProblem(reply, 'too-many', { retryAt: used.windowEndsAt, now });
  const needed = request.routeOptions.config.scope;
  if (needed === undefined || !used.caller.scopes.includes(needed))
    return sendProblem(reply, 'scope-missing');
  request.caller = used.caller;
  return undefined;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the machine API: whose key the request has. */
    caller: Caller | null;
  }
}
