import cookie from '@fastify/cookie';
import type { Asset } from '@hitokagi/design-system/assets';
import formbody from '@fastify/formbody';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import helmet from 'helmet';
import { TooBusy } from '#domain/credentials/password-hash.ts';
import { asker } from '#support/audit/record.ts';
import { waitBudget, withWaitBudget, type WaitBudget } from '#support/db/wait-budget.ts';
import { newId } from '#support/primitives/ids.ts';
import type { WebContext } from './context.ts';
import { PAGE_ERROR_STATUS, renderErrorPage, type PageError } from './error-page.tsx';
import { hostRule, isSplit, originAsked } from './hosts.ts';
import { localeOf, sendPage, shellOf } from './request.ts';
import { sendPageProblem } from './problem-answer.ts';
import { brandAsset, PAGE_ASSETS } from './shell.tsx';
import { isUnavailable } from './unavailable.ts';
import { closeUnusedConnections } from './unused-connections.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route may be called from other origins and without a browser: protocol and API. */
    fromAnywhere?: boolean;
    /** The route answers whatever host name it is called by: health checks. */
    anyHost?: boolean;
    /** What is sent here may take its time: a file. */
    slowBody?: boolean;
    /** Whoever knows the path of this page can use it up: logs get the route's pattern instead. */
    secretPath?: boolean;
  }
}

/** Seconds after which a request that found no database or no place may come again. */
const RETRY_AFTER = 5;

/** Milliseconds in which a request must have arrived; a file gets longer. */
const ARRIVES_WITHIN = 30_000;
const FILE_ARRIVES_WITHIN = 15 * 60_000;

export type ServerOptions = {
  trustedProxies: readonly string[];
  /** Milliseconds that a request may wait for connections to the database, over all that it asks. */
  databaseWait: number;
  logLevel: string;
  /** Where log lines go, JSON each; stdout belongs to what a program answers. */
  log: { write(line: string): void };
};

