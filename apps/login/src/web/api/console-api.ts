import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { PLAN_ASKED } from '#domain/consoles/uses.ts';
import type { WebContext } from '#web/http/context.ts';
import { prepareApi } from './api-scope.ts';
import { authenticatedConsole, consoleIn as consoleOf } from './console-auth.ts';
import { missingScope, scopeMissing, scopeOfRoute } from './console-scopes.ts';
import { registerConsoleUsage } from './console-usage.ts';
import { describeRoute } from './described.ts';
import { registerEndedSessions } from './ended-sessions.ts';
import { answerPlan, PLAN } from './plan-answer.ts';
import { registerLoginIdCompare } from './login-id-compare.ts';
import { registerLoginIdChanges } from './login-id-changes.ts';
import { keepAnswers } from './idempotency/keep-answers.ts';
import { sendProblem } from './problem.ts';

/** What joined consoles ask of the login server: `/api/console/v1`. */
export async function registerConsoleApi(root: FastifyInstance, context: WebContext): Promise<void> {
  await root.register(
    async (scope) => {
      prepareApi(scope);
      scope.decorateRequest('console', null);
      scope.addHook('onRoute', (route) =>
        describeRoute(route, {
          security: { consoleSecret: [scopeOfRoute(route)].filter((scope) => scope !== null) },
          always: ['unauthenticated', 'scope-missing'],
          words: `Scope: \`${scopeOfRoute(route)}\`.`,
        }),
      );
      const app = scope.withTypeProvider<ZodTypeProvider>();

      scope.addHook('preValidation', async (request, reply) => {
        const console = await authenticatedConsole(context, request);
        if (!console) return sendProblem(reply, 'unauthenticated');
        request.console = console;
        const scope = missingScope(request, console);
        if (scope !== undefined) return sendProblem(reply, 'scope-missing', scopeMissing(scope));
        return undefined;
      });

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
            },
          },
        },
        async (request, reply) => {
          const console = consoleOf(request);
          context.uses.note(console.client_id, PLAN_ASKED, context.clock());
          return answerPlan(context, console.id, request, reply);
        },
      );

      keepAnswers(scope, context, (request) => `console:${consoleOf(request).id}`);
      registerLoginIdChanges(app, context, consoleOf);
      registerLoginIdCompare(app, context, consoleOf);
      registerConsoleUsage(app, context, consoleOf);
      registerEndedSessions(app, context, consoleOf);
    },
    { prefix: '/api/console/v1' },
  );
}
