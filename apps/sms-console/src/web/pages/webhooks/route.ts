import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pathOf, routes } from '#app/routes.ts';
import { tryAgain } from '#domain/webhooks/deliver.ts';
import {
  addEndpoint,
  changeSecret,
  findEndpoint,
  listEndpoints,
  removeEndpoint,
} from '#domain/webhooks/endpoints.ts';
import { listDeliveries } from '#domain/webhooks/list.ts';
import { isId } from '#support/primitives/ids.ts';
import { field } from '#web/http/forms.ts';
import { leadTo, leaveNotice, sendPage, viewOf } from '#web/http/view.ts';
import { requireRight, type SignedInVisitor } from '#web/http/visitor.ts';
import type { Web } from '#web/http/web.ts';
import { WebhookPage, WebhooksPage, type WebhooksPageProps } from './page.tsx';

const PAGE = 50;
type WithId = { Params: { id: string } };

/** Where a company's own systems are told of results (R30): its administrators register addresses and see what was sent. */
export function webhookRoutes(app: FastifyInstance, web: Web): void {
  app.get(routes.settingsWebhooks, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'manage-keys');
    return visitor === null ? reply : show(web, request, reply, visitor, {});
  });

  app.post(routes.settingsWebhooks, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'manage-keys', routes.settingsWebhooks);
    if (visitor === null) return reply;
    const { companyId, id: personId } = visitor.person;
    const typed = field(request.body, 'url');
    const added = await addEndpoint(
      web.db,
      web.sealer,
      { companyId, personId, url: typed, allowedHosts: web.config.webhookHosts },
      web.clock(),
    );
    return show(
      web,
      request,
      reply,
      visitor,
      added.ok ? { made: added.secret } : { typed, fault: added.reason },
    );
  });

  app.get<WithId>(routes.settingsWebhook, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'manage-keys');
    return visitor === null ? reply : showOne(web, request, reply, visitor, request.params.id, {});
  });

  app.post<WithId>(routes.settingsWebhookSecret, async (request, reply) => {
    const { id } = request.params;
    const visitor = await requireRight(web, request, reply, 'manage-keys', routes.settingsWebhooks);
    if (visitor === null) return reply;
    const changed = await changeSecret(web.db, web.sealer, visitor.person.companyId, id, web.clock());
    return showOne(web, request, reply, visitor, id, changed ? { made: changed.secret } : { mustWait: true });
  });

  app.post<WithId>(routes.settingsWebhookRemove, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'manage-keys', routes.settingsWebhooks);
    if (visitor === null) return reply;
    const removed = await removeEndpoint(web.db, visitor.person.companyId, request.params.id, web.clock());
    if (!removed) return reply.callNotFound();
    leaveNotice(web, reply, 'webhook-removed');
    return leadTo(reply, routes.settingsWebhooks);
  });

  app.post<WithId>(routes.settingsWebhookRetry, async (request, reply) => {
    const { id } = request.params;
    const visitor = await requireRight(web, request, reply, 'manage-keys', routes.settingsWebhooks);
    if (visitor === null) return reply;
    const delivery = field(request.body, 'delivery');
    if (!(await tryAgain(web.db, visitor.person.companyId, delivery, web.clock())))
      return reply.callNotFound();
    web.wakeWebhooks();
    leaveNotice(web, reply, 'webhook-retried');
    return leadTo(reply, pathOf(routes.settingsWebhook, { id }));
  });
}

async function show(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  { person }: SignedInVisitor,
  { typed = '', fault = null, made = null }: Partial<Pick<WebhooksPageProps, 'typed' | 'fault' | 'made'>>,
): Promise<FastifyReply> {
  const endpoints = await listEndpoints(web.db, person.companyId);
  const view = viewOf(web, request, reply, person);
  return sendPage(
    reply,
    fault === null ? 200 : 422,
    WebhooksPage({ view, person, endpoints, typed, fault, made }),
  );
}

async function showOne(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  { person }: SignedInVisitor,
  id: string,
  { made = null, mustWait = false }: { made?: string | null; mustWait?: boolean },
): Promise<FastifyReply> {
  const endpoint = await findEndpoint(web.db, person.companyId, id);
  if (endpoint === null) {
    reply.callNotFound();
    return reply;
  }
  const asked = field(request.query, 'after');
  const after = isId('whd', asked) ? asked : null;
  const failedOnly = field(request.query, 'only') === 'failed';
  const { deliveries, more } = await listDeliveries(web.db, id, { after, failedOnly }, PAGE);
  const view = viewOf(web, request, reply, person);
  return sendPage(
    reply,
    mustWait ? 409 : 200,
    WebhookPage({
      view,
      person,
      endpoint,
      deliveries,
      next: more ? (deliveries.at(-1)?.id ?? null) : null,
      isFirst: after === null,
      failedOnly,
      made,
      mustWait,
      now: web.clock(),
    }),
  );
}
