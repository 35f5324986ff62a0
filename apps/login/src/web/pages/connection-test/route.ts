import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { listDocument, listText } from '#domain/domain-lists/document.ts';
import { requiredDomains } from '#domain/domain-lists/entries.ts';
import { domainListsOf } from '#domain/domain-lists/lists.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { WebContext } from '#web/http/context.ts';
import { CONNECTION_TEST_PATH, REACHABLE_PATH } from '#web/http/other-host.tsx';
import { localeOf, query, sendPage, shellOf } from '#web/http/request.ts';
import { MARK, MARK_PATH } from './mark.ts';
import { connectionTestPage } from './page.tsx';
import { ownTests, testsOf } from './tests.ts';

/**
 * 「接続テスト」 (R22): which of our domains and a console's the browser can reach, and the list of them for the administrator of its network. On either host, so that whichever is not
 * blocked shows it; nobody need be signed in.
 */
export function registerConnectionTest(app: FastifyInstance, context: WebContext): void {
  app.get(REACHABLE_PATH, async (request, reply) =>
    allowOwnPages(context, request, reply).header('cache-control', 'no-store').send({ reachable: true }),
  );

  // What a page shows where no script runs; it says nothing, so any page may.
  app.get(MARK_PATH, async (_request, reply) =>
    withHeader(reply, 'cross-origin-resource-policy', 'cross-origin')
      .type('image/svg+xml')
      .header('cache-control', 'no-store')
      .send(MARK),
  );

  app.get(CONNECTION_TEST_PATH, async (request, reply) => {
    const tests = ownTests(context);
    const shell = shellIn(request);
    const consoles = await context.consoles.all();
    return sendPage(reply, connectionTestPage(shell, { tests, consoles, chosen: undefined }));
  });

  app.get(`${CONNECTION_TEST_PATH}/:clientId`, async (request, reply) => {
    const console = await consoleIn(request, reply);
    if (!console) return reply;
    const lists = await listsOf(console);
    const tests = testsOf(context, console, [...lists[0].entries, ...requiredDomains(context, console)]);
    allowTests(
      reply,
      tests.flatMap(({ origin }) => origin),
    );
    const consoles = await context.consoles.all();
    const chosen = { console, list: lists[0] };
    return sendPage(reply, connectionTestPage(shellIn(request), { tests, consoles, chosen }));
  });

  app.get(`${CONNECTION_TEST_PATH}/:clientId/domains.json`, async (request, reply) => {
    const console = await consoleIn(request, reply);
    if (!console) return reply;
    return reply
      .header('cache-control', 'no-cache')
      .send(listDocument({ console, own: context }, await listsOf(console)));
  });

  app.get(`${CONNECTION_TEST_PATH}/:clientId/domains.txt`, async (request, reply) => {
    const console = await consoleIn(request, reply);
    if (!console) return reply;
    const text = listText({ console, own: context }, await listsOf(console), shellIn(request).locale);
    return reply.type('text/plain; charset=utf-8').header('cache-control', 'no-cache').send(text);
  });

  function listsOf(console: ConsoleRow) {
    return domainListsOf(context.db, { console, own: context }, context.clock());
  }

  function shellIn(request: FastifyRequest) {
    const uiLocales = query(request, 'ui_locales');
    return shellOf(context, request, localeOf(request, uiLocales === undefined ? {} : { uiLocales }));
  }

  async function consoleIn(request: FastifyRequest, reply: FastifyReply): Promise<ConsoleRow | undefined> {
    const { clientId } = request.params as { clientId: string };
    const console = await context.consoles.byClientId(clientId);
    if (!console) reply.callNotFound();
    return console;
  }
}

/** Only pages of ours may read the answer, each that of the other host. */
function allowOwnPages(
  { pagesUrl, issuer }: WebContext,
  { headers }: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  reply.header('vary', 'origin');
  const own = [pagesUrl, issuer].find((origin) => origin === headers.origin);
  return own === undefined ? reply : reply.header('access-control-allow-origin', own);
}

/** Lets this one page ask the consoles that it tests. */
function allowTests(reply: FastifyReply, origins: readonly string[]): void {
  const policy = String(reply.raw.getHeader('content-security-policy'));
  const others = origins.filter((origin) => !policy.includes(`${origin};`) && !policy.includes(`${origin} `));
  withHeader(
    reply,
    'content-security-policy',
    policy.replace("connect-src 'self'", ["connect-src 'self'", ...others].join(' ')),
  );
}

/** In place of the one that every answer has. */
function withHeader(reply: FastifyReply, name: string, value: string): FastifyReply {
  reply.raw.removeHeader(name);
  return reply.header(name, value);
}
