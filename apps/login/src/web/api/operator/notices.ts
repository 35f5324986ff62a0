import { z } from 'zod';
import { cursorText, placeIn } from '#web/http/lists.ts';
import { MAX_NOTIFICATION } from '#domain/notices/bounces/parse.ts';
import { takeBounce } from '#domain/notices/bounces/take.ts';
import { cancelNotice } from '#domain/notices/cancel.ts';
import { previewNotice, sendTestNotice } from '#domain/notices/preview.ts';
import { listNotices, NOTICE_STATES, noticeProgress } from '#domain/notices/progress.ts';
import { listRecipients, RECIPIENT_FILTERS } from '#domain/notices/recipients.ts';
import { MAX_NOTE, settleRecipient } from '#domain/notices/settle.ts';
import { includesRole } from '#domain/operators/rights.ts';
import type { Texts } from '#support/primitives/locale.ts';
import { problems } from '../described.ts';
import { text } from '../forms.ts';
import { PAGED, pageIn, pageOf } from '../paging.ts';
import { sendProblem } from '../problem.ts';
import { ADDRESS, LOCALE, MAIL, noticeBody, recipientBody, NOTICE, RECIPIENT } from './notice-bodies.ts';
import { consoleInPath, operatorIn, type OperatorArea } from './operator-api.ts';

