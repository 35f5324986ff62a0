import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { messagesUrl, routes } from '#app/routes.ts';
import { findCampaign } from '#domain/campaigns/campaigns.ts';
import { messagesInBatches } from '#domain/messages/export.ts';
import { findMessage, listMessages, type MessageFilter } from '#domain/messages/read-messages.ts';
import { wayOf } from '#domain/messages/way.ts';
import { readRecipientNumber } from '#domain/recipients/recipient-number.ts';
import { CSV_ENCODINGS, noteLost } from '#support/csv/write.ts';
import { isId } from '#support/primitives/ids.ts';
import { field } from '#web/http/forms.ts';
import { leadTo, sendPage, viewOf } from '#web/http/view.ts';
import { requireRight } from '#web/http/visitor.ts';
import type { Web } from '#web/http/web.ts';
import { MESSAGE_STATES } from '#web/pages/campaigns/parts.tsx';
import { messageLines, messagesFile } from './csv.ts';
import { ExportPage } from './export-page.tsx';
import { MessagesPage, type Asked } from './list-page.tsx';
import { MessagePage } from './message-page.tsx';

const PAGE = 50;

/** What became of each message (R29): list, one with its way, CSV. Everybody of the company sees it. */
export function messagePageRoutes(app: FastifyInstance, web: Web): void {
  app.get(routes.messages, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'see');
    if (visitor === null) return reply;
    const { person } = visitor;
    const { asked, filter, isBadNumber } = readFilter(request);
    const after = field(request.query, 'after');
    const campaign =
      asked.campaign === '' ? null : await findCampaign(web.db, person.companyId, asked.campaign);
    if (asked.campaign !== '' && campaign === null) return reply.callNotFound();
    const { messages, more } = isBadNumber
      ? { messages: [], more: false }
      : await listMessages(
          web.db,
          person.companyId,
          { ...filter, after: isId('msg', after) ? after : undefined },
          PAGE,
        );
    const view = viewOf(web, request, reply, person);
    const next = more ? (messages.at(-1)?.id ?? null) : null;
    return sendPage(
      reply,
      isBadNumber ? 422 : 200,
      MessagesPage({ view, person, campaign, asked, isBadNumber, messages, next, isFirst: after === '' }),
    );
  });

  app.get<{ Params: { id: string } }>(routes.message, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'see');
    if (visitor === null) return reply;
    const { person } = visitor;
    const message = await findMessage(web.db, person.companyId, request.params.id);
    if (message === null) return reply.callNotFound();
    const way = await wayOf(web.db, message.id);
    const view = viewOf(web, request, reply, person);
    return sendPage(reply, 200, MessagePage({ view, person, message, way }));
  });

  app.get(routes.messagesExport, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'see');
    if (visitor === null) return reply;
    const { person } = visitor;
    const { asked, filter } = readFilter(request);
    const view = viewOf(web, request, reply, person);
    if (field(request.query, 'encoding') !== 'shift_jis')
      return sendPage(reply, 200, ExportPage({ view, person, asked, lost: null }));
    const lost = new Set<string>();
    for await (const batch of messagesInBatches(web.db, person.companyId, filter))
      noteLost(messageLines(batch, view.locale), lost);
    if (lost.size === 0)
      return leadTo(reply, messagesUrl({ ...asked, encoding: 'shift_jis' }, routes.messagesCsv));
    return sendPage(reply, 200, ExportPage({ view, person, asked, lost: [...lost] }));
  });

  app.get(routes.messagesCsv, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'see');
    if (visitor === null) return reply;
    const { person } = visitor;
    const { filter } = readFilter(request);
    const encoding = CSV_ENCODINGS.find((one) => one === field(request.query, 'encoding')) ?? 'utf-8';
    const { locale } = viewOf(web, request, reply, person);
    const batches = messagesInBatches(web.db, person.companyId, filter);
    return sendFile(reply, 'messages', encoding, Readable.from(messagesFile(batches, encoding, locale)));
  });
}

/** Sends a CSV file that nobody keeps a copy of. */
export function sendFile(
  reply: FastifyReply,
  name: string,
  encoding: string,
  content: Readable | Buffer,
): FastifyReply {
  return reply
    .header('cache-control', 'no-store')
    .header('content-disposition', `attachment; filename="${name}.csv"`)
    .type(`text/csv; charset=${encoding}`)
    .send(content);
}

function readFilter({ query }: FastifyRequest): {
  asked: Asked;
  filter: MessageFilter;
  isBadNumber: boolean;
} {
  const state = MESSAGE_STATES.find((one) => one === field(query, 'state'));
  const campaign = field(query, 'campaign');
  const number = field(query, 'number').trim();
  const read = number === '' ? null : readRecipientNumber(number);
  return {
    asked: { campaign, state: state ?? '', number },
    filter: {
      state,
      campaignId: campaign === '' ? undefined : campaign,
      number: read?.ok ? read.number : undefined,
    },
    isBadNumber: read?.ok === false,
  };
}
