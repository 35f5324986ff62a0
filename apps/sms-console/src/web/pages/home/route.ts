import type { FastifyInstance } from 'fastify';
import { routes } from '#app/routes.ts';
import { listCampaigns } from '#domain/campaigns/campaigns.ts';
import { listDrafts } from '#domain/drafts/drafts.ts';
import { usageOfMonth } from '#domain/messages/quota.ts';
import type { Person } from '#domain/people/people.ts';
import { mayDo } from '#domain/people/roles.ts';
import { recentSignIns } from '#domain/console-sessions/find-session.ts';
import { sendPage, viewOf } from '#web/http/view.ts';
import { requireVisitor } from '#web/http/visitor.ts';
import type { Web } from '#web/http/web.ts';
import { HomePage } from './page.tsx';
import type { SendingNews } from './sending.tsx';

/** The dashboard; whoever is not signed in is led to the login of the phase (R12). */
export function homeRoutes(app: FastifyInstance, web: Web): void {
  app.get(routes.home, async (request, reply) => {
    const visitor = await requireVisitor(web, request, reply);
    if (visitor === null) return reply;
    const { person, session } = visitor;
    const recent = await recentSignIns(web.db, person.id, session.id);
    const cutOverAt = web.kit.plan.current()?.cutOverAt ?? null;
    const page = HomePage({
      view: viewOf(web, request, reply, person),
      person,
      session,
      recent,
      gate: web.kit.gate(web.clock()),
      cutOverAt: cutOverAt === null ? null : new Date(cutOverAt),
      sending: web.brand.sendsSms ? await sendingNews(web, person) : null,
    });
    return sendPage(reply, 200, page);
  });
}

const SHOWN = 5;

async function sendingNews(web: Web, person: Person): Promise<SendingNews> {
  const [{ campaigns }, drafts, month] = await Promise.all([
    listCampaigns(web.db, person.companyId, { limit: SHOWN }),
    mayDo(person.role, 'send') ? listDrafts(web.db, person.id, SHOWN) : [],
    usageOfMonth(web.db, person.companyId, web.clock()),
  ]);
  return { campaigns, drafts, month };
}
