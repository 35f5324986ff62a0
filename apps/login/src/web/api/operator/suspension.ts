import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { includesRole } from '#domain/operators/rights.ts';
import { changeAccountState, type StateChange } from '#domain/suspension/change-state.ts';
import type { WebContext } from '#web/http/context.ts';
import { problems } from '../described.ts';
import { text } from '../forms.ts';
import { sendProblem } from '../problem.ts';
import { operatorIn, type OperatorArea } from './operator-api.ts';

const REASON = text(1_000).trim().min(1).describe('For the audit log; nobody else is told it');
const ANSWER = z
  .object({
    accountId: z.string(),
    state: z.enum(['active', 'suspended', 'closed']),
    sessionsEnded: z.number(),
  })
  .meta({ id: 'AccountState' });
const PARAMS = z.object({
  account: z.string().max(60).regex(/^acc_/).describe('The account’s id (acc_…)'),
});
const ANSWERS = {
  200: ANSWER,
  ...problems('account-unknown', 'account-state-unfit', 'last-administrator', 'reason-missing'),
};

/** Suspending, reinstating and closing accounts (R25). */
export const suspensionArea: OperatorArea = (app, context) => {
  app.post(
    '/accounts/:account/suspend',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Accounts'],
        summary: 'Suspend an account: all its sessions end, nobody gets in',
        description:
          'Consoles are told by an event. The person is not told by mail. The account of an operator: administrators only.',
        params: PARAMS,
        body: z.strictObject({
          reason: REASON,
          hijacked: z
            .boolean()
            .default(false)
            .describe('Somebody else was in the account; consoles are told so'),
        }),
        response: ANSWERS,
      },
    },
    async (request, reply) =>
      change(context, request, reply, { change: 'suspend', ...request.params, ...request.body }),
  );

  app.post(
    '/accounts/:account/reinstate',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Accounts'],
        summary: 'Reinstate a suspended account; a closed one, or that of an operator: administrators only',
        params: PARAMS,
        body: z.strictObject({ reason: REASON }),
        response: ANSWERS,
      },
    },
    async (request, reply) =>
      change(context, request, reply, { change: 'reinstate', ...request.params, ...request.body }),
  );

  app.post(
    '/accounts/:account/close',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Accounts'],
        summary: 'Close an account: as suspended, and consoles are told that it is gone',
        description: 'Links, audit and the login ID stay; nobody else gets the address.',
        params: PARAMS,
        body: z.strictObject({ reason: REASON }),
        response: ANSWERS,
      },
    },
    async (request, reply) =>
      change(context, request, reply, { change: 'close', ...request.params, ...request.body }),
  );
};

/** The states in Japanese sentences. */
const STATES = { active: '利用中', suspended: '停止中', closed: '閉鎖済み' } as const;

async function change(
  context: WebContext,
  request: FastifyRequest,
  reply: FastifyReply,
  wanted: { change: StateChange; account: string; reason: string; hijacked?: boolean },
): Promise<z.infer<typeof ANSWER> | FastifyReply> {
  const operator = operatorIn(request);
  const { account: accountId, ...what } = wanted;
  const result = await changeAccountState(context, accountId, what, {
    actor: operator.actor,
    administrator: includesRole(operator.role, 'administrator'),
    clientIp: request.ip,
    requestId: request.id,
    now: context.clock(),
  });
  if (result.ok) return { accountId, state: result.state, sessionsEnded: result.sessionsEnded };
  if (result.reason === 'administrator-only') return sendProblem(reply, 'role-missing');
  if (result.reason === 'account-state-unfit')
    return sendProblem(reply, result.reason, {
      detail: {
        ja: `アカウントは${STATES[result.state]}です。`,
        en: `The account is ${result.state}.`,
      },
    });
  return sendProblem(reply, result.reason);
}
