import type { KoaContextWithOIDC } from 'oidc-provider';
import { activeAccount } from '#domain/accounts/accounts.ts';
import { endSession } from '#domain/logout/end-session.ts';
import { logoutOfSid } from '#domain/logout/progress.ts';
import { sessionUidOfSid } from '#domain/sessions/sessions.ts';
import type { WebContext } from '#web/http/context.ts';
import { sendKoaPage } from './koa-page.ts';
import { confirmLogoutPage } from './confirm-logout-page.tsx';

/**
 * Answers a valid request to log out (OpenID RP-Initiated Logout 1.0). Who comes with the ID token of this very session is a console that just
 * asked its person, so the session ends at once; anyone else (a link on a foreign page, no hint, another account's hint) gets
 * a page with a button: nobody is logged out by a cross-site request.
 */
export async function answerLogoutRequest(context: WebContext, ctx: KoaContextWithOIDC): Promise<void> {
  const { session, client } = ctx.oidc;
  if (!session?.accountId) throw new Error('The engine asks this only for a session with an account.');
  const hint = hintOf(ctx);
  const sameAccount = hint?.sub === session.accountId;
  const sameSession =
    hint?.sid === undefined || (client !== undefined && session.sidFor(client.clientId) === hint.sid);
  if (!sameAccount || !sameSession) {
    await endHintedSession(context, ctx);
    const secret = (session.state as { secret: string }).secret;
    const account = await activeAccount(context.db, session.accountId);
    return sendKoaPage(context, ctx, (shell) => confirmLogoutPage(shell, { xsrf: secret }), account?.locale);
  }

  await session.destroy();
  ctx.cookies.set(ctx.oidc.provider.cookieName('session'), null, {
    httpOnly: true,
    sameSite: 'lax',
    secure: context.secure,
    signed: true,
  });
  leadToSignedOutPage(context, ctx, session);
}

/** Ends a session with everything that hangs on it; takes the place of the engine's own `destroy`. */
export async function destroySession(context: WebContext, session: EndedSession): Promise<void> {
  session.singleLogoutId = await context.db
    .transaction()
    .execute((trx) => endSession(trx, context.jobs, session.uid, 'logout', context.clock()));
  session.destroyed = true;
}

/**
 * Corrects where the engine would lead after a logout: to our page with the consoles' states; and who asks to log out without being signed in is not shown a
 * form that only script would send.
 */
export async function afterLogout(
  context: WebContext,
  ctx: KoaContextWithOIDC,
  next: () => Promise<void>,
): Promise<void> {
  await next();
  const session: EndedSession | undefined = ctx.oidc?.session;
  if (!session) return;
  if (ctx.oidc.route === 'end_session_confirm' && ctx.status === 303 && session.destroyed)
    return leadToSignedOutPage(context, ctx, session);
  if (ctx.oidc.route !== 'end_session' || ctx.status !== 200 || session.accountId) return;
  const ended = await endHintedSession(context, ctx);
  if (ended) return leadToSignedOutPage(context, ctx, Object.assign(session, { singleLogoutId: ended }));
  const { postLogoutRedirectUri, state } = stateOf(session);
  const target = new URL(postLogoutRedirectUri ?? '/signed-out', context.pagesUrl);
  if (postLogoutRedirectUri && state !== undefined) target.searchParams.set('state', state);
  ctx.body = null;
  ctx.redirect(target.href);
  ctx.status = 303;
}

/**
 * Ends the session that the request's ID token names, when it is not this browser's: it has run out while the console's own session lived on (R10), and the other
 * consoles that it opened must hear of the logout all the same. The engine has verified the token; only the console that it was issued to has it.
 */
async function endHintedSession(context: WebContext, ctx: KoaContextWithOIDC): Promise<string | undefined> {
  const hint = hintOf(ctx);
  const clientId = ctx.oidc.client?.clientId;
  if (!hint?.sub || !hint.sid || !clientId) return undefined;
  const uid = await sessionUidOfSid(context.db, hint.sub, clientId, hint.sid);
  // It has ended already, and the browser never saw the answer: its page tells how far that is.
  if (!uid) return logoutOfSid(context.db, hint.sub, clientId, hint.sid);
  return context.db
    .transaction()
    .execute((trx) => endSession(trx, context.jobs, uid, 'logout', context.clock()));
}

function hintOf(ctx: KoaContextWithOIDC): { sub?: string; sid?: string } | undefined {
  return (ctx.oidc.entities as { IdTokenHint?: { payload: { sub?: string; sid?: string } } }).IdTokenHint
    ?.payload;
}

type EndedSession = NonNullable<KoaContextWithOIDC['oidc']['session']> & {
  singleLogoutId?: string | undefined;
  destroyed?: boolean;
};

/** The page waits for the consoles, and then leads on to where the console asked for. */
function leadToSignedOutPage(context: WebContext, ctx: KoaContextWithOIDC, session: EndedSession): void {
  const target = new URL(`/signed-out/${session.singleLogoutId ?? ''}`, context.pagesUrl);
  const uiLocales = ctx.oidc.params?.ui_locales;
  if (typeof uiLocales === 'string') target.searchParams.set('ui_locales', uiLocales);
  const { postLogoutRedirectUri, state } = stateOf(session);
  if (postLogoutRedirectUri) {
    const back = new URL(postLogoutRedirectUri);
    if (state !== undefined) back.searchParams.set('state', state);
    target.searchParams.set('continue', back.href);
    if (ctx.oidc.client) target.searchParams.set('client_id', ctx.oidc.client.clientId);
  }
  ctx.redirect(target.href);
  ctx.status = 303;
}

function stateOf(session: EndedSession): { postLogoutRedirectUri?: string; state?: string } {
  return session.state ?? {};
}
