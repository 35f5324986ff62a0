import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pathOf, routes } from '#app/routes.ts';
import { guessColumns } from '#domain/addresses/header.ts';
import { confirmCsv, prospectOf } from '#domain/csv-sending/confirm.ts';
import {
  cancelCsvSending,
  findCsvSending,
  openCsvSendings,
  refusalsOf,
  type CsvSending,
  type Wanted,
} from '#domain/csv-sending/csv-sendings.ts';
import { LARGEST_CSV, receiveCsv } from '#domain/csv-sending/receive.ts';
import { changeWanted, wantOfCsv, type WantedResult } from '#domain/csv-sending/want.ts';
import { listTemplates } from '#domain/templates/templates.ts';
import { csvText, toShiftJis } from '#support/csv/write.ts';
import { field, linesField } from '#web/http/forms.ts';
import { requestLocale } from '#web/http/request-locale.ts';
import { drain, takeUploads } from '#web/http/uploads.ts';
import { leadTo, leaveNotice, sendPage, viewOf } from '#web/http/view.ts';
import { requireRight, type SignedInVisitor } from '#web/http/visitor.ts';
import type { Web } from '#web/http/web.ts';
import { CheckedPage } from './checked-page.tsx';
import { MappingPage } from './mapping-page.tsx';
import { refusedRows } from './refused.ts';
import { StandingPage } from './standing-page.tsx';
import { UploadPage, type UploadProblem } from './upload-page.tsx';

type OfFile = { Params: { id: string } };
const LONGEST_BODY = 2_000;
const ROWS_SHOWN = 50;

/** Sending by file (R29): upload, columns and text, what comes of each row, confirmation. */
export function csvRoutes(app: FastifyInstance, web: Web): void {
  app.get(routes.csvNew, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'send');
    return visitor === null ? reply : showUpload(web, request, reply, visitor, null);
  });

  void app.register(async (scope) => {
    await takeUploads(scope, LARGEST_CSV, (...of) => app.csrfProtection(...of));
    scope.post(routes.csvNew, async (request, reply) => {
      const visitor = await requireRight(web, request, reply, 'send', routes.csvNew);
      if (visitor === null) {
        await drain(request);
        return reply;
      }
      if (request.upload === null) return showUpload(web, request, reply, visitor, 'file-missing');
      const { fileName, content } = request.upload;
      const of = { companyId: visitor.person.companyId, personId: visitor.person.id, fileName };
      const received = await receiveCsv(web.db, of, content, web.clock());
      if (!received.ok) return showUpload(web, request, reply, visitor, received.reason);
      return leadTo(reply, pathOf(routes.csv, { id: received.id }));
    });
  });

  app.get<OfFile>(routes.csv, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'send');
    return visitor === null ? reply : show(web, request, reply, visitor, {});
  });

  app.post<OfFile>(routes.csv, async (request, reply) => {
    const { id } = request.params;
    const visitor = await requireRight(web, request, reply, 'send', pathOf(routes.csv, { id }));
    if (visitor === null) return reply;
    const wanted = readWanted(request);
    const act = field(request.body, 'act');
    if (act === 'template' || act === 'count') {
      const templates = await listTemplates(web.db, visitor.person.companyId);
      const template = templates.find((one) => one.id === field(request.body, 'template'));
      const body = act === 'template' && template ? template.body : wanted.body;
      return show(web, request, reply, visitor, { typed: { ...wanted, body } });
    }
    const result = await wantOfCsv(web.db, visitor.person.companyId, { id, wanted }, web.clock());
    if (result !== null && !result.ok) return show(web, request, reply, visitor, { typed: wanted, result });
    web.wakeCampaigns();
    return leadTo(reply, pathOf(routes.csv, { id }));
  });

  app.post<OfFile>(routes.csvChange, async (request, reply) => {
    const { id } = request.params;
    const visitor = await requireRight(web, request, reply, 'send', pathOf(routes.csv, { id }));
    if (visitor === null) return reply;
    await changeWanted(web.db, visitor.person.companyId, id);
    return leadTo(reply, pathOf(routes.csv, { id }));
  });

  app.post<OfFile>(routes.csvCancel, async (request, reply) => {
    const { id } = request.params;
    const visitor = await requireRight(web, request, reply, 'send', pathOf(routes.csv, { id }));
    if (visitor === null) return reply;
    if (await cancelCsvSending(web.db, visitor.person.companyId, id))
      leaveNotice(web, reply, 'csv-cancelled');
    return leadTo(reply, routes.csvNew);
  });

  app.post<OfFile>(routes.csvConfirm, async (request, reply) => {
    const { id } = request.params;
    const visitor = await requireRight(web, request, reply, 'send', pathOf(routes.csv, { id }));
    if (visitor === null) return reply;
    const by = { personId: visitor.person.id, companyId: visitor.person.companyId };
    const revision = Number(field(request.body, 'revision'));
    const confirmed = await confirmCsv(web.db, by, { id, revision }, web.clock());
    // What is in the way, and what was changed meanwhile, the page of the file says.
    if (!confirmed.ok) return leadTo(reply, pathOf(routes.csv, { id }));
    web.wakeCampaigns();
    leaveNotice(web, reply, 'campaign-confirmed');
    return leadTo(reply, pathOf(routes.campaign, { id: confirmed.campaignId }));
  });

  app.get<OfFile>(routes.csvRefused, async (request, reply) => {
    const visitor = await requireRight(web, request, reply, 'send');
    if (visitor === null) return reply;
    const found = await findCsvSending(web.db, visitor.person.companyId, request.params.id);
    if (found === null) return reply.callNotFound();
    const isShiftJis = field(request.query, 'encoding') === 'shift_jis';
    const locale = requestLocale(request, web.cookies, visitor.person);
    async function* parts(): AsyncGenerator<Buffer> {
      if (!isShiftJis) yield Buffer.from('\ufeff');
      for await (const rows of refusedRows(web.db, request.params.id, locale))
        yield isShiftJis ? toShiftJis(csvText(rows)) : Buffer.from(csvText(rows));
    }
    return reply
      .header('cache-control', 'no-store')
      .header('content-disposition', 'attachment; filename="refused-rows.csv"')
      .type(`text/csv; charset=${isShiftJis ? 'shift_jis' : 'utf-8'}`)
      .send(Readable.from(parts(), { objectMode: false }));
  });
}

