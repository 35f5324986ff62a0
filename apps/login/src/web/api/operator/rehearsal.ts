import { z } from 'zod';
import { findingsCsv } from '#domain/migration/progress-csv.ts';
import { findingText } from '#domain/migration/rehearse-texts.ts';
import {
  allRehearsalFindings,
  FINDING_CLASSES,
  momentToRehearse,
  rehearsalFindings,
  rehearse,
} from '#domain/migration/rehearse.ts';
import { csvHeaders, cursorText, placeIn } from '#web/http/lists.ts';
import { problems } from '../described.ts';
import { IN_CONSOLE, iso, MOMENT } from '../forms.ts';
import { PAGED, pageOf } from '../paging.ts';
import { consoleInPath, type OperatorArea } from './operator-api.ts';
import { CSV, LOCALE, recordExport } from './progress-forms.ts';

const GROUP = z.enum(['locked-out', 'told-late', 'must-set-password']);
const REHEARSAL = z
  .object({
    at: MOMENT,
    people: z.number(),
    lockedOut: z.number(),
    toldLate: z.number(),
    mustSetPassword: z.number(),
    fine: z.number(),
    apart: z.object({ apiOnly: z.number(), inactive: z.number() }),
    classes: z.object(
      Object.fromEntries(FINDING_CLASSES.map((one) => [one, z.number()])) as Record<
        (typeof FINDING_CLASSES)[number],
        z.ZodNumber
      >,
    ),
  })
  .meta({ id: 'Rehearsal' });
const FINDING = z
  .object({
    group: GROUP,
    class: z.enum(FINDING_CLASSES),
    why: z.string(),
    next: z.string().describe('What to do about it'),
    consoleUserId: z.string().nullable(),
    accountId: z.string().nullable(),
    emailAddress: z.string().nullable(),
    name: z.string().nullable(),
    company: z.string().nullable(),
    lastLegacyAt: MOMENT.nullable(),
    toldAt: MOMENT.nullable(),
    refusal: z
      .object({ fileName: z.string(), line: z.number(), lastLine: z.number(), reason: z.string() })
      .nullable()
      .describe('Where the last import refused them'),
  })
  .meta({ id: 'RehearsalFinding' });
const AT = z.strictObject({
  at: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('A cut-over to think of; the one that is set or announced when left out'),
});
const WHICH = AT.extend({ group: GROUP.optional(), locale: LOCALE });

/** Who would be locked out by a cut-over, and why (R15). */
export const rehearsalArea: OperatorArea = (app, context) => {
  app.get(
    '/consoles/:clientId/rehearsal',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Progress'],
        summary: 'How many would be locked out at a moment',
        params: IN_CONSOLE,
        querystring: AT,
        response: { 200: REHEARSAL, ...problems('console-unknown') },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      const at = await momentOf(console.id, request.query.at);
      const figures = await rehearse(context.db, console.id, at, context.clock());
      return { ...figures, at: figures.at.toISOString() };
    },
  );

  app.get(
    '/consoles/:clientId/rehearsal/findings',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Progress'],
        summary: 'Who they are, why, and what to do; the strongest reason first',
        params: IN_CONSOLE,
        querystring: WHICH.extend(PAGED),
        response: { 200: pageOf(FINDING), ...problems('console-unknown') },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      const { at, cursor, locale, ...wanted } = request.query;
      const page = await rehearsalFindings(
        context.db,
        console.id,
        await momentOf(console.id, at),
        { ...wanted, cursor: placeIn(cursor) },
        context.clock(),
      );
      return {
        items: page.findings.map((one) => ({
          ...one,
          ...findingText(one, locale),
          lastLegacyAt: iso(one.lastLegacyAt),
          toldAt: iso(one.toldAt),
        })),
        next: cursorText(page.next),
      };
    },
  );

  app.get(
    '/consoles/:clientId/rehearsal/findings.csv',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Progress'],
        summary: 'The same people as CSV',
        params: IN_CONSOLE,
        querystring: WHICH,
        response: { 200: CSV, ...problems('console-unknown') },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      const { at: given, group, locale } = request.query;
      const at = await momentOf(console.id, given);
      const now = context.clock();
      await recordExport(
        context,
        request,
        console.id,
        { list: 'rehearsal', at: at.toISOString(), ...(group === undefined ? {} : { group }) },
        now,
      );
      const findings = allRehearsalFindings(context.db, console.id, at, { group }, now);
      return csvHeaders(reply, `${console.client_id}-rehearsal.csv`).send(findingsCsv(findings, locale));
    },
  );

  async function momentOf(consoleId: string, given: string | undefined): Promise<Date> {
    return given === undefined ? momentToRehearse(context.db, consoleId, context.clock()) : new Date(given);
  }
};
