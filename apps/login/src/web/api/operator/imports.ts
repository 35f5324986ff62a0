import { z } from 'zod';
import { importEntry, importHistory, type ImportEntry } from '#domain/consoles/import/history.ts';
import { receiveFile } from '#domain/consoles/import/receive.ts';
import { saveRefusals } from '#domain/consoles/import/refusal-csv.ts';
import { cancelImport, startImport } from '#domain/consoles/import/upload-acts.ts';
import { uploadRefusalText } from '#domain/consoles/import/upload-texts.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { csvHeaders, cursorText, placeIn } from '#web/http/lists.ts';
import { problemLocale } from '#web/http/problem-answer.ts';
import { takeUploads, uploadIn } from '#web/http/uploads.ts';
import { problems } from '../described.ts';
import { IN_CONSOLE, iso, MOMENT } from '../forms.ts';
import { PAGED, pageOf } from '../paging.ts';
import { sendProblem } from '../problem.ts';
import { consoleInPath, operatorIn, type OperatorArea } from './operator-api.ts';

const COUNTS = z
  .object({
    rowsRead: z.number(),
    created: z.number().describe('New accounts'),
    linked: z.number().describe('Accounts of other consoles that got a link to this one'),
    filled: z.number().describe('Known before; something empty was filled in'),
    unchanged: z.number(),
    refused: z.number(),
    legacyPasswords: z.number(),
    legacyPasswordsRefused: z.number(),
  })
  .meta({ id: 'ImportCounts' });
const IMPORT = z
  .object({
    id: z.string(),
    clientId: z.string(),
    fileName: z.string(),
    actor: z.string().nullable(),
    at: MOMENT,
    state: z
      .enum([
        'checking',
        'checked',
        'importing',
        'imported',
        'unusable',
        'cancelled',
        'failed',
        'expired',
        'replaced',
      ])
      .describe('checked: the dry run is done, and somebody may start it; expired: nobody did within a day'),
    byCommand: z.boolean().describe('Given to the command line'),
    startedAt: MOMENT.nullable(),
    startedBy: z.string().nullable(),
    endedAt: MOMENT.nullable(),
    bytes: z.number().nullable(),
    bytesRead: z.number(),
    encoding: z.enum(['utf-8', 'shift_jis']).nullable(),
    separator: z.enum([',', '\t']).nullable(),
    columns: z
      .record(z.string(), z.string())
      .nullable()
      .describe('What each column was taken for, and its name'),
    foreseen: COUNTS.nullable().describe('What the dry run found'),
    done: COUNTS.nullable().describe('What was really done'),
    problem: z
      .object({ reason: z.string(), text: z.string() })
      .nullable()
      .describe('Why the file cannot be used at all'),
  })
  .meta({ id: 'Import' });
const IN_IMPORT = z.object({ id: z.string().max(60) });

