import helmet from '@fastify/helmet';
import { fastify, LogController, type FastifyInstance } from 'fastify';
import { apiRoutes } from './api.ts';
import type { HttpParts } from './http-parts.ts';
import { assetRoutes } from './pages/assets.ts';
import { pageRoutes } from './pages/routes.tsx';

/** The HTTP side: API, pages and health, none of which the mailbox protects (it is for development and tests). */
export function buildHttp(parts: HttpParts & { log: boolean }): FastifyInstance {
  const app = fastify({
    logger: parts.log && { stream: process.stderr, base: { program: 'mailbox' } },
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
  });
  void app.register(helmet, {
    hsts: false,
    originAgentCluster: false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        frameSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
  });
  // No route reads a body, so none of whatever kind is refused.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume();
    payload.on('end', () => done(null));
  });
  app.get('/healthz', () => ({ status: 'ok' }));
  void app.register(apiRoutes, parts);
  void app.register(assetRoutes);
  void app.register(pageRoutes, parts);
  return app;
}
