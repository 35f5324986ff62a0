import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Provider } from 'oidc-provider';
import { consoleEntrance, consoleName, isAddressOf } from '#domain/consoles/consoles.ts';
import {
  finishSettingPassword,
  passwordRequest,
  resendPasswordCode,
  startSettingPassword,
  type FinishPasswordResult,
} from '#domain/sign-in/set-password.ts';
import type { ConsoleRow, VerificationRequestRow } from '#support/db/schema.ts';
import { after, MINUTE, SECOND } from '#support/primitives/durations.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { browserSession } from '#web/oidc/browser-session.ts';
import { NO_PENDING_SIGN_IN, pendingSignIn, type PendingSignIn } from '#web/oidc/pending-sign-in.ts';
import type { PasswordRules } from '#domain/credentials/password-rules.ts';
import { faultText } from './new-password-fields.tsx';
import type { WebContext } from '#web/http/context.ts';
import {
  browserHash,
  clientOf,
  typingClientOf,
  ensureBrowserHash,
  field,
  LONGEST_PASSWORD_FIELD,
  localeOf,
  query,
  sendPage,
  shellAt,
  shellOf,
} from '#web/http/request.ts';
import { dispatchAuthenticated } from '#web/pages/sign-in/route.ts';
import { askPage } from './ask-page.tsx';
import { codePage, type CodePageErrors } from './code-page.tsx';
import { donePage, finishedPage, gonePage } from './end-pages.tsx';
import { texts } from './text.ts';

/** Where the person comes from and how the pages link to each other: under a pending sign-in, or alone. */
type Arrival = {
  pending: PendingSignIn;
  console: ConsoleRow | undefined;
  targetLinkUri: string | null;
  uiLocales: string | undefined;
  signInPath: string;
  askPath: string;
};

