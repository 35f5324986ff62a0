import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { consoleName } from '#domain/consoles/consoles.ts';
import { UNDO_PATH } from '#domain/login-id/undo-link.ts';
import { undoLoginIdChange, undoState } from '#domain/login-id/undo.ts';
import type { WebContext } from '#web/http/context.ts';
import { clientOf, field, localeOf, query, sendPage, shellOf } from '#web/http/request.ts';
import { undonePage, undoPage, undoRefusedPage } from './undo-pages.tsx';

/**
 * The page behind the link in the mail to a former mailbox (R18). Opening it changes nothing; its button undoes the change, without a sign-in. The token is the proof, and no browser
 * sends it by itself, so the form may come without an origin: with `no-referrer` browsers send none.
 */
export function registerUndo(app: FastifyInstance, context: WebContext): void {
  app.get(UNDO_PATH, async (request, reply) => show(request, reply, query(request, 'token') ?? ''));

  app.post(UNDO_PATH, { config: { fromAnywhere: true } }, async (request, reply) => {
    const token = field(request, 'token');
    const result = await undoLoginIdChange(context, token, clientOf(request), context.clock());
    if (!result.ok && result.reason === 'address-taken') {
      const locale = localeOf(request);
      return sendPage(
        secretive(reply),
        undoRefusedPage(shellOf(context, request, locale), 'address-taken'),
        409,
      );
    }
    // Done, done before or too late: the page that says so can be loaded again.
    if (result.ok) return secretive(reply).redirect(`${UNDO_PATH}?token=${encodeURIComponent(token)}`, 303);
    return show(request, reply, token);
  });

  async function show(request: FastifyRequest, reply: FastifyReply, token: string): Promise<FastifyReply> {
    const found = await undoState(context.db, token, context.clock());
    const locale = localeOf(request, { account: found?.locale ?? null });
    const shell = shellOf(context, request, locale);
    secretive(reply);
    switch (found?.state) {
      case undefined:
        return sendPage(reply, undoRefusedPage(shell, 'unknown'), 404);
      case 'over':
        return sendPage(reply, undoRefusedPage(shell, 'over'), 410);
      case 'undone':
        return sendPage(reply, undonePage(shell));
      case 'open': {
        const console = (await context.consoles.all()).find((one) => one.id === found.view.consoleId);
        return sendPage(
          reply,
          undoPage(shell, {
            ...found.view,
            token,
            consoleName: console && consoleName(console, locale),
          }),
        );
      }
    }
  }
}

/** The address of the page is a secret: it goes to nobody. */
function secretive(reply: FastifyReply): FastifyReply {
  return reply.header('referrer-policy', 'no-referrer').header('cache-control', 'no-store');
}
