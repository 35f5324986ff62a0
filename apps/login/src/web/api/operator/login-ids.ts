import type { FastifyRequest } from 'fastify';
import { placeIn } from '#web/http/lists.ts';
import { z } from 'zod';
import { dismissDrift, driftList, repairDrift, type DriftEntry } from '#domain/login-id/drift.ts';
import { requestChangeByOperator } from '#domain/login-id/operator-change.ts';
import { includesRole } from '#domain/operators/rights.ts';
import { problems } from '../described.ts';
import { given, MOMENT, text } from '../forms.ts';
import { PAGED, pageIn, pageOf } from '../paging.ts';
import { sendProblem } from '../problem.ts';
import { operatorIn, type OperatorArea } from './operator-api.ts';

const LOCALE = z.enum(['ja', 'en']);
const REASON = text(2_000).describe('Why, and how you made sure who asks; kept in the audit log');
const STATE = z.enum(['open', 'asked', 'told', 'dismissed']);
const REPAIR = z
  .enum(['console-takes-ours', 'ask-person'])
  .describe(
    'console-takes-ours: the consoles are told the login ID once more, as newer than what they have. ask-person: a code goes to the console’s address; typed, that address becomes the login ID.',
  );
const DRIFT = z
  .object({
    id: z.string(),
    clientId: z.string(),
    consoleUserId: z.string(),
    accountId: z.string(),
    loginId: z.string(),
    consoleAddress: z.string(),
    kind: z.enum(['console-changed', 'address-of-another', 'address-malformed', 'console-ahead']),
    proposed: REPAIR,
    state: STATE,
    note: z.string(),
    firstSeenAt: MOMENT,
    lastSeenAt: MOMENT,
  })
  .meta({ id: 'LoginIdDrift' });
const BY_ID = z.object({ id: z.string().max(60) });

/** Login IDs that people must look at: a lost mailbox, a console with another address (R18). */
export const loginIdArea: OperatorArea = (app, context) => {
  app.post(
    '/accounts/:account/login-id-changes',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Login IDs'],
        summary: 'Change the login ID of somebody who lost the mailbox',
        description:
          'Mails a code and the address of a page of ours to the new mailbox. The person types the code there, without signing in; only then the login ID changes. The former mailbox is told and can undo it for 72 hours.',
        params: z.object({ account: z.string().max(320).describe('Account id or login ID') }),
        body: z.strictObject({ newEmailAddress: z.string().max(1_000), locale: LOCALE, reason: REASON }),
        response: {
          201: z.object({ id: z.string(), newEmailAddress: z.string(), codeExpiresAt: MOMENT }),
          ...problems(
            'account-state-unfit',
            'account-unknown',
            'address-malformed',
            'address-reserved',
            'address-taken',
            'address-unchanged',
            'reason-missing',
            'role-missing',
            'too-many',
            'too-soon',
          ),
        },
      },
    },
    async (request, reply) => {
      const now = context.clock();
      const result = await requestChangeByOperator(
        context,
        { ...request.params, ...request.body },
        byOf(request, now),
      );
      if (!result.ok)
        return sendProblem(
          reply,
          problemOf(result.reason),
          'retryAt' in result ? { retryAt: result.retryAt, now } : {},
        );
      const { id, newAddress, codeExpiresAt } = result.change;
      return reply
        .code(201)
        .send({ id, newEmailAddress: newAddress, codeExpiresAt: codeExpiresAt.toISOString() });
    },
  );

  app.get(
    '/login-id-drift',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Login IDs'],
        summary: 'Where a console has another address than the login ID, the oldest first',
        querystring: z.strictObject({
          clientId: z.string().max(60).optional(),
          state: STATE.optional(),
          ...PAGED,
        }),
        response: { 200: pageOf(DRIFT), ...problems('console-unknown') },
      },
    },
    async (request, reply) => {
      const { clientId, cursor, limit, ...filter } = request.query;
      const console = clientId === undefined ? undefined : await context.consoles.byClientId(clientId);
      if (clientId !== undefined && !console) return sendProblem(reply, 'console-unknown');
      const found = await driftList(context.db, {
        ...given({ ...filter, after: placeIn(cursor) }),
        ...(console ? { consoleId: console.id } : {}),
        limit: limit + 1,
      });
      return pageIn(found, limit, (one) => one.id, driftAnswer);
    },
  );

  app.post(
    '/login-id-drift/:id/repair',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Login IDs'],
        summary: 'Repair a listed difference',
        params: BY_ID,
        body: z.strictObject({ repair: REPAIR, reason: REASON, locale: LOCALE.default('ja') }),
        response: {
          202: z.object({ state: STATE }),
          ...problems(
            'account-state-unfit',
            'account-unknown',
            'address-malformed',
            'address-reserved',
            'address-taken',
            'address-unchanged',
            'drift-address-unfit',
            'drift-unknown',
            'drift-version-unfit',
            'reason-missing',
            'role-missing',
            'too-many',
            'too-soon',
          ),
        },
      },
    },
    async (request, reply) => {
      const now = context.clock();
      const result = await repairDrift(
        context,
        { id: request.params.id, ...request.body },
        byOf(request, now),
      );
      if (!result.ok)
        return sendProblem(
          reply,
          problemOf(result.reason),
          'retryAt' in result ? { retryAt: result.retryAt, now } : {},
        );
      return reply.code(202).send({ state: result.state });
    },
  );

  app.post(
    '/login-id-drift/:id/dismiss',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Login IDs'],
        summary: 'Take a difference off the open list; it comes back when its facts change',
        params: BY_ID,
        body: z.strictObject({ reason: REASON }),
        response: { 204: z.null(), ...problems('drift-unknown', 'reason-missing') },
      },
    },
    async (request, reply) => {
      const result = await dismissDrift(
        context.db,
        { id: request.params.id, ...request.body },
        { actor: operatorIn(request).actor, now: context.clock() },
      );
      return result.ok ? reply.code(204).send(null) : sendProblem(reply, result.reason);
    },
  );
};

function driftAnswer(entry: DriftEntry): z.infer<typeof DRIFT> {
  return {
    ...entry,
    firstSeenAt: entry.firstSeenAt.toISOString(),
    lastSeenAt: entry.lastSeenAt.toISOString(),
  };
}

function byOf(request: FastifyRequest, now: Date): { actor: string; administrator: boolean; now: Date } {
  const { actor, role } = operatorIn(request);
  return { actor, administrator: includesRole(role, 'administrator'), now };
}

function problemOf<R extends string>(reason: R): Exclude<R, 'administrator-only'> | 'role-missing' {
  return reason === 'administrator-only' ? 'role-missing' : (reason as Exclude<R, 'administrator-only'>);
}
