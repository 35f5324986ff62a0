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
import { DRY_RUN, withPhase } from '../plan/dry-run.ts';
import type { SignedIn } from '../results.ts';
import { answerRequest, isKitAddress, LARGEST_REQUEST } from '../routes/answer.ts';
import type { UnifiedSignInFailure } from '../routes/failure-page.ts';

export type { UnifiedSignInFailure } from '../routes/failure-page.ts';

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

const ADDRESSES = [
  ['GET', '/auth/start'],
  ['GET', '/auth/callback'],
  ['GET', '/auth/reachable'],
  ['POST', '/auth/backchannel-logout'],
  ['POST', '/auth/events'],
  ['POST', '/auth/legacy-password-check'],
] as const;

/**
 * Mounts `GET /auth/start`, `GET /auth/callback`, `GET /auth/reachable` and `POST /auth/backchannel-logout`, and with the option `legacyPasswords` also
 * `POST /auth/legacy-password-check`, with `accountEvents` `POST /auth/events`. Needs no other Fastify plugin and does not
 * disturb body parsers or cookies of the rest of the application. `/auth/start` takes `return_path`, `login_hint` and `prompt=none`, or the
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
  // Pages are shown as in another phase where the login server asks for it, by a signed header.
  (app as unknown as FastifyInstance).addHook('onRequest', (request, reply, done) => {
    const token = request.headers[DRY_RUN];
    if (request.method !== 'GET' || typeof token !== 'string') return done();
    routes.kit.dryRun(token).then(
      (phase) => {
        if (phase === null) return done();
        reply.header(DRY_RUN, phase);
        withPhase(phase, done);
      },
      (error: unknown) => done(error as Error),
    );
  });
  // Whatever logger and type provider the application has: the kit uses neither.
  await (app as unknown as FastifyInstance).register(async (scope) => {
    // In a scope of its own: whatever parses forms in the application stays as it is, and is not needed here.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      '*',
      { parseAs: 'string', bodyLimit: LARGEST_REQUEST },
      async (_request: FastifyRequest, body: string) => body,
    );
    scope.addHook('onSend', async (_request, reply) => {
      reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
    });
    for (const [method, path] of ADDRESSES)
      if (isKitAddress(routes.kit, method, path))
        // HEAD would redeem the code of a callback.
        scope.route({
          method,
          url: path,
          exposeHeadRoute: false,
          handler: (request, reply) => answer(routes, path, request, reply),
        });
    scope.addHook('onReady', async () => routes.kit.endedSessions.start());
    scope.addHook('onClose', () => routes.kit.endedSessions.stop());
  });
}

async function answer(
  routes: ConsoleKitRoutes,
  path: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const asked = webRequest(routes.kit, path, request);
  const outcome = await answerRequest(routes.kit, asked, routes.locale?.(request));
  if (outcome === null) throw new Error(`console-kit: ${path} is not an address of the kit`);
  const { response } = outcome;
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) reply.header('set-cookie', cookies);
  if (outcome.kind !== 'answer') {
    const answered = await answersItself(reply, () =>
      outcome.kind === 'signed-in'
        ? routes.onSignedIn(request, reply, outcome.identity)
        : routes.onSignInFailed?.(request, reply, outcome.failure),
    );
    if (answered) return reply;
  }
  for (const [name, value] of response.headers) if (name !== 'set-cookie') reply.header(name, value);
  return reply.code(response.status).send(response.body === null ? '' : await response.text());
}

/**
 * Whether the console's function sent an answer. A reply is a promise of its being sent, so a function that only sets a cookie and returns the reply would be waited for for
 * ever: while it runs the reply is none.
 */
async function answersItself(reply: FastifyReply, run: () => unknown): Promise<boolean> {
  let sends = false;
  const send = reply.send.bind(reply);
  Object.defineProperty(reply, 'then', { value: undefined, configurable: true });
  Object.defineProperty(reply, 'send', {
    value: (payload?: unknown) => ((sends = true), send(payload)),
    configurable: true,
    writable: true,
  });
  try {
    await run();
  } finally {
    Reflect.deleteProperty(reply, 'then');
    Reflect.deleteProperty(reply, 'send');
  }
  return sends || reply.sent;
}

/** Behind a proxy the request's own host may be any: only path and query count. */
function webRequest(kit: ConsoleKit, path: string, request: FastifyRequest): Request {
  const query = request.url.includes('?') ? request.url.slice(request.url.indexOf('?')) : '';
  const headers = new Headers();
  for (const name of ['accept-language', 'authorization', 'content-type', 'cookie']) {
    const value = request.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  const body = request.method === 'POST' && typeof request.body === 'string' ? request.body : null;
  return new Request(kit.consoleOrigin + path + query, { method: request.method, headers, body });
}
