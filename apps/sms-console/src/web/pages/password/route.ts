import type { FastifyInstance, FastifyReply } from 'fastify';
import { routes } from '#app/routes.ts';
import { changeLegacyPassword, type LegacyPasswordChange } from '#domain/legacy-login/change-password.ts';
import { LEGACY_PASSWORD_LENGTH } from '#domain/legacy-login/password-rule.ts';
import { passwordField } from '#web/http/forms.ts';
import type { View } from '#web/http/layout.tsx';
import { lengthText, secondsUntil } from '#web/http/times.ts';
import { leadTo, leaveNotice, sendPage, viewOf } from '#web/http/view.ts';
import { requireVisitor, type SignedInVisitor } from '#web/http/visitor.ts';
import type { Web } from '#web/http/web.ts';
import { PasswordPage, type PasswordErrors } from './page.tsx';
import { passwordTexts } from './text.ts';

/** The password: the console's own change before link time, the unified login's reset from then on, and back here (R7). */
export function passwordRoutes(app: FastifyInstance, web: Web): void {
  app.get(routes.settingsPassword, async (request, reply) => {
    const visitor = await requireVisitor(web, request, reply);
    if (visitor === null) return reply;
    const view = viewOf(web, request, reply, visitor.person);
    if (isUnified(web)) return leadToUnifiedReset(web, reply, visitor, view);
    return sendPage(reply, 200, PasswordPage({ view, person: visitor.person }));
  });

  app.post(routes.settingsPassword, async (request, reply) => {
    const visitor = await requireVisitor(web, request, reply);
    if (visitor === null) return reply;
    const { person, session } = visitor;
    const view = viewOf(web, request, reply, person);
    if (isUnified(web)) return leadToUnifiedReset(web, reply, visitor, view);
    const now = web.clock();
    const answer = await changeLegacyPassword(
      web.db,
      { id: person.id, keepSessionId: session.id },
      {
        present: passwordField(request.body, 'present_password'),
        wanted: passwordField(request.body, 'new_password'),
        confirmation: passwordField(request.body, 'confirmation'),
      },
      now,
    );
    if (answer.ok) {
      leaveNotice(web, reply, 'password-changed');
      return leadTo(reply, routes.settings);
    }
    if (answer.reason === 'too-many')
      void reply.header('retry-after', Math.max(1, secondsUntil(answer.retryAt, now)));
    const page = PasswordPage({ view, person, errors: errorsFor(answer, view, now) });
    return sendPage(reply, answer.reason === 'too-many' ? 429 : 422, page);
  });
}

function errorsFor(
  answer: Exclude<LegacyPasswordChange, { ok: true }>,
  { locale }: View,
  now: Date,
): PasswordErrors {
  const text = passwordTexts[locale].errors;
  switch (answer.reason) {
    case 'present-wrong':
      return { present: text.presentWrong };
    case 'missing':
      return { wanted: text.missing };
    case 'too-short':
      return { wanted: text.tooShort(LEGACY_PASSWORD_LENGTH.min) };
    case 'too-long':
      return { wanted: text.tooLong(LEGACY_PASSWORD_LENGTH.max) };
    case 'different':
      return { confirmation: text.different };
    case 'too-many':
      return {
        form: text.tooMany(lengthText(Math.ceil(secondsUntil(answer.retryAt, now) / 60) * 60_000, locale)),
      };
  }
}

function isUnified(web: Web): boolean {
  return web.kit.gate(web.clock()).reset === 'unified';
}

function leadToUnifiedReset(
  web: Web,
  reply: FastifyReply,
  { person }: SignedInVisitor,
  { locale }: View,
): FastifyReply {
  return leadTo(
    reply,
    web.kit.resetUrl({ loginHint: person.emailAddress, locale, returnPath: routes.settings }),
  );
}
