import { z } from 'zod';
import { listDocument } from '#domain/domain-lists/document.ts';
import { domainChanges, entryText, requiredDomains } from '#domain/domain-lists/entries.ts';
import { domainListsOf, publishDomainList } from '#domain/domain-lists/lists.ts';
import { problems } from '../described.ts';
import { IN_CONSOLE, MOMENT } from '../forms.ts';
import { sendProblem } from '../problem.ts';
import { consoleInPath, operatorIn, type OperatorArea } from './operator-api.ts';
import { GIVEN_MOMENT } from './plan-answers.ts';

const VERSION = z.object({ version: z.number(), publishedAt: MOMENT, validFrom: MOMENT });
const LIST = VERSION.extend({
  console: z.object({ clientId: z.string(), nameJa: z.string(), nameEn: z.string() }),
  entries: z.array(
    z.object({
      host: z.string(),
      port: z.number().nullable().describe('Null: a domain that mails come from'),
      protocol: z.enum(['tcp', 'mail']),
      purpose: z.enum(['pages', 'api', 'console', 'mail']),
    }),
  ),
  added: z.array(z.string()).describe('Against the version before'),
  removed: z.array(z.string()).describe('Against the version before; still needed until `validFrom`'),
  testPage: z.string().describe('Where a browser tests them all'),
  versions: z.array(VERSION).describe('The newest twenty'),
  unpublished: z
    .object({ added: z.array(z.string()), removed: z.array(z.string()) })
    .describe('What the configuration says now, against the published list'),
}).meta({ id: 'DomainList' });

/** The domains that a console's people must reach, for administrators of customers' networks (R22). */
export const domainListArea: OperatorArea = (app, context) => {
  app.get(
    '/consoles/:clientId/domains',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Consoles'],
        summary: 'The published list of domains of a console',
        description: 'Everybody may read the list itself at /connection-test/{clientId}/domains.json.',
        params: IN_CONSOLE,
        response: { 200: LIST, ...problems('console-unknown') },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      const lists = await domainListsOf(context.db, { console, own: context }, context.clock());
      const { added, removed } = domainChanges(lists[0].entries, requiredDomains(context, console));
      return {
        ...listDocument({ console, own: context }, lists),
        unpublished: { added: added.map(entryText), removed: removed.map(entryText) },
      };
    },
  );

  app.post(
    '/consoles/:clientId/domains',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Consoles'],
        summary: 'Publish what the configuration says as the next version',
        params: IN_CONSOLE,
        body: z.strictObject({
          version: z
            .int()
            .describe('The newest version that you have seen; where there is a newer one, nothing is done'),
          validFrom: GIVEN_MOMENT,
          tell: z.boolean().describe('Whether everybody who uses the console is told by mail'),
        }),
        response: {
          201: z.object({ version: z.number(), noticeId: z.string().nullable(), recipients: z.number() }),
          ...problems(
            'console-unknown',
            'domain-list-changed',
            'domain-list-unchanged',
            'domain-list-date-unfit',
          ),
        },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      const by = { actor: operatorIn(request).actor, now: context.clock() };
      const result = await publishDomainList(context.db, { console, own: context }, request.body, by);
      if (!result.ok) return sendProblem(reply, PROBLEM_OF[result.reason]);
      reply.code(201);
      return { version: result.version, noticeId: result.noticeId, recipients: result.recipients };
    },
  );
};

const PROBLEM_OF = {
  'changed-meanwhile': 'domain-list-changed',
  'nothing-changed': 'domain-list-unchanged',
  'date-unfit': 'domain-list-date-unfit',
} as const;
