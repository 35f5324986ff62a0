import multipart, { type Multipart } from '@fastify/multipart';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LARGEST_MAILBOX, mailsIn } from '#domain/notices/bounces/mailbox.ts';
import { takeBounce } from '#domain/notices/bounces/take.ts';
import { sendPage } from '#web/http/request.ts';
import { visitOf, type OperatorArea } from '../visit.ts';
import {
  BOUNCES,
  bouncesPage,
  MOST_MAILS,
  type BounceProblem,
  type Read,
  type Report,
} from './bounces-page.tsx';

/** Files of a form; those over `MOST_MAILS` are refused with a sentence, what is over this is no form of a browser. */
const MOST_FILES = 10 * MOST_MAILS;

/** Mails that came back, handed in as files: each is taken by itself, and the page says what became of each. */
export const bouncesArea: OperatorArea = (root, context) => {
  const { db } = context;

  root.get(BOUNCES, (request, reply) => show(request, reply, {}));

  // In a scope of its own: no other form of notices takes files.
  void root.register(async (scope) => {
    await scope.register(multipart, {
      throwFileSizeLimit: false,
      limits: {
        files: MOST_FILES,
        fields: 1,
        parts: MOST_FILES + 1,
        headerPairs: 20,
        fileSize: LARGEST_MAILBOX + 1,
      },
    });
    scope.post(BOUNCES, { config: { slowBody: true } }, async (request, reply) => {
      const visit = visitOf(request);
      const files = await filesIn(request);
      if (files === undefined) return show(request, reply, { problem: 'too-large' });
      if (files.length === 0) return show(request, reply, { problem: 'file-missing' });
      const mails = files.flatMap(({ name, content }) =>
        mailsIn(content).map((source, i, all) => ({ file: name, number: i + 1, of: all.length, source })),
      );
      if (mails.length > MOST_MAILS) return show(request, reply, { problem: 'too-many' });
      const from = {
        issuerHost: new URL(context.issuer).hostname,
        actor: visit.operator.actor,
        now: visit.now,
      };
      const read: Read[] = [];
      for (const { source, ...mail } of mails)
        read.push({ ...mail, result: await takeBounce(db, source, from) });
      return show(request, reply, { report: { read, loginIds: await loginIdsOf(read) } });
    });
  });

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    view: { problem?: BounceProblem; report?: Report },
  ): Promise<FastifyReply> {
    const { problem } = view;
    const status = problem === undefined ? 200 : problem === 'file-missing' ? 422 : 413;
    return sendPage(reply, await bouncesPage(context, visitOf(request), view), status);
  }

  /** The login ID of each person who is spoken of. */
  async function loginIdsOf(read: readonly Read[]): Promise<ReadonlyMap<string, string>> {
    const ids = read.flatMap(({ result }) => (result.ok ? result.people.map((one) => one.accountId) : []));
    if (ids.length === 0) return new Map();
    const rows = await db
      .selectFrom('account')
      .select(['id', 'email_address'])
      .where('id', 'in', [...new Set(ids)])
      .execute();
    return new Map(rows.map((row) => [row.id, row.email_address]));
  }
};

/** The files of a form, all of them read to their end; undefined when they are larger together than what is taken at once. */
async function filesIn(
  request: FastifyRequest,
): Promise<readonly { name: string; content: Buffer }[] | undefined> {
  if (!request.isMultipart()) return [];
  const files: { name: string; content: Buffer }[] = [];
  let size = 0;
  for await (const part of request.parts() as AsyncIterable<Multipart>) {
    if (part.type !== 'file') continue;
    const chunks: Buffer[] = [];
    // What is too much is read too: the browser hears the answer only afterwards.
    for await (const chunk of part.file as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= LARGEST_MAILBOX) chunks.push(chunk);
    }
    // A form without a chosen file sends an empty one without a name.
    if (part.filename) files.push({ name: part.filename, content: Buffer.concat(chunks) });
  }
  return size > LARGEST_MAILBOX ? undefined : files;
}
