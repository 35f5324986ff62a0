import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { endedSessionsSince } from '#domain/logout/ended-sessions.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { WebContext } from '#web/http/context.ts';
import type { ApiScope } from './api-scope.ts';
import { MOMENT } from './forms.ts';

/** Where consoles ask which of their sessions have ended (R9). */
export function registerEndedSessions(
  app: ApiScope,
  context: WebContext,
  consoleOf: (request: FastifyRequest) => ConsoleRow,
): void {
  app.get(
    '/ended-sessions',
    {
      config: { fromAnywhere: true },
      schema: {
        tags: ['Console'],
        summary: 'Sessions of this console that have ended, up to 500 at once',
        description:
          'The second line behind back-channel logout: ask once a minute, with `next` of the last answer as `after`, once its sessions are ended. Whoever asks from a place on counts as told of everything before it. Without `after`, or with one that was never given out, it begins a day back. Answers 304 when If-None-Match says that nothing is new.',
        querystring: z.object({
          after: z
            .string()
            .regex(/^\d{1,15}$/)
            .optional()
            .describe('`next` of the answer before'),
        }),
        headers: z.looseObject({ 'if-none-match': z.string().optional() }),
        response: {
          200: z
            .object({
              sessions: z.array(
                z.object({
                  sid: z.string(),
                  endedAt: MOMENT.describe('The second by which it had ended; what began later goes on'),
                }),
              ),
              next: z.string(),
              more: z.boolean().describe('There is more to be had at once'),
            })
            .meta({ id: 'EndedSessions' }),
          304: z.string().max(0).describe('Nothing is new since the answer with this ETag.'),
        },
      },
    },
    async (request, reply) => {
      const { after } = request.query;
      const told = await endedSessionsSince(context.db, consoleOf(request).id, after, context.clock());
      // The same question has another answer exactly when it ends at another place.
      const etag = `"${told.next}${told.more ? '+' : ''}"`;
      reply.header('etag', etag).header('cache-control', 'no-cache');
      if (request.headers['if-none-match'] === etag) return reply.code(304).send('');
      return {
        sessions: told.sessions.map(({ sid, endedAt }) => ({ sid, endedAt: endedAt.toISOString() })),
        next: told.next,
        more: told.more,
      };
    },
  );
}
