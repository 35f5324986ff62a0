import type { FastifyInstance } from 'fastify';
import { routes } from '#app/routes.ts';
import { gatewayStandings, queueStanding } from '#domain/delivery/gateway-states.ts';
import { sendPage, viewOf } from '#web/http/view.ts';
import { requireRight } from '#web/http/visitor.ts';
import type { Web } from '#web/http/web.ts';
import { GatewaysPage } from './page.tsx';

/** How sending goes (R29), for the company's administrators. */
export function gatewayRoutes(app: FastifyInstance, web: Web): void {
  app.get(routes.settingsGateways, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'change-rules');
    if (visitor === null) return reply;
    const { person } = visitor;
    const now = web.clock();
    const [gateways, queue] = await Promise.all([
      gatewayStandings(web.db, now),
      queueStanding(web.db, person.companyId, now),
    ]);
    const view = viewOf(web, request, reply, person);
    return sendPage(reply, 200, GatewaysPage({ view, person, gateways, queue }));
  });
}
