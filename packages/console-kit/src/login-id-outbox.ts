import { randomUUID } from 'node:crypto';
import { type Background, inBackground } from './background.ts';
import type { CheckedOptions } from './checked-options.ts';
import type { CallConsoleApi } from './console-api.ts';
import { SECOND } from './durations.ts';
import { confirmChange, resendCode } from './login-id-change.ts';
import { LONGEST_PAUSE, type LoginIdDelivery } from './login-id-delivery.ts';
import type { LoginIdStore } from './login-ids.ts';
import type {
  LoginIdChangeCancelResult,
  LoginIdChangeConfirmResult,
  LoginIdChangeRequest,
  LoginIdChangeRequestResult,
  LoginIdCodeResendResult,
  Unreachable,
} from './results.ts';

/** Writers of one row that meet step back and look again; more often than this they cannot. */
const MEETINGS = 5;
/** Refusals of a wish that the person hears where they asked. */
const SAID_AT_ONCE = [
  'user-unknown',
  'address-malformed',
  'address-unchanged',
  'kept-by-administrators',
] as const;

/** Changes of login IDs, each written to the console's outbox before the login server hears of it (R18). */
export type LoginIdOutbox = Pick<Background, 'start' | 'stop' | 'flush' | 'wake'> & {
  request(wish: LoginIdChangeRequest): Promise<LoginIdChangeRequestResult>;
  resend(consoleUserId: string): Promise<LoginIdCodeResendResult>;
  confirm(consoleUserId: string, code: string): Promise<LoginIdChangeConfirmResult>;
  cancel(consoleUserId: string): Promise<LoginIdChangeCancelResult>;
};

export function loginIdOutbox(
  options: CheckedOptions,
  call: CallConsoleApi,
  store: LoginIdStore,
  { send, ask, apply, awaitCode, settle, lease, deliverAll }: LoginIdDelivery,
): LoginIdOutbox {
  const { clock, log, loginIdIntervalMilliseconds: interval } = options;
  const background = inBackground(
    log,
    'login-ID changes',
    { interval, longest: Math.max(LONGEST_PAUSE, interval) },
    deliverAll,
  );
  return { ...background, request, resend, confirm, cancel };

  async function request({
    consoleUserId,
    newEmailAddress,
    locale,
    sid,
  }: LoginIdChangeRequest): Promise<LoginIdChangeRequestResult> {
    const wish = { consoleUserId, newEmailAddress, locale, sid: sid ?? null };
    const noted = await store.add({ key: randomUUID(), ...wish, notedAt: clock() }, lease());
    if (noted.busyUntil === null) {
      background.wake();
      return { ok: true, change: noted };
    }
    const tried = await send(noted, 'person');
    if (tried.outcome === 'put-off') background.wake();
    const { change } = tried;
    if (change.state !== 'refused') return { ok: true, change };
    const { reason } = change;
    if (reason === 'too-many')
      return { ok: false, reason, retryAfterSeconds: secondsUntil(change.nextTryAt) };
    const refusal = SAID_AT_ONCE.find((one) => one === reason);
    return refusal === undefined ? { ok: true, change } : { ok: false, reason: refusal };
  }

  async function resend(consoleUserId: string): Promise<LoginIdCodeResendResult> {
    const open = await store.find(consoleUserId);
    if (open === null) return { ok: false, reason: 'no-open-change' };
    if (open.sent === null || open.state !== 'code-sent') return { ok: false, reason: 'not-yet' };
    const answer = await resendCode(options, call, open.sent.id);
    if (answer.ok) return { ok: true, change: (await store.write(open, { sent: answer.sent })) ?? open };
    // It may have ended because it was confirmed.
    if (answer.reason === 'change-ended' || answer.reason === 'change-unknown') await ask(open);
    if (answer.reason === 'changed-meanwhile' || answer.reason === 'kept-by-administrators')
      await settle(open, { state: 'refused', reason: answer.reason });
    return withoutCause(answer);
  }

  async function confirm(consoleUserId: string, code: string): Promise<LoginIdChangeConfirmResult> {
    const asked = await beginToConfirm(consoleUserId);
    if (!('sent' in asked)) return asked;
    const answer = await confirmChange(options, call, asked.sent.id, code);
    if (answer.ok) return apply(asked, answer.emailAddress, answer.version);
    switch (answer.reason) {
      case 'login-server-unreachable':
      case 'refused-by-login-server':
        // Whether the change was made is not known: the login server is asked as soon as it can be reached.
        await store.write(asked, { busyUntil: null, nextTryAt: clock() });
        background.wake();
        return withoutCause(answer);
      case 'address-taken':
      case 'address-reserved':
      case 'changed-meanwhile':
      case 'kept-by-administrators':
        await store.write(asked, { state: 'refused', reason: answer.reason, busyUntil: null });
        return answer;
      case 'change-unknown':
      case 'change-ended': {
        const { change } = await ask(asked);
        if (change.state === 'applied') return { ok: true, emailAddress: change.newEmailAddress };
        return answer;
      }
      case 'code-wrong':
      case 'code-expired':
      case 'code-superseded':
      case 'too-many':
        await awaitCode(asked);
        return answer;
    }
  }

  /** The row says that a code is on its way before the code is: whoever finds it there after a crash asks how it went. */
  async function beginToConfirm(consoleUserId: string) {
    for (let meetings = 0; meetings < MEETINGS; meetings += 1) {
      const open = await store.find(consoleUserId);
      if (open === null) return { ok: false, reason: 'no-open-change' } as const;
      const { sent } = open;
      if (sent === null) return { ok: false, reason: 'not-yet' } as const;
      const until = lease();
      const asked = await store.write(open, {
        state: 'confirming',
        tries: 0,
        busyUntil: until,
        nextTryAt: until,
      });
      if (asked) return { ...asked, sent };
    }
    return { ok: false, reason: 'not-yet' } as const;
  }

  async function cancel(consoleUserId: string): Promise<LoginIdChangeCancelResult> {
    for (let meetings = 0; meetings < MEETINGS; meetings += 1) {
      const open = await store.find(consoleUserId);
      if (open === null) return { ok: true };
      if (open.state === 'confirming') return { ok: false, reason: 'confirming' };
      if (await store.write(open, { state: 'cancelled', reason: 'by-person' })) return { ok: true };
    }
    return { ok: false, reason: 'confirming' };
  }

  /** Why the login server could not be reached is for the log. */
  function withoutCause<T extends { reason: string }>(
    answer: T,
  ): Exclude<T, { reason: 'login-server-unreachable' }> | Unreachable {
    if (answer.reason !== 'login-server-unreachable')
      return answer as Exclude<T, { reason: 'login-server-unreachable' }>;
    const { cause } = answer as { cause?: string };
    log.warn({ trouble: cause }, 'login-ID changes: login server unreachable');
    return { ok: false, reason: 'login-server-unreachable' };
  }

  function secondsUntil(moment: Date): number | null {
    const seconds = Math.ceil((moment.getTime() - clock().getTime()) / SECOND);
    return seconds > 0 ? seconds : null;
  }
}
