import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Provider } from 'oidc-provider';
import { consoleName } from '#domain/consoles/consoles.ts';
import { finishNewPassword, openProof, type FinishNewPasswordResult } from '#domain/sign-in/new-password.ts';
import type { AccountRow, ConsoleRow, LegacyProofRow } from '#support/db/schema.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { secretHash } from '#support/primitives/secrets.ts';
import type { PasswordRules } from '#domain/credentials/password-rules.ts';
import { faultText } from '#web/pages/reset/new-password-fields.tsx';
import type { WebContext } from '#web/http/context.ts';
import {
  browserHash,
  typingClientOf,
  field,
  LONGEST_PASSWORD_FIELD,
  localeOf,
  sendPage,
  shellAt,
  shellOf,
} from '#web/http/request.ts';
import { NO_PENDING_SIGN_IN, pendingSignIn, type PendingSignIn } from '#web/oidc/pending-sign-in.ts';
import { texts as resetTexts } from '#web/pages/reset/text.ts';
import { dispatchAuthenticated } from '#web/pages/sign-in/route.ts';
import { newPasswordPage, proofEndedPage, type NewPasswordErrors } from './page.tsx';

type Arrival = { pending: PendingSignIn; console: ConsoleRow | undefined; signInPath: string; uid?: string };
type Proof = { proof: LegacyProofRow; account: AccountRow };

/** Choosing a new password in place of a legacy one that is right but too weak (R21). Opening the page changes nothing. */
export function registerNewPassword(app: FastifyInstance, context: WebContext, provider: Provider): void {
  for (const prefix of ['', '/sign-in/:uid']) {
    app.get(`${prefix}/new-password/:proof`, async (request, reply) => {
      const arrival = await arrive(request, reply);
      const open = await proofOf(request, arrival);
      if (!open) return showEnded(request, reply, arrival);
      return show(request, reply, arrival, open, {}, 200);
    });

    app.post(`${prefix}/new-password/:proof`, async (request, reply) => {
      const arrival = await arrive(request, reply);
      const open = await proofOf(request, arrival);
      if (!open) return showEnded(request, reply, arrival);
      const locale = localeFor(request, arrival, open.account);
      const client = typingClientOf(context, request);
      const result = await finishNewPassword(
        context,
        open,
        {
          password: field(request, 'password', LONGEST_PASSWORD_FIELD),
          confirmation: field(request, 'confirmation', LONGEST_PASSWORD_FIELD),
        },
        client,
        context.clock(),
        locale,
      );
      if (result.ok)
        return dispatchAuthenticated(context, provider, request, reply, {
          pending: arrival.pending,
          console: arrival.console,
          account: result.account,
          passwordSetAt: result.passwordSetAt,
          client,
        });
      switch (result.reason) {
        case 'form':
          return show(
            request,
            reply,
            arrival,
            open,
            errorsOf(locale, result.faults, context.passwordRules),
            422,
          );
        case 'proof-ended':
          return showEnded(request, reply, arrival);
      }
    });
  }

  async function arrive(request: FastifyRequest, reply: FastifyReply): Promise<Arrival> {
    const { uid } = request.params as { uid?: string };
    if (!uid) return { pending: NO_PENDING_SIGN_IN, console: undefined, signInPath: '/sign-in' };
    const pending = await pendingSignIn(provider, context.db, request, reply, uid, context.clock());
    const console =
      pending.clientId === undefined ? undefined : await context.consoles.byClientId(pending.clientId);
    return { pending, console, signInPath: `/sign-in/${encodeURIComponent(uid)}`, uid };
  }

  async function proofOf(request: FastifyRequest, arrival: Arrival): Promise<Proof | undefined> {
    const { proof } = request.params as { proof: string };
    const place = {
      browserHash: browserHash(context, request),
      pendingHash: arrival.uid === undefined ? null : secretHash(arrival.uid),
    };
    return openProof(context.db, proof, place, context.clock());
  }

  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    arrival: Arrival,
    { proof, account }: Proof,
    errors: NewPasswordErrors,
    status: number,
  ): Promise<FastifyReply> {
    const locale = localeFor(request, arrival, account);
    const legacy = await context.consoles.byId(proof.console_id);
    const html = newPasswordPage(shellAt(context, request, locale, arrival.console), {
      path: `${arrival.uid === undefined ? '' : arrival.signInPath}/new-password/${proof.id}`,
      signInPath: arrival.signInPath,
      legacyConsole: legacy ? consoleName(legacy, locale) : '',
      consoleName: arrival.console && consoleName(arrival.console, locale),
      emailAddress: account.email_address,
      errors,
    });
    return sendPage(reply, html, status);
  }

  function showEnded(request: FastifyRequest, reply: FastifyReply, arrival: Arrival): FastifyReply {
    const shell = shellOf(context, request, localeOf(request, { uiLocales: arrival.pending.uiLocales }));
    return sendPage(reply, proofEndedPage(shell, { signInPath: arrival.signInPath }), 404);
  }
}

function localeFor(request: FastifyRequest, arrival: Arrival, account: AccountRow): Locale {
  return localeOf(request, { uiLocales: arrival.pending.uiLocales, account: account.locale });
}

function errorsOf(
  locale: Locale,
  faults: Extract<FinishNewPasswordResult, { reason: 'form' }>['faults'],
  rules: PasswordRules,
): NewPasswordErrors {
  const t = resetTexts[locale];
  const password = faultText(locale, faults.password, rules);
  return {
    ...(password ? { password } : {}),
    ...(faults.confirmation ? { confirmation: t.errors.mismatch } : {}),
  };
}
