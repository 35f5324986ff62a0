import { z } from 'zod';
import { settingAnswers } from '#domain/settings/answer.ts';
import { changeSettings, storedSettings } from '#domain/settings/change.ts';
import { settingProblemSentence } from '#domain/settings/problem-sentence.ts';
import { SETTING_GROUPS, SETTING_KEYS } from '#domain/settings/table.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { problemLocale } from '#web/http/problem-answer.ts';
import { problems } from '../described.ts';
import { MOMENT, iso, text } from '../forms.ts';
import { sendProblem } from '../problem.ts';
import { operatorIn, type OperatorArea } from './operator-api.ts';

const VALUE = z.union([z.string(), z.number()]);
const SETTING = z
  .object({
    key: z.string(),
    group: z.enum(SETTING_GROUPS),
    name: z.string(),
    help: z.string(),
    form: z.string(),
    value: VALUE,
    default: VALUE,
    isDefault: z.boolean(),
    least: z.number().optional(),
    most: z.number().optional(),
    longest: z.number().optional().describe('Characters'),
    choices: z.array(z.string()).readonly().optional(),
    placeholders: z.array(z.string()).readonly().optional(),
  })
  .meta({ id: 'Setting' });

/** What a company changes without a deploy; in force on every node within seconds. */
export const settingsApiArea: OperatorArea = (app, context) => {
  const { db, environmentSettings } = context;

  app.get(
    '/settings',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Settings'],
        summary: 'All settings with value, default and bounds; names and help in the language asked for',
        response: {
          200: z.object({
            revision: z.number(),
            changedAt: MOMENT.nullable(),
            changedBy: z.string().nullable(),
            settings: z.array(SETTING),
          }),
        },
      },
    },
    async (request, reply) => {
      const stored = await storedSettings(db, environmentSettings);
      reply.header('etag', `"${stored.revision}"`);
      const { revision, changedAt, changedBy } = stored;
      const settings = [...settingAnswers(stored, problemLocale(request))];
      return { revision, changedAt: iso(changedAt), changedBy, settings };
    },
  );

  app.patch(
    '/settings',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Settings'],
        summary: 'Give settings a value, or null for their default; all of them or none. Wants If-Match',
        headers: z.object({ 'if-match': text(100).optional().describe('The ETag of GET /settings, or *') }),
        body: z.partialRecord(z.enum(SETTING_KEYS), z.union([text(10_000), z.number(), z.null()])),
        response: {
          200: z.object({
            revision: z.number(),
            changes: z.array(z.object({ key: z.string(), from: VALUE, to: VALUE })),
          }),
          ...problems('precondition-failed', 'precondition-required', 'setting-unfit'),
        },
      },
    },
    async (request, reply) => {
      const revision = revisionIn(request.headers['if-match']);
      if (revision === 'missing') return sendProblem(reply, 'precondition-required');
      const by = {
        actor: operatorIn(request).actor,
        now: context.clock(),
        revision: revision === 'any' ? undefined : revision,
      };
      const result = await changeSettings(db, environmentSettings, request.body, by);
      if (!result.ok && result.reason === 'settings-changed') {
        reply.header('etag', `"${result.revision}"`);
        return sendProblem(reply, 'precondition-failed');
      }
      if (!result.ok) {
        const locale = problemLocale(request);
        const sentences = (language: Locale) =>
          result.problems.map((one) => `${one.key}: ${settingProblemSentence(one, language)}`).join(' ');
        const faults = result.problems.map((one) => ({
          field: one.key,
          code: one.reason,
          detail: settingProblemSentence(one, locale),
        }));
        const detail = { ja: sentences('ja'), en: sentences('en') };
        return sendProblem(reply, result.reason, { detail, more: { faults } });
      }
      await context.settings.reload();
      reply.header('etag', `"${result.revision}"`);
      return { revision: result.revision, changes: [...result.changes] };
    },
  );
};

/** The revision that If-Match names (RFC 9110 §13.1.1); one that is none of ours never matches. */
function revisionIn(header: string | undefined): number | 'any' | 'missing' {
  if (header === undefined || header.trim() === '') return 'missing';
  if (header.trim() === '*') return 'any';
  const revision = /^"(\d{1,9})"$/.exec(header.trim())?.[1];
  return revision === undefined ? -1 : Number(revision);
}
