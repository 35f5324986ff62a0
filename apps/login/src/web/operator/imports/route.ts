import type { FastifyReply, FastifyRequest } from 'fastify';
import { importEntry, importHistory, type ImportEntry } from '#domain/consoles/import/history.ts';
import { receiveFile } from '#domain/consoles/import/receive.ts';
import { refusalsOf, saveRefusals } from '#domain/consoles/import/refusal-csv.ts';
import { storedRefusals } from '#domain/consoles/import/refusal-store.ts';
import { cancelImport, startImport } from '#domain/consoles/import/upload-acts.ts';
import { planStandingLately } from '#domain/migration/plan-standing.ts';
import { progressSummary } from '#domain/migration/summary.ts';
import { actorNames } from '#domain/operators/actor-names.ts';
import { includesRole } from '#domain/operators/rights.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { csvHeaders, cursorText, placeIn } from '#web/http/lists.ts';
import { field, query, sendPage } from '#web/http/request.ts';
import { takeUploads, uploadIn } from '#web/http/uploads.ts';
import { isNameOf } from '../typed-name.ts';
import { isBack, visitOf, type OperatorArea } from '../visit.ts';
import { actPage, type ActProblem, type ImportAct } from './act-page.tsx';
import { importPage } from './import-page.tsx';
import { listPage } from './list-page.tsx';
import { importPath } from './parts.tsx';
import { uploadPage, type UploadProblem } from './upload-page.tsx';

const IMPORTS_A_PAGE = 50;
/** Refused rows that a page shows; a file has all of them. */
const ROWS_SHOWN = 50;

