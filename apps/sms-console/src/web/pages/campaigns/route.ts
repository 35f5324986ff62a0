import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pathOf, routes } from '#app/routes.ts';
import { actOnCampaign, ACTS_IN, type CampaignAct } from '#domain/campaigns/acts.ts';
import { countMessages, findCampaign, listCampaigns } from '#domain/campaigns/campaigns.ts';
import type { CampaignState } from '#support/db/schema.ts';
import { after, DAY } from '#support/primitives/durations.ts';
import { readJapanTime } from '#support/primitives/japan-time.ts';
import { field } from '#web/http/forms.ts';
import type { NoticeCode } from '#web/http/layout-text.ts';
import { leadTo, leaveNotice, sendPage, viewOf } from '#web/http/view.ts';
import { requireRight, type SignedInVisitor } from '#web/http/visitor.ts';
import type { Web } from '#web/http/web.ts';
import { ActPage } from './act-page.tsx';
import { CampaignPage } from './campaign-page.tsx';
import { CampaignsPage } from './list-page.tsx';

const DONE: Readonly<Record<CampaignAct, NoticeCode>> = {
  pause: 'campaign-paused',
  resume: 'campaign-resumed',
  cancel: 'campaign-cancelled',
};

/** What was sent and what is being sent; pausing, resuming and cancelling it. */
export function campaignRoutes(app: FastifyInstance, web: Web): void {
  app.get(routes.campaigns, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'see');
    if (visitor === null) return reply;
    const { person } = visitor;
    const before = field(request.query, 'before');
    const asked = {
      name: field(request.query, 'name').trim(),
      state: field(request.query, 'state'),
      from: field(request.query, 'from'),
      until: field(request.query, 'until'),
    };
    const until = readJapanTime(asked.until, '00:00');
    const { campaigns, next } = await listCampaigns(web.db, person.companyId, {
      before,
      name: asked.name,
      state: (Object.keys(ACTS_IN) as CampaignState[]).find((one) => one === asked.state),
      from: readJapanTime(asked.from, '00:00') ?? undefined,
      until: until === null ? undefined : after(until, DAY),
    });
    const view = viewOf(web, request, reply, person);
    return sendPage(
      reply,
      200,
      CampaignsPage({ view, person, campaigns, next, isFirst: before === '', asked }),
    );
  });

  app.get<{ Params: { id: string } }>(routes.campaign, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'see');
    if (visitor === null) return reply;
    const { person } = visitor;
    const campaign = await findCampaign(web.db, person.companyId, request.params.id);
    if (campaign === null) return reply.callNotFound();
    const counts = await countMessages(web.db, campaign.id);
    const view = viewOf(web, request, reply, person);
    return sendPage(reply, 200, CampaignPage({ view, person, campaign, counts }));
  });

  app.get<{ Params: { id: string; act: string } }>(routes.campaignAct, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'send');
    return visitor === null ? reply : ask(web, request, reply, visitor, request.params, false);
  });

  app.post<{ Params: { id: string; act: string } }>(routes.campaignAct, async (request, reply) => {
    const { id, act } = request.params;
    const visitor = await requireRight(web, request, reply, 'send', pathOf(routes.campaign, { id }));
    if (visitor === null) return reply;
    const wanted = readAct(act);
    if (wanted === null) return reply.callNotFound();
    const done = await actOnCampaign(web.db, visitor.person.companyId, { id, act: wanted }, web.clock());
    if (!done) return ask(web, request, reply, visitor, request.params, true);
    web.wakeCampaigns();
    leaveNotice(web, reply, DONE[wanted]);
    return leadTo(reply, pathOf(routes.campaign, { id }));
  });
}

async function ask(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  { person }: SignedInVisitor,
  { id, act }: { id: string; act: string },
  refused: boolean,
): Promise<FastifyReply> {
  const wanted = readAct(act);
  const campaign = await findCampaign(web.db, person.companyId, id);
  if (wanted === null || campaign === null) {
    reply.callNotFound();
    return reply;
  }
  const counts = await countMessages(web.db, campaign.id);
  const possible = !refused && ACTS_IN[campaign.state].includes(wanted);
  const view = viewOf(web, request, reply, person);
  return sendPage(
    reply,
    possible ? 200 : 409,
    ActPage({ view, person, campaign, counts, act: wanted, possible }),
  );
}

function readAct(act: string): CampaignAct | null {
  return (Object.keys(DONE) as CampaignAct[]).find((one) => one === act) ?? null;
}
