import type { FastifyReply, FastifyRequest } from 'fastify';
import { accountNames } from '#domain/accounts/names.ts';
import { giveUpMail, retryMail, type MailActResult } from '#domain/person/mail-acts.ts';
import {
  mailEntry,
  mailHours,
  mailLedger,
  senderHealth,
  type MailEntry,
} from '#domain/person/mail-ledger.ts';
import { mailStanding } from '#support/mail/standing.ts';
import { cursorText, placeIn } from '#web/http/lists.ts';
import { query, sendPage } from '#web/http/request.ts';
import { visitOf, type OperatorArea } from '../visit.ts';
import { listPage } from './list-page.tsx';
import { actPage, mailPage, type MailAct } from './mail-page.tsx';
import { wantedOf } from './wanted.ts';

const MAILS_A_PAGE = 50;

type MailProblem = Extract<MailActResult, { ok: false }>['reason'];

/** メール: what waits, what became of each, and how the mail server takes them. */
export const mailPagesArea: OperatorArea = (app, context) => {
  const { db, jobs } = context;

  app.get('/operator/mail', async (request, reply) => {
    const visit = visitOf(request);
    const wanted = wantedOf(request);
    const cursor = query(request, 'after');
    const place = placeIn(cursor);
    const [page, standing, health, hours] = await Promise.all([
      mailLedger(db, { ...wanted, recipient: wanted.address }, { after: place, limit: MAILS_A_PAGE }),
      mailStanding(db, visit.now),
      senderHealth(db),
      mailHours(db, visit.now),
    ]);
    const view = {
      wanted,
      entries: page.entries,
      next: cursorText(page.next),
      isFirst: cursor === undefined,
      standing,
      health,
      hours,
    };
    return sendPage(reply, await listPage(context, visit, view));
  });

  app.get('/operator/mail/:id', async (request, reply) => {
    const entry = await mailIn(request, reply);
    if (!entry) return reply;
    const names = await accountNames(db, entry.accountId === null ? [] : [entry.accountId]);
    return sendPage(reply, await mailPage(context, visitOf(request), { entry, names }));
  });

  for (const act of ['retry', 'give-up'] as const) {
    app.get(`/operator/mail/:id/${act}`, async (request, reply) => {
      const entry = await mailIn(request, reply);
      return entry ? showAct(request, reply, act, entry) : reply;
    });

    app.post(`/operator/mail/:id/${act}`, async (request, reply) => {
      const entry = await mailIn(request, reply);
      if (!entry) return reply;
      const { operator, now } = visitOf(request);
      const by = { actor: operator.actor, now };
      const result =
        act === 'retry' ? await retryMail(db, jobs, entry.id, by) : await giveUpMail(db, entry.id, by);
      if (!result.ok)
        return showAct(request, reply, act, (await mailEntry(db, entry.id)) ?? entry, result.reason);
      return reply.redirect(`/operator/mail/${encodeURIComponent(entry.id)}`, 303);
    });
  }

  /** The mail that the path names; when there is none, the page for that has been sent. */
  async function mailIn(request: FastifyRequest, reply: FastifyReply): Promise<MailEntry | undefined> {
    const entry = await mailEntry(db, (request.params as { id: string }).id);
    if (!entry) reply.callNotFound();
    return entry;
  }

  async function showAct(
    request: FastifyRequest,
    reply: FastifyReply,
    act: MailAct,
    entry: MailEntry,
    refusal?: MailProblem,
  ): Promise<FastifyReply> {
    const refused = refusal !== undefined;
    const view = { act, entry, problem: refusal ?? problemOf(entry), refused };
    return sendPage(reply, await actPage(context, visitOf(request), view), refused ? 409 : 200);
  }
};

/** Why nothing can be done with a mail as it stands. */
function problemOf({ fate, underWay }: MailEntry): MailProblem | undefined {
  if (fate !== 'waiting' && fate !== 'deferred') return 'mail-ended';
  return underWay ? 'mail-under-way' : undefined;
}
