import { z } from 'zod';
import { routes } from '#app/routes.ts';
import { acceptBulk, cancelBulk, findBulk, LONGEST_NAME, MOST_MESSAGES } from '#domain/messages/bulk.ts';
import { callerOf, within, type MachineApi } from './authenticate.ts';
import type { ApiRoutes } from './described.ts';
import { sendProblem } from './problem.ts';
import { PROBLEMS } from './problems.ts';
import { BULK, EXPIRES_AT, IDEMPOTENCY, keyOf, moment, NOTHING, ONE, SEND_AT, shownBulk } from './schemas.ts';

const ID = z.object({ id: z.string() });
const LARGEST_BODY = 4 * 1024 * 1024;
const RESULT = z.union([
  z.object({ index: z.number(), id: z.string() }),
  z.object({ index: z.number(), code: z.string(), detail: z.string() }),
]);

/** Handing many messages over at once (R30): what can be sent is taken, and each of the others says why not. */
export function bulkRoutes(scope: ApiRoutes, { db, clock }: MachineApi): void {
  scope.post(
    within(routes.apiBulks),
    {
      bodyLimit: LARGEST_BODY,
      schema: {
        tags: ['Bulks'],
        summary: `Hand over up to ${MOST_MESSAGES} messages at once`,
        description:
          'What can be sent is taken; `results` says of each message, in the order of the request, its id, or the code of the problem for which it was not taken. A bulk over the limit of the month is refused as a whole.',
        headers: IDEMPOTENCY,
        body: z.strictObject({
          name: z
            .string()
            .trim()
            .min(1)
            .max(LONGEST_NAME)
            .regex(/^\P{Cc}*$/u)
            .optional()
            .describe('Under which people find it on the page of results'),
          messages: z.array(z.strictObject(ONE)).min(1).max(MOST_MESSAGES),
          sendAt: SEND_AT,
          expiresAt: EXPIRES_AT,
        }),
        response: {
          202: BULK.extend({ accepted: z.number(), refused: z.number(), results: z.array(RESULT) }).meta({
            id: 'TakenBulk',
          }),
        },
      },
      config: { scope: 'send', problems: ['quota-exceeded', 'idempotency-key-reused'] },
    },
    async (request, reply) => {
      const { body, headers } = request;
      const now = clock();
      const caller = callerOf(request);
      const wish = {
        name: body.name ?? 'API',
        messages: body.messages,
        sendAt: moment(body.sendAt),
        expiresAt: moment(body.expiresAt),
        idempotencyKey: keyOf(headers),
      };
      const taken = await acceptBulk(db, caller, wish, now);
      if (!taken.ok) return sendProblem(reply, taken.reason);
      const results = taken.results.map((one, index) =>
        one.ok ? { index, id: one.id } : { index, code: one.code, detail: PROBLEMS[one.code][2] },
      );
      const accepted = taken.results.filter((one) => one.ok).length;
      return reply
        .code(202)
        .header('location', routes.apiBulk.replace(':id', taken.bulk.id))
        .send({ ...shownBulk(taken.bulk), accepted, refused: results.length - accepted, results });
    },
  );

  scope.get(
    within(routes.apiBulk),
    {
      schema: { tags: ['Bulks'], summary: 'How a bulk stands', params: ID, response: { 200: BULK } },
      config: { scope: 'read', problems: ['bulk-unknown'] },
    },
    async (request, reply) => {
      const bulk = await findBulk(db, callerOf(request).companyId, request.params.id);
      return bulk === null ? sendProblem(reply, 'bulk-unknown') : shownBulk(bulk);
    },
  );

  scope.post(
    within(routes.apiBulkCancel),
    {
      schema: {
        tags: ['Bulks'],
        summary: 'Cancel what is left of a bulk',
        description: 'Messages that are on their way or settled stay as they are.',
        params: ID,
        body: NOTHING,
        response: { 200: BULK },
      },
      config: { scope: 'send', problems: ['bulk-unknown'] },
    },
    async (request, reply) => {
      const bulk = await cancelBulk(db, callerOf(request).companyId, request.params.id, clock());
      return bulk === null ? sendProblem(reply, 'bulk-unknown') : shownBulk(bulk);
    },
  );
}