/** People of consoles by file (R20): a dry run first, then the import, in the background. */
export const importArea: OperatorArea = (root, context) => {
  const { db, jobs, clock } = context;

  // In a scope of its own: no other call takes files.
  void root.register(async (scope) => {
    await takeUploads(scope as never);
    const app = scope as typeof root;
    app.post(
      '/consoles/:clientId/imports',
      {
        config: { role: 'administrator', slowBody: true },
        schema: {
          tags: ['Imports'],
          summary: 'Hand in a file of people; it is checked at once, and imported when it is started',
          description:
            'CSV or tab-separated, UTF-8 or Shift_JIS, as the body or as the one file of multipart/form-data, at most 200 MB.',
          consumes: ['text/csv', 'text/tab-separated-values', 'multipart/form-data'],
          params: IN_CONSOLE,
          querystring: z.strictObject({ fileName: z.string().max(200).optional() }),
          body: z.any().describe('The file'),
          response: {
            202: IMPORT,
            ...problems('console-unknown', 'file-empty', 'file-missing', 'file-too-large', 'import-unknown'),
          },
        },
      },
      async (request, reply) => {
        const console = await consoleInPath(context, reply, request.params.clientId);
        if (!console) return reply;
        const upload = await uploadIn(request);
        if (!upload.content) return sendProblem(reply, 'file-missing');
        const { actor } = operatorIn(request);
        const fileName = request.query.fileName ?? upload.fileName;
        const of = { consoleId: console.id, fileName, actor, clock };
        const received = await receiveFile(db, jobs, of, upload.content);
        if (!received.ok) return sendProblem(reply, received.reason);
        const entry = await importEntry(db, received.id);
        if (!entry) return sendProblem(reply, 'import-unknown');
        return reply.code(202).send(answerOf(entry, [console], problemLocale(request)));
      },
    );
  });

  root.get(
    '/imports',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Imports'],
        summary: 'All imports, the newest first',
        querystring: z.strictObject({
          clientId: z.string().max(60).optional(),
          ...PAGED,
        }),
        response: { 200: pageOf(IMPORT), ...problems('console-unknown') },
      },
    },
    async (request, reply) => {
      const { clientId, cursor, limit } = request.query;
      const console = clientId === undefined ? undefined : await context.consoles.byClientId(clientId);
      if (clientId !== undefined && !console) return sendProblem(reply, 'console-unknown');
      const [page, consoles] = await Promise.all([
        importHistory(db, { consoleId: console?.id }, { after: placeIn(cursor), limit }),
        context.consoles.all(),
      ]);
      const locale = problemLocale(request);
      return {
        items: page.entries.map((one) => answerOf(one, consoles, locale)),
        next: cursorText(page.next),
      };
    },
  );

  root.get(
    '/imports/:id',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Imports'],
        summary: 'One import: how far it has come, what its dry run found, what was done',
        params: IN_IMPORT,
        response: { 200: IMPORT, ...problems('import-unknown') },
      },
    },
    async (request, reply) => {
      const entry = await importEntry(db, request.params.id);
      if (!entry) return sendProblem(reply, 'import-unknown');
      return answerOf(entry, await context.consoles.all(), problemLocale(request));
    },
  );

  root.get(
    '/imports/:id/refused.csv',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Imports'],
        summary: 'All rows that were not taken, with their lines and why',
        description:
          'Of an import that has begun its own, before that those of its dry run. In the language that is asked for.',
        params: IN_IMPORT,
        querystring: z.strictObject({ encoding: z.enum(['utf-8', 'shift_jis']).default('utf-8') }),
        response: { 200: z.string().describe('text/csv'), ...problems('import-unknown') },
      },
    },
    async (request, reply) => {
      const entry = await importEntry(db, request.params.id);
      if (!entry) return sendProblem(reply, 'import-unknown');
      const { encoding } = request.query;
      const as = { locale: problemLocale(request), encoding };
      const file = await saveRefusals(db, entry, as, { actor: operatorIn(request).actor, now: clock() });
      return csvHeaders(reply, 'refused.csv', encoding).send(file as never);
    },
  );

  root.post(
    '/imports/:id/start',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Imports'],
        summary: 'Import a file whose dry run is done',
        params: IN_IMPORT,
        response: { 202: z.null(), ...problems('import-not-checked', 'import-unknown') },
      },
    },
    async (request, reply) => {
      const by = { actor: operatorIn(request).actor, now: clock() };
      const result = await startImport(db, jobs, request.params.id, by);
      return result.ok ? reply.code(202).send(null) : sendProblem(reply, result.reason);
    },
  );

  root.post(
    '/imports/:id/cancel',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Imports'],
        summary: 'End an import; whom it has taken in by then stays',
        params: IN_IMPORT,
        response: { 204: z.null(), ...problems('import-ended', 'import-unknown') },
      },
    },
    async (request, reply) => {
      const by = { actor: operatorIn(request).actor, now: clock() };
      const result = await cancelImport(db, request.params.id, by);
      return result.ok ? reply.code(204).send(null) : sendProblem(reply, result.reason);
    },
  );
};

function answerOf(
  entry: ImportEntry,
  consoles: readonly Pick<ConsoleRow, 'id' | 'client_id'>[],
  locale: Locale,
): z.infer<typeof IMPORT> {
  const { consoleId, size, stage: _, layout, refusal, at, startedAt, endedAt, ...rest } = entry;
  return {
    ...rest,
    clientId: consoles.find((one) => one.id === consoleId)?.client_id ?? '',
    at: at.toISOString(),
    startedAt: iso(startedAt),
    endedAt: iso(endedAt),
    bytes: size,
    encoding: layout?.encoding ?? null,
    separator: layout?.separator ?? null,
    columns:
      layout &&
      Object.fromEntries(
        Object.entries(layout.columns).map(([column, index]) => [column, layout.names[index] ?? '']),
      ),
    problem: refusal && { reason: refusal.reason, text: uploadRefusalText(refusal, locale) },
  };
}
