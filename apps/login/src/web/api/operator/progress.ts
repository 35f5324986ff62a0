import { z } from 'zod';
import { forecastOf, type Forecast } from '#domain/migration/forecast.ts';
import { peopleCsv, seriesCsv } from '#domain/migration/progress-csv.ts';
import {
  allProgressPeople,
  PERSON_STATES,
  progressPeople,
  STATES_TO_MOVE,
  type LastSeen,
} from '#domain/migration/progress-people.ts';
import { progressOf } from '#domain/migration/progress.ts';
import { MOST_DAYS, progressSeries } from '#domain/migration/series.ts';
import { csvHeaders, cursorText, placeIn } from '#web/http/lists.ts';
import { problems } from '../described.ts';
import { IN_CONSOLE, iso, MOMENT } from '../forms.ts';
import { PAGED, pageOf, whole } from '../paging.ts';
import { consoleInPath, type OperatorArea } from './operator-api.ts';
import { CSV, LOCALE, recordExport } from './progress-forms.ts';

const PERSON = z
  .object({
    accountId: z.string(),
    consoleUserId: z.string(),
    emailAddress: z.string(),
    name: z.string(),
    company: z.string(),
    state: z.enum(PERSON_STATES),
    codeSentAt: MOMENT.nullable(),
    passwordSetAt: MOMENT.nullable().describe('Of the first password'),
    movedAt: MOMENT.nullable().describe('First sign-in through the unified login'),
    lastUnifiedDay: z.string().nullable().describe('YYYY-MM-DD, Japan time'),
    lastLegacyAt: MOMENT.nullable(),
    lastSeenAt: MOMENT.nullable().describe('At either login of the console'),
    stillLegacy: z.boolean().describe('Signed in at the legacy login within 30 days'),
    mailUnreachable: z.boolean(),
  })
  .meta({ id: 'ProgressPerson' });

const PROGRESS = z
  .object({
    people: z.number().describe('Everybody who is to move: the sum of states'),
    states: z.object(
      Object.fromEntries(STATES_TO_MOVE.map((one) => [one, z.number()])) as Record<
        (typeof STATES_TO_MOVE)[number],
        z.ZodNumber
      >,
    ),
    apart: z.object({ apiOnly: z.number(), inactive: z.number() }),
    withPassword: z.number(),
    mailUnreachable: z.number(),
    stillLegacy: z.object({ all: z.number(), moved: z.number(), lastAt: MOMENT.nullable() }),
    unknownUsers: z.number().describe('Users of the legacy login whom nobody has imported'),
  })
  .meta({ id: 'Progress' });

const DAY = z
  .object({
    day: z.string().describe('YYYY-MM-DD, Japan time'),
    newlyMoved: z.number(),
    moved: z.number(),
    passwordsSet: z.number(),
    usedLegacy: z.number(),
    usedUnified: z.number(),
  })
  .meta({ id: 'ProgressDay' });

const BAND = z.object({ low: z.number(), middle: z.number(), high: z.number() });
const FORECAST = z
  .discriminatedUnion('possible', [
    z.object({
      possible: z.literal(true),
      cutOverAt: MOMENT,
      daysLeft: z.number(),
      people: z.number(),
      movedNow: z.number(),
      rate: BAND.describe('People newly moved a day: quartiles of the last 14 full days'),
      moved: BAND.describe('People who will have moved at the cut-over'),
    }),
    z.object({
      possible: z.literal(false),
      reason: z.enum(['no-cut-over', 'cut-over-past', 'not-enough-days']),
      fullDays: z.number().optional(),
      needed: z.number().optional(),
    }),
  ])
  .meta({ id: 'Forecast' });

const SEEN = z
  .union([z.literal('never'), z.coerce.number().int().min(1).max(9_999)])
  .transform((seen): LastSeen => (seen === 'never' ? seen : { overDays: seen }))
  .optional()
  .describe('Last sign-in at either login of the console: never, or not for so many days');
const PEOPLE_QUERY = z.strictObject({
  state: z.enum([...PERSON_STATES, 'still-legacy']).optional(),
  search: z.string().trim().max(200).optional(),
  seen: SEEN,
  company: z
    .string()
    .trim()
    .max(200)
    .optional()
    .describe('The whole name; width, case and spaces do not matter'),
});
const DAYS_QUERY = z.strictObject({
  from: z.iso
    .date()
    .optional()
    .describe(`Japan time; 90 days ago when left out, at most ${MOST_DAYS} days before to`),
  to: z.iso.date().optional(),
});

