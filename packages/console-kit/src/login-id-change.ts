import type { CheckedOptions } from './checked-options.ts';
import { type ApiAnswer, type CallConsoleApi, problemCode, retryAfterSeconds } from './console-api.ts';
import type { LoginIdWish, SentCode } from './login-ids.ts';
import { LoginServerUnreachable } from './outbound.ts';
import type { RefusedByLoginServer } from './results.ts';

/** A change as the login server has it. */
export type ChangeThere = {
  ok: true;
  state: 'pending' | 'confirmed' | 'ended' | 'undone';
  newEmailAddress: string;
  sent: SentCode;
  /** The version that the confirmation made; null before. */
  version: number | null;
};
type TooMany = { ok: false; reason: 'too-many'; retryAfterSeconds: number | null };
type Refused<T extends string> = { ok: false; reason: T };
type Unreachable = Refused<'login-server-unreachable'> & { cause: string };

export type ChangeAsked =
  | ChangeThere
  | Refused<
      | 'user-unknown'
      | 'address-malformed'
      | 'address-unchanged'
      | 'kept-by-administrators'
      | 'idempotency-key-reused'
    >
  | TooMany
  | RefusedByLoginServer
  | Unreachable;
export type ChangeResent =
  | ChangeThere
  | { ok: false; reason: 'too-soon' | 'too-many'; retryAfterSeconds: number | null }
  | Refused<'change-unknown' | 'change-ended' | 'changed-meanwhile' | 'kept-by-administrators'>
  | RefusedByLoginServer
  | Unreachable;
export type ChangeFound = ChangeThere | Refused<'change-unknown'> | RefusedByLoginServer | Unreachable;
export type ChangeConfirmed =
  | { ok: true; emailAddress: string; previousEmailAddress: string; version: number }
  /** `triesLeft` 0: the codes sent so far are worth nothing any more; null: it was no code, and no try was counted. */
  | { ok: false; reason: 'code-wrong'; triesLeft: number | null }
  | Refused<
      | 'code-expired'
      | 'code-superseded'
      | 'address-taken'
      | 'address-reserved'
      | 'changed-meanwhile'
      | 'kept-by-administrators'
      | 'change-unknown'
      | 'change-ended'
    >
  | TooMany
  | RefusedByLoginServer
  | Unreachable;

const MISUNDERSTOOD = 'the answer is not what was agreed';

/** R18: asks for a change of the login ID; the login server mails a code to the new address. With the same key it may be asked any number of times: it is one change. */
export async function askForChange(
  options: CheckedOptions,
  call: CallConsoleApi,
  { key, consoleUserId, newEmailAddress, locale, sid }: LoginIdWish,
): Promise<ChangeAsked> {
  const body = { consoleUserId, newEmailAddress, locale, ...(sid === null ? {} : { sid }) };
  const headers = { 'idempotency-key': key };
  const answer = await call({ method: 'POST', path: '/login-id-changes', body, headers });
  if (answer instanceof LoginServerUnreachable) return unreachable(answer.message);
  if (isSuccess(answer)) return changeIn(answer);
  const reason = problemCode(answer);
  switch (reason) {
    case 'user-unknown':
    case 'address-malformed':
    case 'address-unchanged':
    case 'kept-by-administrators':
    case 'idempotency-key-reused':
      return { ok: false, reason };
    case 'too-soon':
    case 'too-many':
      return { ok: false, reason: 'too-many', retryAfterSeconds: retryAfterSeconds(answer, options.clock()) };
    default:
      return refused(reason);
  }
}

/** R18: how a change stands; asked when the answer to its confirmation was lost. */
export async function findChange(call: CallConsoleApi, id: string): Promise<ChangeFound> {
  const answer = await call({ method: 'GET', path: pathOf(id) });
  if (answer instanceof LoginServerUnreachable) return unreachable(answer.message);
  if (isSuccess(answer)) return changeIn(answer);
  const reason = problemCode(answer);
  return reason === 'change-unknown' ? { ok: false, reason } : refused(reason);
}

/** R18: sends the code of a pending change again. */
export async function resendCode(
  options: CheckedOptions,
  call: CallConsoleApi,
  id: string,
): Promise<ChangeResent> {
  const answer = await call({ method: 'POST', path: `${pathOf(id)}/resend` });
  if (answer instanceof LoginServerUnreachable) return unreachable(answer.message);
  if (isSuccess(answer)) return changeIn(answer);
  const reason = problemCode(answer);
  switch (reason) {
    case 'too-soon':
    case 'too-many':
      return { ok: false, reason, retryAfterSeconds: retryAfterSeconds(answer, options.clock()) };
    case 'change-unknown':
    case 'change-ended':
    case 'changed-meanwhile':
    case 'kept-by-administrators':
      return { ok: false, reason };
    default:
      return refused(reason);
  }
}

/** R18: proves the new mailbox by the code as typed. */
export async function confirmChange(
  options: CheckedOptions,
  call: CallConsoleApi,
  id: string,
  code: string,
): Promise<ChangeConfirmed> {
  const answer = await call({ method: 'POST', path: `${pathOf(id)}/confirm`, body: { code } });
  if (answer instanceof LoginServerUnreachable) return unreachable(answer.message);
  if (isSuccess(answer)) {
    const { emailAddress, previousEmailAddress, version } = answer.body;
    return typeof emailAddress === 'string' && typeof previousEmailAddress === 'string' && isVersion(version)
      ? { ok: true, emailAddress, previousEmailAddress, version }
      : unreachable(MISUNDERSTOOD);
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
    case 'address-reserved':
    case 'changed-meanwhile':
    case 'kept-by-administrators':
    case 'change-unknown':
    case 'change-ended':
      return { ok: false, reason };
    case 'code-used':
      return { ok: false, reason: 'change-ended' };
    case 'too-many-guesses':
    case 'too-many':
      return { ok: false, reason: 'too-many', retryAfterSeconds: retryAfterSeconds(answer, options.clock()) };
    default:
      return refused(reason);
  }
}

function changeIn({ body }: ApiAnswer): ChangeThere | Unreachable {
  const { id, newEmailAddress, sentFrom, state, version } = body;
  const codeExpiresAt = dateIn(body.codeExpiresAt);
  const resendAt = dateIn(body.resendAt);
  return typeof id === 'string' &&
    typeof newEmailAddress === 'string' &&
    typeof sentFrom === 'string' &&
    codeExpiresAt !== null &&
    resendAt !== null &&
    isState(state) &&
    (version === null || isVersion(version))
    ? {
        ok: true,
        state,
        newEmailAddress,
        sent: { id, sentFrom, codeExpiresAt, resendAt },
        version,
      }
    : unreachable(MISUNDERSTOOD);
}

function pathOf(id: string): string {
  return `/login-id-changes/${encodeURIComponent(id)}`;
}

function isState(value: unknown): value is ChangeThere['state'] {
  return value === 'pending' || value === 'confirmed' || value === 'ended' || value === 'undone';
}

function isVersion(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function dateIn(value: unknown): Date | null {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? new Date(value) : null;
}

function unreachable(cause: string): Unreachable {
  return { ok: false, reason: 'login-server-unreachable', cause };
}

function refused(code: string): RefusedByLoginServer {
  return { ok: false, reason: 'refused-by-login-server', code };
}

function isSuccess(answer: ApiAnswer): boolean {
  return answer.status >= 200 && answer.status < 300;
}
