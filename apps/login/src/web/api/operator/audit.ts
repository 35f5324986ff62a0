import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { eraseAuditOfAccount } from '#domain/suspension/erase-audit.ts';
import { AUDIT_ACTIONS, AUDIT_EVENTS } from '#support/audit/events.ts';
import { exportAudit, type AuditFormat } from '#support/audit/export.ts';
import { auditHead } from '#support/audit/head.ts';
import { auditEntry, searchAudit, type AuditEntry, type AuditFilter } from '#support/audit/search.ts';
import type { WebContext } from '#web/http/context.ts';
import { csvHeaders, cursorText, placeIn } from '#web/http/lists.ts';
import { problems } from '../described.ts';
import { given, MOMENT, text } from '../forms.ts';
import { PAGED, pageOf } from '../paging.ts';
import { sendProblem } from '../problem.ts';
import { operatorIn, type OperatorArea } from './operator-api.ts';
import { CSV, LINES, LOCALE } from './progress-forms.ts';

const WANTED = z.strictObject({
  actor: text(200)
    .optional()
    .describe('Who did it: an account id, operator:…, console:<client id>, system, anonymous or undo-link'),
  accountId: text(60).optional().describe('Whom it is about'),
  clientId: text(60).optional(),
  action: z.enum(AUDIT_ACTIONS as [string, ...string[]]).optional(),
  result: z.enum([...new Set(Object.values(AUDIT_EVENTS))]).optional(),
  since: z.iso.datetime({ offset: true }).optional().describe('From this moment on'),
  until: z.iso.datetime({ offset: true }).optional().describe('Before this moment'),
});
const ENTRY = z
  .object({
    id: z.string(),
    at: MOMENT,
    action: z.string(),
    result: z.enum(['done', 'refused']),
    actor: z.string(),
    accountId: z.string().nullable(),
    consoleId: z.string().nullable(),
    clientIp: z.string().nullable(),
    userAgent: z.string().nullable(),
    reason: z.string().nullable(),
    requestId: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()),
    batch: z
      .string()
      .nullable()
      .describe('The link of the hash chain that seals it; null in its first seconds'),
    erased: z.boolean().describe('Its personal parts were erased'),
  })
  .meta({ id: 'AuditEvent' });

/** The audit log (R27). Verifying it takes minutes and the server's key, so that is a command: `hitokagi audit verify`. */
export const auditArea: OperatorArea = (app, context) => {
  app.get(
    '/audit',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Audit'],
        summary: 'Audit events, the newest first',
        querystring: WANTED.extend(PAGED),
        response: { 200: pageOf(ENTRY), ...problems('console-unknown') },
      },
    },
    async (request, reply) => {
      const { cursor, limit, ...wanted } = request.query;
      const filter = await filterOf(context, reply, wanted);
      if (!filter) return reply;
      const page = await searchAudit(context.db, filter, { after: placeIn(cursor), limit });
      return { items: page.entries.map(answerOf), next: cursorText(page.next) };
    },
  );

  app.get(
    '/audit/:id',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Audit'],
        summary: 'One audit event',
        params: z.object({ id: z.string().max(20) }),
        response: { 200: ENTRY, ...problems('audit-event-unknown') },
      },
    },
    async (request, reply) => {
      const entry = await auditEntry(context.db, request.params.id);
      return entry ? answerOf(entry) : sendProblem(reply, 'audit-event-unknown');
    },
  );

  for (const [format, summary, answer] of [
    ['csv', 'The same events as CSV; recorded', CSV],
    [
      'jsonl',
      'The same events as JSON lines; recorded',
      { description: 'One event a line', content: { 'application/jsonl': { schema: LINES } } },
    ],
  ] as const)
    app.get(
      `/audit.${format}`,
      {
        config: { role: 'administrator' },
        schema: {
          tags: ['Audit'],
          summary,
          querystring: WANTED.extend({ locale: LOCALE }),
          response: { 200: answer, ...problems('console-unknown') },
        },
      },
      async (request, reply) => {
        const { locale, ...wanted } = request.query;
        const filter = await filterOf(context, reply, wanted);
        if (!filter) return reply;
        return sendAudit(context, request, reply, { filter, format, locale }, operatorIn(request).actor);
      },
    );

  app.post(
    '/accounts/:account/erase-audit',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Audit'],
        summary: 'Erase what is personal in the audit events of a closed account',
        description: 'Cannot be taken back. The events stay, and the log can be verified as before.',
        params: z.object({ account: z.string().max(60).describe('The account’s id (acc_…)') }),
        body: z.strictObject({ reason: text(1_000).trim().min(1) }),
        response: {
          200: z.object({ events: z.number() }),
          ...problems('account-not-closed', 'account-unknown'),
        },
      },
    },
    async (request, reply) => {
      const result = await eraseAuditOfAccount(context, request.params.account, {
        actor: operatorIn(request).actor,
        reason: request.body.reason,
        clientIp: request.ip,
        requestId: request.id,
      });
      return result.ok ? { events: result.events } : sendProblem(reply, result.reason);
    },
  );

  app.get(
    '/audit-head',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Audit'],
        summary: 'Where the hash chain ends: keep it elsewhere, and give it to hitokagi audit verify',
        response: { 200: z.object({ number: z.string(), hash: z.string(), text: z.string() }) },
      },
    },
    async () => auditHead(context.db),
  );
};

async function sendAudit(
  context: WebContext,
  request: FastifyRequest,
  reply: FastifyReply,
  of: { filter: AuditFilter; format: AuditFormat; locale: 'ja' | 'en' },
  actor: string,
): Promise<FastifyReply> {
  const by = { actor, clientIp: request.ip, requestId: request.id, now: context.clock() };
  const file = await exportAudit(context.db, of.filter, of, by);
  csvHeaders(reply, `audit.${of.format}`);
  if (of.format === 'jsonl') reply.type('application/jsonl; charset=utf-8');
  return reply.send(file);
}

/** What a query asks for; undefined when it names a console that is none, and the answer has been sent. */
async function filterOf(
  context: WebContext,
  reply: FastifyReply,
  { actor, clientId, action, since, until, ...rest }: z.infer<typeof WANTED>,
): Promise<AuditFilter | undefined> {
  const console = clientId === undefined ? undefined : await context.consoles.byClientId(clientId);
  if (clientId !== undefined && !console) {
    sendProblem(reply, 'console-unknown');
    return undefined;
  }
  return {
    ...given(rest),
    ...(actor === undefined ? {} : { actors: [actor] }),
    ...(console ? { consoleId: console.id } : {}),
    ...(action === undefined ? {} : { actions: [action] }),
    ...(since === undefined ? {} : { since: new Date(since) }),
    ...(until === undefined ? {} : { until: new Date(until) }),
  };
}

function answerOf(entry: AuditEntry): z.infer<typeof ENTRY> {
  return { ...entry, at: entry.at.toISOString() };
}
