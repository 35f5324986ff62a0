import { z } from 'zod';
import {
  createDirectory,
  createDirectoryToken,
  directories,
  DIRECTORY_TOKEN_DAYS,
  LONGEST_DIRECTORY_TOKEN_DAYS,
  revokeDirectoryToken,
} from '#domain/provisioning/directory-tokens.ts';
import { iso, IN_CONSOLE, MOMENT, text } from '../forms.ts';
import { pageOf, whole } from '../paging.ts';
import { problems } from '../described.ts';
import { sendProblem } from '../problem.ts';
import { consoleInPath, operatorIn, type OperatorArea } from './operator-api.ts';

const DIRECTORY = z
  .object({
    id: z.string(),
    name: z.string(),
    company: z.string().nullable().describe('Whose people it looks after; null: all of the console'),
    domains: z.array(z.string()).describe('Of the addresses that it may name; empty: all'),
    consoleIds: z.boolean().describe('Whether its externalId is the console’s own user id'),
    createdAt: MOMENT,
    createdBy: z.string(),
    tokens: z.array(
      z.object({
        id: z.string(),
        createdAt: MOMENT,
        createdBy: z.string(),
        expiresAt: MOMENT,
        lastUsedAt: MOMENT.nullable().describe('To ten minutes'),
        revokedAt: MOMENT.nullable(),
        state: z.enum(['in-force', 'expired', 'revoked']),
      }),
    ),
  })
  .meta({ id: 'Directory' });
const tags = ['Consoles'];

/** Directories that tell of a console's people by SCIM, and their tokens. */
export const directoryArea: OperatorArea = (app, context) => {
  app.get(
    '/consoles/:clientId/directories',
    {
      config: { role: 'administrator' },
      schema: {
        tags,
        summary: 'The directories of a console, with their tokens',
        params: IN_CONSOLE,
        response: { 200: pageOf(DIRECTORY), ...problems('console-unknown') },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      return whole(
        (await directories(context.db, { consoleId: console.id }, context.clock())).map(
          ({ id, name, company, domains, consoleIds, createdAt, createdBy, tokens }) => ({
            id,
            name,
            company,
            domains: [...domains],
            consoleIds,
            createdAt: createdAt.toISOString(),
            createdBy,
            tokens: tokens.map((token) => ({
              ...token,
              createdAt: token.createdAt.toISOString(),
              expiresAt: token.expiresAt.toISOString(),
              lastUsedAt: iso(token.lastUsedAt),
              revokedAt: iso(token.revokedAt),
            })),
          }),
        ),
      );
    },
  );

  app.post(
    '/consoles/:clientId/directories',
    {
      config: { role: 'administrator' },
      schema: {
        tags,
        summary: 'Register a directory that tells of this console’s people by SCIM',
        description: 'It can do nothing until it has a token.',
        params: IN_CONSOLE,
        body: z.strictObject({
          name: text(100).trim().min(1).describe('What it is, for operators'),
          company: text(200).trim().min(1).nullable().default(null),
          domains: z.array(text(253)).max(50).default([]),
          consoleIds: z.boolean().default(false),
        }),
        response: { 201: z.object({ id: z.string() }), ...problems('console-unknown', 'domain-malformed') },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      const by = { actor: operatorIn(request).actor, now: context.clock() };
      const made = await createDirectory(context.db, { consoleId: console.id, ...request.body }, by);
      if (!made.ok) return sendProblem(reply, made.reason);
      return reply.code(201).send({ id: made.id });
    },
  );

  app.post(
    '/directories/:id/tokens',
    {
      config: { role: 'administrator' },
      schema: {
        tags,
        summary: 'Make a token for a directory; it is shown in this answer and never again',
        description: 'Earlier tokens stay good until they are revoked or end.',
        params: z.object({ id: z.string().max(60) }),
        body: z
          .strictObject({
            days: z.int().min(1).max(LONGEST_DIRECTORY_TOKEN_DAYS).default(DIRECTORY_TOKEN_DAYS),
          })
          .nullish(),
        response: {
          201: z.object({ id: z.string(), token: z.string(), expiresAt: MOMENT }),
          ...problems('directory-unknown'),
        },
      },
    },
    async (request, reply) => {
      const by = { actor: operatorIn(request).actor, now: context.clock() };
      const days = request.body?.days ?? DIRECTORY_TOKEN_DAYS;
      const made = await createDirectoryToken(context.db, request.params.id, days, by);
      if (!made.ok) return sendProblem(reply, made.reason);
      const { id, token, expiresAt } = made;
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ id, token, expiresAt: expiresAt.toISOString() });
    },
  );

  app.post(
    '/directory-tokens/:id/revoke',
    {
      config: { role: 'administrator' },
      schema: {
        tags,
        summary: 'End a token of a directory',
        params: z.object({ id: z.string().max(60) }),
        response: { 204: z.null(), ...problems('directory-token-unknown', 'directory-token-revoked') },
      },
    },
    async (request, reply) => {
      const by = { actor: operatorIn(request).actor, now: context.clock() };
      const result = await revokeDirectoryToken(context.db, request.params.id, by);
      if (!result.ok) return sendProblem(reply, result.reason);
      return reply.code(204).send(null);
    },
  );
};
