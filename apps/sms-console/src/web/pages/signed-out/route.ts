import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { routes } from '#app/routes.ts';
import { endSession } from '#domain/console-sessions/end-session.ts';
import { forgetSession, sessionToken } from '#web/http/cookies.ts';
import { requestLocale } from '#web/http/request-locale.ts';
import { leadTo, sendPage, viewOf } from '#web/http/view.ts';
import { findVisitor } from '#web/http/visitor.ts';
import type { Web } from '#web/http/web.ts';
import { SignedOutPage } from './page.tsx';

/**
 * Sign-out as the plan allows it (R9, R12): by the kind of session (a unified one ends here and then everywhere, a legacy one
 * here only) or the console's own alone. The session here is over even when the unified login cannot be reached.
 */
export function signedOutRoutes(app: FastifyInstance, web: Web): void {
  app.post(routes.logout, async (request, reply) => {
    const visitor = await findVisitor(web, request);
    const token = sessionToken(request, web.cookies);
    if (token !== null) await endSession(web.db, token, 'signed-out', web.clock());
    forgetSession(reply, web.cookies);
    const bySession = web.kit.gate(web.clock()).logout === 'by-session';
    if (!bySession || visitor.state !== 'live' || visitor.session.idToken === null)
      return leadTo(reply, routes.signedOut);
    const locale = requestLocale(request, web.cookies, visitor.person);
    const away = await web.kit.signOutUrl({ idToken: visitor.session.idToken, locale });
    return away.ok ? leadTo(reply, away.redirectTo) : showSignedOut(web, request, reply, 503);
  });

  app.get(routes.signedOut, async (request, reply) => showSignedOut(web, request, reply, 200));
}

function showSignedOut(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  status: 200 | 503,
): FastifyReply {
  const unifiedLeft = status === 503 ? { issuer: web.config.issuer } : null;
  return sendPage(reply, status, SignedOutPage({ view: viewOf(web, request, reply), unifiedLeft }));
}
