import { hash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { planOf } from '#domain/migration/plans.ts';
import { localeFromTags } from '#support/primitives/locale.ts';
import { SECOND } from '#support/primitives/durations.ts';
import type { WebContext } from '#web/http/context.ts';
import { query } from '#web/http/request.ts';
import { lastKnown } from './last-known.ts';
import { linkFragment, linkNow, linkScript, type LinkNow } from './link-texts.ts';

/** Together with what browsers keep: everybody agrees on the phase within ten seconds (R12). */
const READ_EVERY = 4 * SECOND;
const KEPT_BY_BROWSERS = 5 * SECOND;

/** The link by the clock (R13) for legacy pages in any language: a script, and a fragment for server-side includes. Public, and the same for everybody. */
export function registerLink(app: FastifyInstance, context: WebContext): void {
  const moveOf = lastKnown(
    async (clientId) => {
      const console = await context.consoles.byClientId(clientId);
      return console && { console, plan: await planOf(context.db, console.id) };
    },
    () => performance.now(),
    READ_EVERY,
  );
  /** Null: there is no such console; undefined: at the moment nobody knows. */
  const linkOf = async (request: FastifyRequest): Promise<LinkNow | null | undefined> => {
    const { clientId } = request.params as { clientId: string };
    try {
      const move = await moveOf(clientId);
      return move ? linkNow(move.console, move.plan, context.issuer, context.clock()) : null;
    } catch (error) {
      request.log.warn({ err: error }, 'the link of a legacy page');
      return undefined;
    }
  };

  app.get('/consoles/:clientId/link.js', async (request, reply) => {
    const link = await linkOf(request);
    reply.type('text/javascript; charset=utf-8');
    if (link) return send(request, reply, linkScript(link));
    return refuse(reply, link, link === null ? '// There is no console with this client ID.\n' : '');
  });

  app.get('/consoles/:clientId/link.html', async (request, reply) => {
    const link = await linkOf(request);
    reply.type('text/html; charset=utf-8');
    // Into somebody's page goes the link or nothing, never an error page of ours.
    if (!link) return refuse(reply, link, '');
    return send(request, reply, linkFragment(link, localeFromTags(query(request, 'lang')) ?? 'ja'));
  });
}

function refuse(reply: FastifyReply, link: null | undefined, body: string): FastifyReply {
  return reply
    .code(link === null ? 404 : 503)
    .header('cache-control', 'no-store')
    .send(body);
}

function send(request: FastifyRequest, reply: FastifyReply, body: string): FastifyReply {
  const etag = `"${hash('sha256', body, 'base64url').slice(0, 22)}"`;
  reply
    .header('cache-control', `public, max-age=${KEPT_BY_BROWSERS / SECOND}`)
    // Pages of every origin load it; there is nothing in it that not everybody may know.
    .header('cross-origin-resource-policy', 'cross-origin')
    .header('access-control-allow-origin', '*')
    .header('etag', etag);
  return request.headers['if-none-match'] === etag ? reply.code(304).send() : reply.send(body);
}