const ID = z.string().max(60);
/** Notices: follow them, try them out, settle whom they did not reach. They are created by changes of a plan. */
export const noticeArea: OperatorArea = (app, context) => {
  const by = (request: Parameters<typeof operatorIn>[0]) => ({
    actor: operatorIn(request).actor,
    now: context.clock(),
  });

  app.get(
    '/notices',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Notices'],
        summary: 'Notices with their progress, the newest first',
        querystring: z.strictObject({
          console: z.string().max(40).optional().describe('Client id'),
          state: z.enum(NOTICE_STATES).optional(),
          ...PAGED,
        }),
        response: { 200: pageOf(NOTICE), ...problems('console-unknown') },
      },
    },
    async (request, reply) => {
      const { console: clientId, state, cursor, limit } = request.query;
      const console = clientId === undefined ? undefined : await consoleInPath(context, reply, clientId);
      if (clientId !== undefined && !console) return reply;
      const wanted = { consoleId: console?.id, state, before: placeIn(cursor), limit: limit + 1 };
      const found = await listNotices(context.db, wanted, context.clock());
      return pageIn(found, limit, (one) => one.id, noticeBody);
    },
  );

  app.get(
    '/notices/:id',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Notices'],
        summary: 'One notice and its progress',
        params: z.object({ id: ID }),
        response: { 200: NOTICE, ...problems('notice-unknown') },
      },
    },
    async (request, reply) => {
      const notice = await noticeProgress(context.db, request.params.id, context.clock());
      return notice ? noticeBody(notice) : sendProblem(reply, 'notice-unknown');
    },
  );

  app.get(
    '/notices/:id/recipients',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Notices'],
        summary: 'Recipients by state, a page at a time; `unreached` are those that wait for being settled',
        params: z.object({ id: ID }),
        querystring: z.strictObject({
          state: z.enum(RECIPIENT_FILTERS).optional(),
          ...PAGED,
        }),
        response: { 200: pageOf(RECIPIENT), ...problems('notice-unknown') },
      },
    },
    async (request, reply) => {
      if (!(await noticeProgress(context.db, request.params.id, context.clock())))
        return sendProblem(reply, 'notice-unknown');
      const { state, cursor, limit } = request.query;
      const page = await listRecipients(context.db, request.params.id, {
        state,
        after: placeIn(cursor),
        limit,
      });
      return { items: page.recipients.map(recipientBody), next: cursorText(page.next) };
    },
  );

  app.get(
    '/notices/:id/preview',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Notices'],
        summary: 'The mail as a sample person reads it, or, for the role support, a given one',
        params: z.object({ id: ID }),
        querystring: z.strictObject({ locale: LOCALE.optional(), accountId: ID.optional() }),
        response: { 200: MAIL, ...problems('notice-unknown', 'recipient-unknown', 'role-missing') },
      },
    },
    async (request, reply) => {
      const { locale, accountId } = request.query;
      if (accountId !== undefined && !includesRole(operatorIn(request).role, 'support'))
        return sendProblem(reply, 'role-missing');
      const wanted = { ...(locale && { locale }), ...(accountId && { accountId }) };
      const result = await previewNotice(context.db, context, request.params.id, wanted);
      return result.ok ? { locale: result.locale, ...result.mail } : sendProblem(reply, result.reason);
    },
  );

  app.post(
    '/notices/:id/test',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Notices'],
        summary: 'Send it to one address, marked as a test; counts in nothing',
        params: z.object({ id: ID }),
        body: z.strictObject({ emailAddress: ADDRESS, locale: LOCALE.default('ja') }),
        response: {
          202: z.object({ messageId: z.string(), recipient: z.string() }),
          ...problems('address-malformed', 'notice-unknown'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const sent = await sendTestNotice(context.db, context.jobs, id, request.body, by(request));
      if (sent.ok) return reply.code(202).send({ messageId: sent.messageId, recipient: sent.recipient });
      return sendProblem(reply, sent.reason, detailOf(sent.reason));
    },
  );

  app.post(
    '/notices/:id/cancel',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Notices'],
        summary: 'Stop it at once; what was handed over stays',
        params: z.object({ id: ID }),
        response: {
          200: z.object({ dropped: z.number(), accepted: z.number() }),
          ...problems('notice-cancelled', 'notice-ended', 'notice-unknown'),
        },
      },
    },
    async (request, reply) => {
      const result = await cancelNotice(context.db, request.params.id, by(request));
      return result.ok
        ? { dropped: result.dropped, accepted: result.accepted }
        : sendProblem(reply, result.reason);
    },
  );

  app.post(
    '/notices/:id/recipients/:accountId/settle',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Notices'],
        summary: 'Settle a person whom the notice did not reach (R14)',
        params: z.object({ id: ID, accountId: ID }),
        body: z.discriminatedUnion('kind', [
          z.strictObject({ kind: z.literal('new-address'), emailAddress: ADDRESS }),
          z.strictObject({ kind: z.literal('told-otherwise'), note: text(MAX_NOTE) }),
          z.strictObject({ kind: z.literal('api-only'), note: text(MAX_NOTE).default('') }),
        ]),
        response: {
          204: z.null(),
          ...problems(
            'address-malformed',
            'address-not-login-id',
            'address-unchanged',
            'note-missing',
            'notice-cancelled',
            'notice-unknown',
            'recipient-not-unreached',
            'recipient-settled',
            'recipient-unknown',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id, accountId } = request.params;
      const who = { noticeId: id, accountId };
      const result = await settleRecipient(context.db, who, request.body, by(request));
      if (result.ok) return reply.code(204).send(null);
      return sendProblem(reply, result.reason, detailOf(result.reason));
    },
  );

  app.addContentTypeParser('message/rfc822', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  app.post(
    '/notice-bounces',
    {
      bodyLimit: MAX_NOTIFICATION,
      config: { role: 'support' },
      schema: {
        tags: ['Notices'],
        summary: 'Feed one delivery status notification (RFC 3464); each counts once',
        consumes: ['message/rfc822'],
        body: z.unknown().describe('The notification as it arrived'),
        response: {
          200: z.object({
            outcome: z.enum(['bounced', 'delayed', 'nothing-to-do', 'not-ours', 'under-way', 'known']),
            people: z.array(z.object({ noticeId: z.string(), accountId: z.string(), status: z.string() })),
          }),
          ...problems('malformed', 'no-returned-headers', 'not-a-notification', 'too-large'),
        },
      },
    },
    async (request, reply) => {
      if (!Buffer.isBuffer(request.body))
        return sendProblem(reply, 'malformed', {
          detail: {
            ja: 'メールを message/rfc822 として送ってください。',
            en: 'Send the mail as message/rfc822.',
          },
        });
      const from = { issuerHost: new URL(context.issuer).hostname, ...by(request) };
      const result = await takeBounce(context.db, request.body, from);
      return result.ok
        ? { outcome: result.outcome, people: [...result.people] }
        : sendProblem(reply, result.problem);
    },
  );
};

/** A code that the console API has too says something of its own here. */
function detailOf(reason: string): { detail?: Texts<string> } {
  if (reason !== 'address-unchanged') return {};
  return {
    detail: {
      ja: 'メールはこのアドレスに送られ、届きませんでした。先に管理画面でメールアドレスを直してください。ログインIDはそれに従います。',
      en: 'The mail went to this very address and did not arrive. Correct the address in the console first; the login ID follows.',
    },
  };
}
