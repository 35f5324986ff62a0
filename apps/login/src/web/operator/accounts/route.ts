import type { FastifyReply, FastifyRequest } from 'fastify';
import { findAccount } from '#domain/accounts/find.ts';
import { consoleName } from '#domain/consoles/consoles.ts';
import { mergedInto } from '#domain/merge/merge.ts';
import { actorNames } from '#domain/operators/actor-names.ts';
import { personFacts } from '#domain/person/facts.ts';
import { unsearchable } from '#domain/search/search-index.ts';
import { ACCOUNT_STATES, searchAccounts } from '#domain/search/search.ts';
import { stepOf } from '#domain/person/step.ts';
import type { AccountRow } from '#support/db/schema.ts';
import { field, query, sendPage } from '#web/http/request.ts';
import { isBack, visitOf, type OperatorArea } from '../visit.ts';
import { actPage, type ActView } from './act-page.tsx';
import { ACCOUNT_ACTS, type AccountAct, type Given } from './acts.ts';
import { personPage } from './person-page.tsx';
import { personPath, searchPage } from './search-page.tsx';

const A_PAGE = 50;
const LONGEST_SEARCH = 200;

/** アカウント: finding somebody, everything about them on one page, and what the support desk can do for them. */
export const accountsArea: OperatorArea = (app, context) => {
  const { db } = context;

  app.get('/operator/accounts', async (request, reply) => {
    const visit = visitOf(request);
    const text = query(request, 'q')?.trim().slice(0, LONGEST_SEARCH) ?? '';
    const state = ACCOUNT_STATES.find((one) => one === query(request, 'state'));
    const after = query(request, 'after');
    const [page, waiting, nameOf] = await Promise.all([
      searchAccounts(db, { text, state, after, limit: A_PAGE }),
      unsearchable(db),
      namesOfConsoles(request),
    ]);
    const view = {
      text,
      state,
      ...page,
      isFirst: after === undefined,
      unsearchable: waiting,
      consoleName: nameOf,
    };
    return sendPage(reply, await searchPage(context, visit, view));
  });

  app.get('/operator/accounts/:account', async (request, reply) => {
    const account = await accountIn(request, reply);
    if (!account) return reply;
    const visit = visitOf(request);
    const facts = await personFacts(db, account, visit.now);
    const [into, actors, nameOf] = await Promise.all([
      mergedInto(db, account.id),
      actorNames(
        db,
        facts.events.map((event) => event.actor),
      ),
      namesOfConsoles(request),
    ]);
    const done = ACCOUNT_ACTS.find((act) => act.name === query(request, 'done'))?.name;
    const view = {
      facts,
      step: stepOf(facts, visit.now),
      actors,
      consoleName: nameOf,
      mergedInto: into,
      done,
    };
    return sendPage(reply, await personPage(context, visit, view));
  });

  for (const act of ACCOUNT_ACTS) {
    const path = `/operator/accounts/:account/${act.name}`;
    app.get(path, async (request, reply) => {
      const account = await accountIn(request, reply);
      const given = isBack(request) ? givenIn(request, act) : {};
      return account ? show(request, reply, act, account, { given }) : reply;
    });

    app.post(path, async (request, reply) => {
      const account = await accountIn(request, reply);
      if (!account) return reply;
      const result = await act.perform(context, request, account);
      if (result.ok) return reply.redirect(`${personPath(account.id)}?done=${act.name}`, 303);
      return show(request, reply, act, account, { given: result.given, refusal: result });
    });
  }

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    act: AccountAct,
    account: AccountRow,
    view: Pick<ActView, 'given' | 'refusal'>,
  ): Promise<FastifyReply> {
    const visit = visitOf(request);
    const facts = await personFacts(db, account, visit.now);
    const session = view.given.session ?? query(request, 'session') ?? '';
    const given = { ...view.given, session };
    const html = await actPage(context, visit, { ...view, act: act.name, fields: act.fields, facts, given });
    return sendPage(reply, html, view.refusal ? (view.refusal.fieldErrors ? 422 : 409) : 200);
  }

  /** The account that the path names; when there is none, the page for that has been sent. */
  async function accountIn(request: FastifyRequest, reply: FastifyReply): Promise<AccountRow | undefined> {
    const { account: id } = request.params as { account: string };
    const account = id.startsWith('acc_') ? await findAccount(db, id) : undefined;
    if (!account) reply.callNotFound();
    return account;
  }

  async function namesOfConsoles(request: FastifyRequest): Promise<(clientId: string) => string> {
    const { locale } = visitOf(request).shell;
    const consoles = await context.consoles.all();
    const names = new Map(consoles.map((console) => [console.client_id, consoleName(console, locale)]));
    return (clientId) => names.get(clientId) ?? clientId;
  }
};

/** What was typed into the form of an act. */
function givenIn(request: FastifyRequest, act: AccountAct): Given {
  return Object.fromEntries(act.fields.map((name) => [name, field(request, name, 2_000)]));
}
