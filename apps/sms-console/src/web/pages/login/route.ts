import { safeReturnPath } from '@hitokagi/console-kit';
import { renderFragment } from '@hitokagi/design-system';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { routes, unifiedStartUrl } from '#app/routes.ts';
import { startSession } from '#domain/console-sessions/start-session.ts';
import { signInWithLegacyPassword, type LegacySignIn } from '#domain/legacy-login/sign-in.ts';
import { readEmailAddress } from '#support/primitives/email-address.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { keepSession, sessionToken } from '#web/http/cookies.ts';
import { field, passwordField } from '#web/http/forms.ts';
import { requestLocale } from '#web/http/request-locale.ts';
import { lengthText, secondsUntil } from '#web/http/times.ts';
import { leadTo, sendPage, viewOf } from '#web/http/view.ts';
import { findVisitor } from '#web/http/visitor.ts';
import type { Web } from '#web/http/web.ts';
import { LoginPage, type LoginPageProps } from './page.tsx';
import { loginTexts } from './text.ts';
import { UnifiedLink, type UnifiedLinkProps } from './unified-link.tsx';

/** The legacy login: its page, the part of it that appears by the clock, and the sign-in request. */
export function loginRoutes(app: FastifyInstance, web: Web): void {
  app.get(routes.login, async (request, reply) => {
    if (!isOpen(web)) return leadToUnified(reply, request.query);
    return showLogin(web, request, reply, 200, { emailAddress: field(request.query, 'login_hint') });
  });

  app.get(routes.loginUnifiedLink, async (request, reply) => {
    const link = linkProps(web, requestLocale(request, web.cookies), returnPathOf(request.query));
    return reply
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(renderFragment(UnifiedLink(link)));
  });

  app.post(
    routes.login,
    {
      // Before the check of the form's token: after cut-over every way of posting ends here, with nothing looked at (R12).
      preValidation: async (request, reply) =>
        isOpen(web) ? undefined : leadToUnified(reply, request.body, request.query),
      // What cannot even be read ends here too.
      errorHandler: (error, request, reply) => {
        if (isOpen(web)) throw error;
        void leadToUnified(reply, request.query);
      },
    },
    async (request, reply) => {
      const typed = field(request.body, 'email_address');
      const password = passwordField(request.body, 'password');
      const text = loginTexts[requestLocale(request, web.cookies)].errors;
      const emailAddress = readEmailAddress(typed);
      if (emailAddress === null || password === '') {
        return showLogin(web, request, reply, 422, {
          emailAddress: typed,
          errors: {
            emailAddress:
              emailAddress !== null
                ? undefined
                : typed.trim() === ''
                  ? text.addressMissing
                  : text.addressMalformed,
            password: password === '' ? text.passwordMissing : undefined,
          },
        });
      }
      const now = web.clock();
      const attempt = { emailAddress, password, clientAddress: request.ip };
      const answer = await signInWithLegacyPassword(web.db, attempt, { open: isOpen(web), now });
      if (!answer.ok) return refuse(web, request, reply, typed, answer, now);
      const token = await startSession(
        web.db,
        {
          personId: answer.personId,
          way: { kind: 'legacy' },
          replacedToken: sessionToken(request, web.cookies),
        },
        now,
      );
      await web.kit.recordLegacySignIn({ consoleUserId: answer.personId, at: now });
      keepSession(reply, web.cookies, token);
      return leadTo(reply, returnPathOf(request.body));
    },
  );

  // Nothing was ever signed in by these; after cut-over they show the way like all others.
  app.route({
    method: ['PUT', 'PATCH', 'DELETE'],
    url: routes.login,
    onRequest: (request, reply) => {
      if (isOpen(web)) reply.callNotFound();
      else void leadToUnified(reply, request.query);
    },
    handler: (_request, reply) => reply.callNotFound(),
  });
}

function refuse(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  typed: string,
  refused: Exclude<LegacySignIn, { ok: true }>,
  now: Date,
): FastifyReply | Promise<FastifyReply> {
  const locale = requestLocale(request, web.cookies);
  const text = loginTexts[locale].errors;
  switch (refused.reason) {
    case 'closed':
      return leadToUnified(reply, request.body);
    case 'wrong': {
      const form = web.kit.gate(now).legacyLink ? text.wrongOfTwo : text.wrong;
      return showLogin(web, request, reply, 422, { emailAddress: typed, errors: { form } });
    }
    case 'suspended':
      return showLogin(web, request, reply, 403, {
        emailAddress: typed,
        errors: { form: text.suspended(web.brand.support) },
      });
    case 'too-many': {
      const seconds = Math.max(1, secondsUntil(refused.retryAt, now));
      void reply.header('retry-after', seconds);
      const wait = lengthText(Math.ceil(seconds / 60) * 60_000, locale);
      return showLogin(web, request, reply, 429, {
        emailAddress: typed,
        errors: { form: text.tooMany(wait) },
      });
    }
  }
}

async function showLogin(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  page: Pick<LoginPageProps, 'emailAddress' | 'errors'>,
): Promise<FastifyReply> {
  const visitor = await findVisitor(web, request);
  const view = viewOf(web, request, reply);
  const link = linkProps(
    web,
    view.locale,
    returnPathOf(request.method === 'POST' ? request.body : request.query),
  );
  const signedInAs = visitor.state === 'live' ? visitor.person.name : null;
  return sendPage(reply, status, LoginPage({ view, link, signedInAs, ...page }));
}

function linkProps(web: Web, locale: Locale, returnPath: string): UnifiedLinkProps {
  const now = web.clock();
  const cutOverAt = web.kit.plan.current()?.cutOverAt ?? null;
  return {
    locale,
    gate: web.kit.gate(now),
    cutOverAt: cutOverAt === null ? null : new Date(cutOverAt),
    millisecondsToNextChange: web.kit.millisecondsToNextChange(now),
    returnPath,
  };
}

function isOpen(web: Web): boolean {
  return web.kit.gate(web.clock()).legacySignIn;
}

/** To the unified sign-in, with the address filled in where one of the sources has it. */
function leadToUnified(reply: FastifyReply, ...sources: readonly unknown[]): FastifyReply {
  const given = sources.flatMap((source) => [field(source, 'email_address'), field(source, 'login_hint')]);
  const loginHint = given.map(readEmailAddress).find((address) => address !== null) ?? undefined;
  const returnPath = sources.map(returnPathOf).find((path) => path !== routes.home) ?? routes.home;
  return leadTo(reply, unifiedStartUrl({ returnPath, loginHint }));
}

function returnPathOf(source: unknown): string {
  return safeReturnPath(field(source, 'return_path')) ?? routes.home;
}
