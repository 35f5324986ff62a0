import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { routes } from '#app/routes.ts';
import { requestLegacyReset } from '#domain/legacy-login/reset.ts';
import { readEmailAddress } from '#support/primitives/email-address.ts';
import { field } from '#web/http/forms.ts';
import { requestLocale } from '#web/http/request-locale.ts';
import { lengthText, secondsUntil } from '#web/http/times.ts';
import { leadTo, sendPage, viewOf } from '#web/http/view.ts';
import { findVisitor } from '#web/http/visitor.ts';
import type { Web } from '#web/http/web.ts';
import { ForgotPage, ForgotSentPage } from './page.tsx';
import { forgotTexts } from './text.ts';

/** A forgotten password: the console's own reset before link time, the unified login's from then on (R7, R12). */
export function forgotRoutes(app: FastifyInstance, web: Web): void {
  app.get(routes.forgot, async (request, reply) => {
    if (isUnified(web)) return leadToUnifiedReset(web, request, reply, field(request.query, 'login_hint'));
    return sendPage(reply, 200, ForgotPage({ view: viewOf(web, request, reply), emailAddress: '' }));
  });

  app.post(routes.forgot, async (request, reply) => {
    const typed = field(request.body, 'email_address');
    if (isUnified(web)) return leadToUnifiedReset(web, request, reply, typed);
    const locale = requestLocale(request, web.cookies);
    const text = forgotTexts[locale].errors;
    const emailAddress = readEmailAddress(typed);
    if (emailAddress === null) {
      const error = typed.trim() === '' ? text.addressMissing : text.addressMalformed;
      return sendPage(
        reply,
        422,
        ForgotPage({ view: viewOf(web, request, reply), emailAddress: typed, error }),
      );
    }
    const now = web.clock();
    const answer = await requestLegacyReset(web.db, { emailAddress, clientAddress: request.ip }, now);
    if (!answer.ok) {
      const seconds = Math.max(1, secondsUntil(answer.retryAt, now));
      void reply.header('retry-after', seconds);
      const error = text.tooMany(lengthText(Math.ceil(seconds / 60) * 60_000, locale));
      return sendPage(
        reply,
        429,
        ForgotPage({ view: viewOf(web, request, reply), emailAddress: typed, error }),
      );
    }
    web.wakeResetMails();
    return leadTo(reply, routes.forgotSent);
  });

  app.get(routes.forgotSent, async (request, reply) =>
    sendPage(reply, 200, ForgotSentPage({ view: viewOf(web, request, reply) })),
  );
}

function isUnified(web: Web): boolean {
  return web.kit.gate(web.clock()).reset === 'unified';
}

async function leadToUnifiedReset(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  typed: string,
): Promise<FastifyReply> {
  const visitor = await findVisitor(web, request);
  const person = visitor.state === 'live' ? visitor.person : null;
  const loginHint = readEmailAddress(typed) ?? person?.emailAddress;
  const url = web.kit.resetUrl({
    locale: requestLocale(request, web.cookies, person),
    returnPath: person === null ? routes.home : routes.settings,
    ...(loginHint === undefined ? {} : { loginHint }),
  });
  return leadTo(reply, url);
}
