import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { routes } from '#app/routes.ts';
import { createApiKey, findApiKey, listApiKeys, revokeApiKey } from '#domain/api-keys/api-keys.ts';
import { after, DAY } from '#support/primitives/durations.ts';
import { field } from '#web/http/forms.ts';
import { leadTo, leaveNotice, sendPage, viewOf } from '#web/http/view.ts';
import { requireRight, type SignedInVisitor } from '#web/http/visitor.ts';
import type { Web } from '#web/http/web.ts';
import { ApiKeysPage, ENDS, MAY, RevokeKeyPage, type ApiKeysPageProps } from './page.tsx';

/** API keys of the company (R31): its administrators see, make and revoke them. */
export function apiKeyRoutes(app: FastifyInstance, web: Web): void {
  app.get(routes.settingsApiKeys, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'manage-keys');
    return visitor === null ? reply : showKeys(web, request, reply, visitor, {});
  });

  // The key is in the answer to the form itself: it can be shown once and be kept nowhere. Sent again, the form finds its name taken.
  app.post(routes.settingsApiKeys, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'manage-keys');
    if (visitor === null) return reply;
    const typed = {
      name: field(request.body, 'name'),
      may: field(request.body, 'may'),
      ends: field(request.body, 'ends'),
    };
    const now = web.clock();
    const may = MAY.find((one) => one === typed.may) ?? 'both';
    const days = Number(ENDS.find((one) => one === typed.ends) ?? '');
    const created = await createApiKey(
      web.db,
      {
        personId: visitor.person.id,
        name: typed.name,
        scopes: may === 'both' ? ['send', 'read'] : [may],
        expiresAt: days === 0 ? null : after(now, days * DAY),
      },
      now,
    );
    return showKeys(
      web,
      request,
      reply,
      visitor,
      created.ok ? { made: created.key } : { typed, fault: created.reason },
    );
  });

  app.get<{ Params: { id: string } }>(routes.settingsApiKeyRevoke, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'manage-keys');
    if (visitor === null) return reply;
    const { person } = visitor;
    const apiKey = await findApiKey(web.db, person.id, request.params.id);
    const view = viewOf(web, request, reply, person);
    return sendPage(reply, apiKey === null ? 404 : 200, RevokeKeyPage({ view, person, apiKey }));
  });

  app.post<{ Params: { id: string } }>(routes.settingsApiKeyRevoke, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'manage-keys');
    if (visitor === null) return reply;
    const { person } = visitor;
    const revoked = await revokeApiKey(web.db, { personId: person.id, id: request.params.id }, web.clock());
    if (!revoked) {
      const view = viewOf(web, request, reply, person);
      return sendPage(reply, 404, RevokeKeyPage({ view, person, apiKey: null }));
    }
    leaveNotice(web, reply, 'api-key-revoked');
    return leadTo(reply, routes.settingsApiKeys);
  });
}

async function showKeys(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  { person }: SignedInVisitor,
  {
    made = null,
    typed = { name: '', may: '', ends: '' },
    fault = null,
  }: Partial<Pick<ApiKeysPageProps, 'made' | 'typed' | 'fault'>>,
): Promise<FastifyReply> {
  const view = viewOf(web, request, reply, person);
  const keys = await listApiKeys(web.db, person.id);
  return sendPage(
    reply,
    fault === null ? 200 : 422,
    ApiKeysPage({ view, person, keys, made, typed, fault, now: web.clock() }),
  );
}