/** How far a console's people have come (R15). */
export const progressArea: OperatorArea = (app, context) => {
  app.get(
    '/consoles/:clientId/progress',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Progress'],
        summary: 'How many people stand where',
        params: IN_CONSOLE,
        querystring: z.strictObject({}),
        response: { 200: PROGRESS, ...problems('console-unknown') },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      const progress = await progressOf(context.db, console.id, context.clock());
      const { lastAt, ...stillLegacy } = progress.stillLegacy;
      return { ...progress, stillLegacy: { ...stillLegacy, lastAt: iso(lastAt) } };
    },
  );

  app.get(
    '/consoles/:clientId/progress/people',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Progress'],
        summary: 'People by state, company and last sign-in, in the order of their login IDs',
        params: IN_CONSOLE,
        querystring: PEOPLE_QUERY.extend(PAGED),
        response: { 200: pageOf(PERSON), ...problems('console-unknown') },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      const { cursor, ...wanted } = request.query;
      const page = await progressPeople(
        context.db,
        console.id,
        { ...wanted, cursor: placeIn(cursor) },
        context.clock(),
      );
      return {
        items: page.people.map((one) => ({
          ...one,
          codeSentAt: iso(one.codeSentAt),
          passwordSetAt: iso(one.passwordSetAt),
          movedAt: iso(one.movedAt),
          lastLegacyAt: iso(one.lastLegacyAt),
          lastSeenAt: iso(one.lastSeenAt),
        })),
        next: cursorText(page.next),
      };
    },
  );

  app.get(
    '/consoles/:clientId/progress/people.csv',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Progress'],
        summary: 'The same people as CSV',
        params: IN_CONSOLE,
        querystring: PEOPLE_QUERY.extend({ locale: LOCALE }),
        response: { 200: CSV, ...problems('console-unknown') },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      const { locale, ...wanted } = request.query;
      const now = context.clock();
      await recordExport(context, request, console.id, { list: 'progress', ...wanted }, now);
      const people = allProgressPeople(context.db, console.id, wanted, now);
      return csvHeaders(reply, `${console.client_id}-people.csv`).send(peopleCsv(people, locale));
    },
  );

  app.get(
    '/consoles/:clientId/progress/series',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Progress'],
        summary: 'Day by day, without gaps',
        params: IN_CONSOLE,
        querystring: DAYS_QUERY,
        response: { 200: pageOf(DAY), ...problems('console-unknown') },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      return whole(await progressSeries(context.db, console.id, request.query, context.clock()));
    },
  );

  app.get(
    '/consoles/:clientId/progress/series.csv',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Progress'],
        summary: 'The same days as CSV',
        params: IN_CONSOLE,
        querystring: DAYS_QUERY.extend({ locale: LOCALE }),
        response: { 200: CSV, ...problems('console-unknown') },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      const { locale, ...range } = request.query;
      const days = await progressSeries(context.db, console.id, range, context.clock());
      return csvHeaders(reply, `${console.client_id}-days.csv`).send(seriesCsv(days, locale));
    },
  );

  app.get(
    '/consoles/:clientId/progress/forecast',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Progress'],
        summary: 'How many will have moved at the cut-over',
        params: IN_CONSOLE,
        querystring: z.strictObject({
          cutOverAt: z.iso
            .datetime({ offset: true })
            .optional()
            .describe('A date to think of; the plan’s when left out'),
        }),
        response: { 200: FORECAST, ...problems('console-unknown') },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      const { cutOverAt } = request.query;
      const target = cutOverAt === undefined ? undefined : new Date(cutOverAt);
      return forecastAnswer(await forecastOf(context.db, console.id, context.clock(), target));
    },
  );
};

function forecastAnswer(forecast: Forecast): z.infer<typeof FORECAST> {
  if (!forecast.ok) {
    const { ok: possible, ...why } = forecast;
    return { possible, ...why };
  }
  const { ok: possible, ...figures } = forecast;
  return { possible, ...figures, cutOverAt: figures.cutOverAt.toISOString() };
}
