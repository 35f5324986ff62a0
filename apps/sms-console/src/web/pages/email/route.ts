import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { routes } from '#app/routes.ts';
import {
  abandonChange,
  confirmChange,
  findOpenChange,
  requestChange,
  resendCode,
  type ConfirmedChange,
  type RequestedChange,
  type ResentCode,
} from '#domain/login-id-change/login-id-change.ts';
import { halfWidth, readEmailAddress } from '#support/primitives/email-address.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { field } from '#web/http/forms.ts';
import { requestLocale } from '#web/http/request-locale.ts';
import { lengthText } from '#web/http/times.ts';
import { leadTo, leaveNotice, sendPage, viewOf } from '#web/http/view.ts';
import { requireVisitor, type SignedInVisitor } from '#web/http/visitor.ts';
import type { Web } from '#web/http/web.ts';
import { EmailAskPage, type AskErrors } from './ask-page.tsx';
import { EmailCodePage, type CodeErrors } from './code-page.tsx';
import { emailTexts } from './text.ts';

/** Change of the e-mail address (R18), for legacy and unified sessions alike. */
export function emailRoutes(app: FastifyInstance, web: Web): void {
  app.get(routes.settingsEmail, async (request, reply) => {
    const visitor = await requireVisitor(web, request, reply);
    return visitor === null ? reply : showAsk(web, request, reply, visitor, { status: 200, typed: '' });
  });

  app.post(routes.settingsEmail, async (request, reply) => {
    const visitor = await requireVisitor(web, request, reply);
    if (visitor === null) return reply;
    const typed = field(request.body, 'new_address');
    const locale = requestLocale(request, web.cookies, visitor.person);
    const newAddress = readEmailAddress(typed);
    if (newAddress === null) {
      const text = emailTexts[locale].errors;
      const errors = { field: typed.trim() === '' ? text.addressMissing : text.addressMalformed };
      return showAsk(web, request, reply, visitor, { status: 422, typed, errors });
    }
    const asked = { person: visitor.person, newAddress, locale, sid: visitor.session.sid };
    const answer = await requestChange(web, asked, web.clock());
    if (answer.ok) return leadTo(reply, routes.settingsEmailCode);
    return showAsk(web, request, reply, visitor, {
      status: statusOf(answer.reason),
      typed,
      errors: askErrors(answer, locale),
    });
  });

  app.get(routes.settingsEmailCode, async (request, reply) => {
    const visitor = await requireVisitor(web, request, reply);
    return visitor === null ? reply : showCode(web, request, reply, visitor, { status: 200 });
  });

  app.post(routes.settingsEmailCode, async (request, reply) => {
    const visitor = await requireVisitor(web, request, reply);
    if (visitor === null) return reply;
    const locale = requestLocale(request, web.cookies, visitor.person);
    const code = halfWidth(field(request.body, 'code')).trim().slice(0, 64);
    if (code === '') {
      return showCode(web, request, reply, visitor, {
        status: 422,
        errors: { field: emailTexts[locale].errors.codeMissing },
      });
    }
    const answer = await confirmChange(web, { person: visitor.person, code }, web.clock());
    if (answer.ok) {
      leaveNotice(web, reply, 'email-changed');
      return leadTo(reply, routes.settings);
    }
    return showCode(web, request, reply, visitor, {
      status: statusOf(answer.reason),
      errors: codeErrors(answer, locale),
    });
  });

  app.post(routes.settingsEmailResend, async (request, reply) => {
    const visitor = await requireVisitor(web, request, reply);
    if (visitor === null) return reply;
    const locale = requestLocale(request, web.cookies, visitor.person);
    const answer = await resendCode(web, visitor.person.id, web.clock());
    if (answer.ok) {
      leaveNotice(web, reply, 'code-resent');
      return leadTo(reply, routes.settingsEmailCode);
    }
    return showCode(web, request, reply, visitor, {
      status: statusOf(answer.reason),
      errors: codeErrors(answer, locale),
    });
  });

  app.post(routes.settingsEmailAbandon, async (request, reply) => {
    const visitor = await requireVisitor(web, request, reply);
    if (visitor === null) return reply;
    await abandonChange(web.db, visitor.person.id, web.clock());
    leaveNotice(web, reply, 'email-abandoned');
    return leadTo(reply, routes.settings);
  });
}

