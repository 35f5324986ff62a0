import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Provider } from 'oidc-provider';
import { activeAccount } from '#domain/accounts/accounts.ts';
import { consoleEntrance, consoleName } from '#domain/consoles/consoles.ts';
import { phaseAt } from '#domain/migration/phase.ts';
import { planOf } from '#domain/migration/plans.ts';
import { authenticate } from '#domain/sign-in/authenticate.ts';
import { nextStep } from '#domain/sign-in/next-step.ts';
import type { AccountRow, ConsoleRow } from '#support/db/schema.ts';
import { browserSession, finishPendingSignIn, signInBrowser } from '#web/oidc/browser-session.ts';
import { pendingSignIn, type PendingSignIn } from '#web/oidc/pending-sign-in.ts';
import type { WebContext } from '#web/http/context.ts';
import { clientOf, field, localeOf, query, sendPage, shellOf } from '#web/http/request.ts';
import { notLinkedPage, signInPage, type SignInRefusal } from './page.tsx';

type Arrival = { pending: PendingSignIn; console: ConsoleRow | undefined; path: string };

/**
 * The sign-in page with and without a pending sign-in, and the dispatcher behind it: whatever state a sign-in is in, `dispatch` says what comes next.
 */
export function registerSignIn(app: FastifyInstance, context: WebContext, provider: Provider): void {
  for (const url of ['/sign-in', '/sign-in/:uid']) {
    app.get(url, async (request, reply) => {
      const arrival = await arrive(context, provider, request, reply);
      const session = await browserSession(provider, request, reply);
      if (!arrival.pending.interaction && session && !arrival.console) return reply.redirect('/', 303);
      const step = nextStep({
        pending: arrival.pending.interaction !== undefined,
        consoleKnown: arrival.console !== undefined,
        prompt: arrival.pending.interaction?.prompt.name as 'login' | 'console_link' | undefined,
        authenticated: false,
      });
      switch (step) {
        case 'enter-console':
          return reply.redirect(entranceOf(context, arrival.console), 303);
        case 'explain-no-link':
          if (query(request, 'other')) return showSignIn(request, reply, arrival, '', undefined);
          return showNoLink(request, reply, arrival);
        case 'ask-for-password':
        case 'show-consoles':
          return showSignIn(request, reply, arrival, arrival.pending.loginHint ?? '', undefined);
        case 'finish-pending':
          throw new Error('Nobody has authenticated on opening a page.');
      }
    });

    app.post(url, async (request, reply) => {
      const arrival = await arrive(context, provider, request, reply);
      const typed = { emailAddress: field(request, 'email_address'), password: field(request, 'password') };
      const result = await authenticate(context, typed, clientOf(request), context.clock());
      if (!result.ok) return showSignIn(request, reply, arrival, typed.emailAddress, result);
      return dispatchAuthenticated(context, provider, request, reply, { ...arrival, account: result.account });
    });
  }

  async function showSignIn(
    request: FastifyRequest,
    reply: FastifyReply,
    arrival: Arrival,
    emailAddress: string,
    refusal: SignInRefusal | undefined,
  ): Promise<FastifyReply> {
    const locale = localeOf(request, { uiLocales: arrival.pending.uiLocales });
    const now = context.clock();
    const plan = arrival.console && (await planOf(context.db, arrival.console.id));
    const html = signInPage(shellOf(context, request, locale), {
      path: arrival.path,
      consoleName: arrival.console && consoleName(arrival.console, locale),
      legacyLoginUrl: plan && phaseAt(plan, now) === 'parallel' ? (arrival.console?.legacy_login_url ?? arrival.console?.home_url) : undefined,
      emailAddress,
      refusal,
      now,
    });
    if (refusal && 'until' in refusal) reply.header('retry-after', Math.max(1, Math.ceil((refusal.until.getTime() - now.getTime()) / 1_000)));
    return sendPage(reply, html, refusal ? statusOf(refusal) : 200);
  }

  async function showNoLink(request: FastifyRequest, reply: FastifyReply, arrival: Arrival): Promise<FastifyReply> {
    const session = await browserSession(provider, request, reply);
    const account = session && (await activeAccount(context.db, session.accountId));
    if (!account || !arrival.console) return showSignIn(request, reply, arrival, '', undefined);
    const locale = localeOf(request, { uiLocales: arrival.pending.uiLocales, account: account.locale });
    const html = notLinkedPage(shellOf(context, request, locale), {
      path: arrival.path,
      consoleName: consoleName(arrival.console, locale),
      emailAddress: account.email_address,
    });
    return sendPage(reply, html);
  }
}

/** Leads a person who has just authenticated to where they set out for; the last step of the sign-in page and of the password reset alike. */
export async function dispatchAuthenticated(
  context: WebContext,
  provider: Provider,
  request: FastifyRequest,
  reply: FastifyReply,
  at: { pending: PendingSignIn; console: ConsoleRow | undefined; account: AccountRow; targetLinkUri?: string | null; whenUnknown?: string },
): Promise<FastifyReply> {
  const { interaction } = at.pending;
  const step = nextStep({
    pending: interaction !== undefined,
    consoleKnown: at.console !== undefined,
    prompt: interaction?.prompt.name as 'login' | 'console_link' | undefined,
    authenticated: true,
  });
  switch (step) {
    case 'finish-pending':
      if (!interaction) throw new Error('There is no pending sign-in to finish.');
      return reply.redirect(await finishPendingSignIn(context, provider, request, reply, interaction, at.account.id), 303);
    case 'enter-console':
      await signInBrowser(context, provider, request, reply, at.account.id);
      return reply.redirect(entranceOf(context, at.console, at.targetLinkUri), 303);
    case 'show-consoles':
      await signInBrowser(context, provider, request, reply, at.account.id);
      return reply.redirect(at.whenUnknown ?? '/', 303);
    case 'ask-for-password':
    case 'explain-no-link':
      throw new Error('An authenticated person is asked nothing more here.');
  }
}

async function arrive(context: WebContext, provider: Provider, request: FastifyRequest, reply: FastifyReply): Promise<Arrival> {
  const { uid } = request.params as { uid?: string };
  if (!uid) {
    const pending = { interaction: undefined, clientId: undefined, uiLocales: undefined, loginHint: undefined };
    return { pending, console: undefined, path: '/sign-in' };
  }
  const pending = await pendingSignIn(provider, context.db, request, reply, uid);
  const console = pending.clientId === undefined ? undefined : await context.consoles.byClientId(pending.clientId);
  return { pending, console, path: `/sign-in/${encodeURIComponent(uid)}` };
}

function entranceOf(context: WebContext, console: ConsoleRow | undefined, targetLinkUri?: string | null): string {
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