/** The password reset (R4): three pages, each of its own, that survive reload, back and a second tab. */
export function registerReset(app: FastifyInstance, context: WebContext, provider: Provider): void {
  app.get('/reset/done', async (request, reply) => {
    // Only who is signed in is told that they are; anybody else who opens this address begins at the front door.
    if (!(await browserSession(provider, request, reply))) return reply.redirect('/', 303);
    return sendPage(reply, donePage(shellOf(context, request, localeOf(request))));
  });

  for (const prefix of ['', '/sign-in/:uid']) {
    app.get(`${prefix}/reset`, async (request, reply) => {
      const arrival = await arrive(request, reply);
      return showAsk(
        request,
        reply,
        arrival,
        query(request, 'login_hint') ?? arrival.pending.loginHint ?? '',
        undefined,
        200,
      );
    });

    app.post(`${prefix}/reset`, async (request, reply) => {
      const arrival = await arrive(request, reply);
      const locale = localeOf(request, { uiLocales: arrival.uiLocales });
      const now = context.clock();
      const typed = field(request, 'email_address');
      const result = await startSettingPassword(
        context,
        {
          emailAddress: typed,
          browserHash: ensureBrowserHash(context, request, reply),
          consoleId: arrival.console?.id ?? null,
          targetLinkUri: arrival.targetLinkUri,
          locale,
        },
        clientOf(request),
        now,
      );
      if (result.ok)
        return reply.redirect(`${arrival.askPath}/${result.requestId}${result.sent ? '' : '?held=1'}`, 303);
      const t = texts[locale];
      switch (result.reason) {
        case 'address-missing':
        case 'address-malformed':
          return showAsk(request, reply, arrival, typed, t.errors[result.reason], 422);
        case 'too-soon':
        case 'too-many':
          return showAsk(request, reply, arrival, typed, limitText(locale, result, now, reply), 429);
      }
    });

    app.get(`${prefix}/reset/:request`, async (request, reply) => {
      const arrival = await arrive(request, reply);
      const open = await openRequestOf(request, arrival);
      if (!open.ok) return showEnded(request, reply, arrival, open.console);
      return showCode(
        request,
        reply,
        arrival,
        open.request,
        {},
        {
          status: 200,
          notice: query(request, 'held') ? 'held' : query(request, 'resent') ? 'resent' : undefined,
        },
      );
    });

    // A refusal to send again stands at this address; reload and back lead to the code page.
    app.get(`${prefix}/reset/:request/resend`, async (request, reply) =>
      reply.redirect((request.url.split('?')[0] ?? '').replace(/\/resend\/?$/, ''), 303),
    );

    app.post(`${prefix}/reset/:request/resend`, async (request, reply) => {
      const arrival = await arrive(request, reply);
      const open = await openRequestOf(request, arrival);
      if (!open.ok) return showEnded(request, reply, arrival, open.console);
      const now = context.clock();
      const result = await resendPasswordCode(context, open.request, clientOf(request), now);
      if (result.ok) return reply.redirect(`${arrival.askPath}/${open.request.id}?resent=1`, 303);
      const error = limitText(
        localeOf(request, { uiLocales: arrival.uiLocales ?? open.request.locale }),
        result,
        now,
        reply,
      );
      return showCode(
        request,
        reply,
        arrival,
        open.request,
        { resend: error },
        { status: 429, resendAt: result.retryAt },
      );
    });

    app.post(`${prefix}/reset/:request`, async (request, reply) => {
      const arrival = await arrive(request, reply);
      const open = await openRequestOf(request, arrival);
      if (!open.ok) return showEnded(request, reply, arrival, open.console);
      const session = await browserSession(provider, request, reply);
      const typed = {
        code: field(request, 'code', 100),
        password: field(request, 'password', LONGEST_PASSWORD_FIELD),
        confirmation: field(request, 'confirmation', LONGEST_PASSWORD_FIELD),
      };
      const client = typingClientOf(context, request);
      const result = await finishSettingPassword(
        context,
        open.request,
        typed,
        session?.uid,
        client,
        context.clock(),
      );
      if (!result.ok) {
        if (result.reason === 'request-ended')
          return showEnded(request, reply, arrival, open.console ?? 'finished-alone');
        const locale = localeOf(request, { uiLocales: arrival.uiLocales ?? open.request.locale });
        return showCode(
          request,
          reply,
          arrival,
          open.request,
          errorsOf(locale, typed.code, result, context.passwordRules),
          {
            status: statusOf(result),
            code: typed.code,
          },
        );
      }
      return dispatchAuthenticated(context, provider, request, reply, {
        pending: arrival.pending,
        console: open.console ?? arrival.console,
        account: result.account,
        passwordSetAt: result.passwordSetAt,
        client,
        targetLinkUri: result.targetLinkUri,
        whenUnknown: '/reset/done',
      });
    });
  }

  async function arrive(request: FastifyRequest, reply: FastifyReply): Promise<Arrival> {
    const { uid } = request.params as { uid?: string };
    if (uid) {
      const pending = await pendingSignIn(provider, context.db, request, reply, uid, context.clock());
      const console =
        pending.clientId === undefined ? undefined : await context.consoles.byClientId(pending.clientId);
      const signInPath = `/sign-in/${encodeURIComponent(uid)}`;
      return {
        pending,
        console,
        targetLinkUri: null,
        uiLocales: pending.uiLocales,
        signInPath,
        askPath: `${signInPath}/reset`,
      };
    }
    const clientId = query(request, 'client_id') ?? field(request, 'client_id', 100);
    const console = clientId ? await context.consoles.byClientId(clientId) : undefined;
    const target = query(request, 'target_link_uri') ?? field(request, 'target_link_uri', 2_000);
    const uiLocales = query(request, 'ui_locales') ?? (field(request, 'ui_locales', 100) || undefined);
    return {
      pending: { ...NO_PENDING_SIGN_IN, uiLocales },
      console,
      targetLinkUri: console && target && isAddressOf(console, target) ? target : null,
      uiLocales,
      signInPath: '/sign-in',
      askPath: '/reset',
    };
  }

  async function openRequestOf(
    request: FastifyRequest,
    arrival: Arrival,
  ): Promise<
    | { ok: true; request: VerificationRequestRow; console: ConsoleRow | undefined }
    | { ok: false; console: ConsoleRow | undefined | 'finished-alone' }
  > {
    const { request: requestId } = request.params as { request: string };
    const found = await passwordRequest(
      context.db,
      requestId,
      browserHash(context, request),
      context.clock(),
    );
    switch (found.state) {
      case 'open':
        return { ok: true, request: found.request, console: await consoleOf(found.request, arrival) };
      case 'finished':
        return { ok: false, console: (await consoleOf(found.request, arrival)) ?? 'finished-alone' };
      case 'unknown':
        return { ok: false, console: undefined };
    }
  }

  async function consoleOf(
    request: VerificationRequestRow,
    arrival: Arrival,
  ): Promise<ConsoleRow | undefined> {
    return request.console_id ? context.consoles.byId(request.console_id) : arrival.console;
  }

  function showAsk(
    request: FastifyRequest,
    reply: FastifyReply,
    arrival: Arrival,
    emailAddress: string,
    error: string | undefined,
    status: number,
  ): FastifyReply {
    const locale = localeOf(request, { uiLocales: arrival.uiLocales });
    const alone = arrival.askPath === '/reset';
    const hidden = [
      { name: 'client_id', value: alone ? arrival.console?.client_id : undefined },
      { name: 'target_link_uri', value: arrival.targetLinkUri ?? undefined },
      { name: 'ui_locales', value: alone ? arrival.uiLocales : undefined },
    ].filter((one): one is { name: string; value: string } => one.value !== undefined);
    const html = askPage(shellAt(context, request, locale, arrival.console), {
      path: arrival.askPath,
      signInPath: signInPathOf(arrival),
      consoleName: arrival.console && consoleName(arrival.console, locale),
      emailAddress,
      hidden,
      error,
    });
    return sendPage(reply, html, status);
  }

  async function showCode(
    request: FastifyRequest,
    reply: FastifyReply,
    arrival: Arrival,
    open: VerificationRequestRow,
    errors: CodePageErrors,
    options: { status: number; code?: string; notice?: 'held' | 'resent' | undefined; resendAt?: Date },
  ): Promise<FastifyReply> {
    const locale = localeOf(request, { uiLocales: arrival.uiLocales ?? open.locale });
    const console = await consoleOf(open, arrival);
    const html = codePage(shellAt(context, request, locale, console), {
      path: `${arrival.askPath}/${open.id}`,
      askPath: arrival.askPath,
      signInPath: signInPathOf({ ...arrival, console }),
      consoleName: console && consoleName(console, locale),
      emailAddress: open.email_address,
      code: options.code ?? '',
      resendAt: options.resendAt ?? after(open.last_sent_at ?? open.created_at, context.sendPause),
      notice: options.notice,
      errors,
      now: context.clock(),
    });
    return sendPage(reply, html, options.status);
  }

  function showEnded(
    request: FastifyRequest,
    reply: FastifyReply,
    arrival: Arrival,
    ended: ConsoleRow | undefined | 'finished-alone',
  ): FastifyReply {
    const shell = shellOf(context, request, localeOf(request, { uiLocales: arrival.uiLocales }));
    if (ended === undefined)
      return sendPage(
        reply,
        gonePage(shell, { askPath: arrival.askPath, signInPath: signInPathOf(arrival) }),
        404,
      );
    return sendPage(
      reply,
      finishedPage(
        shell,
        ended === 'finished-alone'
          ? undefined
          : { console: consoleName(ended, shell.locale), url: consoleEntrance(ended, context.issuer) },
      ),
      200,
    );
  }

  /** Back to the sign-in page that the person came from; alone it is the console's entrance, which leads to one. */
  function signInPathOf(arrival: Arrival): string {
    if (arrival.askPath !== '/reset' || !arrival.console) return arrival.signInPath;
    return consoleEntrance(arrival.console, context.issuer);
  }
}

