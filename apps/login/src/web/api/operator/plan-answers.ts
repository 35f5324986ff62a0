import { z } from 'zod';
import { PHASE_RULES } from '#domain/migration/phase.ts';
import { planStanding } from '#domain/migration/plan-standing.ts';
import { MAX_BODY, MAX_SUBJECT } from '#domain/notices/letter.ts';
import type { WebContext } from '#web/http/context.ts';
import { iso, MOMENT, text } from '../forms.ts';

export const GIVEN_MOMENT = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .describe('RFC 3339 with offset, such as 2027-03-31T22:00:00+09:00');
const WORDS = z
  .strictObject({
    subject: text(MAX_SUBJECT).optional(),
    body: text(MAX_BODY).optional(),
  })
  .optional();
export const TEXTS = z
  .strictObject({ ja: WORDS, en: WORDS })
  .optional()
  .describe('Your own words with placeholders; what is missing is said in the brand’s');
export const NOTE = text(2_000).trim().optional().describe('For the history');

export const REVISION = z
  .int()
  .optional()
  .describe('The revision of the plan that you looked at; where it is another one by now, nothing is done');

const ANNOUNCEMENT = z
  .object({
    noticeId: z.string(),
    announcedCutOverAt: MOMENT.nullable(),
    lastAcceptedAt: MOMENT.nullable(),
    earliestCutOverAt: MOMENT.nullable().describe(
      'One calendar month (Asia/Tokyo) after the last accepted mail',
    ),
    accepted: z.number(),
    underWay: z.number(),
    unsettled: z.number(),
    untold: z.number(),
  })
  .meta({ id: 'AnnouncementStanding' });
export const STANDING = z
  .object({
    consoleId: z.string(),
    revision: z.number(),
    phase: z.enum(['prepared', 'parallel', 'unified']),
    linkAt: MOMENT.nullable(),
    announceAt: MOMENT.nullable(),
    cutOverAt: MOMENT.nullable(),
    closedAt: MOMENT.nullable(),
    allows: z.object({
      legacyLink: z.boolean(),
      legacySignIn: z.boolean(),
      reset: z.enum(['console', 'unified']),
      logout: z.enum(['console', 'by-session']),
    }),
    audience: z.number().describe('People to tell: linked, active, not only by API'),
    announcement: ANNOUNCEMENT.nullable().describe('The one that a date can be set by'),
    toldCutOverAt: MOMENT.nullable().describe('The date that people were told last'),
    earliestCutOverAt: MOMENT.nullable().describe('null: something has to happen before any date can be set'),
  })
  .meta({ id: 'PlanStanding' });
export const CHANGE = z
  .object({
    revision: z.number(),
    at: MOMENT,
    actor: z.string(),
    action: z.enum(['link-time-set', 'announced', 'cut-over-set', 'postponed', 'rolled-back', 'closed']),
    linkAt: MOMENT.nullable(),
    announceAt: MOMENT.nullable(),
    cutOverAt: MOMENT.nullable(),
    closedAt: MOMENT.nullable(),
    noticeId: z.string().nullable(),
    note: z.string(),
  })
  .meta({ id: 'PlanChange' });

/** How a console's plan stands, as the operator API answers it. */
export async function standingAnswer(
  context: WebContext,
  consoleId: string,
): Promise<z.infer<typeof STANDING>> {
  const standing = await planStanding(context.db, consoleId, context.clock());
  const { announcement } = standing;
  return {
    consoleId,
    revision: standing.revision,
    phase: standing.phase,
    linkAt: iso(standing.linkAt),
    announceAt: iso(standing.announceAt),
    cutOverAt: iso(standing.cutOverAt),
    closedAt: iso(standing.closedAt),
    allows: PHASE_RULES[standing.phase],
    audience: standing.audience,
    announcement: announcement && {
      noticeId: announcement.noticeId,
      announcedCutOverAt: iso(announcement.announcedCutOverAt),
      lastAcceptedAt: iso(announcement.lastAcceptedAt),
      earliestCutOverAt: iso(announcement.earliestCutOverAt),
      accepted: announcement.accepted,
      underWay: announcement.underWay,
      unsettled: announcement.unsettled,
      untold: announcement.untold,
    },
    toldCutOverAt: iso(standing.told?.cutOverAt ?? null),
    earliestCutOverAt: iso(standing.earliestCutOverAt),
  };
}
