import type {
  LoginIdChangeConfirmResult,
  LoginIdChangeRequestResult,
  LoginIdCodeResendResult,
} from '@hitokagi/console-kit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { routes } from '#app/routes.ts';
import { confirmChange, noteSeen } from '#domain/login-id-change/login-id-change.ts';
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
import { EmailWaitingPage } from './waiting-page.tsx';

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
    const { person, session } = visitor;
    await noteSeen(web.db, person.id, web.clock());
    const answer = await web.kit.loginIds.request({
      consoleUserId: person.id,
      newEmailAddress: newAddress,
      locale,
      ...(session.sid === null ? {} : { sid: session.sid }),
    });
    if (answer.ok) return leadTo(reply, routes.settingsEmailCode);
    await noteSeen(web.db, person.id, web.clock());
    return showAsk(web, request, reply, visitor, {
      status: statusOf(answer.reason),
      typed,
      errors: askErrors(answer, locale),
    });
  });

  app.get(routes.settingsEmailCode, async (request, reply) => {
    const visitor = await requireVisitor(web, request, reply);
    if (visitor === null) return reply;
    const looked = await web.kit.loginIds.look(visitor.person.id);
    if (looked?.state === 'applied') {
      leaveNotice(web, reply, 'email-changed');
      return leadTo(reply, routes.settings);
    }
    return showCode(web, request, reply, visitor, { status: 200 });
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
    const answer = await confirmChange(web, { person: visitor.person, code });
    if (answer.ok) {
      leaveNotice(web, reply, 'email-changed');
      return leadTo(reply, routes.settings);
    }
    // The page of the open change says that the answer is awaited.
    if (answer.reason === 'login-server-unreachable') return leadTo(reply, routes.settingsEmailCode);
    return showCode(web, request, reply, visitor, {
      status: statusOf(answer.reason),
      errors: codeErrors(answer, locale),
    });
  });

  app.post(routes.settingsEmailResend, async (request, reply) => {
    const visitor = await requireVisitor(web, request, reply);
    if (visitor === null) return reply;
    const locale = requestLocale(request, web.cookies, visitor.person);
    const answer = await web.kit.loginIds.resend(visitor.person.id);
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
    const answer = await web.kit.loginIds.cancel(visitor.person.id);
    if (!answer.ok) return leadTo(reply, routes.settingsEmailCode);
    leaveNotice(web, reply, 'email-abandoned');
    return leadTo(reply, routes.settings);
  });

  app.post(routes.settingsEmailSeen, async (request, reply) => {
    const visitor = await requireVisitor(web, request, reply);
    if (visitor === null) return reply;
    await noteSeen(web.db, visitor.person.id, web.clock());
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

/** Where the open change stands: the code page, or what is waited for. When it has ended, the first page says so instead. */
async function showCode(
  web: Web,
  request: FastifyRequest,
  reply: FastifyReply,
  { person, session }: SignedInVisitor,
  { status, errors = {} }: { status: number; errors?: CodeErrors },
): Promise<FastifyReply> {
  const change = await web.kit.loginIds.open(person.id);
  if (change === null && request.method === 'GET') return leadTo(reply, routes.settings);
  if (change === null) {
    await noteSeen(web.db, person.id, web.clock());
    const form = errors.form ?? emailTexts[requestLocale(request, web.cookies, person)].errors.ended;
    return showAsk(
      web,
      request,
      reply,
      { state: 'live', person, session },
      { status, typed: '', errors: { form } },
    );
  }
  const view = viewOf(web, request, reply, person);
  const { newEmailAddress: newAddress, sent } = change;
  const page =
    change.state !== 'code-sent' || sent === null
      ? EmailWaitingPage({
          view,
          person,
          newAddress,
          waitsFor: change.state === 'noted' ? 'delivery' : 'answer',
        })
      : EmailCodePage({ view, person, newAddress, sent, now: web.clock(), errors });
  return sendPage(reply, status, page);
}

type CodeRefusal = Extract<LoginIdCodeResendResult | LoginIdChangeConfirmResult, { ok: false }>;
type AskRefusal = Extract<LoginIdChangeRequestResult, { ok: false }>;

function statusOf(reason: CodeRefusal['reason'] | AskRefusal['reason']): number {
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
    case 'kept-by-administrators':
      return 403;
    case 'not-yet':
    case 'address-taken':
    case 'address-reserved':
    case 'address-in-use':
    case 'changed-meanwhile':
      return 409;
    case 'user-unknown':
    case 'address-malformed':
    case 'address-unchanged':
    case 'code-wrong':
    case 'code-expired':
    case 'code-superseded':
      return 422;
  }
}

function askErrors(refused: AskRefusal, locale: Locale): AskErrors {
  const text = emailTexts[locale].errors;
  switch (refused.reason) {
    case 'address-malformed':
      return { field: text.addressMalformed };
    case 'address-unchanged':
      return { field: text.addressUnchanged };
    case 'user-unknown':
      return { form: text.userUnknown };
    case 'kept-by-administrators':
      return { form: text.keptByAdministrators };
    case 'too-many':
      return { form: waitText(refused.retryAfterSeconds, locale) };
  }
}

function codeErrors(refused: CodeRefusal, locale: Locale): CodeErrors {
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
    case 'address-reserved':
      return { form: text.addressReserved };
    case 'changed-meanwhile':
      return { form: text.changedMeanwhile };
    case 'kept-by-administrators':
      return { form: text.keptByAdministrators };
    case 'address-in-use':
      return { form: text.addressInUse };
    case 'not-yet':
      return { form: text.notYet };
    case 'user-unknown':
      return { form: text.userUnknown };
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
