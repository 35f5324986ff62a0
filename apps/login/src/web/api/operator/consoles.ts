import { z } from 'zod';
import { setLegacyPasswords, storedHashes } from '#domain/consoles/legacy-passwords.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { WebContext } from '#web/http/context.ts';
import { IN_CONSOLE } from '../forms.ts';
import { PROBLEM, sendProblem } from '../problem.ts';
import { operatorIn, type OperatorArea } from './operator-api.ts';

const SETTING = z
  .enum(['off', 'imported', 'asked'])
  .describe(
    'off: not accepted; imported: verified against the hashes of an import; asked: the console is asked by a signed call',
  );
const CONSOLE = z
  .object({
    consoleId: z.string(),
    clientId: z.string(),
    name: z.object({ ja: z.string(), en: z.string() }),
    homeUrl: z.string(),
    legacyPasswords: SETTING,
    legacyPasswordUri: z.string().nullable(),
    importedHashes: z.number().describe('People who still have an imported hash'),
  })
  .meta({ id: 'Console' });

/** The joined consoles (R19), and whether their legacy passwords are accepted once (R21). */
export const consoleArea: OperatorArea = (app, context) => {
  app.get(
    '/consoles',
    {
      config: { role: 'viewer' },
      schema: { tags: ['Consoles'], summary: 'All consoles', response: { 200: z.array(CONSOLE) } },
    },
    async () => Promise.all((await context.consoles.all()).map((console) => answerOf(context, console))),
  );

  app.put(
    '/consoles/:clientId/legacy-passwords',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Consoles'],
        summary: 'Accept a console’s legacy passwords once, or not any more',
        params: IN_CONSOLE,
        body: z.strictObject({
          setting: SETTING,
          uri: z
            .string()
            .max(2_000)
            .optional()
            .describe('Where the console answers, for asked; left out: as it was'),
          deleteHashes: z
            .boolean()
            .default(false)
            .describe(
              'Any other setting than imported deletes the imported hashes; without this it is refused',
            ),
        }),
        response: {
          200: z.object({ console: CONSOLE, deletedHashes: z.number() }),
          404: PROBLEM,
          409: PROBLEM,
          422: PROBLEM,
        },
      },
    },
    async (request, reply) => {
      const { clientId } = request.params;
      const result = await setLegacyPasswords(context.db, clientId, request.body, {
        actor: operatorIn(request).actor,
        now: context.clock(),
        allowedInternalHosts: context.allowedInternalHosts,
      });
      if (!result.ok) {
        if (result.reason !== 'hashes-would-be-deleted') return sendProblem(reply, result.reason);
        return sendProblem(reply, result.reason, {
          detail: {
            ja: `まだ取り込んだハッシュを持つ方が${result.hashes}人います。消してよければ deleteHashes: true を送ってください。`,
            en: `${result.hashes} people still have an imported hash. Send deleteHashes: true to delete them.`,
          },
        });
      }
      context.consoles.forget();
      const console = await context.consoles.byClientId(clientId);
      if (!console) return sendProblem(reply, 'console-unknown');
      return { console: await answerOf(context, console), deletedHashes: result.deleted };
    },
  );
};

async function answerOf(context: WebContext, console: ConsoleRow) {
  return {
    consoleId: console.id,
    clientId: console.client_id,
    name: { ja: console.name_ja, en: console.name_en },
    homeUrl: console.home_url,
    legacyPasswords: console.legacy_passwords,
    legacyPasswordUri: console.legacy_password_uri,
    importedHashes: await storedHashes(context.db, console.id),
  };
}
