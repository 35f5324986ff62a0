import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { WebContext } from '#web/http/context.ts';
import { renderErrorPage, type PageError } from '#web/http/error-page.tsx';
import { sendKoaPage } from './koa-page.ts';

/**
 * A protocol error that cannot be sent back to a console, as a page for the person. What exactly the console did wrong is in
 * the log under the page's number, not on the page.
 */
export function renderProtocolError(context: WebContext, ctx: KoaContextWithOIDC, _out: ErrorOut, error: Error): void {
  const kind: PageError =
    error instanceof errors.SessionNotFound ? 'sign-in-gone' : ctx.status >= 500 ? 'unexpected' : 'bad-request';
  sendKoaPage(context, ctx, (shell) => renderErrorPage(shell, kind));
}
