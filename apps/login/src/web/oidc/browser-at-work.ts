import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyRequest } from 'fastify';

/** The browser whose request is being answered, as its person is shown it later (R11). */
export type BrowserAtWork = { clientIp: string; userAgent: string | null };

/** Longer than what browsers send; a longer text tells a person nothing more. */
const LONGEST_USER_AGENT = 400;

const atWork = new AsyncLocalStorage<BrowserAtWork>();

/** Runs what writes a session; `browserAtWork` answers inside. The engine writes sessions deep inside itself, so nothing can be handed through. */
export function withBrowserAtWork<T>(request: FastifyRequest, act: () => T): T {
  return atWork.run({ clientIp: request.ip, userAgent: userAgentOf(request) }, act);
}

export function browserAtWork(): BrowserAtWork | undefined {
  return atWork.getStore();
}

function userAgentOf(request: FastifyRequest): string | null {
  const text = (request.headers['user-agent'] ?? '').replace(/\p{C}+/gu, ' ').trim();
  return text === '' ? null : [...text].slice(0, LONGEST_USER_AGENT).join('');
}
