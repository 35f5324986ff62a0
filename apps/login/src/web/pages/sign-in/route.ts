import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Provider } from 'oidc-provider';
import { activeAccount } from '#domain/accounts/accounts.ts';
import { consoleEntrance, consoleName } from '#domain/consoles/consoles.ts';
import { phaseAt } from '#domain/migration/phase.ts';
import { knowBrowser } from '#domain/credentials/known-browsers.ts';
import { planOf } from '#domain/migration/plans.ts';
import { authenticate, writeSuccess, type SignInSuccess } from '#domain/sign-in/authenticate.ts';
import { stillHolds, type Proof } from '#domain/sign-in/still-holds.ts';
import { beginNewPassword } from '#domain/sign-in/new-password.ts';
import { nextStep, type SignInSituation } from '#domain/sign-in/next-step.ts';
import type { AccountRow, ConsoleRow } from '#support/db/schema.ts';
import { secretHash } from '#support/primitives/secrets.ts';
import {
  browserSession,
  finishPendingSignIn,
  resumePendingSignIn,
  signInBrowser,
} from '#web/oidc/browser-session.ts';
import { NO_PENDING_SIGN_IN, pendingSignIn, type PendingSignIn } from '#web/oidc/pending-sign-in.ts';
import type { WebContext } from '#web/http/context.ts';
import {
  ensureBrowserHash,
  field,
  LONGEST_PASSWORD_FIELD,
  localeOf,
  query,
  sendPage,
  shellAt,
  signInPathTo,
  typingClientOf,
  type TypingClient,
} from '#web/http/request.ts';
import { foreignSignInPage, notLinkedPage, signInPage, type SignInRefusal } from './page.tsx';

type Arrival = {
  pending: PendingSignIn;
  console: ConsoleRow | undefined;
  path: string;
  /** The page of ours that the person was sent here from; only without a pending sign-in. */
  whenUnknown?: string | undefined;
};

/**
 * The sign-in page with and without a pending sign-in, and the dispatcher behind it: whatever state a sign-in is in, `nextStep` says what comes next.
 */
