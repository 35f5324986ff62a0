import { z } from 'zod';
import { routes } from '#app/routes.ts';
import { acceptMessages } from '#domain/messages/accept-messages.ts';
import { readMobileNumber } from '#domain/messages/phone-number.ts';
import { cancelMessage, findMessage, listMessages } from '#domain/messages/read-messages.ts';
import { callerOf, within, type MachineApi } from './authenticate.ts';
import type { ApiRoutes } from './described.ts';
import { sendProblem } from './problem.ts';
import {
  EXPIRES_AT,
  IDEMPOTENCY,
  keyOf,
  MESSAGE,
  moment,
  NOTHING,
  ONE,
  SEND_AT,
  shownMessage,
  STATES,
} from './schemas.ts';

const ID = z.object({ id: z.string() });
const LARGEST_PAGE = 200;

/** Handing a message over, asking for it or for many, cancelling it (R30). */
export function messageRoutes(scope: ApiRoutes, { db, clock }: MachineApi): void {
  scope.post(
    within(routes.apiMessages),
    {
      schema: {
        tags: ['Messages'],
        summary: 'Hand a message over',
        headers: IDEMPOTENCY,
        body: z.strictObject({ ...ONE, sendAt: SEND_AT, expiresAt: EXPIRES_AT }),
        response: { 202: MESSAGE },
      },
      config: {
        scope: 'send',
        problems: [
          'number-malformed',
          'number-not-mobile',
          'text-empty',
          'text-too-long',
          'text-unreadable',
          'send-at-too-far',
          'expires-at-too-early',
          'expires-at-too-far',
          'opted-out',
          'quota-exceeded',
          'idempotency-key-reused',
        ],
      },
    },
    async (request, reply) => {
      const { body, headers } = request;
      const { companyId, keyId } = callerOf(request);
      const { to, text, sendAt, expiresAt } = body;
      const wish = {
        to,
        text,
        sendAt: moment(sendAt),
        expiresAt: moment(expiresAt),
        idempotencyKey: keyOf(headers),
      };
      const [accepted] = await acceptMessages(db, { companyId, keyId, lane: 1 }, [wish], clock());
      if (!accepted) throw new Error('one message, no answer');
      if (!accepted.ok) return sendProblem(reply, accepted.reason);
      return reply
        .code(202)
        .header('location', routes.apiMessage.replace(':id', accepted.message.id))
        .send(shownMessage(accepted.message));
    },
  );

  scope.get(
    within(routes.apiMessages),
    {
      schema: {
        tags: ['Messages'],
        summary: 'List messages, newest first',
        description:
          'Go on with `cursor` = `next` of the answer before, with the same filters, until `next` is null.',
        querystring: z.strictObject({
          state: z.enum(STATES).optional(),
          to: z.string().optional().describe('A number in any usual form'),
          bulkId: z.string().max(100).optional(),
          acceptedFrom: z.iso.datetime({ offset: true }).optional(),
          acceptedUntil: z.iso.datetime({ offset: true }).optional().describe('This moment is not included'),
          cursor: z
            .string()
            .regex(/^msg_[0-9a-z]{26}$/)
            .optional(),
          limit: z.coerce.number().min(1).max(LARGEST_PAGE).multipleOf(1).default(50),
        }),
        response: { 200: z.object({ messages: z.array(MESSAGE), next: z.string().nullable() }) },
      },
      config: { scope: 'read', problems: ['number-malformed', 'number-not-mobile'] },
    },
    async (request, reply) => {
      const { query } = request;
      const read = query.to === undefined ? null : readMobileNumber(query.to);
      if (read?.ok === false) return sendProblem(reply, read.reason);
      const { messages, more } = await listMessages(
        db,
        callerOf(request).companyId,
        {
          state: query.state,
          number: read?.number,
          campaignId: query.bulkId?.replaceAll('\0', ''),
          from: moment(query.acceptedFrom) ?? undefined,
          until: moment(query.acceptedUntil) ?? undefined,
          after: query.cursor,
        },
        query.limit,
      );
      return { messages: messages.map(shownMessage), next: more ? (messages.at(-1)?.id ?? null) : null };
    },
  );

  scope.get(
    within(routes.apiMessage),
    {
      schema: { tags: ['Messages'], summary: 'How a message stands', params: ID, response: { 200: MESSAGE } },
      config: { scope: 'read', problems: ['message-unknown'] },
    },
    async (request, reply) => {
      const message = await findMessage(db, callerOf(request).companyId, request.params.id);
      return message === null ? sendProblem(reply, 'message-unknown') : shownMessage(message);
    },
  );

  scope.post(
    within(routes.apiMessageCancel),
    {
      schema: {
        tags: ['Messages'],
        summary: 'Cancel a message',
        description:
          'One that is on its way or settled stays as it is: `state` of the answer says how it stands.',
        params: ID,
        body: NOTHING,
        response: { 200: MESSAGE },
      },
      config: { scope: 'send', problems: ['message-unknown'] },
    },
    async (request, reply) => {
      const message = await cancelMessage(db, callerOf(request).companyId, request.params.id, clock());
      return message === null ? sendProblem(reply, 'message-unknown') : shownMessage(message);
    },
  );
}
