import type { IncomingMessage, ServerResponse } from 'node:http';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifyTypeProvider,
  RawServerDefault,
} from 'fastify';
import type { ConsoleKit } from '../kit.ts';
import type { Locale } from '../locale.ts';
import type { SignedIn } from '../results.ts';
import { safeReturnPath } from '../sign-in/return-path.ts';
import { failurePage, preferredLocale, type UnifiedSignInFailure } from './failure-page.ts';

export type { UnifiedSignInFailure } from './failure-page.ts';

export type ConsoleKitRoutes = {
  kit: ConsoleKit;
  /**
   * Starts the console's own session (a new session id, always) for `identity` and sets its cookie. If it sends no answer itself,
   * the browser goes on to `identity.returnPath`. Send an answer of your own to refuse (no such user, account closed).
   */
  onSignedIn(request: FastifyRequest, reply: FastifyReply, identity: SignedIn): unknown;
  /** Answers a sign-in that came to nothing. Default: a short page in the reader's language with a link to try again. */
  onSignInFailed?(request: FastifyRequest, reply: FastifyReply, failure: UnifiedSignInFailure): unknown;
  /** Language for the login server's pages. Default: none is asked for; the account's or the browser's decides. */
  locale?(request: FastifyRequest): Locale | undefined;
};

/** In bytes; also of a question about a legacy password. */
const LARGEST_REQUEST = 64 * 1024;
const LONGEST_HINT = 320;

/**
 * Mounts `GET /auth/start`, `GET /auth/callback` and `POST /auth/backchannel-logout`, and with the option `legacyPasswords` also
 * `POST /auth/legacy-password-check`, with `accountEvents` `POST /auth/events`. Needs no other Fastify plugin and does not
 * disturb body parsers or cookies of the rest of the application. `/auth/start` takes `return_path` and `login_hint`, or the
 * parameters of a sign-in that the login server began (`iss`, `target_link_uri`, `login_hint`; OpenID Connect Core §4).
 * From the application's start to its end the kit asks for ended sessions too, unless the option says never.
 */
export async function registerConsoleKit<
  Logger extends FastifyBaseLogger,
  Provider extends FastifyTypeProvider,
>(
  app: FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, Logger, Provider>,
  routes: ConsoleKitRoutes,
): Promise<void> {
  // Whatever logger and type provider the application has: the kit uses neither.
  await (app as unknown as FastifyInstance).register(async (scope) => {
    scope.addHook('onSend', async (_request, reply) => {
      reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
    });
    // HEAD would redeem the code of a callback.
    scope.get('/auth/start', { exposeHeadRoute: false }, (request, reply) => start(routes, request, reply));
    scope.get('/auth/callback', { exposeHeadRoute: false }, (request, reply) =>
      finish(routes, request, reply),
    );
    mountBackChannel(scope, routes.kit);
    scope.addHook('onReady', async () => routes.kit.endedSessions.start());
    scope.addHook('onClose', () => routes.kit.endedSessions.stop());
  });
}

async function start(
  routes: ConsoleKitRoutes,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { kit } = routes;
  const query = new URL(request.url, 'http://console.invalid').searchParams;
  const wanted = query.has('iss') ? kit.initiateSignIn(query) : ownStart(query);
  if (!wanted.ok) return failed(routes, request, reply, wanted);
  const { returnPath, loginHint } = wanted;
  const locale = routes.locale?.(request);
  const started = await kit.startSignIn({
    returnPath,
    ...(loginHint === undefined ? {} : { loginHint }),
    ...(locale === undefined ? {} : { locale }),
  });
  if (!started.ok) return failed(routes, request, reply, { ...started, returnPath });
  reply.header('set-cookie', kit.pendingCookies.keep(request.headers.cookie, started));
  return reply.redirect(started.redirectTo, 303);
}

async function finish(
  routes: ConsoleKitRoutes,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { kit } = routes;
  const pending = kit.pendingCookies.find(request.headers.cookie, request.url);
  const result = await kit.finishSignIn({ callbackUrl: request.url, pending });
  const forget = kit.pendingCookies.forget(request.url);
  if (forget.length > 0) reply.header('set-cookie', forget);
  if (!result.ok) return failed(routes, request, reply, result);
  await routes.onSignedIn(request, reply, result);
  return reply.sent ? reply : reply.redirect(result.returnPath, 303);
}

async function failed(
  routes: ConsoleKitRoutes,
  request: FastifyRequest,
  reply: FastifyReply,
  failure: UnifiedSignInFailure,
): Promise<FastifyReply> {
  await routes.onSignInFailed?.(request, reply, failure);
  if (reply.sent) return reply;
  const { status, html } = failurePage(
    failure,
    routes.locale?.(request) ?? preferredLocale(request.headers['accept-language']),
  );
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .header('content-security-policy', "default-src 'none'")
    .send(html);
}

/** In a scope of its own: whatever parses forms in the application stays as it is, and is not needed here. */
function mountBackChannel(app: FastifyInstance, kit: ConsoleKit): void {
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      '*',
      { parseAs: 'string', bodyLimit: LARGEST_REQUEST },
      async (_request: FastifyRequest, body: string) => body,
    );
    scope.post('/auth/backchannel-logout', async (request, reply) => {
      const isForm =
        request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ===
        'application/x-www-form-urlencoded';
      const answer = await kit.receiveLogoutToken(
        isForm && typeof request.body === 'string' ? request.body : '',
      );
      return reply.code(answer.status).headers(answer.headers).send(answer.body);
    });
    if (kit.takesAccountEvents)
      scope.post('/auth/events', async (request, reply) => {
        const isToken =
          request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() === 'application/secevent+jwt';
        const answer = await kit.receiveEventToken(
          isToken && typeof request.body === 'string' ? request.body.trim() : '',
        );
        return reply.code(answer.status).headers(answer.headers).send(answer.body);
      });
    if (!kit.answersLegacyPasswords) return;
    scope.post('/auth/legacy-password-check', async (request, reply) => {
      const answer = await kit.receiveLegacyPasswordCheck({
        authorization: request.headers.authorization,
        body: typeof request.body === 'string' ? request.body : '',
      });
      return reply.code(answer.status).headers(answer.headers).send(answer.body);
    });
  });
}

function ownStart(query: URLSearchParams): { ok: true; returnPath: string; loginHint?: string } {
  const returnPath = safeReturnPath(query.get('return_path')) ?? '/';
  const hint = query.get('login_hint');
  return hint === null || hint === '' || hint.length > LONGEST_HINT
    ? { ok: true, returnPath }
    : { ok: true, returnPath, loginHint: hint };
}
