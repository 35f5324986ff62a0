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
  // Where the engine had its answer already, nobody is sent on with a code that is not there.
  ctx.remove('location');
  if (kind !== 'bad-request') ctx.status = PAGE_ERROR_STATUS[kind];
  sendKoaPage(context, ctx, (shell) => renderErrorPage(shell, kind));
}

/** The same for what fails after the engine is done. */
export function answerFailure(context: WebContext, ctx: KoaContextWithOIDC, error: Error): void {
  ctx.remove('location');
  if (isUnavailable(error)) ctx.set('retry-after', '5');
  if (ctx.accepts('json', 'html') === 'html')
    return renderProtocolError(context, ctx, { error: 'server_error' }, error);
  ctx.body = { error: 'server_error', error_description: 'oops! something went wrong' };
}

function kindOf(error: Error, status: number): PageError {
  if (error instanceof errors.SessionNotFound) return 'sign-in-gone';
  if (isUnavailable(error)) return 'unavailable';
  return status >= 500 ? 'unexpected' : 'bad-request';
}
