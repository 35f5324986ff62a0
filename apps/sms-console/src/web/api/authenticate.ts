import type { FastifyReply, FastifyRequest } from 'fastify';
import { useApiKey, type Caller } from '#domain/api-keys/use-key.ts';
import type { Db } from '#support/db/database.ts';
import { sendProblem } from './problem.ts';

/** All that the machine API knows: it has neither the plan nor the kit, so nothing that they do can reach it (R30). */
export type MachineApi = {
  readonly db: Db;
  readonly clock: () => Date;
  /** Requests a minute that one key may make. */
  readonly requestsPerMinute: number;
};

/** What every address of the machine API begins with: no cookie counts there, and no form token is asked for. */
export const API_PREFIX = '/api';

/** Who calls; only behind the authentication of this API. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error('The route is not behind the authentication of the API.');
  return request.caller;
}

/** Answers a request without a key in use by itself; notes whose key it is otherwise. Cookies are not looked at. */
export async function authenticate(
  { db, clock, requestsPerMinute }: MachineApi,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  const secret = /^Bearer +([\w.~+/-]{1,200}=*)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (secret === undefined) return sendProblem(reply, 'key-missing');
  const now = clock();
  const used = await useApiKey(db, secret, { perMinute: requestsPerMinute, now });
  if (used.ok) {
    request.caller = used.caller;
    return undefined;
  }
  switch (used.reason) {
    case 'unknown':
      return sendProblem(reply, 'key-unknown');
    case 'too-many':
      return sendProblem(reply, 'too-many', { retryAt: used.retryAt, now });
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the machine API: whose key the request has. */
    caller: Caller | null;
  }
}