/** 取り込み: people of a console by file, first looked at, then taken in, while one watches. */
export const importPagesArea: OperatorArea = (root, context) => {
  const { db, jobs } = context;

  root.get('/operator/imports', async (request, reply) => {
    const visit = visitOf(request);
    const cursor = query(request, 'after');
    const wanted = query(request, 'console');
    const consoles = await context.consoles.all();
    const console = consoles.find((one) => one.client_id === wanted);
    const page = await importHistory(
      db,
      { consoleId: console?.id },
      { after: placeIn(cursor), limit: IMPORTS_A_PAGE },
    );
    const view = {
      entries: page.entries,
      actors: await namesFor(page.entries),
      console,
      consoles,
      next: cursorText(page.next),
      isFirst: cursor === undefined,
    };
    return sendPage(reply, await listPage(context, visit, view));
  });

  root.get('/operator/imports/new', async (request, reply) =>
    showUpload(request, reply, query(request, 'console') ?? '', []),
  );

  // In a scope of its own: no other form takes files.
  void root.register(async (scope) => {
    await takeUploads(scope);
    scope.post('/operator/imports/new', { config: { slowBody: true } }, async (request, reply) => {
      const { operator } = visitOf(request);
      const upload = await uploadIn(request);
      const clientId = upload.fields.console ?? '';
      const console = await context.consoles.byClientId(clientId);
      const problems: UploadProblem[] = [
        ...(console ? [] : (['console-missing'] as const)),
        ...(upload.content ? [] : (['file-missing'] as const)),
      ];
      if (!console || !upload.content) {
        // The browser hears the answer only after all of the file was read.
        for await (const _ of upload.content ?? []);
        return showUpload(request, reply, clientId, problems);
      }
      const of = {
        consoleId: console.id,
        fileName: upload.fileName,
        actor: operator.actor,
        clock: context.clock,
      };
      const received = await receiveFile(db, jobs, of, upload.content);
      if (!received.ok) return showUpload(request, reply, clientId, [received.reason]);
      return reply.redirect(importPath(received.id), 303);
    });
  });

  root.get('/operator/imports/:id', async (request, reply) => {
    const visit = visitOf(request);
    const found = await importIn(request, reply);
    if (!found) return reply;
    const { entry, console } = found;
    const maySee = includesRole(visit.operator.role, 'support');
    const refusals = maySee
      ? await storedRefusals(db, refusalsOf(entry), entry.id, { limit: ROWS_SHOWN })
      : undefined;
    const view = { entry, console, refusals, actors: await namesFor([entry]) };
    return sendPage(reply, await importPage(context, visit, view));
  });

  root.get('/operator/imports/:id/refused.csv', async (request, reply) => {
    const found = await importIn(request, reply);
    if (!found) return reply;
    const { operator, shell, now } = visitOf(request);
    const encoding = query(request, 'encoding') === 'shift_jis' ? 'shift_jis' : 'utf-8';
    const as = { locale: shell.locale, encoding } as const;
    const file = await saveRefusals(db, found.entry, as, { actor: operator.actor, now });
    return csvHeaders(reply, `${found.console.client_id}-refused.csv`, encoding).send(file);
  });

  for (const act of ['start', 'cancel'] as const) {
    root.get(`/operator/imports/:id/${act}`, async (request, reply) => {
      const found = await importIn(request, reply);
      return found ? showAct(request, reply, act, found) : reply;
    });

    root.post(`/operator/imports/:id/${act}`, async (request, reply) => {
      const found = await importIn(request, reply);
      if (!found) return reply;
      const { operator, now } = visitOf(request);
      const by = { actor: operator.actor, now };
      if (act === 'start' && !isNameOf(found.console, field(request, 'name')))
        return showAct(request, reply, act, found, 'name-wrong');
      const { id } = found.entry;
      const result = act === 'start' ? await startImport(db, jobs, id, by) : await cancelImport(db, id, by);
      if (!result.ok)
        return showAct(request, reply, act, (await importIn(request, reply)) ?? found, result.reason);
      return reply.redirect(importPath(id), 303);
    });
  }

  /** The import that the path names and its console; when there is none, the page for that has been sent. */
  async function importIn(
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<{ entry: ImportEntry; console: ConsoleRow } | undefined> {
    const entry = await importEntry(db, (request.params as { id: string }).id);
    const consoles = await context.consoles.all();
    const console = consoles.find((one) => one.id === entry?.consoleId);
    if (entry && console) return { entry, console };
    reply.callNotFound();
    return undefined;
  }

  async function showUpload(
    request: FastifyRequest,
    reply: FastifyReply,
    clientId: string,
    problems: readonly UploadProblem[],
  ): Promise<FastifyReply> {
    const view = { consoles: await context.consoles.all(), clientId, problems };
    const tooLarge = problems.includes('file-too-large');
    const status = problems.length === 0 ? 200 : tooLarge ? 413 : 422;
    return sendPage(reply, await uploadPage(context, visitOf(request), view), status);
  }

  async function showAct(
    request: FastifyRequest,
    reply: FastifyReply,
    act: ImportAct,
    { entry, console }: { entry: ImportEntry; console: ConsoleRow },
    refusal?: ActProblem,
  ): Promise<FastifyReply> {
    const visit = visitOf(request);
    const summary = await progressSummary(db, console.id, visit.now);
    const { told } = await planStandingLately(db, summary, visit.now);
    const typedName = isBack(request) ? field(request, 'name') : '';
    const problem = problemOf(act, entry) ?? refusal;
    const refused = refusal !== undefined;
    const view = { act, entry, console, problem, refused, typedName, tellsNewcomers: told !== null };
    const status = !refused ? 200 : problem === 'name-wrong' ? 422 : 409;
    return sendPage(reply, await actPage(context, visit, view), status);
  }

  function namesFor(entries: readonly ImportEntry[]): Promise<ReadonlyMap<string, string>> {
    return actorNames(
      db,
      entries.flatMap(({ actor, startedBy }) => [actor ?? '', startedBy ?? '']),
    );
  }
};

/** Why an import as it stands can be neither started nor cancelled. */
function problemOf(act: ImportAct, { state, byCommand }: ImportEntry): ActProblem | undefined {
  if (byCommand) return 'import-unknown';
  if (act === 'start') return state === 'checked' ? undefined : 'import-not-checked';
  return state === 'checking' || state === 'checked' || state === 'importing' ? undefined : 'import-ended';
}