function showAsk(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  { person }: SignedInVisitor,
  page: { status: number; typed: string; errors?: AskErrors },
): FastifyReply {
  const view = viewOf(web, request, reply, person);
  const legacyWorks = web.kit.gate(web.clock()).legacySignIn;
  return sendPage(
    reply,
    page.status,
    EmailAskPage({ view, person, legacyWorks, typed: page.typed, errors: page.errors ?? {} }),
  );
}

/** The code page; when the change has ended, the first page says so instead. */
async function showCode(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  visitor: SignedInVisitor,
  { status, errors = {} }: { status: number; errors?: CodeErrors },
): Promise<FastifyReply> {
  const change = await findOpenChange(web.db, visitor.person.id);
  if (change === null && request.method === 'GET') return leadTo(reply, routes.settingsEmail);
  const view = viewOf(web, request, reply, visitor.person);
  if (change === null) {
    const form = emailTexts[view.locale].errors.ended;
    return showAsk(web, request, reply, visitor, { status: 410, typed: '', errors: { form } });
  }
  return sendPage(
    reply,
    status,
    EmailCodePage({ view, person: visitor.person, change, now: web.clock(), errors }),
  );
}

type Refusal = Extract<RequestedChange | ResentCode | ConfirmedChange, { ok: false }>;

function statusOf(reason: Refusal['reason']): number {
  switch (reason) {
    case 'too-many':
    case 'too-soon':
      return 429;
    case 'login-server-unreachable':
    case 'refused-by-login-server':
      return 503;
    case 'no-open-change':
    case 'change-unknown':
    case 'change-ended':
      return 410;
    case 'user-unknown':
    case 'address-malformed':
    case 'address-unchanged':
    case 'code-wrong':
    case 'code-expired':
    case 'code-superseded':
    case 'address-taken':
      return 422;
  }
}

function askErrors(refused: Extract<RequestedChange, { ok: false }>, locale: Locale): AskErrors {
  const text = emailTexts[locale].errors;
  switch (refused.reason) {
    case 'address-malformed':
      return { field: text.addressMalformed };
    case 'address-unchanged':
      return { field: text.addressUnchanged };
    case 'user-unknown':
      return { form: text.userUnknown };
    case 'too-many':
      return { form: waitText(refused.retryAfterSeconds, locale) };
    case 'login-server-unreachable':
      return { form: text.unreachable };
    case 'refused-by-login-server':
      return { form: text.refused };
  }
}

function codeErrors(
  refused: Extract<ResentCode | ConfirmedChange, { ok: false }>,
  locale: Locale,
): CodeErrors {
  const text = emailTexts[locale].errors;
  switch (refused.reason) {
    case 'code-wrong':
      return {
        field:
          refused.triesLeft === null
            ? text.codeWrong
            : refused.triesLeft === 0
              ? text.codeUsedUp
              : text.codeWrongLeft(refused.triesLeft),
      };
    case 'code-expired':
      return { field: text.codeExpired };
    case 'code-superseded':
      return { field: text.codeSuperseded };
    case 'address-taken':
      return { form: text.addressTaken };
    case 'too-soon':
    case 'too-many':
      return { form: waitText(refused.retryAfterSeconds, locale) };
    case 'no-open-change':
    case 'change-unknown':
    case 'change-ended':
      return { form: text.ended };
    case 'login-server-unreachable':
      return { form: text.unreachable };
    case 'refused-by-login-server':
      return { form: text.refused };
  }
}

function waitText(seconds: number | null, locale: Locale): string {
  const text = emailTexts[locale].errors;
  if (seconds === null) return text.tooManyLater;
  return text.tooMany(lengthText((seconds < 90 ? seconds : Math.ceil(seconds / 60) * 60) * 1_000, locale));
}
