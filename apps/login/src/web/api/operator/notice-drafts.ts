import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { NoticeTextProblem } from '#domain/notices/letter.ts';
import { previewDraft, sendTestDraft } from '#domain/notices/preview.ts';
import { noticeTextSentence } from '#domain/notices/text-problem.ts';
import { problems } from '../described.ts';
import { IN_CONSOLE } from '../forms.ts';
import { sendProblem } from '../problem.ts';
import { ADDRESS, LOCALE, MAIL, OWN_TEXTS, ownTexts } from './notice-bodies.ts';
import { consoleInPath, operatorIn, type OperatorArea } from './operator-api.ts';

const DRAFT = z.strictObject({
  kind: z.enum(['announcement', 'reminder', 'correction', 'completion']),
  daysBefore: z.union([z.literal(30), z.literal(7), z.literal(1)]).optional(),
  cutOverAt: z.iso.datetime({ offset: true }).nullable(),
  texts: OWN_TEXTS.optional(),
});

/** Notices that do not exist yet: what they would say, and a test of it. */
export const noticeDraftArea: OperatorArea = (app, context) => {
  app.post(
    '/consoles/:clientId/notice-preview',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Notices'],
        summary:
          'A notice that does not exist yet, as a sample person would read it; says what is wrong with its words',
        params: IN_CONSOLE,
        body: DRAFT.extend({ locale: LOCALE.default('ja') }),
        response: {
          200: MAIL,
          ...problems(
            'console-unknown',
            'malformed',
            'placeholder-unclosed',
            'placeholder-unknown',
            'placeholder-without-value',
          ),
        },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      const { locale, ...body } = request.body;
      if (isDateMissing(body)) return refuseDate(reply);
      const result = await previewDraft(context.db, context, draftOf(console.id, body), locale);
      return result.ok ? { locale, ...result.mail } : refuseWords(reply, result.problem);
    },
  );

  app.post(
    '/consoles/:clientId/notice-test',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Notices'],
        summary:
          'Send a notice that does not exist yet to one address, in each language, marked as a test; counts in nothing',
        params: IN_CONSOLE,
        body: DRAFT.extend({
          emailAddress: ADDRESS,
          locales: z.array(LOCALE).min(1).max(2).default(['ja', 'en']),
        }),
        response: {
          202: z.object({ recipient: z.string() }),
          ...problems(
            'address-malformed',
            'console-unknown',
            'malformed',
            'placeholder-unclosed',
            'placeholder-unknown',
            'placeholder-without-value',
          ),
        },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      const { emailAddress, locales, ...body } = request.body;
      if (isDateMissing(body)) return refuseDate(reply);
      const by = { actor: operatorIn(request).actor, now: context.clock() };
      const to = { emailAddress, locales: [...new Set(locales)] };
      const sent = await sendTestDraft(context.db, context.jobs, draftOf(console.id, body), to, by);
      if (sent.ok) return reply.code(202).send({ recipient: sent.recipient });
      return sent.reason === 'text-unfit'
        ? refuseWords(reply, sent.problem)
        : sendProblem(reply, sent.reason, {});
    },
  );
};

type Draft = z.infer<typeof DRAFT>;

function draftOf(consoleId: string, { kind, daysBefore, cutOverAt, texts }: Draft) {
  return {
    consoleId,
    kind,
    ...(daysBefore && { daysBefore }),
    cutOverAt: cutOverAt === null ? null : new Date(cutOverAt),
    texts: ownTexts(texts),
  };
}

function isDateMissing({ kind, cutOverAt }: Draft): boolean {
  return cutOverAt === null && kind !== 'correction';
}

function refuseDate(reply: FastifyReply): FastifyReply {
  return sendProblem(reply, 'malformed', {
    detail: {
      ja: 'cutOverAt を省けるのは、訂正のお知らせだけです。',
      en: 'Only a correction may go without cutOverAt.',
    },
  });
}

/** Says what is wrong with somebody's words. */
export function refuseWords(reply: FastifyReply, problem: NoticeTextProblem): FastifyReply {
  return sendProblem(reply, problem.reason, {
    detail: { ja: noticeTextSentence(problem, 'ja'), en: noticeTextSentence(problem, 'en') },
  });
}
