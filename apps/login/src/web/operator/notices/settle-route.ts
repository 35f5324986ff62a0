import type { FastifyReply, FastifyRequest } from 'fastify';
import { causeOf } from '#domain/notices/cause.ts';
import { noticeProgress } from '#domain/notices/progress.ts';
import { recipientOf } from '#domain/notices/recipients.ts';
import { MAX_NOTE, settleRecipient, type Settlement, type SettleRefusal } from '#domain/notices/settle.ts';
import { field, sendPage } from '#web/http/request.ts';
import { noticePath, withQuery } from '../addresses.ts';
import { isBack, visitOf, type OperatorArea } from '../visit.ts';
import { settlePage, type Given, type Kind } from './settle-page.tsx';

const KINDS: readonly Kind[] = ['new-address', 'told-otherwise', 'api-only'];

/** Settling one person whom a notice did not reach: a form (GET), a confirmation (POST, `step` check), the act (POST, `step` act). */
export const settleArea: OperatorArea = (app, context) => {
  const { db } = context;
  const path = '/operator/notices/:id/people/:account/settle';

  app.get(path, async (request, reply) => {
    const found = await personIn(request, reply);
    if (!found) return reply;
    const { person, notice } = found;
    const refusal: SettleRefusal | undefined = notice.cancelledAt
      ? 'notice-cancelled'
      : causeOf(person) === null
        ? 'recipient-not-unreached'
        : person.settledAt
          ? 'recipient-settled'
          : undefined;
    const given: Given = isBack(request)
      ? givenIn(request)
      : { kind: '', note: '', address: person.emailAddress };
    const view = { ...found, given, step: 'form', refusal } as const;
    return sendPage(reply, await settlePage(context, visitOf(request), view));
  });

  app.post(path, async (request, reply) => {
    const found = await personIn(request, reply);
    if (!found) return reply;
    const visit = visitOf(request);
    const { notice, person } = found;
    const given = givenIn(request);
    const show = async (step: 'form' | 'confirm', refusal?: SettleRefusal | 'choose') =>
      sendPage(
        reply,
        await settlePage(context, visit, { ...found, given, step, refusal }),
        refusal === undefined ? 200 : refusal === 'choose' || refusal === 'note-missing' ? 422 : 409,
      );
    const how = settlementOf(given);
    if (field(request, 'back') !== '') return show('form');
    if (!how) return show('form', 'choose');
    if (how.kind === 'told-otherwise' && how.note === '') return show('form', 'note-missing');
    if (how.kind === 'new-address' && person.recipient === person.emailAddress)
      return show('form', 'address-unchanged');
    if (field(request, 'step') !== 'act') return show('confirm');
    const who = { noticeId: notice.id, accountId: person.accountId };
    const by = { actor: visit.operator.actor, now: visit.now };
    const result = await settleRecipient(db, who, how, by);
    if (!result.ok) return show('form', result.reason);
    const wanted = { state: 'unreached', settled: person.accountId };
    return reply.redirect(withQuery(`${noticePath(notice.id)}/people`, wanted), 303);
  });

  /** The notice and the person that the path names; when there are none, the page for that has been sent. */
  async function personIn(request: FastifyRequest, reply: FastifyReply) {
    const { id, account } = request.params as { id: string; account: string };
    const notice = await noticeProgress(db, id, visitOf(request).now);
    const console = notice && (await context.consoles.byClientId(notice.clientId));
    const person = notice && (await recipientOf(db, id, account));
    if (notice && console && person) return { notice, console, person };
    reply.callNotFound();
    return undefined;
  }
};

function givenIn(request: FastifyRequest): Given {
  return {
    kind: KINDS.find((one) => one === field(request, 'kind')) ?? '',
    note: field(request, 'note', 2 * MAX_NOTE)
      .replaceAll('\0', '')
      .trim(),
    address: field(request, 'address'),
  };
}

function settlementOf({ kind, note, address }: Given): Settlement | undefined {
  switch (kind) {
    case '':
      return undefined;
    case 'new-address':
      return { kind, emailAddress: address };
    case 'told-otherwise':
    case 'api-only':
      return { kind, note };
  }
}