export function registerSignIn(app: FastifyInstance, context: WebContext, provider: Provider): void {
  for (const url of ['/sign-in', '/sign-in/:uid']) {
    app.get(url, async (request, reply) => {
      const arrival = await arrive(context, provider, request, reply);
      const { pending } = arrival;
      const step = nextStep({
        pending: pending.state,
        consoleKnown: arrival.console !== undefined,
        prompt: promptOf(pending),
        signedInMeanwhile:
          !asksAnew(request) &&
          onlySignInIsMissing(pending) &&
          (await accountOfBrowser(request, reply)) !== undefined,
        authenticated: false,
      });
      switch (step) {
        case 'enter-console':
          return reply.redirect(entranceOf(context, arrival.console), 303);
        case 'show-consoles':
          return reply.redirect(arrival.whenUnknown ?? '/', 303);
        case 'resume-pending':
          return reply.redirect(await resumePendingSignIn(pendingInteraction(pending)), 303);
        case 'explain-no-link':
          if (query(request, 'other')) return showSignIn(request, reply, arrival, '', undefined);
          return showNoLink(request, reply, arrival);
        case 'explain-foreign':
          return showForeign(request, reply, arrival);
        case 'ask-for-password':
          return showSignIn(request, reply, arrival, await likelyLoginId(request, reply, pending), undefined);
        case 'finish-pending':
          throw new Error('Nobody has authenticated on opening a page.');
      }
    });

    app.post(url, async (request, reply) => {
      const arrival = await arrive(context, provider, request, reply);
      const typed = {
        emailAddress: field(request, 'email_address'),
        password: field(request, 'password', LONGEST_PASSWORD_FIELD),
      };
      const client = typingClientOf(context, request);
      const result = await authenticate(context, typed, client, context.clock(), {
        consoleId: arrival.console?.id,
        locale: localeOf(request, { uiLocales: arrival.pending.uiLocales }),
      });
      if (!result.ok && result.reason === 'new-password-needed')
        return askForNewPassword(request, reply, arrival, result);
      if (!result.ok) return showSignIn(request, reply, arrival, typed.emailAddress, result);
      return dispatchAuthenticated(context, provider, request, reply, {
        ...arrival,
        account: result.account,
        passwordSetAt: result.passwordSetAt,
        success: result.success,
        client,
      });
    });
  }

  async function askForNewPassword(
    request: FastifyRequest,
    reply: FastifyReply,
    arrival: Arrival,
    proven: { account: AccountRow; consoleId: string },
  ): Promise<FastifyReply> {
    const { uid } = request.params as { uid?: string };
    const proof = await beginNewPassword(
      context.db,
      {
        accountId: proven.account.id,
        consoleId: proven.consoleId,
        browserHash: ensureBrowserHash(context, request, reply),
        pendingHash: uid === undefined ? null : secretHash(uid),
      },
      context.clock(),
    );
    return reply.redirect(`${uid === undefined ? '' : arrival.path}/new-password/${proof}`, 303);
  }

  async function showSignIn(
    request: FastifyRequest,
    reply: FastifyReply,
    arrival: Arrival,
    emailAddress: string,
    refusal: SignInRefusal | undefined,
  ): Promise<FastifyReply> {
    const locale = localeOf(request, { uiLocales: arrival.pending.uiLocales });
    const { uid } = request.params as { uid?: string };
    const now = context.clock();
    const plan = arrival.console && (await planOf(context.db, arrival.console.id));
    const shell = {
      ...shellAt(context, request, locale, arrival.console),
      ...(request.method === 'POST' ? { path: arrival.path } : {}),
    };
    const html = signInPage(shell, {
      path: arrival.path,
      resetPath: uid === undefined ? '/reset' : `${arrival.path}/reset`,
      goal: asksAnew(request) ? 'anew' : goalOf(arrival.whenUnknown),
      interrupted: query(request, 'interrupted') !== undefined,
      consoleName: arrival.console && consoleName(arrival.console, locale),
      acceptsLegacyPassword: arrival.console !== undefined && arrival.console.legacy_passwords !== 'off',
      legacyLoginUrl:
        plan && phaseAt(plan, now) === 'parallel'
          ? (arrival.console?.legacy_login_url ?? arrival.console?.home_url)
          : undefined,
      emailAddress,
      refusal,
      now,
    });
    if (refusal && 'until' in refusal)
      reply.header('retry-after', Math.max(1, Math.ceil((refusal.until.getTime() - now.getTime()) / 1_000)));
    return sendPage(reply, html, refusal ? statusOf(refusal) : 200);
  }

  async function showNoLink(
    request: FastifyRequest,
    reply: FastifyReply,
    arrival: Arrival,
  ): Promise<FastifyReply> {
    const account = await accountOfBrowser(request, reply);
    if (!account || !arrival.console) return showSignIn(request, reply, arrival, '', undefined);
    const locale = localeOf(request, { uiLocales: arrival.pending.uiLocales, account: account.locale });
    const html = notLinkedPage(shellAt(context, request, locale, arrival.console), {
      path: arrival.path,
      consoleName: consoleName(arrival.console, locale),
      emailAddress: account.email_address,
    });
    return sendPage(reply, html);
  }

  async function showForeign(
    request: FastifyRequest,
    reply: FastifyReply,
    arrival: Arrival,
  ): Promise<FastifyReply> {
    const locale = localeOf(request, { uiLocales: arrival.pending.uiLocales });
    const html = foreignSignInPage(shellAt(context, request, locale, arrival.console), {
      consoleName: arrival.console && consoleName(arrival.console, locale),
      startUrl: arrival.console ? entranceOf(context, arrival.console) : '/',
    });
    return sendPage(reply, html, 400);
  }

  /** Who is asked anew finds the login ID in its field. */
  async function likelyLoginId(
    request: FastifyRequest,
    reply: FastifyReply,
    pending: PendingSignIn,
  ): Promise<string> {
    if (!asksAnew(request)) return pending.loginHint ?? '';
    return (await accountOfBrowser(request, reply))?.email_address ?? '';
  }

  /** Who is signed in here; a session outlives the suspension of its account and must not stand in the way of anyone's sign-in. */
  async function accountOfBrowser(
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<AccountRow | undefined> {
    const session = await browserSession(provider, request, reply);
    return session && activeAccount(context.db, session.accountId);
  }
}

/** Leads a person who has just authenticated to where they set out for; the last step of the sign-in page and of the password reset alike. */
export async function dispatchAuthenticated(
  context: WebContext,
  provider: Provider,
  request: FastifyRequest,
  reply: FastifyReply,
  at: Proof & {
    pending: PendingSignIn;
    console: ConsoleRow | undefined;
    /** Not written yet. */
    success?: SignInSuccess | undefined;
    /** Whose browser is known from now on. */
    client: TypingClient;
    targetLinkUri?: string | null;
    whenUnknown?: string | undefined;
  },
): Promise<FastifyReply> {
  const step = nextStep({
    pending: at.pending.state,
    consoleKnown: at.console !== undefined,
    prompt: promptOf(at.pending),
    signedInMeanwhile: false,
    authenticated: true,
  });
  // A sign-in with a password writes it together with its success.
  if (!at.success) await knowBrowser(context.db, at.account.id, at.client, context.clock());
  at.client.keep(reply);
  switch (step) {
    case 'finish-pending': {
      const interaction = pendingInteraction(at.pending);
      const onward = await finishPendingSignIn(context, provider, request, reply, interaction, at);
      return reply.redirect(onward ?? '/sign-in', 303);
    }
    case 'enter-console':
      await writeSuccess(context.db, at.success);
      return goOn(entranceOf(context, at.console, at.targetLinkUri));
    case 'show-consoles':
      await writeSuccess(context.db, at.success);
      return goOn(at.whenUnknown ?? '/');
    case 'ask-for-password':
    case 'resume-pending':
    case 'explain-no-link':
    case 'explain-foreign':
      throw new Error('An authenticated person is asked nothing more here.');
  }

  /** With a session that is made without a pending sign-in. */
  async function goOn(to: string): Promise<FastifyReply> {
    const sessionUid = await signInBrowser(context, provider, request, reply, at.account.id);
    const holds = await stillHolds(context, at, sessionUid, context.clock());
    return reply.redirect(holds ? to : '/sign-in', 303);
  }
}

async function arrive(
  context: WebContext,
  provider: Provider,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Arrival> {
  const { uid } = request.params as { uid?: string };
  if (!uid) {
    const back = pageOfOurs(query(request, 'return_path'));
    const again = { fresh: asksAnew(request) };
    return {
      pending: NO_PENDING_SIGN_IN,
      console: undefined,
      path: back === undefined ? '/sign-in' : signInPathTo(back, again),
      whenUnknown: back,
    };
  }
  const pending = await pendingSignIn(provider, context.db, request, reply, uid, context.clock());
  const console =
    pending.clientId === undefined ? undefined : await context.consoles.byClientId(pending.clientId);
  return { pending, console, path: `/sign-in/${encodeURIComponent(uid)}` };
}

/** The pages of ours that ask for a sign-in; nobody is led anywhere else by what a URL says. */
function pageOfOurs(text: string | undefined): string | undefined {
  return /^(?:\/account(?:\/password|\/activity)?|\/operator(?:[/?][\w\-./?=&%+:~]*)?)$/.test(text ?? '')
    ? text
    : undefined;
}

function goalOf(path: string | undefined): 'account' | 'operator' | undefined {
  if (path === undefined) return undefined;
  return path.startsWith('/operator') ? 'operator' : 'account';
}

/** Whether even somebody who is signed in is asked for the password: a page wants to know that it is still they (OpenID Connect Core §3.1.2.1, max_age). */
function asksAnew(request: FastifyRequest): boolean {
  return query(request, 'fresh') !== undefined && pageOfOurs(query(request, 'return_path')) !== undefined;
}

function promptOf(pending: PendingSignIn): SignInSituation['prompt'] {
  return pending.interaction?.prompt.name as SignInSituation['prompt'];
}

/** Whether a session in this browser is all that is asked for: no re-authentication, no other account. */
function onlySignInIsMissing(pending: PendingSignIn): boolean {
  if (pending.state === 'none') return true;
  const prompt = pending.interaction?.prompt;
  return prompt?.name === 'login' && prompt.reasons.every((reason) => reason === 'no_session');
}

function pendingInteraction(pending: PendingSignIn): NonNullable<PendingSignIn['interaction']> {
  if (!pending.interaction) throw new Error('There is no pending sign-in to finish.');
  return pending.interaction;
}

function entranceOf(
  context: WebContext,
  console: ConsoleRow | undefined,
  targetLinkUri?: string | null,
): string {
  if (!console) throw new Error('There is no console to enter.');
  return consoleEntrance(console, context.issuer, { targetLinkUri: targetLinkUri ?? null });
}

function statusOf(refusal: SignInRefusal): number {
  switch (refusal.reason) {
    case 'wait':
    case 'network-wait':
      return 429;
    case 'only-reset':
    case 'wrong-credentials':
      return 401;
    case 'address-missing':
    case 'address-malformed':
    case 'password-missing':
      return 422;
  }
}
