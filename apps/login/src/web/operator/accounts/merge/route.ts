import type { FastifyReply, FastifyRequest } from 'fastify';
import { findAccount } from '#domain/accounts/find.ts';
import { consoleName } from '#domain/consoles/consoles.ts';
import { foreseeMerge } from '#domain/merge/foresee.ts';
import { mergeAccounts } from '#domain/merge/merge.ts';
import type { AccountRow } from '#support/db/schema.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';
import { field, query, sendPage } from '#web/http/request.ts';
import { withQuery } from '../../addresses.ts';
import { isBack, visitOf, type OperatorArea } from '../../visit.ts';
import { mergePage, mergePath, type MergeView } from './page.tsx';

/** Merging a second account of a person into the one whose page this is (R25). */
export const accountMergeArea: OperatorArea = (app, context) => {
  const { db } = context;

  app.get('/operator/accounts/:account/merge', async (request, reply) => {
    const account = await accountIn(request, reply);
    if (!account) return reply;
    const back = isBack(request);
    const other = back
      ? field(request, 'other', 1_000)
      : (query(request, 'other')?.trim().slice(0, 1_000) ?? '');
    if (query(request, 'done') === '1') return show(request, reply, { account, other, done: true });
    if (other === '') return show(request, reply, { account, other });
    const given = { reason: field(request, 'reason', 2_000).trim(), typed: field(request, 'typed') };
    return preview(request, reply, account, other, back ? { given } : undefined);
  });

  app.post('/operator/accounts/:account/merge', async (request, reply) => {
    const account = await accountIn(request, reply);
    if (!account) return reply;
    const other = field(request, 'other', 1_000);
    const given = { reason: field(request, 'reason', 2_000).trim(), typed: field(request, 'typed') };
    const absorbed = await findAccount(db, other);
    if (!absorbed) return preview(request, reply, account, other);
    if (given.reason === '')
      return preview(request, reply, account, other, { given, reason: 'reason-missing' });
    if (!isLoginIdOf(absorbed, given.typed))
      return preview(request, reply, account, other, { given, reason: 'typed-wrong' });
    const { operator, now } = visitOf(request);
    const result = await mergeAccounts(
      context,
      { keptId: account.id, absorbedId: absorbed.id, reason: given.reason, seen: field(request, 'seen') },
      { actor: operator.actor, now },
    );
    if (result.ok) return reply.redirect(withQuery(mergePath(account.id), { done: '1' }), 303);
    if (result.reason === 'preview-outdated' || result.reason === 'reason-missing')
      return preview(request, reply, account, other, { given, reason: result.reason });
    return show(request, reply, { account, other, refusal: result });
  });

  /** What would happen, with what was wrong in confirming it. */
  async function preview(
    request: FastifyRequest,
    reply: FastifyReply,
    account: AccountRow,
    other: string,
    wrong?: {
      given: { reason: string; typed: string };
      /** Undefined: nothing is wrong, the form is only opened anew. */
      reason?: 'reason-missing' | 'typed-wrong' | 'preview-outdated';
    },
  ): Promise<FastifyReply> {
    const absorbed = await findAccount(db, other);
    const foreseen = absorbed
      ? await foreseeMerge(db, account.id, absorbed.id, visitOf(request).now)
      : ({ ok: false, reason: 'account-unknown' } as const);
    if (!foreseen.ok) return show(request, reply, { account, other, refusal: foreseen });
    const refusal = wrong?.reason && ({ ok: false, reason: wrong.reason } as const);
    return show(request, reply, {
      account,
      other,
      preview: foreseen.preview,
      ...(wrong ? { given: wrong.given, refusal } : {}),
    });
  }

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    view: Omit<MergeView, 'consoleName'>,
  ): Promise<FastifyReply> {
    const visit = visitOf(request);
    const consoles = await context.consoles.all();
    const names = new Map(
      consoles.map((console) => [console.client_id, consoleName(console, visit.shell.locale)]),
    );
    const nameOf = (clientId: string): string => names.get(clientId) ?? clientId;
    const html = await mergePage(context, visit, { ...view, consoleName: nameOf });
    const reason = view.refusal?.reason;
    const isField = reason === 'reason-missing' || reason === 'typed-wrong';
    return sendPage(reply, html, reason === undefined ? 200 : isField ? 422 : 409);
  }

  /** The account that the path names; when there is none, the page for that has been sent. */
  async function accountIn(request: FastifyRequest, reply: FastifyReply): Promise<AccountRow | undefined> {
    const { account: id } = request.params as { account: string };
    const account = id.startsWith('acc_') ? await findAccount(db, id) : undefined;
    if (!account) reply.callNotFound();
    return account;
  }
};

/** Typed as an address is typed anywhere: case and width do not matter. */
function isLoginIdOf(account: AccountRow, typed: string): boolean {
  const address = parseEmailAddress(typed);
  return address.ok && address.key === account.email_key;
}
