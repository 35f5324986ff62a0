import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Provider } from 'oidc-provider';
import { endSession } from '#domain/logout/end-session.ts';
import type { SignInSuccess } from '#domain/sign-in/authenticate.ts';
import type { Proof } from '#domain/sign-in/still-holds.ts';
import { accountOfSession, SESSION_ABSOLUTE, SESSION_IDLE } from '#domain/sessions/sessions.ts';
import { SECOND } from '#support/primitives/durations.ts';
import type { WebContext } from '#web/http/context.ts';
import { ProofVoid, type LoginProof } from './adapter.ts';
import { withSuccess } from './success-at-work.ts';
import { withBrowserAtWork } from './browser-at-work.ts';

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/** The SSO session of this browser, if a person is signed in here. */
export async function browserSession(
  provider: Provider,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<{ uid: string; accountId: string; authenticatedAt: Date } | undefined> {
  const session = await provider.Session.get(provider.createContext(request.raw, reply.raw));
  const { uid, accountId, loginTs = 0 } = session;
  return accountId ? { uid, accountId, authenticatedAt: new Date(loginTs * SECOND) } : undefined;
}

/** Whose session this browser has, also when it has run out: for what is theirs alone, never to let anybody in. A session that was ended is nobody's. */
export async function lapsedAccount(
  context: WebContext,
  provider: Provider,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<string | undefined> {
  const { cookies } = provider.createContext(request.raw, reply.raw);
  const id = cookies.get(provider.cookieName('session'), { signed: true });
  return id ? accountOfSession(context.db, id) : undefined;
}

/**
 * Answers a pending sign-in with the account that has just authenticated; the engine makes the session and leads back to the console.
 * A session of another account in this browser ends first, with its consoles told: two people never share one.
 * @returns where to send the browser; undefined when the proof does not hold any more, because the login ID or the password changed, or the account was suspended, meanwhile
 */
export async function finishPendingSignIn(
  context: WebContext,
  provider: Provider,
  request: FastifyRequest,
  reply: FastifyReply,
  interaction: Interaction,
  { account, passwordSetAt, success }: Proof & { success?: SignInSuccess | undefined },
): Promise<string | undefined> {
  const { id: accountId, login_id_version: loginIdVersion } = account;
  const proof: LoginProof = { accountId, loginIdVersion, passwordSetAt: passwordSetAt.getTime() };
  const current = await browserSession(provider, request, reply);
  if (current && current.accountId !== accountId) {
    await endBrowserSession(context, current.uid);
    delete (interaction.session as { uid?: string } | undefined)?.uid;
  }
  interaction.result = { login: { ...proof, amr: ['pwd'], ts: epoch(context) } };
  try {
    await withSuccess(success, () => interaction.persist());
  } catch (error) {
    if (error instanceof ProofVoid) return undefined;
    throw error;
  }
  return new URL(interaction.returnTo).pathname;
}

/**
 * Lets the engine look at a pending sign-in again: the person signed in in another tab meanwhile.
 * @returns where to send the browser
 */
export async function resumePendingSignIn(interaction: Interaction): Promise<string> {
  // The session that the person has now is not the one that the sign-in began in.
  delete (interaction.session as { uid?: string } | undefined)?.uid;
  // Nor is what was proved in it and never followed: the session has a proof of its own.
  delete interaction.result;
  await interaction.persist();
  return new URL(interaction.returnTo).pathname;
}

/**
 * Signs this browser in without a pending sign-in (it expired, the mail was read elsewhere, or a page of ours asked for it); any console can then be entered silently. The
 * session of somebody who is signed in already goes on, as one that has authenticated now.
 * @returns the session's uid
 */
export async function signInBrowser(
  context: WebContext,
  provider: Provider,
  request: FastifyRequest,
  reply: FastifyReply,
  accountId: string,
): Promise<string> {
  const ctx = provider.createContext(request.raw, reply.raw);
  const found = await provider.Session.get(ctx);
  if (found.accountId && found.accountId !== accountId) await endBrowserSession(context, found.uid);
  const isTheirs = found.accountId === accountId;
  // Anything but the person's own session is made anew: one that somebody planted before is worth nothing (session fixation).
  const session = isTheirs ? found : new provider.Session();
  if (isTheirs) session.resetIdentifier();
  session.loginAccount({ accountId, amr: ['pwd'], loginTs: epoch(context) });
  await withBrowserAtWork(request, () =>
    session.save(Math.floor(Math.min(SESSION_IDLE, SESSION_ABSOLUTE) / SECOND)),
  );
  ctx.cookies.set(provider.cookieName('session'), session.jti, {
    httpOnly: true,
    sameSite: 'lax',
    secure: context.secure,
    signed: true,
    expires: new Date(context.clock().getTime() + SESSION_ABSOLUTE),
  });
  const cookies = reply.raw.getHeader('set-cookie');
  reply.raw.removeHeader('set-cookie');
  if (cookies) reply.header('set-cookie', cookies);
  return session.uid;
}

async function endBrowserSession(context: WebContext, uid: string): Promise<void> {
  await context.db
    .transaction()
    .execute((trx) => endSession(trx, context.jobs, uid, 'other-account', context.clock()));
}

function epoch(context: WebContext): number {
  return Math.floor(context.clock().getTime() / SECOND);
}
