import { safeReturnPath } from '@hitokagi/console-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { loginUrl, routes, unifiedStartUrl } from '#app/routes.ts';
import { findSession, type FoundSession } from '#domain/console-sessions/find-session.ts';
import { sessionToken } from './cookies.ts';
import { leadTo } from './view.ts';
import type { Web } from './web.ts';

export type SignedInVisitor = Extract<FoundSession, { state: 'live' }>;

/** Who sends this request. */
export async function findVisitor(web: Web, request: FastifyRequest): Promise<FoundSession> {
  const token = sessionToken(request, web.cookies);
  if (token === null) return { state: 'none' };
  return findSession(web.db, token, { timeouts: web.config.timeouts, now: web.clock() });
}

/**
 * The signed-in visitor, or null after the answer has been sent: to the legacy login page while it works (R12), to the
 * unified sign-in after cut-over, and to the unified sign-in at once when the session that ran out had come from there
 * (R10: whoever still has an SSO session is back without typing).
 */
export async function requireVisitor(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<SignedInVisitor | null> {
  const found = await findVisitor(web, request);
  if (found.state === 'live') return found;
  const returnPath =
    request.method === 'GET' ? (safeReturnPath(request.url) ?? routes.home) : routes.settings;
  const toUnified =
    !web.kit.gate(web.clock()).legacySignIn || (found.state === 'over' && found.kind === 'unified');
  leadTo(reply, toUnified ? unifiedStartUrl({ returnPath }) : loginUrl({ returnPath }));
  return null;
}
