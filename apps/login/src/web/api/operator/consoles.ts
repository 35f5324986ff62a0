import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { changeConsole } from '#domain/consoles/change.ts';
import { createConsole } from '#domain/consoles/create.ts';
import { faultSentence } from '#domain/consoles/fault-sentence.ts';
import type { SettingFault } from '#domain/consoles/faults.ts';
import { setLegacyPasswords } from '#domain/consoles/legacy-passwords.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { problemLocale } from '#web/http/problem-answer.ts';
import { problems } from '../described.ts';
import { IN_CONSOLE, text } from '../forms.ts';
import { PAGED, pageAmong, pageOf } from '../paging.ts';
import { sendProblem } from '../problem.ts';
import {
  changesIn,
  CONSOLE,
  CONSOLE_CHANGES,
  consoleAnswer,
  consoleAnswers,
  LEGACY_PASSWORDS,
  NEW_CONSOLE,
  revisionIn,
  settingsIn,
} from './console-forms.ts';
import { consoleInPath, operatorIn, type OperatorArea } from './operator-api.ts';

/** The joined consoles (R19): what is registered of them, and whether their legacy passwords are accepted once (R21). */
export const consoleArea: OperatorArea = (app, context) => {
  app.get(
    '/consoles',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Consoles'],
        summary: 'The consoles, in the order of their client IDs',
        querystring: z.strictObject(PAGED),
        response: { 200: pageOf(CONSOLE) },
      },
    },
    async (request) => {
      const page = pageAmong(
        await context.consoles.all(),
        request.query,
        (one) => one.client_id,
        (one) => one,
      );
      return { ...page, items: await consoleAnswers(context, page.items) };
    },
  );

  app.get(
    '/consoles/:clientId',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Consoles'],
        summary: 'One console, with its ETag',
        params: IN_CONSOLE,
        response: { 200: CONSOLE, ...problems('console-unknown') },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      await context.uses.write(context.db);
      reply.header('etag', `"${console.revision}"`);
      return consoleAnswer(context, console);
    },
  );

  app.post(
    '/consoles',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Consoles'],
        summary: 'Register a console; the answer shows its secret this once',
        body: NEW_CONSOLE,
        response: {
          201: z.object({ console: CONSOLE, clientSecret: z.string() }),
          ...problems('client-id-taken', 'console-unfit', 'console-unknown'),
        },
      },
    },
    async (request, reply) => {
      const { clientId } = request.body;
      const result = await createConsole(context.db, clientId, settingsIn(request.body), byOf(request));
      if (!result.ok)
        return result.reason === 'settings-unfit'
          ? sendFaults(request, reply, result.faults)
          : sendProblem(reply, result.reason);
      context.consoles.forget();
      const console = await context.consoles.byClientId(clientId);
      if (!console) return sendProblem(reply, 'console-unknown');
      reply
        .code(201)
        .header('location', `/api/operator/v1/consoles/${clientId}`)
        .header('etag', `"${console.revision}"`);
      return { console: await consoleAnswer(context, console), clientSecret: result.clientSecret };
    },
  );

  app.patch(
    '/consoles/:clientId',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Consoles'],
        summary: 'Change what is registered of a console; what is left out stays',
        description:
          'If-Match names the ETag of the console that was looked at: without it the answer is 428, and 412 when somebody else has changed the console since.',
        params: IN_CONSOLE,
        headers: z.looseObject({ 'if-match': z.string().optional() }),
        body: CONSOLE_CHANGES,
        response: {
          200: CONSOLE,
          ...problems('console-unfit', 'console-unknown', 'precondition-failed', 'precondition-required'),
        },
      },
    },
    async (request, reply) => {
      const { clientId } = request.params;
      const revision = revisionIn(request);
      if (revision === undefined) return sendProblem(reply, 'precondition-required');
      const by = { ...byOf(request), revision };
      const result = await changeConsole(context.db, clientId, changesIn(request.body), by);
      if (!result.ok) {
        if (result.reason === 'settings-unfit') return sendFaults(request, reply, result.faults);
        if (result.reason === 'console-unknown') return sendProblem(reply, result.reason);
        reply.header('etag', `"${result.console.revision}"`);
        return sendProblem(reply, 'precondition-failed');
      }
      context.consoles.forget();
      reply.header('etag', `"${result.console.revision}"`);
      return consoleAnswer(context, result.console);
    },
  );

  app.put(
    '/consoles/:clientId/legacy-passwords',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Consoles'],
        summary: 'Accept a console’s legacy passwords once, or not any more',
        params: IN_CONSOLE,
        body: z.strictObject({
          setting: LEGACY_PASSWORDS,
          uri: text(2_000).optional().describe('Where the console answers, for asked; left out: as it was'),
          deleteHashes: z
            .boolean()
            .default(false)
            .describe(
              'Any other setting than imported deletes the imported hashes; without this it is refused',
            ),
        }),
        response: {
          200: z.object({ console: CONSOLE, deletedHashes: z.number() }),
          ...problems(
            'console-unknown',
            'hashes-would-be-deleted',
            'legacy-uri-internal',
            'legacy-uri-malformed',
            'legacy-uri-missing',
          ),
        },
      },
    },
    async (request, reply) => {
      const { clientId } = request.params;
      const result = await setLegacyPasswords(context.db, clientId, request.body, byOf(request));
      if (!result.ok) {
        if (result.reason !== 'hashes-would-be-deleted') return sendProblem(reply, result.reason);
        return sendProblem(reply, result.reason, {
          detail: {
            ja: `まだ取り込んだハッシュを持つ方が${result.hashes}人います。消してよければ deleteHashes: true を送ってください。`,
            en: `${result.hashes} people still have an imported hash. Send deleteHashes: true to delete them.`,
          },
        });
      }
      context.consoles.forget();
      const console = await context.consoles.byClientId(clientId);
      if (!console) return sendProblem(reply, 'console-unknown');
      return { console: await consoleAnswer(context, console), deletedHashes: result.deleted };
    },
  );

  function byOf(request: FastifyRequest) {
    return {
      actor: operatorIn(request).actor,
      now: context.clock(),
      allowedInternalHosts: context.allowedInternalHosts,
    };
  }
};

/** Every fault with its field and a sentence, in the language that was asked for. */
function sendFaults(
  request: FastifyRequest,
  reply: FastifyReply,
  found: readonly SettingFault[],
): FastifyReply {
  const sentences = (locale: Locale) =>
    found.map((one) => `${one.field}: ${faultSentence(one, locale)}`).join(' ');
  const locale = problemLocale(request);
  return sendProblem(reply, 'console-unfit', {
    detail: { ja: sentences('ja'), en: sentences('en') },
    more: {
      faults: found.map((one) => ({
        field: one.field,
        code: one.code,
        detail: faultSentence(one, locale),
      })),
    },
  });
}
