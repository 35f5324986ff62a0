import type { FastifyInstance } from 'fastify';
import { routes } from '#app/routes.ts';
import { findNews, recentChanges } from '#domain/login-id-change/login-id-change.ts';
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
      openChange: await web.kit.loginIds.open(person.id),
      news: await findNews(web.db, person.id),
      changes: await recentChanges(web.db, person.id),
    });
    return sendPage(reply, 200, page);
  });
}