function limitText(
  locale: Locale,
  refusal: { reason: 'too-soon' | 'too-many'; retryAt: Date },
  now: Date,
  reply: FastifyReply,
): string {
  const wait = Math.max(SECOND, refusal.retryAt.getTime() - now.getTime());
  reply.header('retry-after', Math.ceil(wait / SECOND));
  return refusal.reason === 'too-soon'
    ? texts[locale].tooSoon(Math.ceil(wait / SECOND))
    : texts[locale].tooMany(Math.ceil(wait / MINUTE));
}

function errorsOf(
  locale: Locale,
  typedCode: string,
  result: Exclude<FinishPasswordResult, { ok: true } | { reason: 'request-ended' }>,
  rules: PasswordRules,
): CodePageErrors {
  const t = texts[locale];
  switch (result.reason) {
    case 'form':
      return {
        ...(result.faults.code
          ? { code: typedCode.trim() === '' ? t.errors['code-missing'] : t.errors['code-malformed'] }
          : {}),
        ...(result.faults.password.length > 0
          ? { password: faultText(locale, result.faults.password, rules) }
          : {}),
        ...(result.faults.confirmation ? { confirmation: t.errors.mismatch } : {}),
      };
    case 'code-wrong':
      return { code: t.codeWrong(result.triesLeft) };
    case 'code-malformed':
    case 'code-expired':
    case 'code-superseded':
    case 'code-used':
    case 'too-many-tries':
    case 'too-many-guesses':
      return { code: t.errors[result.reason] };
  }
}

function statusOf(result: Exclude<FinishPasswordResult, { ok: true }>): number {
  return result.reason === 'too-many-guesses' || result.reason === 'too-many-tries' ? 429 : 422;
}
