import type { SignedIn } from '@hitokagi/console-kit';
import { registerConsoleKit, type UnifiedSignInFailure } from '@hitokagi/console-kit/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { routes } from '#app/routes.ts';
import { standingOf, welcomeBack } from '#domain/account-events/account-events.ts';
import { startSession } from '#domain/console-sessions/start-session.ts';
import { catchUpWithLoginId } from '#domain/login-id-change/login-id-change.ts';
import { findPerson } from '#domain/people/people.ts';
import { keepSession, sessionToken } from '#web/http/cookies.ts';
import { requestLocale } from '#web/http/request-locale.ts';
import { leadTo, sendPage, viewOf } from '#web/http/view.ts';
import { findVisitor } from '#web/http/visitor.ts';
import type { Web } from '#web/http/web.ts';
import { NotRegisteredPage, SignInTroublePage, SuspendedPage, type SignInTrouble } from './page.tsx';

/** Unified sign-in and single logout through the console kit: `/auth/start`, `/auth/callback`, `/auth/backchannel-logout`. */
export async function unifiedRoutes(app: FastifyInstance, web: Web): Promise<void> {
  await registerConsoleKit(app, {
    kit: web.kit,
    onSignedIn: (request, reply, identity) => enter(web, request, reply, identity),
    onSignInFailed: (request, reply, failure) => explain(web, request, reply, failure),
    locale: (request) => requestLocale(request, web.cookies),
  });
}

/** Finds the person by the console's own user id, never by address alone (R20), and starts a session of this console. */
async function enter(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  identity: SignedIn,
): Promise<void> {
  const now = web.clock();
  if (identity.consoleUserId !== null) {
    const known = await standingOf(web.db, identity.consoleUserId);
    // Who was signed in at the login server after that has been reinstated there; only the news of it has not come yet.
    const since = known?.since ?? null;
    if (known && known.standing !== 'active' && since !== null && identity.startedAt <= since) {
      sendPage(reply, 403, SuspendedPage({ view: viewOf(web, request, reply) }));
      return;
    }
    if (known && known.standing !== 'active')
      await welcomeBack(web.db, identity.consoleUserId, identity.startedAt);
  }
  const person = identity.consoleUserId === null ? null : await findPerson(web.db, identity.consoleUserId);
  if (person === null) {
    request.log.warn(
      { sub: identity.sub, consoleUserId: identity.consoleUserId },
      'a unified sign-in has no user here',
    );
    const legacyWorks = web.kit.gate(now).legacySignIn;
    sendPage(
      reply,
      403,
      NotRegisteredPage({
        view: viewOf(web, request, reply),
        identity,
        issuer: web.config.issuer,
        legacyWorks,
      }),
    );
    return;
  }
  await catchUpWithLoginId(web, person, identity.emailAddress);
  const way = {
    kind: 'unified',
    sub: identity.sub,
    sid: identity.sid,
    idToken: identity.idToken,
    issuedAt: identity.startedAt,
  } as const;
  const token = await startSession(
    web.db,
    { personId: person.id, way, replacedToken: sessionToken(request, web.cookies) },
    now,
  );
  keepSession(reply, web.cookies, token);
}

async function explain(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  failure: UnifiedSignInFailure,
): Promise<void> {
  const { trouble, status } = troubles[failure.reason];
  const returnPath = 'returnPath' in failure ? failure.returnPath : routes.home;
  // A callback that is opened again (reload, back button) finds its sign-in used up; who is in already goes on.
  if (trouble === 'interrupted' && (await findVisitor(web, request)).state === 'live') {
    leadTo(reply, returnPath);
    return;
  }
  const legacyWorks = web.kit.gate(web.clock()).legacySignIn;
  sendPage(
    reply,
    status,
    SignInTroublePage({
      view: viewOf(web, request, reply),
      trouble,
      returnPath,
      requestId: request.id,
      legacyWorks,
    }),
  );
}

const troubles: Record<UnifiedSignInFailure['reason'], { trouble: SignInTrouble; status: number }> = {
  'no-pending-sign-in': { trouble: 'interrupted', status: 400 },
  'state-mismatch': { trouble: 'interrupted', status: 400 },
  expired: { trouble: 'interrupted', status: 400 },
  'login-required': { trouble: 'refused', status: 403 },
  'refused-by-login-server': { trouble: 'refused', status: 403 },
  'login-server-unreachable': { trouble: 'unreachable', status: 503 },
  'bad-token': { trouble: 'broken', status: 502 },
  'issuer-unknown': { trouble: 'broken', status: 400 },
};
