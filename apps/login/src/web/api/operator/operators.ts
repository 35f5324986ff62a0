import { z } from 'zod';
import { addOperator, listOperators, removeOperator } from '#domain/operators/operators.ts';
import type { Texts } from '#support/primitives/locale.ts';
import { problems } from '../described.ts';
import { MOMENT, text } from '../forms.ts';
import { PAGED, pageAmong, pageOf } from '../paging.ts';
import { sendProblem } from '../problem.ts';
import { operatorIn, type OperatorArea } from './operator-api.ts';

const ROLE = z.enum(['viewer', 'support', 'administrator']);
/** In the order of the list. */
const ROLES: readonly z.infer<typeof ROLE>[] = ['administrator', 'support', 'viewer'];
const OPERATOR = z
  .object({
    accountId: z.string(),
    emailAddress: z.string(),
    name: z.string(),
    role: ROLE,
    accountState: z
      .enum(['active', 'suspended', 'closed'])
      .describe('Only with an active account the role is good for anything'),
    createdAt: MOMENT,
    createdBy: z.string(),
  })
  .meta({ id: 'Operator' });

/** What the general words of these problems leave open. */
const DETAILS: Readonly<Record<string, { detail: Texts<string> }>> = {
  'account-unknown': {
    detail: {
      ja: 'このログインIDの有効なアカウントはありません。',
      en: 'No active account has this login ID.',
    },
  },
};

/** Staff who run the unified login from its own pages. */
export const operatorsArea: OperatorArea = (app, context) => {
  app.get(
    '/operators',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Operators'],
        summary: 'Everybody who is an operator',
        querystring: z.strictObject(PAGED),
        response: { 200: pageOf(OPERATOR) },
      },
    },
    async (request) =>
      pageAmong(
        await listOperators(context.db),
        request.query,
        (one) => `${ROLES.indexOf(one.role)} ${one.emailAddress.toLowerCase()}`,
        (one) => ({ ...one, createdAt: one.createdAt.toISOString() }),
      ),
  );

  app.put(
    '/operators',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Operators'],
        summary: 'Make the account with this login ID an operator, or give it another role',
        body: z.strictObject({ emailAddress: text(320), role: ROLE }),
        response: {
          200: z.object({
            accountId: z.string(),
            change: z.enum(['added', 'role-changed', 'unchanged']),
          }),
          ...problems('account-unknown', 'address-malformed', 'last-administrator'),
        },
      },
    },
    async (request, reply) => {
      const by = { actor: operatorIn(request).actor, now: context.clock() };
      const result = await addOperator(context.db, request.body, by);
      if (!result.ok) return sendProblem(reply, result.reason, DETAILS[result.reason]);
      const { accountId, change } = result;
      return { accountId, change };
    },
  );

  app.delete(
    '/operators/:accountId',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Operators'],
        summary: 'Take the role from an operator; it acts at once',
        params: z.object({ accountId: z.string().max(60) }),
        response: { 204: z.null(), ...problems('last-administrator', 'operator-unknown') },
      },
    },
    async (request, reply) => {
      const by = { actor: operatorIn(request).actor, now: context.clock() };
      const result = await removeOperator(context.db, request.params.accountId, by);
      return result.ok ? reply.code(204).send(null) : sendProblem(reply, result.reason);
    },
  );
};
