import { z } from 'zod';
import type { NoticeTexts } from '#domain/notices/kinds.ts';
import { MAX_BODY, MAX_SUBJECT } from '#domain/notices/letter.ts';
import type { NoticeProgress } from '#domain/notices/progress.ts';
import type { Recipient } from '#domain/notices/recipients.ts';
import { iso, MOMENT, text } from '../forms.ts';

export const LOCALE = z.enum(['ja', 'en']);
export const ADDRESS = text(300).min(1);
const OWN_WORDS = z.strictObject({
  subject: text(MAX_SUBJECT).trim().min(1).optional(),
  body: text(MAX_BODY).trim().min(1).optional(),
});
export const OWN_TEXTS = z.strictObject({ ja: OWN_WORDS.optional(), en: OWN_WORDS.optional() });
export const MAIL = z
  .object({ locale: LOCALE, subject: z.string(), text: z.string(), html: z.string() })
  .meta({ id: 'NoticePreview' });

export const NOTICE = z
  .object({
    id: z.string(),
    console: z.string().describe('Client id'),
    kind: z.enum(['announcement', 'reminder', 'correction', 'completion', 'domains']),
    daysBefore: z.number().nullable(),
    cutOverAt: MOMENT.nullable().describe('The cut-over that it names'),
    texts: z.record(z.string(), z.unknown()).describe('The operator’s own words by language'),
    state: z.enum(['planned', 'sending', 'ended', 'cancelled']),
    sendAt: MOMENT,
    createdAt: MOMENT,
    createdBy: z.string(),
    endedAt: MOMENT.nullable(),
    cancelledAt: MOMENT.nullable(),
    total: z.number(),
    waiting: z.number(),
    queued: z.number().describe('Under way, the deferred ones among them'),
    deferred: z.number().describe('Tried, and tried again later'),
    accepted: z.number(),
    refused: z.number(),
    bounced: z.number(),
    dropped: z.number(),
    unreached: z
      .number()
      .describe(
        'Wait for being settled; of more than 500, people who have left the audience since are counted too',
      ),
    perMinute: z.number(),
    estimatedEndAt: MOMENT.nullable(),
  })
  .meta({ id: 'Notice' });

export const RECIPIENT = z
  .object({
    accountId: z.string(),
    consoleUserId: z.string().nullable(),
    name: z.string(),
    company: z.string(),
    emailAddress: z.string().describe('The login ID of now'),
    recipient: z.string().nullable().describe('Where the mail went'),
    state: z.enum(['waiting', 'queued', 'accepted', 'refused', 'bounced', 'dropped']),
    dropReason: z.enum(['left-audience', 'moved', 'cancelled']).nullable(),
    response: z.string().nullable().describe('What the mail server said last'),
    tries: z.number(),
    verdictAt: MOMENT.nullable(),
    delayedAt: MOMENT.nullable(),
    settlement: z.enum(['new-address', 'told-otherwise', 'api-only']).nullable(),
    settlementNote: z.string().nullable(),
    settledAt: MOMENT.nullable(),
    settledBy: z.string().nullable(),
  })
  .meta({ id: 'NoticeRecipient' });

/** A notice as API and command line show it. */
export function noticeBody({ clientId, consoleId: _, ...notice }: NoticeProgress): z.infer<typeof NOTICE> {
  return {
    ...notice,
    console: clientId,
    cutOverAt: iso(notice.cutOverAt),
    sendAt: notice.sendAt.toISOString(),
    createdAt: notice.createdAt.toISOString(),
    endedAt: iso(notice.endedAt),
    cancelledAt: iso(notice.cancelledAt),
    estimatedEndAt: iso(notice.estimatedEndAt),
  };
}

/** One recipient as API and command line show it. */
export function recipientBody(row: Recipient): z.infer<typeof RECIPIENT> {
  return {
    ...row,
    verdictAt: iso(row.verdictAt),
    delayedAt: iso(row.delayedAt),
    settledAt: iso(row.settledAt),
  };
}

/** Texts as the domain takes them: what is not given is absent, which is what the parser leaves out. */
export function ownTexts(given: z.infer<typeof OWN_TEXTS> | undefined): NoticeTexts {
  return (given ?? {}) as NoticeTexts;
}
