import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { z } from 'zod';
import { confirmLoginIdChange, requestLoginIdChange, resendLoginIdCode } from '#domain/login-id/change.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { WebContext } from '#web/http/context.ts';
import { authenticatedConsole } from './console-auth.ts';
import { registerConsoleUsage } from './console-usage.ts';
import { answerPlan, PLAN } from './plan-answer.ts';
import { MOMENT } from './forms.ts';
import { PROBLEM, sendProblem } from './problem.ts';

const CHANGE = z
  .object({
    id: z.string(),
    newEmailAddress: z.string(),
    sentFrom: z.string(),
    codeExpiresAt: MOMENT,
    resendAt: MOMENT,
  })
  .meta({ id: 'LoginIdChange' });
const CHANGE_PARAMS = z.object({ id: z.string().max(60) });
const PROBLEM_ANSWERS = {
  401: PROBLEM,
  404: PROBLEM,
  409: PROBLEM,
  410: PROBLEM,
  422: PROBLEM,
  429: PROBLEM,
};

/** What joined consoles ask of the login server: `/api/console/v1`. */
export async function registerConsoleApi(root: FastifyInstance, context: WebContext): Promise<void> {
  await root.register(
    async (scope) => {
      scope.setValidatorCompiler(validatorCompiler);
      scope.setSerializerCompiler(serializerCompiler);
      scope.decorateRequest('console', null);
      const app = scope.withTypeProvider<ZodTypeProvider>();

      scope.addHook('preValidation', async (request, reply) => {
        const console = await authenticatedConsole(context, request);
        if (!console) return sendProblem(reply, 'unauthenticated');
        request.console = console;
        return undefined;
      });
      scope.setErrorHandler(
        (error: Error & { validation?: unknown; statusCode?: number }, _request, reply) => {
          if (error.validation) return sendProblem(reply, 'malformed', { detail: error.message });
          throw error;
        },
      );

      app.get(
        '/plan',
        {
          config: { fromAnywhere: true },
          schema: {
            tags: ['Console'],
            summary: 'The migration plan of this console',
            description:
              'Answers 304 when If-None-Match says that the console has this plan. With Prefer: wait=N (RFC 7240; at most 25 seconds) the answer waits until there is another one, and is 304 after N seconds. Preference-Applied says that it waited; without it ask again in a few seconds.',
            headers: z.looseObject({ 'if-none-match': z.string().optional(), prefer: z.string().optional() }),
            response: {
              200: PLAN,
              304: z.string().max(0).describe('The plan is as the ETag says.'),
              401: PROBLEM,
            },
          },
        },
        async (request, reply) => answerPlan(context, consoleOf(request).id, request, reply),
      );

      app.post(
        '/login-id-changes',
        {
          config: { fromAnywhere: true },
          schema: {
            tags: ['Console'],
            summary: 'Begin the change of a login ID: mails a code to the new address',
            body: z.object({
              consoleUserId: z.string().min(1).max(200),
              newEmailAddress: z.string().max(1_000),
              locale: z.enum(['ja', 'en']),
              sid: z.string().max(200).nullish(),
            }),
            response: { 201: CHANGE, ...PROBLEM_ANSWERS },
          },
        },
        async (request, reply) => {
          const now = context.clock();
          const { sid, ...wanted } = request.body;
          const result = await requestLoginIdChange(
            context,
            consoleOf(request),
            { ...wanted, ...(sid ? { sid } : {}) },
            now,
          );
          if (!result.ok) return sendRefusal(reply, result, now);
          return reply.code(201).send(changeAnswer(result.changeId, result));
        },
      );

      app.post(
        '/login-id-changes/:id/resend',
        {
          config: { fromAnywhere: true },
          schema: {
            tags: ['Console'],
            summary: 'Send the code once more',
            params: CHANGE_PARAMS,
            response: { 200: CHANGE, ...PROBLEM_ANSWERS },
          },
        },
        async (request, reply) => {
          const now = context.clock();
          const result = await resendLoginIdCode(context, consoleOf(request), request.params.id, now);
          if (!result.ok) return sendRefusal(reply, result, now);
          return reply.code(200).send(changeAnswer(request.params.id, result));
        },
      );

      app.post(
        '/login-id-changes/:id/confirm',
        {
          config: { fromAnywhere: true },
          schema: {
            tags: ['Console'],
            summary: 'Finish the change with the code',
            params: CHANGE_PARAMS,
            body: z.object({ code: z.string().max(100) }),
            response: {
              200: z
                .object({ emailAddress: z.string(), previousEmailAddress: z.string() })
                .meta({ id: 'LoginIdChanged' }),
              ...PROBLEM_ANSWERS,
            },
          },
        },
        async (request, reply) => {
          const now = context.clock();
          const result = await confirmLoginIdChange(
            context,
            consoleOf(request),
            request.params.id,
            request.body.code,
            now,
          );
          if (!result.ok) return sendRefusal(reply, result, now);
          return reply
            .code(200)
            .send({ emailAddress: result.emailAddress, previousEmailAddress: result.previousEmailAddress });
        },
      );
      registerConsoleUsage(app, context, consoleOf);
    },
    { prefix: '/api/console/v1' },
  );

  function changeAnswer(
    id: string,
    result: { newAddress: string; codeExpiresAt: Date; resendAt: Date },
  ): z.infer<typeof CHANGE> {
    return {
      id,
      newEmailAddress: result.newAddress,
      sentFrom: context.brand.senderAddress,
      codeExpiresAt: result.codeExpiresAt.toISOString(),
      resendAt: result.resendAt.toISOString(),
    };
  }
}

/** Turns zod schemas into the OpenAPI document. */
export const openApiTransforms = {
  transform: jsonSchemaTransform,
  transformObject: jsonSchemaTransformObject,
};

function sendRefusal(
  reply: FastifyReply,
  refusal: { reason: Parameters<typeof sendProblem>[1]; retryAt?: Date; triesLeft?: number },
  now: Date,
): FastifyReply {
  return sendProblem(reply, refusal.reason, {
    now,
    ...(refusal.retryAt ? { retryAt: refusal.retryAt } : {}),
    ...(refusal.triesLeft === undefined ? {} : { triesLeft: refusal.triesLeft }),
  });
}

function consoleOf(request: FastifyRequest): ConsoleRow {
  if (!request.console) throw new Error('The route is not behind the console authentication.');
  return request.console;
}

declare module 'fastify' {
  interface FastifyRequest {
    console: ConsoleRow | null;
  }
}
