import type { CheckedOptions } from './checked-options.ts';
import { type ApiAnswer, type CallConsoleApi, problemCode, retryAfterSeconds } from './console-api.ts';
import { LoginServerUnreachable } from './outbound.ts';
import type {
  LoginIdChangeConfirmResult,
  LoginIdChangePending,
  LoginIdChangeRequest,
  LoginIdChangeRequestResult,
  LoginIdCodeResendResult,
  RefusedByLoginServer,
  Unreachable,
} from './results.ts';

const UNREACHABLE: Unreachable = { ok: false, reason: 'login-server-unreachable' };

/** R18: asks for a change of the login ID; the login server mails a code to the new address. Not repeated by itself. */
export async function requestLoginIdChange(
  options: CheckedOptions,
  call: CallConsoleApi,
  { consoleUserId, newEmailAddress, locale, sid }: LoginIdChangeRequest,
): Promise<LoginIdChangeRequestResult> {
  const body = { consoleUserId, newEmailAddress, locale, ...(sid === undefined ? {} : { sid }) };
  const answer = await call({ method: 'POST', path: '/login-id-changes', body });
  if (answer instanceof LoginServerUnreachable) return unreachable(options, answer);
  if (isSuccess(answer)) return pendingIn(options, answer);
  const reason = problemCode(answer);
  switch (reason) {
    case 'user-unknown':
    case 'address-malformed':
    case 'address-unchanged':
      return { ok: false, reason };
    case 'too-soon':
    case 'too-many':
      return { ok: false, reason: 'too-many', retryAfterSeconds: retryAfterSeconds(answer, options.clock()) };
    default:
      return refused(options, reason);
  }
}

/** R18: sends the code of a pending change again. */
export async function resendLoginIdCode(
  options: CheckedOptions,
  call: CallConsoleApi,
  id: string,
): Promise<LoginIdCodeResendResult> {
  const answer = await call({ method: 'POST', path: `/login-id-changes/${encodeURIComponent(id)}/resend` });
  if (answer instanceof LoginServerUnreachable) return unreachable(options, answer);
  if (isSuccess(answer)) return pendingIn(options, answer);
  const reason = problemCode(answer);
  switch (reason) {
    case 'too-soon':
    case 'too-many':
      return { ok: false, reason, retryAfterSeconds: retryAfterSeconds(answer, options.clock()) };
    case 'change-unknown':
    case 'change-ended':
      return { ok: false, reason };
    default:
      return refused(options, reason);
  }
}

/** R18: proves the new mailbox by the code as typed. On `ok` the console changes its own record to `emailAddress`. */
export async function confirmLoginIdChange(
  options: CheckedOptions,
  call: CallConsoleApi,
  id: string,
  code: string,
): Promise<LoginIdChangeConfirmResult> {
  const answer = await call({
    method: 'POST',
    path: `/login-id-changes/${encodeURIComponent(id)}/confirm`,
    body: { code },
  });
  if (answer instanceof LoginServerUnreachable) return unreachable(options, answer);
  if (isSuccess(answer)) {
    const { emailAddress, previousEmailAddress } = answer.body;
    return typeof emailAddress === 'string' && typeof previousEmailAddress === 'string'
      ? { ok: true, emailAddress, previousEmailAddress }
      : misunderstood(options);
  }
  const reason = problemCode(answer);
  switch (reason) {
    case 'code-wrong': {
      const { triesLeft } = answer.body;
      return { ok: false, reason, triesLeft: typeof triesLeft === 'number' ? triesLeft : null };
    }
    case 'code-malformed':
      return { ok: false, reason: 'code-wrong', triesLeft: null };
    case 'too-many-tries':
      return { ok: false, reason: 'code-wrong', triesLeft: 0 };
    case 'code-expired':
    case 'code-superseded':
    case 'address-taken':
    case 'change-unknown':
    case 'change-ended':
      return { ok: false, reason };
    case 'code-used':
      return { ok: false, reason: 'change-ended' };
    case 'too-many-guesses':
    case 'too-many':
      return { ok: false, reason: 'too-many', retryAfterSeconds: retryAfterSeconds(answer, options.clock()) };
    default:
      return refused(options, reason);
  }
}

function pendingIn(options: CheckedOptions, { body }: ApiAnswer): LoginIdChangePending | Unreachable {
  const { id, newEmailAddress, sentFrom } = body;
  const codeExpiresAt = dateIn(body.codeExpiresAt);
  const resendAt = dateIn(body.resendAt);
  return typeof id === 'string' &&
    typeof newEmailAddress === 'string' &&
    typeof sentFrom === 'string' &&
    codeExpiresAt !== null &&
    resendAt !== null
    ? { ok: true, id, newEmailAddress, sentFrom, codeExpiresAt, resendAt }
    : misunderstood(options);
}

function unreachable(options: CheckedOptions, cause: LoginServerUnreachable): Unreachable {
  options.log.warn({ err: cause }, 'login-ID change: login server unreachable');
  return UNREACHABLE;
}

function dateIn(value: unknown): Date | null {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? new Date(value) : null;
}

function misunderstood(options: CheckedOptions): Unreachable {
  options.log.error({}, 'login-ID change: the answer of the login server is not what was agreed');
  return UNREACHABLE;
}

function refused(options: CheckedOptions, code: string): RefusedByLoginServer {
  options.log.error({ code }, 'login-ID change: refused by the login server');
  return { ok: false, reason: 'refused-by-login-server', code };
}

function isSuccess(answer: ApiAnswer): boolean {
  return answer.status >= 200 && answer.status < 300;
}
