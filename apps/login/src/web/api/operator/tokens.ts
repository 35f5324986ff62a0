import { z } from 'zod';
import { createOperatorToken, operatorTokens, revokeOperatorToken } from '#domain/operators/tokens.ts';
import { iso, MOMENT, text } from '../forms.ts';
import { PROBLEM, sendProblem } from '../problem.ts';
import { operatorIn, type OperatorArea } from './operator-api.ts';

const ROLE = z.enum(['viewer', 'support', 'administrator']);
const TOKEN = z
  .object({
    id: z.string(),
    name: z.string(),
    role: ROLE,
    createdAt: MOMENT,
    createdBy: z.string(),
    lastUsedAt: MOMENT.nullable().describe('To ten minutes'),
    revokedAt: MOMENT.nullable(),
  })
  .meta({ id: 'OperatorToken' });

/** Tokens of the operator API itself. */
export const operatorTokenArea: OperatorArea = (app, context) => {
  app.get(
    '/operator-tokens',
    {
      config: { role: 'administrator' },
      schema: { tags: ['Operators'], summary: 'All operator tokens', response: { 200: z.array(TOKEN) } },
    },
    async () =>
      (await operatorTokens(context.db)).map((row) => ({
        id: row.id,
        name: row.name,
        role: row.role,
        createdAt: row.created_at.toISOString(),
        createdBy: row.created_by,
        lastUsedAt: iso(row.last_used_at),
        revokedAt: iso(row.revoked_at),
      })),
  );

  app.post(
    '/operator-tokens',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Operators'],
        summary: 'Make a token; it is shown in this answer and never again',
        body: z.strictObject({ name: text(100).trim().min(1), role: ROLE }),
        response: { 201: z.object({ id: z.string(), token: z.string() }) },
      },
    },
    async (request, reply) => {
      const made = await createOperatorToken(context.db, request.body, {
        actor: operatorIn(request).actor,
        now: context.clock(),
      });
      return reply.code(201).header('cache-control', 'no-store').send(made);
    },
  );

  app.post(
    '/operator-tokens/:id/revoke',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Operators'],
        summary: 'End a token',
        params: z.object({ id: z.string().max(60) }),
        response: { 204: z.null(), 404: PROBLEM, 409: PROBLEM },
      },
    },
    async (request, reply) => {
      const result = await revokeOperatorToken(context.db, request.params.id, {
        actor: operatorIn(request).actor,
        now: context.clock(),
      });
      return result.ok ? reply.code(204).send(null) : sendProblem(reply, result.reason);
    },
  );
};
