import { safeReturnPath } from '@hitokagi/console-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { loginUrl, routes, unifiedStartUrl } from '#app/routes.ts';
import { mayDo, type Act } from '#domain/people/roles.ts';
import { findSession, type FoundSession } from '#domain/console-sessions/find-session.ts';
import { sessionToken } from './cookies.ts';
import { showError } from './errors.tsx';
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
 * @param afterwards where the person lands after the sign-in; a page where it was asked for, the settings after a form
 */
export async function requireVisitor(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  afterwards?: string,
): Promise<SignedInVisitor | null> {
  const found = await findVisitor(web, request);
  if (found.state === 'live') return found;
  const returnPath =
    afterwards ?? (request.method === 'GET' ? (safeReturnPath(request.url) ?? routes.home) : routes.settings);
  const toUnified =
    !web.kit.gate(web.clock()).legacySignIn || (found.state === 'over' && found.kind === 'unified');
  leadTo(reply, toUnified ? unifiedStartUrl({ returnPath }) : loginUrl({ returnPath }));
  return null;
}

/** As `requireVisitor`, for what takes a role: whoever has none that may do it is told so and whom to ask. */
export async function requireRight(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  act: Act,
  afterwards?: string,
): Promise<SignedInVisitor | null> {
  const visitor = await requireVisitor(web, request, reply, afterwards);
  if (visitor === null || mayDo(visitor.person.role, act)) return visitor;
  showError(web, request, reply, 'role', 403, visitor.person);
  return null;
}
