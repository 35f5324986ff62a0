import { z } from 'zod';
import { revokeOperatorToken } from '#domain/operators/revoke-token.ts';
import { operatorTokens } from '#domain/operators/token-list.ts';
import { createPersonalToken, LONGEST_TOKEN_DAYS, TOKEN_DAYS } from '#domain/operators/tokens.ts';
import { problems } from '../described.ts';
import { iso, MOMENT, text } from '../forms.ts';
import { asked, PAGED, pageIn, pageOf } from '../paging.ts';
import { sendProblem } from '../problem.ts';
import { operatorIn, type OperatorArea } from './operator-api.ts';

const ROLE = z.enum(['viewer', 'support', 'administrator']);
const TOKEN = z
  .object({
    id: z.string(),
    name: z.string(),
    role: ROLE.describe('At most: the operator’s present role may include less'),
    operator: z
      .object({ accountId: z.string(), emailAddress: z.string() })
      .nullable()
      .describe('Whose it is; null: of nobody'),
    createdAt: MOMENT,
    createdBy: z.string().describe('`operator:opt_…`: with another token'),
    lastUsedAt: MOMENT.nullable().describe('To ten minutes'),
    expiresAt: MOMENT,
    revokedAt: MOMENT.nullable(),
    state: z
      .enum(['in-force', 'resting', 'expired', 'revoked'])
      .describe('`resting`: its operator has no role, or the account is not active'),
  })
  .meta({ id: 'OperatorToken' });
const REVOKED = z.object({
  revoked: z.array(z.string()),
  inForce: z
    .array(z.object({ id: z.string(), name: z.string() }))
    .describe('Made with it, directly or further on, and still good'),
});

/** Tokens of the operator API itself. */
export const operatorTokenArea: OperatorArea = (app, context) => {
  app.get(
    '/operator-tokens',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Operators'],
        summary: 'All operator tokens, the newest first',
        querystring: z.strictObject(PAGED),
        response: { 200: pageOf(TOKEN) },
      },
    },
    async (request) => {
      const { after, limit } = asked(request.query);
      const found = await operatorTokens(context.db, context.clock(), { after, limit: limit + 1 });
      return pageIn(
        found,
        limit,
        (one) => one.id,
        (one) => ({
          ...one,
          createdAt: one.createdAt.toISOString(),
          lastUsedAt: iso(one.lastUsedAt),
          expiresAt: one.expiresAt.toISOString(),
          revokedAt: iso(one.revokedAt),
        }),
      );
    },
  );

  app.post(
    '/operator-tokens',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Operators'],
        summary: 'Make a token of your own; it is shown in this answer and never again',
        description:
          'It belongs to the operator whose token asks, and can never do more than that operator. One that belongs to nobody makes none.',
        body: z.strictObject({
          name: text(100).trim().min(1).describe('What uses it'),
          role: ROLE,
          days: z
            .int()
            .min(1)
            .max(LONGEST_TOKEN_DAYS)
            .default(TOKEN_DAYS)
            .describe('How long it is good for'),
        }),
        response: {
          201: z.object({ id: z.string(), token: z.string(), expiresAt: MOMENT }),
          ...problems('role-missing', 'token-missing', 'token-unowned'),
        },
      },
    },
    async (request, reply) => {
      const { accountId, actor, tokenId } = operatorIn(request);
      if (accountId === null) return sendProblem(reply, 'token-unowned');
      const made = await createPersonalToken(
        context.db,
        { ...request.body, accountId },
        { actor, tokenId, now: context.clock() },
      );
      // What the rights of this call rest on was taken while it was under way.
      if (!made.ok)
        return sendProblem(reply, made.reason === 'role-too-high' ? 'role-missing' : 'token-missing');
      const { id, token, expiresAt } = made;
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ id, token, expiresAt: expiresAt.toISOString() });
    },
  );

  app.post(
    '/operator-tokens/:id/revoke',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Operators'],
        summary: 'End a token, and on demand all that were made with it',
        params: z.object({ id: z.string().max(60) }),
        body: z
          .strictObject({ withMade: z.boolean().default(false).describe('And all that were made with it') })
          .nullish(),
        response: { 200: REVOKED, ...problems('token-revoked', 'token-unknown') },
      },
    },
    async (request, reply) => {
      const by = { actor: operatorIn(request).actor, now: context.clock() };
      const options = { withMade: request.body?.withMade ?? false };
      const result = await revokeOperatorToken(context.db, request.params.id, by, options);
      if (!result.ok) return sendProblem(reply, result.reason);
      return { revoked: result.revoked, inForce: result.inForce };
    },
  );
};