async function showUpload(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  { person }: SignedInVisitor,
  problem: UploadProblem | null,
): Promise<FastifyReply> {
  const open = await openCsvSendings(web.db, person.companyId);
  const view = viewOf(web, request, reply, person);
  const status = problem === null ? 200 : problem === 'file-too-large' ? 413 : 422;
  return sendPage(reply, status, UploadPage({ view, person, problem, open }));
}

async function show(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  { person }: SignedInVisitor,
  { typed, result }: { typed?: Wanted; result?: Extract<WantedResult, { ok: false }> },
): Promise<FastifyReply> {
  const { id } = request.params as { id: string };
  const found = await findCsvSending(web.db, person.companyId, id);
  if (found === null) {
    reply.callNotFound();
    return reply;
  }
  if (found.campaignId !== null) return leadTo(reply, pathOf(routes.campaign, { id: found.campaignId }));
  const view = viewOf(web, request, reply, person);
  if (found.state === 'mapping' || typed !== undefined) {
    const templates = await listTemplates(web.db, person.companyId);
    const wanted = typed ?? found.wanted ?? firstWish(found);
    const problems = result ?? null;
    const page = MappingPage({ view, person, file: found, wanted, problems, templates, now: web.clock() });
    return sendPage(reply, problems === null ? 200 : 422, page);
  }
  if (found.state !== 'checked') return sendPage(reply, 200, StandingPage({ view, person, file: found }));
  const now = web.clock();
  const prospect = await prospectOf(web.db, person.companyId, found, now);
  const refusals = await refusalsOf(web.db, id, { after: 0, limit: ROWS_SHOWN });
  return sendPage(reply, 200, CheckedPage({ view, person, file: found, prospect, refusals, now }));
}

function firstWish({ layout }: CsvSending): Wanted {
  const { number } = guessColumns(layout?.names ?? [], layout?.first ?? []);
  return { name: '', numberColumn: number ?? -1, body: '', when: 'now', date: '', time: '' };
}

function readWanted({ body }: FastifyRequest): Wanted {
  const column = field(body, 'number_column');
  return {
    name: field(body, 'name'),
    numberColumn: /^\d{1,2}$/.test(column) ? Number(column) : -1,
    body: linesField(body, 'body', LONGEST_BODY),
    when: field(body, 'when') === 'later' ? 'later' : 'now',
    date: field(body, 'date'),
    time: field(body, 'time'),
  };
}
