import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { planHistory } from '#domain/migration/history.ts';
import { performAct, type PlanAct } from '#domain/migration/acts.ts';
import { refusalSentence, type PlanRefusal } from '#domain/migration/refusal-sentence.ts';
import { problems } from '../described.ts';
import { given, IN_CONSOLE, iso, text } from '../forms.ts';
import { asked, PAGED, pageIn, pageOf } from '../paging.ts';
import { sendProblem, type ProblemCode, type ProblemDetails } from '../problem.ts';
import { revisionIn } from './console-forms.ts';
import { consoleInPath, operatorIn, type OperatorArea } from './operator-api.ts';
import { CHANGE, GIVEN_MOMENT, NOTE, REVISION, STANDING, standingAnswer, TEXTS } from './plan-answers.ts';

const CODES = {
  closed: 'plan-closed',
  'after-cut-over': 'after-cut-over',
  'already-unified': 'already-unified',
  'cut-over-stands': 'cut-over-stands',
  'send-time-past': 'send-time-past',
  'in-the-past': 'cut-over-past',
  'before-link-time': 'before-link-time',
  unchanged: 'cut-over-unchanged',
  'not-announced': 'not-announced',
  'under-way': 'announcement-under-way',
  untold: 'people-untold',
  unsettled: 'people-unsettled',
  'earlier-than-announced': 'earlier-than-announced',
  'too-soon': 'cut-over-too-soon',
  'nothing-to-take-back': 'nothing-to-take-back',
  'not-unified': 'not-unified',
  'text-unfit': 'text-unfit',
  'check-failed': 'check-failed',
  'changed-meanwhile': 'plan-changed',
} as const satisfies { readonly [R in PlanRefusal['reason']]: ProblemCode };

const GENERAL = [
  'console-unknown',
  'precondition-required',
  'precondition-failed',
  'plan-changed',
  'plan-closed',
] as const;

/** What each act that advances a plan takes. */
const COMMON = {
  note: NOTE,
  revision: REVISION,
  overrideCheck: text(1_000)
    .trim()
    .optional()
    .describe('Why to go on though a required part of the console’s last check fails; kept in the audit log'),
};

/** What an act is answered with: how the plan stands then, or why nothing was done. */
function answers(...reasons: (keyof typeof CODES)[]) {
  return { 200: STANDING, ...problems(...GENERAL, ...reasons.map((one) => CODES[one])) };
}

