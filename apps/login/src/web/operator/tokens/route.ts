import type { FastifyReply, FastifyRequest } from 'fastify';
import { revokeOperatorToken } from '#domain/operators/revoke-token.ts';
import { includesRole } from '#domain/operators/rights.ts';
import { operatorTokens, type TokenEntry } from '#domain/operators/token-list.ts';
import { createPersonalToken, LONGEST_TOKEN_DAYS, TOKEN_DAYS } from '#domain/operators/tokens.ts';
import type { OperatorRole } from '#support/db/schema.ts';
import { field, query, sendPage } from '#web/http/request.ts';
import { withQuery } from '../addresses.ts';
import { isBack, visitOf, type OperatorArea } from '../visit.ts';
import { listPage, TOKENS } from './list-page.tsx';
import { madePage, makePage, revokePage, type Fault, type Typed } from './make-page.tsx';

const PAGE = 50;
const ROLES: readonly string[] = ['viewer', 'support', 'administrator'] satisfies OperatorRole[];

/** APIトークン: an operator's own tokens; administrators see and end those of everybody. */
export const tokenPagesArea: OperatorArea = (app, context) => {
  const { db } = context;

  app.get('/operator/tokens', async (request, reply) => {
    const visit = visitOf(request);
    const mayAll = includesRole(visit.operator.role, 'administrator');
    const all = mayAll && query(request, 'whose') === 'all';
    const after = query(request, 'after');
    const found = await operatorTokens(db, visit.now, {
      ...(all ? {} : { of: visit.operator.accountId }),
      after,
      limit: PAGE + 1,
    });
    const tokens = found.slice(0, PAGE);
    const next = found.length > PAGE ? (tokens.at(-1)?.id ?? null) : null;
    const stillGood = (query(request, 'still') ?? '').split(',').filter((id) => /^opt_\w+$/.test(id));
    const done = query(request, 'done') === 'revoked';
    const view = { tokens, all, mayAll, next, isFirst: after === undefined, done, stillGood };
    return sendPage(reply, await listPage(context, visit, view));
  });

  app.get('/operator/tokens/new', async (request, reply) =>
    sendPage(
      reply,
      await makePage(context, visitOf(request), {
        typed: isBack(request) ? typedIn(request) : { name: '', role: 'viewer', days: String(TOKEN_DAYS) },
        faults: [],
      }),
    ),
  );

  app.post('/operator/tokens/new', async (request, reply) => {
    const visit = visitOf(request);
    const typed = typedIn(request);
    const faults = faultsOf(typed, visit.operator.role);
    if (faults.length > 0) return sendPage(reply, await makePage(context, visit, { typed, faults }), 422);
    const { actor, accountId } = visit.operator;
    const wanted = {
      name: typed.name,
      role: typed.role as OperatorRole,
      days: Number(typed.days),
      accountId,
    };
    const made = await createPersonalToken(db, wanted, { actor, now: visit.now });
    // The role was taken or made less while the form was filled in.
    if (!made.ok) return sendPage(reply, await makePage(context, visit, { typed, faults: ['role'] }), 409);
    return sendPage(reply, await madePage(context, visit, made), 201);
  });

  app.get('/operator/tokens/:id/revoke', async (request, reply) => {
    const token = await tokenInAddress(request, reply);
    if (!token) return reply;
    return sendPage(reply, await revokePage(context, visitOf(request), { token, refused: false }));
  });

  app.post('/operator/tokens/:id/revoke', async (request, reply) => {
    const token = await tokenInAddress(request, reply);
    if (!token) return reply;
    const visit = visitOf(request);
    const result = await revokeOperatorToken(db, token.id, { actor: visit.operator.actor, now: visit.now });
    if (!result.ok) return sendPage(reply, await revokePage(context, visit, { token, refused: true }), 409);
    const isMine = token.operator?.accountId === visit.operator.accountId;
    const still = result.inForce.map(({ id }) => id).join(',');
    return reply.redirect(
      withQuery(TOKENS, { whose: isMine ? undefined : 'all', done: 'revoked', still }),
      303,
    );
  });

  /** The token that the address names, as far as this operator may see it; otherwise the answer has been sent. */
  async function tokenInAddress(
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<TokenEntry | undefined> {
    const { id } = request.params as { id: string };
    const { operator, now } = visitOf(request);
    const of = includesRole(operator.role, 'administrator') ? undefined : operator.accountId;
    const [token] = await operatorTokens(db, now, { of, id });
    if (!token) reply.callNotFound();
    return token;
  }
};

function typedIn(request: FastifyRequest): Typed {
  return {
    name: field(request, 'name').trim(),
    role: field(request, 'role'),
    days: field(request, 'days').normalize('NFKC').trim(),
  };
}

function faultsOf({ name, role, days }: Typed, own: OperatorRole): Fault[] {
  const isRole = ROLES.includes(role) && includesRole(own, role as OperatorRole);
  const isDays = /^\d{1,3}$/.test(days) && Number(days) >= 1 && Number(days) <= LONGEST_TOKEN_DAYS;
  return [
    ...(name === '' || name.length > 100 || !name.isWellFormed() ? (['name'] as const) : []),
    ...(isRole ? [] : (['role'] as const)),
    ...(isDays ? [] : (['days'] as const)),
  ];
}
