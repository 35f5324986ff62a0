import type { FastifyInstance } from 'fastify';
import type { Provider } from 'oidc-provider';
import type { WebContext } from '#web/http/context.ts';
import { isUnavailable } from '#web/http/unavailable.ts';
import { withBrowserAtWork } from './browser-at-work.ts';
import { PROTOCOL_PATHS } from './paths.ts';
import { PUBLIC_DOCUMENTS, publicDocuments } from './public-documents.ts';
import { traceSignIns } from './trace.ts';

/**
 * Hands the protocol's paths to the engine. The engine reads the raw body itself, so no parser of ours may have touched it (an empty
 * token request would be the result), and its answers get the security headers that ours have.
 */
export async function mountProvider(
  app: FastifyInstance,
  context: WebContext,
  provider: Provider,
): Promise<void> {
  traceSignIns(context, provider, app.log);
  const handle = provider.callback();
  // What a console did wrong is said here, under the number that the person's page shows.
  const requestId = (ctx: { req: object }): unknown => (ctx.req as { requestId?: string }).requestId;
  for (const event of [
    'authorization.error',
    'grant.error',
    'end_session.error',
    'userinfo.error',
    'introspection.error',
    'revocation.error',
  ] as const)
    provider.on(event as 'authorization.error', (ctx, error) => {
      const { error_description: description, error_detail: detail } = error as {
        error_description?: string;
        error_detail?: string;
      };
      app.log.info(
        { requestId: requestId(ctx), event, error: error.message, description, detail },
        'protocol request refused',
      );
    });
  provider.on('server_error', (ctx, error) => {
    app.log.error({ requestId: requestId(ctx), err: error }, 'protocol request failed');
    if (isUnavailable(error)) ctx.status = 503;
  });
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    publicDocuments(scope, context, (request, response) => void handle(request, response));
    asGet(scope);
    for (const [url, methods] of Object.entries(METHODS)) {
      scope.route({
        method: PUBLIC_DOCUMENTS.includes(url) ? ['OPTIONS'] : [...methods, 'OPTIONS'],
        url,
        config: { fromAnywhere: true },
        handler(request, reply) {
          for (const [name, value] of Object.entries(reply.getHeaders()))
            if (value !== undefined) reply.raw.setHeader(name, value);
          Object.assign(request.raw, { requestId: request.id });
          reply.hijack();
          return withBrowserAtWork(request, () => handle(request.raw, reply.raw));
        },
      });
    }
  });
}

/**
 * What a browser may bring to us by a form it may bring by address too (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2): a form from another site comes without our cookies, the
 * address that it becomes has them.
 */
function asGet(app: FastifyInstance): void {
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: LONGEST_FORM },
      (_request, body, done) => {
        done(null, body);
      },
    );
    for (const url of [authorization, endSession])
      scope.post(url, { config: { fromAnywhere: true, becomesAddress: true } }, (request, reply) =>
        reply.redirect(
          `${url}?${new URLSearchParams(typeof request.body === 'string' ? request.body : '').toString()}`,
          303,
        ),
      );
  });
}

/** In bytes; as an address it still fits into the header of a request. */
const LONGEST_FORM = 8 * 1024;

const {
  authorization,
  token,
  userinfo,
  jwks,
  end_session: endSession,
  revocation,
  introspection,
} = PROTOCOL_PATHS;

/** What the engine answers where; to anything else it would say "Not Found" without a page. */
const METHODS: Readonly<Record<string, readonly ('GET' | 'POST')[]>> = {
  [authorization]: ['GET'],
  [`${authorization}/:uid`]: ['GET'],
  [token]: ['POST'],
  [userinfo]: ['GET', 'POST'],
  [jwks]: ['GET'],
  [endSession]: ['GET'],
  [`${endSession}/confirm`]: ['POST'],
  [`${endSession}/success`]: ['GET'],
  [revocation]: ['POST'],
  [introspection]: ['POST'],
  '/.well-known/openid-configuration': ['GET'],
  '/.well-known/oauth-authorization-server': ['GET'],
};
