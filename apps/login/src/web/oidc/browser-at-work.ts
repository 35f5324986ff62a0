import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyRequest } from 'fastify';
import { userAgentOf } from '#web/http/request.ts';

/** The browser whose request is being answered, as its person is shown it later (R11). */
export type BrowserAtWork = { clientIp: string; userAgent: string | null };

const atWork = new AsyncLocalStorage<BrowserAtWork>();

/** Runs what writes a session; `browserAtWork` answers inside. The engine writes sessions deep inside itself, so nothing can be handed through. */
export function withBrowserAtWork<T>(request: FastifyRequest, act: () => T): T {
  return atWork.run({ clientIp: request.ip, userAgent: userAgentOf(request) }, act);
}

export function browserAtWork(): BrowserAtWork | undefined {
  return atWork.getStore();
}
