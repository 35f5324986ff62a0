import { z } from 'zod';
import { endSecret, makeSecret } from '#domain/consoles/secrets.ts';
import { problems } from '../described.ts';
import { IN_CONSOLE } from '../forms.ts';
import { sendProblem } from '../problem.ts';
import { operatorIn, type OperatorArea } from './operator-api.ts';

/** A console's secret is changed without a failed sign-in: two are valid while the console takes over the new one (R19). */
export const consoleSecretArea: OperatorArea = (app, context) => {
  app.post(
    '/consoles/:clientId/secrets',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Consoles'],
        summary: 'Make a second secret; the answer shows it this once',
        params: IN_CONSOLE,
        body: z.strictObject({}).nullish(),
        response: {
          201: z.object({ secretId: z.string(), clientSecret: z.string() }),
          ...problems('console-unknown', 'two-secrets'),
        },
      },
    },
    async (request, reply) => {
      const by = { actor: operatorIn(request).actor, now: context.clock() };
      const result = await makeSecret(context.db, request.params.clientId, by);
      if (!result.ok) return sendProblem(reply, result.reason);
      context.consoles.forget();
      reply.code(201);
      return { secretId: result.secretId, clientSecret: result.clientSecret };
    },
  );

  app.delete(
    '/consoles/:clientId/secrets/:secretId',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Consoles'],
        summary: 'End one of two secrets',
        params: IN_CONSOLE.extend({ secretId: z.string().max(60) }),
        querystring: z.object({
          evenIfUsed: z
            .enum(['true', 'false'])
            .optional()
            .describe('true: also when it was used in the last 24 hours; refused otherwise'),
        }),
        response: {
          204: z.null(),
          ...problems('console-unknown', 'last-secret', 'secret-in-use', 'secret-unknown'),
        },
      },
    },
    async (request, reply) => {
      const { clientId, secretId } = request.params;
      const evenIfUsed = request.query.evenIfUsed === 'true';
      const by = { actor: operatorIn(request).actor, now: context.clock() };
      await context.uses.write(context.db);
      const result = await endSecret(context.db, clientId, secretId, { evenIfUsed }, by);
      if (!result.ok)
        return result.reason === 'secret-in-use'
          ? sendProblem(reply, result.reason, {
              detail: {
                ja: `管理画面はこのシークレットを ${result.lastUsedAt.toISOString()} に使っています。先に新しいものを設定するか、evenIfUsed=true を送ってください。`,
                en: `The console used this secret last at ${result.lastUsedAt.toISOString()}. Give it the new one first, or send evenIfUsed=true.`,
              },
            })
          : sendProblem(reply, result.reason);
      context.consoles.forget();
      return reply.code(204).send(null);
    },
  );
};
