import { z } from 'zod';
import { lastCheck } from '#domain/consoles/check.ts';
import { consoleEntrance } from '#domain/consoles/consoles.ts';
import { lastTrace, startTrace } from '#domain/consoles/trace.ts';
import { checkConsole } from '#domain/readiness/check.ts';
import { problemLocale } from '#web/http/problem-answer.ts';
import { problems } from '../described.ts';
import { IN_CONSOLE, MOMENT } from '../forms.ts';
import { sendProblem } from '../problem.ts';
import { CHECK, checkAnswer } from './console-forms.ts';
import { consoleInPath, operatorIn, type OperatorArea } from './operator-api.ts';

const TRACE = z
  .object({
    startedAt: MOMENT,
    ended: z.boolean().describe('Nothing is written down any more'),
    steps: z.array(z.object({ at: MOMENT, step: z.string(), detail: z.record(z.string(), z.unknown()) })),
  })
  .meta({ id: 'TestSignIn' });
const NOTHING = z.strictObject({}).nullish();

/** Whether a console is ready, and what a test sign-in came to (R19). */
export const consoleCheckArea: OperatorArea = (app, context) => {
  app.get(
    '/consoles/:clientId/check',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Consoles'],
        summary: 'What the last check of a console found',
        params: IN_CONSOLE,
        response: { 200: CHECK, ...problems('check-unknown', 'console-unknown') },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      const check = await lastCheck(context.db, console.id);
      return check ? checkAnswer(check, problemLocale(request)) : sendProblem(reply, 'check-unknown');
    },
  );

  app.post(
    '/consoles/:clientId/check',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Consoles'],
        summary: 'Check a console now: every fault with its cure',
        description:
          'Asks only registered addresses, signs in and out with a test account, and tries what the console must refuse. Takes from a few seconds to a minute.',
        params: IN_CONSOLE,
        body: NOTHING,
        response: { 200: CHECK, ...problems('console-unknown') },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      await context.uses.write(context.db);
      const by = { actor: operatorIn(request).actor, now: context.clock() };
      return checkAnswer(await checkConsole(context, console, by), problemLocale(request));
    },
  );

  app.get(
    '/consoles/:clientId/test-sign-in',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Consoles'],
        summary: 'Your last test sign-in at a console, of the last day',
        params: IN_CONSOLE,
        response: { 200: TRACE, ...problems('console-unknown', 'test-needs-person', 'test-unknown') },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      const { accountId } = operatorIn(request);
      if (accountId === null) return sendProblem(reply, 'test-needs-person');
      const trace = await lastTrace(context.db, console.id, accountId, context.clock());
      if (!trace) return sendProblem(reply, 'test-unknown');
      return {
        startedAt: trace.startedAt.toISOString(),
        ended: trace.ended,
        steps: trace.steps.map(({ at, step, detail }) => ({
          at: at.toISOString(),
          step,
          detail: { ...detail },
        })),
      };
    },
  );

  app.post(
    '/consoles/:clientId/test-sign-in',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Consoles'],
        summary: 'Begin a test sign-in: for ten minutes your sign-ins at this console are written down',
        params: IN_CONSOLE,
        body: NOTHING,
        response: {
          201: z.object({
            startAt: z.string().describe('Open this in the browser in which you are signed in'),
          }),
          ...problems('console-unknown', 'test-needs-person'),
        },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      const { accountId, actor } = operatorIn(request);
      if (accountId === null) return sendProblem(reply, 'test-needs-person');
      await startTrace(context.db, console, accountId, { actor, now: context.clock() });
      context.consoles.forget();
      reply.code(201);
      return { startAt: consoleEntrance(console, context.issuer) };
    },
  );
};