/** The HTTP server with what every route relies on: request ids, security headers, refusal of foreign requests, error answers, assets. */
export async function createServer(context: WebContext, options: ServerOptions): Promise<FastifyInstance> {
  // Made once: the plugin for fastify puts the whole of it together anew with each request.
  const protect = helmet(securityHeaders(context));
  const app = fastify({
    logger: {
      level: options.logLevel,
      stream: options.log,
      // Paths only: a query can hold an address or a code of the protocol.
      serializers: {
        req: (request: FastifyRequest) => ({
          method: request.method,
          path: request.routeOptions.config.secretPath ? request.routeOptions.url : request.url.split('?')[0],
          ip: request.ip,
        }),
      },
      redact: ['req.headers', 'res.headers'],
    },
    genReqId: () => newId('req', context.clock()),
    trustProxy: options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
    bodyLimit: 64 * 1024,
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
    // A parameter that is too long has no route, and so no hooks.
    frameworkErrors: (_error, request, reply) => {
      protect(request.raw, reply.raw, () => undefined);
      reply.header('x-request-id', request.id);
      refuse(request, reply, 'not-found');
    },
    requestTimeout: FILE_ARRIVES_WITHIN,
    http: { headersTimeout: ARRIVES_WITHIN },
    // A path that is not even text gets the page for paths that lead nowhere, with the headers that all pages have.
    rewriteUrl: ({ url = '/' }) => (isText(url) ? url : '/not-text'),
  });
  app.decorate('issuer', context.issuer);
  const placed = hostRule(context);
  closeUnusedConnections(app);
  await app.register(cookie);
  await app.register(formbody);
  app.addHook('onRequest', (request, reply, done) => protect(request.raw, reply.raw, () => done()));
  // Whatever is recorded while a request is answered says from where it came. A body that is read comes from outside of what was begun before it.
  const budgets = new WeakMap<FastifyRequest, WaitBudget>();
  for (const stage of ['onRequest', 'preValidation'] as const)
    app.addHook(stage, (request: FastifyRequest, _: FastifyReply, done: () => void) => {
      const budget = budgets.get(request) ?? waitBudget(options.databaseWait);
      budgets.set(request, budget);
      asker.run({ clientIp: request.ip, requestId: request.id }, () => withWaitBudget(budget, done));
    });
  app.addHook('onRequest', (request, _reply, done) => {
    if (isUnsafe(request) && !request.routeOptions.config.slowBody) limitTime(request);
    done();
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    const verdict = placed(request);
    if (verdict.at === 'foreign' || request.url.includes('%00')) return refuse(request, reply, 'bad-request');
    if (verdict.at === 'nowhere') return refuse(request, reply, 'not-found');
    if (verdict.at === 'pages') return reply.redirect(verdict.address, 307);
    if (request.is404) return undefined;
    if (isUnsafe(request) && !request.routeOptions.config.fromAnywhere && !isOwnOrigin(context, request))
      return refuse(request, reply, 'foreign-request');
    return undefined;
  });
  // PostgreSQL has no NUL in texts, and nobody types one.
  app.addHook('preValidation', async (request, reply) => {
    const fields = Object.values(request.body ?? {});
    if (fields.some((value) => typeof value === 'string' && value.includes('\0')))
      return refuse(request, reply, 'bad-request');
    return undefined;
  });
  app.addHook('onSend', async (request, reply) => {
    if (isUnsafe(request) && !reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
  app.setNotFoundHandler((request, reply) => refuse(request, reply, 'not-found'));
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    if (error instanceof TooBusy) request.log.warn(error.message);
    else if (status >= 500) request.log.error({ err: error }, 'request failed');
    return refuse(request, reply, errorOf(status, error));
  });
  for (const asset of PAGE_ASSETS)
    app.get(asset.path, { config: { anyHost: true } }, async (_request, reply) => sendAsset(reply, asset));
  app.get('/assets/:file', { config: { anyHost: true } }, async (request, reply) => {
    const asset = brandAsset(request.url);
    if (asset) return sendAsset(reply, asset);
    reply.callNotFound();
    return reply;
  });
  return app;

  function refuse(request: FastifyRequest, reply: FastifyReply, error: PageError): FastifyReply {
    if (error === 'unavailable') reply.header('retry-after', RETRY_AFTER);
    // RFC 8935 §2.3 has a form of its own.
    if (request.url.startsWith('/ssf/'))
      return reply
        .code(PAGE_ERROR_STATUS[error])
        .type('application/json')
        .send({ err: 'invalid_request', description: error });
    // So has RFC 7644 §3.12.
    if (request.url.startsWith('/scim/')) {
      const status = PAGE_ERROR_STATUS[error];
      return reply
        .code(status)
        .type('application/scim+json')
        .send(
          JSON.stringify({
            schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
            status: String(status),
            detail: error,
          }),
        );
    }
    if (
      request.url.startsWith('/api/') ||
      !String(request.headers.accept ?? 'text/html').includes('text/html')
    ) {
      return sendPageProblem(request, reply, error);
    }
    return sendPage(
      reply,
      renderErrorPage(shellOf(context, request, localeOf(request)), error),
      PAGE_ERROR_STATUS[error],
    );
  }
}

/** Cuts off whoever takes too long to send: each would hold a connection. */
function limitTime({ raw }: FastifyRequest): void {
  if (raw.complete) return;
  const timer = setTimeout(() => raw.destroy(), ARRIVES_WITHIN);
  raw.once('close', () => clearTimeout(timer));
  raw.once('end', () => clearTimeout(timer));
}

function sendAsset(reply: FastifyReply, asset: Asset): FastifyReply {
  return reply.type(asset.contentType).header('cache-control', asset.cacheControl).send(asset.body);
}

function securityHeaders(context: WebContext) {
  // A page of one host asks whether the other can be reached.
  const ours = isSplit(context) ? [context.pagesUrl, context.issuer] : [];
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'style-src': ["'self'"],
        'script-src': ["'self'"],
        'img-src': ["'self'", ...ours],
        'connect-src': ["'self'", ...ours],
        'font-src': ["'self'"],
        'base-uri': ["'none'"],
        'frame-ancestors': ["'none'"],
        // No form-action: browsers apply it to the redirects after a form, and those lead to consoles that an operator may
        // register at any moment. Forms of ours are protected by escaping, and by the absence of script.
      },
    },
    strictTransportSecurity: context.secure ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    // With "no-referrer" a browser would send Origin: null with our own forms.
    referrerPolicy: { policy: 'same-origin' as const },
    xFrameOptions: { action: 'deny' as const },
    crossOriginOpenerPolicy: { policy: 'same-origin' as const },
    crossOriginResourcePolicy: { policy: 'same-origin' as const },
  };
}

function isText(url: string): boolean {
  try {
    decodeURI(url.split('?')[0] ?? '');
    return true;
  } catch {
    return false;
  }
}

function isUnsafe(request: FastifyRequest): boolean {
  return request.method !== 'GET' && request.method !== 'HEAD' && request.method !== 'OPTIONS';
}

/**
 * Whether a form was sent by a page of ours: by Fetch Metadata, or by Origin where a browser does not send that. (OWASP CSRF Prevention, "Fetch Metadata
 * headers" and "Verifying origin".) Unlike a token this survives a browser that was closed and restored its tabs.
 */
function isOwnOrigin(context: WebContext, request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  return request.headers.origin !== undefined && request.headers.origin === originAsked(request, context);
}

function errorOf(status: number, error: FastifyError): PageError {
  if (status === 413) return 'too-large';
  if (status >= 400 && status < 500) return 'bad-request';
  return isUnavailable(error) || error instanceof TooBusy ? 'unavailable' : 'unexpected';
}
