import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { changeOfCodePage, confirmOnCodePage, resendOnCodePage } from '#domain/login-id/operator-change.ts';
import type { FoundChange } from '#domain/login-id/state.ts';
import { CODE_PAGE } from '#domain/verification/code-mail.ts';
import type { CodeRefusal } from '#domain/verification/codes.ts';
import { after, MINUTE, SECOND } from '#support/primitives/durations.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { WebContext } from '#web/http/context.ts';
import { clientOf, field, localeOf, query, sendPage, shellOf } from '#web/http/request.ts';
import { texts as resetTexts } from '#web/pages/reset/text.ts';
import { changeCodePage, changeDonePage, changeRefusedPage, type ChangeCodeView } from './code-pages.tsx';

/** Whoever knows the page can use up the tries of its code. */
const SECRET = { secretPath: true };

/**
 * Where a person proves the new mailbox of a change that an operator began (R18), without signing in. The page is bound to that one change; without the code it says and does nothing, and a page
 * that never was looks like one that is over.
 */
export function registerChangeCode(app: FastifyInstance, context: WebContext): void {
  app.get(`${CODE_PAGE}/:request`, { config: SECRET }, async (request, reply) => {
    const open = await openChange(request);
    if (!open) return refuse(request, reply, 'ended', 410);
    return show(request, reply, open, { resent: query(request, 'resent') !== undefined }, 200);
  });

  app.post(`${CODE_PAGE}/:request`, { config: SECRET }, async (request, reply) => {
    const open = await openChange(request);
    if (!open) return refuse(request, reply, 'ended', 410);
    const code = field(request, 'code', 100);
    const result = await confirmOnCodePage(context, open, code, context.clock());
    const locale = localeFor(request, open);
    if (result.ok)
      return sendPage(reply, changeDonePage(shellOf(context, request, locale), result.emailAddress));
    switch (result.reason) {
      case 'change-unknown':
      case 'change-ended':
        return refuse(request, reply, 'ended', 410);
      case 'changed-meanwhile':
      case 'address-taken':
      case 'address-reserved':
        return refuse(request, reply, result.reason, 409, locale);
      case 'kept-by-administrators':
        return refuse(request, reply, result.reason, 403, locale);
      case 'code-malformed':
      case 'code-wrong':
      case 'code-expired':
      case 'code-superseded':
      case 'code-used':
      case 'too-many-tries':
      case 'too-many-guesses':
        return show(
          request,
          reply,
          open,
          { code, error: codeError(locale, code, result) },
          result.reason.startsWith('too-many') ? 429 : 422,
        );
    }
  });

  // A refusal to send again stands at this address; reload and back lead to the code page.
  app.get(`${CODE_PAGE}/:request/resend`, { config: SECRET }, async (request, reply) =>
    reply.redirect(pathOf(request), 303),
  );

  app.post(`${CODE_PAGE}/:request/resend`, { config: SECRET }, async (request, reply) => {
    const open = await openChange(request);
    if (!open) return refuse(request, reply, 'ended', 410);
    const now = context.clock();
    const result = await resendOnCodePage(context, open, clientOf(request).network, now);
    if (result.ok) return reply.redirect(`${pathOf(request)}?resent=1`, 303);
    const wait = Math.max(SECOND, result.retryAt.getTime() - now.getTime());
    const t = resetTexts[localeFor(request, open)];
    reply.header('retry-after', Math.ceil(wait / SECOND));
    const resendError =
      result.reason === 'too-soon'
        ? t.tooSoon(Math.ceil(wait / SECOND))
        : t.tooMany(Math.ceil(wait / MINUTE));
    return show(request, reply, open, { resendError, resendAt: result.retryAt }, 429);
  });

  async function openChange(request: FastifyRequest): Promise<FoundChange | undefined> {
    const { request: requestId } = request.params as { request: string };
    const at = await changeOfCodePage(context.db, requestId, context.clock());
    return at && at.closed !== 'change-ended' ? at.found : undefined;
  }

  function show(
    request: FastifyRequest,
    reply: FastifyReply,
    { request: asked }: FoundChange,
    view: Partial<ChangeCodeView>,
    status: number,
  ): FastifyReply {
    const locale = localeOf(request, { uiLocales: asked.locale });
    const html = changeCodePage(
      { ...shellOf(context, request, locale), path: pathOf(request) },
      {
        path: pathOf(request),
        code: '',
        error: undefined,
        resendError: undefined,
        resent: false,
        resendAt: after(asked.last_sent_at ?? asked.created_at, context.sendPause),
        now: context.clock(),
        ...view,
      },
    );
    return sendPage(reply, html, status);
  }

  function refuse(
    request: FastifyRequest,
    reply: FastifyReply,
    reason: Parameters<typeof changeRefusedPage>[1],
    status: number,
    locale: Locale = localeOf(request),
  ): FastifyReply {
    return sendPage(reply, changeRefusedPage(shellOf(context, request, locale), reason), status);
  }
}

function localeFor(request: FastifyRequest, { request: asked }: FoundChange): Locale {
  return localeOf(request, { uiLocales: asked.locale });
}

function pathOf(request: FastifyRequest): string {
  const { request: requestId } = request.params as { request: string };
  return `${CODE_PAGE}/${encodeURIComponent(requestId)}`;
}

function codeError(locale: Locale, typed: string, refusal: CodeRefusal): string {
  const t = resetTexts[locale];
  switch (refusal.reason) {
    case 'code-wrong':
      return t.codeWrong(refusal.triesLeft);
    case 'code-malformed':
      return typed.trim() === '' ? t.errors['code-missing'] : t.errors['code-malformed'];
    case 'code-expired':
    case 'code-superseded':
    case 'code-used':
    case 'too-many-tries':
    case 'too-many-guesses':
      return t.errors[refusal.reason];
  }
}