/** The migration plans of consoles (R12–R14, R16): each change answers how the plan stands after it. */
export const planArea: OperatorArea = (app, context) => {
  app.get(
    '/consoles/:clientId/plan',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Plans'],
        summary: 'How a console’s move stands, and the earliest cut-over that could be set',
        description:
          'The ETag is the revision. Each change of the plan is sent with it as If-Match, and happens only where the plan is still as it was looked at; otherwise the answer is 412, and without it 428. `*` changes the plan whatever it is; `revision` in the body does what If-Match does.',
        params: IN_CONSOLE,
        response: { 200: STANDING, ...problems('console-unknown') },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      const standing = await standingAnswer(context, console.id);
      reply.header('etag', `"${standing.revision}"`);
      return standing;
    },
  );

  app.get(
    '/consoles/:clientId/plan/history',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Plans'],
        summary: 'Who set what when, the newest first',
        params: IN_CONSOLE,
        querystring: z.strictObject(PAGED),
        response: { 200: pageOf(CHANGE), ...problems('console-unknown') },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      const { after, limit } = asked(request.query);
      const page = { before: after === undefined ? undefined : Number(after), limit: limit + 1 };
      const found = await planHistory(context.db, console.id, page);
      return pageIn(
        found,
        limit,
        (change) => String(change.revision),
        (change) => ({
          ...change,
          at: change.at.toISOString(),
          linkAt: iso(change.linkAt),
          announceAt: iso(change.announceAt),
          cutOverAt: iso(change.cutOverAt),
          closedAt: iso(change.closedAt),
        }),
      );
    },
  );

  app.post(
    '/consoles/:clientId/plan/link-time',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Plans'],
        summary: 'Set the moment at which the legacy login page gets its link; null: undetermined',
        params: IN_CONSOLE,
        body: z.strictObject({ linkAt: GIVEN_MOMENT.nullable(), ...COMMON }),
        response: answers('after-cut-over', 'check-failed'),
      },
    },
    (request, reply) => perform(request, reply, { act: 'link-time', linkAt: request.body.linkAt }),
  );

  app.post(
    '/consoles/:clientId/plan/announcement',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Plans'],
        summary: 'Announce a planned cut-over to everybody by mail; the date itself is set afterwards',
        params: IN_CONSOLE,
        body: z.strictObject({
          cutOverAt: GIVEN_MOMENT,
          sendAt: GIVEN_MOMENT.optional(),
          texts: TEXTS,
          ...COMMON,
        }),
        response: answers(
          'check-failed',
          'already-unified',
          'cut-over-stands',
          'send-time-past',
          'in-the-past',
          'before-link-time',
          'too-soon',
          'text-unfit',
        ),
      },
    },
    (request, reply) =>
      perform(request, reply, {
        act: 'announce',
        cutOverAt: request.body.cutOverAt,
        sendAt: request.body.sendAt ?? null,
        texts: request.body.texts ?? {},
      }),
  );

  app.post(
    '/consoles/:clientId/plan/cut-over',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Plans'],
        summary: 'Set the cut-over one calendar month after its announcement, or postpone it at any time',
        params: IN_CONSOLE,
        body: z.strictObject({ cutOverAt: GIVEN_MOMENT, texts: TEXTS, ...COMMON }),
        response: answers(
          'check-failed',
          'in-the-past',
          'before-link-time',
          'unchanged',
          'not-announced',
          'under-way',
          'untold',
          'unsettled',
          'earlier-than-announced',
          'too-soon',
          'text-unfit',
        ),
      },
    },
    (request, reply) =>
      perform(request, reply, {
        act: 'cut-over',
        cutOverAt: request.body.cutOverAt,
        texts: request.body.texts ?? {},
      }),
  );

  app.post(
    '/consoles/:clientId/plan/rollback',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Plans'],
        summary: 'Take the cut-over back: the legacy login works again within ten seconds',
        params: IN_CONSOLE,
        body: z.strictObject({
          correction: z.boolean().describe('Whether everybody is told by mail'),
          texts: TEXTS,
          note: NOTE,
          revision: REVISION,
        }),
        response: answers('nothing-to-take-back', 'text-unfit'),
      },
    },
    (request, reply) =>
      perform(request, reply, {
        act: 'roll-back',
        correction: request.body.correction,
        texts: request.body.texts ?? {},
      }),
  );

  app.post(
    '/consoles/:clientId/plan/close',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Plans'],
        summary: 'Close the plan after its cut-over: no rollback any more; everybody is told by mail',
        params: IN_CONSOLE,
        body: z.strictObject({ texts: TEXTS, note: NOTE, revision: REVISION }),
        response: answers('not-unified', 'text-unfit'),
      },
    },
    (request, reply) => perform(request, reply, { act: 'close', texts: request.body.texts ?? {} }),
  );

  async function perform(
    request: FastifyRequest<{
      Params: { clientId: string };
      Body: { note?: string; revision?: number; overrideCheck?: string };
    }>,
    reply: FastifyReply,
    wanted: PlanAct,
  ) {
    const console = await consoleInPath(context, reply, request.params.clientId);
    if (!console) return reply;
    const { note = '', overrideCheck } = request.body;
    const condition = request.headers['if-match'];
    // "*" is said by who changes the plan whatever it is.
    const isConditional = condition !== undefined && condition !== '*';
    if (condition === undefined && request.body.revision === undefined)
      return sendProblem(reply, 'precondition-required');
    const revision = isConditional ? revisionIn(request) : request.body.revision;
    if (isConditional && revision === undefined) return sendProblem(reply, 'precondition-failed');
    const by = {
      actor: operatorIn(request).actor,
      now: context.clock(),
      ...given({ revision, overrideCheck }),
    };
    const result = await performAct(context.db, console.id, wanted, note, by);
    if (!result.ok)
      return isConditional && result.reason === 'changed-meanwhile'
        ? sendProblem(reply, 'precondition-failed')
        : refuse(reply, result);
    const standing = await standingAnswer(context, console.id);
    reply.header('etag', `"${standing.revision}"`);
    return standing;
  }
};

function refuse(reply: FastifyReply, refusal: PlanRefusal): FastifyReply {
  const more: ProblemDetails = {};
  if ('earliestCutOverAt' in refusal && refusal.earliestCutOverAt)
    more.earliestCutOverAt = refusal.earliestCutOverAt.toISOString();
  if ('duty' in refusal && refusal.duty.announcement) {
    const { underWay, untold, unsettled } = refusal.duty.announcement;
    Object.assign(more, { underWay, untold, unsettled });
  }
  return sendProblem(reply, CODES[refusal.reason], {
    detail: { ja: refusalSentence(refusal, 'ja'), en: refusalSentence(refusal, 'en') },
    more,
  });
}
