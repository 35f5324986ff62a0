import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { compareLoginIds } from '#domain/login-id/compare.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { WebContext } from '#web/http/context.ts';
import type { ApiScope } from './api-scope.ts';
import { text } from './forms.ts';

const MOST_PEOPLE = 500;
const LARGEST_BODY = 1024 * 1024;

const NO_CONTROLS = /^[^\u0000-\u001f\u007f-\u009f]*$/;
const PERSON = z
  .object({
    consoleUserId: text(200).min(1).regex(NO_CONTROLS),
    emailAddress: text(1_000).regex(NO_CONTROLS),
    version: z.int32().min(0).nullable().describe('Of the login ID that was taken over last; null: none yet'),
  })
  .meta({ id: 'ComparedPerson' });
const DIFFERENCE = z
  .discriminatedUnion('action', [
    z.object({
      consoleUserId: z.string(),
      action: z.literal('take').describe('The console is behind: take this address and version over'),
      emailAddress: z.string(),
      version: z.int32(),
    }),
    z.object({
      consoleUserId: z.string(),
      action: z.literal('listed').describe('Operators decide; change nothing'),
    }),
    z.object({
      consoleUserId: z.string(),
      action: z.literal('unknown-user').describe('Not linked: import the user'),
    }),
  ])
  .meta({ id: 'LoginIdDifference' });

/** `/login-ids/compare`: a console and the login server find what got lost between them (R18). */
export function registerLoginIdCompare(
  app: ApiScope,
  context: WebContext,
  consoleOf: (request: FastifyRequest) => ConsoleRow,
): void {
  app.post(
    '/login-ids/compare',
    {
      bodyLimit: LARGEST_BODY,
      config: { fromAnywhere: true },
      schema: {
        tags: ['Console'],
        summary: 'Compare the addresses of the console’s people with their login IDs',
        description:
          'A round names all people of the console, at most 500 a call, under one round id; with `last` the round is whole. Once a day is enough. People with whom nothing is different are not named in the answer.',
        body: z.object({
          round: z.uuid(),
          last: z.boolean(),
          people: z.array(PERSON).max(MOST_PEOPLE),
        }),
        response: {
          200: z.object({ differences: z.array(DIFFERENCE) }),
        },
      },
    },
    async (request) => ({
      differences: await compareLoginIds(context.db, consoleOf(request).id, request.body, context.clock()),
    }),
  );
}
