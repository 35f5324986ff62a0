import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { takeLegacySignIns, timeFault, type LegacySignIn } from '#domain/migration/usage.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { WebContext } from '#web/http/context.ts';
import type { ApiScope } from './api-scope.ts';
import { text } from './forms.ts';

const MOST_ROWS = 500;
const LARGEST_BODY = 1024 * 1024;

const SIGN_IN = z
  .strictObject({
    id: z
      .string()
      .regex(/^[\x21-\x7e]{1,100}$/)
      .describe(
        'The console’s own id of this one sign-in, such as a UUID; reported again with the same id it counts once',
      ),
    consoleUserId: text(200)
      .min(1)
      .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/),
    at: z.iso.datetime({ offset: true }).describe('RFC 3339; at most 40 days ago'),
  })
  .meta({ id: 'LegacySignIn' });

/** Where consoles report sign-ins at their legacy login (R15). */
export function registerConsoleUsage(
  app: ApiScope,
  context: WebContext,
  consoleOf: (request: FastifyRequest) => ConsoleRow,
): void {
  app.post(
    '/legacy-sign-ins',
    {
      bodyLimit: LARGEST_BODY,
      config: { fromAnywhere: true },
      schema: {
        tags: ['Console'],
        summary: 'Report sign-ins at the legacy login, up to 500 at once; may be sent again until answered',
        body: z.strictObject({
          // A row that has another form is refused by itself, and does not hold up the others.
          signIns: z
            .array(z.union([SIGN_IN, z.any().describe('Anything else is refused by itself')]))
            .max(MOST_ROWS),
        }),
        response: {
          200: z
            .object({
              taken: z.array(z.string()).describe('Ids that need not be reported again'),
              refused: z
                .array(
                  z.object({
                    index: z.number().describe('Place in the request, from 0'),
                    id: z.string().nullable(),
                    reason: z.enum(['malformed', 'too-old', 'in-the-future']),
                  }),
                )
                .describe('Rows that will never be taken: do not report them again'),
            })
            .meta({ id: 'LegacySignInsTaken' }),
        },
      },
    },
    async (request) => {
      const now = context.clock();
      const sound: LegacySignIn[] = [];
      const refused: {
        index: number;
        id: string | null;
        reason: 'malformed' | 'too-old' | 'in-the-future';
      }[] = [];
      for (const [index, row] of request.body.signIns.entries()) {
        const read = SIGN_IN.safeParse(row);
        const at = new Date(read.data?.at ?? Number.NaN);
        const reason = read.success && !Number.isNaN(at.getTime()) ? timeFault(at, now) : 'malformed';
        if (read.success && reason === undefined) sound.push({ ...read.data, at });
        else refused.push({ index, id: idIn(row), reason: reason ?? 'malformed' });
      }
      await takeLegacySignIns(context.db, consoleOf(request).id, sound, now);
      return { taken: sound.map((one) => one.id), refused };
    },
  );
}

/** The id of a row of any form, as far as it has one that can be repeated to the console. */
function idIn(row: unknown): string | null {
  const id = typeof row === 'object' && row !== null && 'id' in row ? row.id : null;
  return typeof id === 'string' && id.length <= 100 ? id.toWellFormed() : null;
}
