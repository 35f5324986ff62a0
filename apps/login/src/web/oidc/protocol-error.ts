import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { WebContext } from '#web/http/context.ts';
import { PAGE_ERROR_STATUS, renderErrorPage, type PageError } from '#web/http/error-page.tsx';
import { isUnavailable } from '#web/http/unavailable.ts';
import { sendKoaPage } from './koa-page.ts';

/**
 * A protocol error that cannot be sent back to a console, as a page for the person. What exactly the console did wrong is in
 * the log under the page's number, not on the page.
 */
export function renderProtocolError(
  context: WebContext,
  ctx: KoaContextWithOIDC,
  _out: ErrorOut,
  error: Error,
): void {
  const kind = kindOf(error, ctx.status);
  if (kind !== 'bad-request') ctx.status = PAGE_ERROR_STATUS[kind];
  sendKoaPage(context, ctx, (shell) => renderErrorPage(shell, kind));
}

function kindOf(error: Error, status: number): PageError {
  if (error instanceof errors.SessionNotFound) return 'sign-in-gone';
  if (isUnavailable(error)) return 'unavailable';
  return status >= 500 ? 'unexpected' : 'bad-request';
}
