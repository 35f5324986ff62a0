import type { FastifyInstance } from 'fastify';
import { routes } from '#app/routes.ts';
import { findOpenChange } from '#domain/login-id-change/login-id-change.ts';
import { sendPage, viewOf } from '#web/http/view.ts';
import { requireVisitor } from '#web/http/visitor.ts';
import type { Web } from '#web/http/web.ts';
import { SettingsPage } from './page.tsx';

export function settingsRoutes(app: FastifyInstance, web: Web): void {
  app.get(routes.settings, async (request, reply) => {
    const visitor = await requireVisitor(web, request, reply);
    if (visitor === null) return reply;
    const { person, session } = visitor;
    const page = SettingsPage({
      view: viewOf(web, request, reply, person),
      person,
      session,
      timeouts: web.config.timeouts,
      gate: web.kit.gate(web.clock()),
      openChange: await findOpenChange(web.db, person.id),
    });
    return sendPage(reply, 200, page);
  });
}
