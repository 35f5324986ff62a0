import { z } from 'zod';
import type { Bulk } from '#domain/messages/bulk.ts';
import type { Message } from '#domain/messages/accept-messages.ts';

const MOMENT = z.iso.datetime({ offset: true });
const SHOWN_MOMENT = z.string().meta({ format: 'date-time' });
export const STATES = [
  'held',
  'queued',
  'sending',
  'sent',
  'delivered',
  'undelivered',
  'expired',
  'failed',
  'cancelled',
] as const;

export const SEND_AT = MOMENT.optional().describe(
  'Not before this moment; at once when it is missing or past',
);
export const EXPIRES_AT = MOMENT.optional().describe(
  'Not after this moment; 48 hours after the time of sending when it is missing',
);
export const ONE = {
  to: z
    .string()
    .describe('A Japanese mobile number in any usual form, full-width too')
    .meta({ examples: ['090-1234-5678'] }),
  text: z
    .string()
    .describe('1 to 660 characters (UTF-16 units), line breaks allowed')
    .meta({ examples: ['見本のお知らせです。'] }),
};
export const IDEMPOTENCY = z.looseObject({
  'idempotency-key': z
    .string()
    .regex(/^[\x20-\x7e]{1,200}$/)
    .optional()
    .describe(
      'A text of your own for this one request. The same request with it again is answered alike and done once.',
    ),
});
/** The body of a call that needs none. */
export const NOTHING = z.strictObject({}).nullish();

export const MESSAGE = z
  .object({
    id: z.string(),
    to: z.string().describe('E.164'),
    text: z.string(),
    state: z.enum(STATES).describe('More may come; take one that you do not know as "under way"'),
    parts: z.number().nullable().describe('Short messages that the text takes'),
    bulkId: z.string().nullable(),
    acceptedAt: SHOWN_MOMENT,
    sendAt: SHOWN_MOMENT,
    expiresAt: SHOWN_MOMENT.nullable(),
    sentAt: SHOWN_MOMENT.nullable().describe('A carrier took it'),
    settledAt: SHOWN_MOMENT.nullable().describe('It is known what became of it'),
    cancelledAt: SHOWN_MOMENT.nullable(),
    fault: z.string().nullable().describe('Why it was not delivered; more codes may come'),
  })
  .meta({ id: 'Message' });

export const BULK = z
  .object({
    id: z.string(),
    name: z.string(),
    state: z.enum(['preparing', 'held', 'scheduled', 'sending', 'paused', 'cancelled', 'finished']),
    createdAt: SHOWN_MOMENT,
    counts: z.partialRecord(z.enum(STATES), z.number()).describe('Messages by state'),
    parts: z.number(),
  })
  .meta({ id: 'Bulk' });

export function shownMessage(message: Message): z.infer<typeof MESSAGE> {
  const { id, to, text, state, parts, fault } = message;
  return {
    id,
    to,
    text,
    state,
    parts,
    bulkId: message.campaignId,
    acceptedAt: message.acceptedAt.toISOString(),
    sendAt: (message.dueAt ?? message.acceptedAt).toISOString(),
    expiresAt: message.expiresAt?.toISOString() ?? null,
    sentAt: message.sentAt?.toISOString() ?? null,
    settledAt: message.settledAt?.toISOString() ?? null,
    cancelledAt: message.cancelledAt?.toISOString() ?? null,
    fault,
  };
}

export function shownBulk({ id, name, state, createdAt, counts, parts }: Bulk): z.infer<typeof BULK> {
  return { id, name, state, createdAt: createdAt.toISOString(), counts: { ...counts }, parts };
}

/** A moment of the request as a Date; null for none. */
export function moment(text: string | undefined): Date | null {
  return text === undefined ? null : new Date(text);
}

/** The idempotency key of a request; null for none. */
export function keyOf(headers: z.infer<typeof IDEMPOTENCY>): string | null {
  return headers['idempotency-key'] ?? null;
}
