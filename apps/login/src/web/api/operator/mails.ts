import { z } from 'zod';
import { giveUpMail, retryMail } from '#domain/person/mail-acts.ts';
import {
  mailEntry,
  mailHours,
  mailLedger,
  senderHealth,
  type MailEntry,
} from '#domain/person/mail-ledger.ts';
import { mailStanding } from '#support/mail/standing.ts';
import { cursorText, placeIn } from '#web/http/lists.ts';
import { problems } from '../described.ts';
import { iso, MOMENT, text } from '../forms.ts';
import { PAGED, pageOf } from '../paging.ts';
import { sendProblem } from '../problem.ts';
import { operatorIn, type OperatorArea } from './operator-api.ts';

const FATE = z.enum(['waiting', 'deferred', 'accepted', 'refused', 'bounced', 'dropped']);
const MAIL = z
  .object({
    id: z.string(),
    template: z.string().describe('The kind of mail'),
    recipient: z.string(),
    locale: z.enum(['ja', 'en']),
    bulk: z.boolean().describe('One of many of the same, sent at the pace of notices'),
    accountId: z.string().nullable(),
    fate: FATE.describe('deferred: tried, not taken, tried again; bounced: taken and come back'),
    tries: z.number(),
    unconfirmed: z.number().describe('How often nobody knows whether the mail server took it'),
    underWay: z.boolean(),
    response: z.string().nullable().describe('What the mail server said last'),
    createdAt: MOMENT,
    endedAt: MOMENT.nullable(),
  })
  .meta({ id: 'Mail' });
const IN_MAIL = z.object({ id: z.string().max(60) });

/** The queue of mails and what became of them; never what they say. */
export const mailArea: OperatorArea = (app, context) => {
  const { db, jobs } = context;
  app.get(
    '/mails',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Mail'],
        summary: 'Mails of 90 days, the newest first',
        querystring: z.strictObject({
          recipient: text(320).optional().describe('A whole address'),
          template: z.string().max(60).optional(),
          fate: FATE.optional().describe('waiting includes those that are tried again'),
          ...PAGED,
        }),
        response: { 200: pageOf(MAIL) },
      },
    },
    async (request) => {
      const { cursor, limit, ...filter } = request.query;
      const page = await mailLedger(db, filter, { after: placeIn(cursor), limit });
      return { items: page.entries.map(answerOf), next: cursorText(page.next) };
    },
  );

  app.get(
    '/mails/:id',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Mail'],
        summary: 'One mail and its fate',
        params: IN_MAIL,
        response: { 200: MAIL, ...problems('mail-unknown') },
      },
    },
    async (request, reply) => {
      const entry = await mailEntry(db, request.params.id);
      return entry ? answerOf(entry) : sendProblem(reply, 'mail-unknown');
    },
  );

  for (const [act, summary] of [
    ['retry', 'Try a mail at once that waits for its next time'],
    ['give-up', 'End a mail that waits; it counts as refused'],
  ] as const)
    app.post(
      `/mails/:id/${act}`,
      {
        config: { role: 'support' },
        schema: {
          tags: ['Mail'],
          summary,
          params: IN_MAIL,
          response: { 202: z.null(), ...problems('mail-unknown', 'mail-ended', 'mail-under-way') },
        },
      },
      async (request, reply) => {
        const by = { actor: operatorIn(request).actor, now: context.clock() };
        const { id } = request.params;
        const result = act === 'retry' ? await retryMail(db, jobs, id, by) : await giveUpMail(db, id, by);
        return result.ok ? reply.code(202).send(null) : sendProblem(reply, result.reason);
      },
    );

  app.get(
    '/mail-health',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Mail'],
        summary: 'How mails are taken, with the last 24 hours',
        response: {
          200: z
            .object({
              waiting: z.number(),
              deferred: z.number().describe('Of `waiting`: were tried, and are tried again'),
              oldestWaitingSince: MOMENT.nullable(),
              refusedToday: z.number(),
              lastAcceptedAt: MOMENT.nullable(),
              lastDeferral: z.string().nullable(),
              hours: z.array(
                z.object({
                  at: MOMENT,
                  accepted: z.number(),
                  refused: z.number(),
                  dropped: z.number().describe('Not sent: nobody to send it to, or not needed any more'),
                }),
              ),
            })
            .meta({ id: 'MailHealth' }),
        },
      },
    },
    async () => {
      const now = context.clock();
      const [standing, health, hours] = await Promise.all([
        mailStanding(db, now),
        senderHealth(db),
        mailHours(db, now),
      ]);
      return {
        ...standing,
        oldestWaitingSince: iso(standing.oldestWaitingSince),
        lastAcceptedAt: iso(health.lastAcceptedAt),
        lastDeferral: health.lastDeferral,
        hours: hours.map((one) => ({ ...one, at: one.at.toISOString() })),
      };
    },
  );
};

function answerOf(entry: MailEntry): z.infer<typeof MAIL> {
  return { ...entry, createdAt: entry.createdAt.toISOString(), endedAt: iso(entry.endedAt) };
}
