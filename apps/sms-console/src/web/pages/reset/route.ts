import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { loginUrl, routes } from '#app/routes.ts';
import { LEGACY_PASSWORD_LENGTH } from '#domain/legacy-login/password-rule.ts';
import { isResetLinkAlive, resetLegacyPassword, type LegacyReset } from '#domain/legacy-login/reset.ts';
import { field, passwordField } from '#web/http/forms.ts';
import type { View } from '#web/http/layout.tsx';
import { leadTo, leaveNotice, sendPage, viewOf } from '#web/http/view.ts';
import type { Web } from '#web/http/web.ts';
import { ResetClosedPage, ResetEndedPage, ResetPage, type ResetErrors } from './page.tsx';
import { resetTexts } from './text.ts';

/**
 * The end of the legacy reset. A link mailed before link time is honoured while the legacy login works, and refused with
 * the way forward after cut-over (R12).
 */
export function resetRoutes(app: FastifyInstance, web: Web): void {
  app.get(routes.reset, async (request, reply) => {
    if (isClosed(web)) return showClosed(web, request, reply);
    const view = viewOf(web, request, reply);
    const token = field(request.query, 'token');
    if (!(await isResetLinkAlive(web.db, token, web.clock())))
      return sendPage(reply, 410, ResetEndedPage({ view }));
    return sendPage(reply, 200, ResetPage({ view, token }));
  });

  app.post(routes.reset, async (request, reply) => {
    if (isClosed(web)) return showClosed(web, request, reply);
    const token = field(request.body, 'token');
    const wanted = passwordField(request.body, 'new_password');
    const confirmation = passwordField(request.body, 'confirmation');
    const answer = await resetLegacyPassword(web.db, { token, wanted, confirmation }, web.clock());
    if (answer.ok) {
      leaveNotice(web, reply, 'password-reset');
      return leadTo(reply, loginUrl({ returnPath: routes.home }));
    }
    const view = viewOf(web, request, reply);
    if (answer.reason === 'link-ended') return sendPage(reply, 410, ResetEndedPage({ view }));
    return sendPage(reply, 422, ResetPage({ view, token, errors: errorsFor(answer.reason, view) }));
  });
}

function errorsFor(
  reason: Exclude<Extract<LegacyReset, { ok: false }>['reason'], 'link-ended'>,
  { locale }: View,
): ResetErrors {
  const text = resetTexts[locale].errors;
  switch (reason) {
    case 'missing':
      return { password: text.missing };
    case 'too-short':
      return { password: text['too-short'](LEGACY_PASSWORD_LENGTH.min) };
    case 'too-long':
      return { password: text['too-long'](LEGACY_PASSWORD_LENGTH.max) };
    case 'different':
      return { confirmation: text.different };
  }
}

function isClosed(web: Web): boolean {
  return !web.kit.gate(web.clock()).legacySignIn;
}

function showClosed(web: Web, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const view = viewOf(web, request, reply);
  return sendPage(
    reply,
    410,
    ResetClosedPage({ view, resetUrl: web.kit.resetUrl({ locale: view.locale, returnPath: routes.home }) }),
  );
}
