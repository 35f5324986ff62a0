import type { FastifyReply, FastifyRequest } from 'fastify';
import { accountNames } from '#domain/accounts/names.ts';
import { actorNames } from '#domain/operators/actor-names.ts';
import { includesRole } from '#domain/operators/rights.ts';
import { exportAudit, type AuditFormat } from '#support/audit/export.ts';
import { auditHead } from '#support/audit/head.ts';
import { auditEntry, searchAudit, type AuditEntry } from '#support/audit/search.ts';
import { csvHeaders, cursorText, placeIn } from '#web/http/lists.ts';
import { query, sendPage } from '#web/http/request.ts';
import { visitOf, type OperatorArea } from '../visit.ts';
import { eventPage } from './event-page.tsx';
import { listPage } from './list-page.tsx';
import type { People } from './people.ts';
import { filterOf, wantedOf } from './wanted.ts';

const EVENTS_A_PAGE = 50;

/** 監査: who did what to whom, when, from where, with what result. */
export const auditPagesArea: OperatorArea = (app, context) => {
  const { db } = context;

  app.get('/operator/audit', async (request, reply) => {
    const visit = visitOf(request);
    const wanted = wantedOf(request);
    const filter = await filterOf(context, wanted);
    const cursor = query(request, 'after');
    const [page, head, consoles] = await Promise.all([
      searchAudit(db, filter, { after: placeIn(cursor), limit: EVENTS_A_PAGE }),
      auditHead(db),
      context.consoles.all(),
    ]);
    const view = {
      wanted,
      entries: page.entries,
      people: await peopleOf(page.entries),
      consoles,
      head,
      next: cursorText(page.next),
      isFirst: cursor === undefined,
      maySave: includesRole(visit.operator.role, 'administrator'),
    };
    return sendPage(reply, await listPage(context, visit, view));
  });

  app.get('/operator/audit/:id', async (request, reply) => {
    const entry = await auditEntry(db, (request.params as { id: string }).id);
    if (!entry) {
      reply.callNotFound();
      return reply;
    }
    const consoles = await context.consoles.all();
    const view = { entry, people: await peopleOf([entry]), consoles };
    return sendPage(reply, await eventPage(context, visitOf(request), view));
  });

  for (const format of ['csv', 'jsonl'] as const)
    app.get(`/operator/audit.${format}`, async (request, reply) => save(request, reply, format));

  async function save(
    request: FastifyRequest,
    reply: FastifyReply,
    format: AuditFormat,
  ): Promise<FastifyReply> {
    const { operator, shell, now } = visitOf(request);
    const filter = await filterOf(context, wantedOf(request));
    const by = { actor: operator.actor, clientIp: request.ip, requestId: request.id, now };
    const file = await exportAudit(db, filter, { format, locale: shell.locale }, by);
    csvHeaders(reply, `audit.${format}`);
    if (format === 'jsonl') reply.type('application/jsonl; charset=utf-8');
    return reply.send(file);
  }

  /** Who the events of one page speak of. */
  async function peopleOf(entries: readonly AuditEntry[]): Promise<People> {
    const ids = entries.flatMap(({ actor, accountId }) => [actor, accountId ?? '']);
    const [accounts, operators] = await Promise.all([
      accountNames(
        db,
        ids.filter((id) => id.startsWith('acc_')),
      ),
      actorNames(
        db,
        entries.map(({ actor }) => actor),
      ),
    ]);
    return { accounts, operators };
  }
};
