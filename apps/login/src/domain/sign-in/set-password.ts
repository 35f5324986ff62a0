import {
  passwordFaults,
  ruleFaults,
  type PasswordFault,
  type PasswordRules,
} from '#domain/credentials/password-rules.ts';
import type { PasswordHasher } from '#domain/credentials/password-hash.ts';
import { storePassword } from '#domain/credentials/passwords.ts';
import { clearSignInAttempts } from '#domain/credentials/sign-in-throttle.ts';
import { activeAccountByKey, lockWithLoginId } from '#domain/accounts/accounts.ts';
import { queueAccountEvent } from '#domain/events/queue.ts';
import { endOtherSessions } from '#domain/logout/end-session.ts';
import { checkCode, readCode, type CodeRefusal } from '#domain/verification/codes.ts';
import {
  requestCode,
  requestState,
  resendCode,
  useCode,
  type RequestCodeResult,
  type RequestState,
  type ResendResult,
} from '#domain/verification/requests.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { VerificationRequestRow } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { queueMail } from '#support/mail/mail.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { Client } from './client.ts';
import { PASSWORD_SET_MAIL } from './password-set-mail.ts';
import type { Proof } from './still-holds.ts';

export type SetPasswordDeps = {
  db: Db;
  jobs: Jobs;
  hasher: PasswordHasher;
  codeKey: Buffer;
  passwordRules: PasswordRules;
};

export type StartPasswordResult =
  RequestCodeResult | { ok: false; reason: 'address-missing' | 'address-malformed' };

/** Step 1 of R4: asks for a code to set a password with. Says the same for every well-formed address. */
export async function startSettingPassword(
  deps: SetPasswordDeps,
  wanted: {
    emailAddress: string;
    browserHash: string;
    consoleId: string | null;
    targetLinkUri: string | null;
    locale: Locale;
  },
  client: Client,
  now: Date,
): Promise<StartPasswordResult> {
  if (wanted.emailAddress.trim() === '') return { ok: false, reason: 'address-missing' };
  const address = parseEmailAddress(wanted.emailAddress);
  if (!address.ok) return address;
  return deps.db.transaction().execute(async (trx) => {
    const result = await requestCode(
      trx,
      deps.jobs,
      {
        ...wanted,
        purpose: 'set-password',
        to: address,
        clientNetwork: client.network,
        clientIp: client.ip,
      },
      now,
    );
    if (result.ok && result.sent)
      await recordEvent(trx, {
        at: now,
        action: 'code.requested',
        actor: 'anonymous',
        consoleId: wanted.consoleId,
        clientIp: client.ip,
        requestId: client.requestId,
        detail: { purpose: 'set-password', request: result.requestId },
      });
    return result;
  });
}

/** Sends the code of step 2 once more. */
export async function resendPasswordCode(
  deps: SetPasswordDeps,
  request: VerificationRequestRow,
  client: Client,
  now: Date,
): Promise<ResendResult> {
  return deps.db
    .transaction()
    .execute((trx) => resendCode(trx, deps.jobs, request, client.network, now, client.ip));
}

/** How the browser's request to set a password stands, whether or not its address has an account. */
export async function passwordRequest(
  db: Db,
  requestId: string,
  browserHash: string | undefined,
  now: Date,
): Promise<RequestState> {
  if (!browserHash) return { state: 'unknown' };
  const found = await requestState(db, requestId, browserHash, now);
  return found.state !== 'unknown' && found.request.purpose === 'set-password' ? found : { state: 'unknown' };
}

/** What is wrong with the form of step 2 before anything is asked of the database. */
export type PasswordFormFaults = {
  code: boolean;
  password: readonly PasswordFault[];
  confirmation: boolean;
};

export type FinishPasswordResult =
  | ({ ok: true; consoleId: string | null; targetLinkUri: string | null } & Proof)
  | { ok: false; reason: 'form'; faults: PasswordFormFaults }
  | CodeRefusal
  | { ok: false; reason: 'request-ended' };

/**
 * Step 2 of R4: with the right code sets the password, ends the account's other sessions, and mails the owner; all of it or nothing.
 * A form that breaks a rule never uses up a code.
 *
 * The code is checked first and consumed only together with the change, so that hashing happens outside of any lock and
 * of many tries at once with one code exactly one sets a password.
 */
export async function finishSettingPassword(
  deps: SetPasswordDeps,
  request: VerificationRequestRow,
  typed: { code: string; password: string; confirmation: string },
  browserSessionUid: string | undefined,
  client: Client,
  now: Date,
): Promise<FinishPasswordResult> {
  const faults = formFaults(typed, request.email_address, deps.passwordRules);
  if (faults.code || faults.confirmation || faults.password.length > 0)
    return { ok: false, reason: 'form', faults };

  const account = await activeAccountByKey(deps.db, request.email_key);
  const check = await deps.db.transaction().execute(async (trx) => {
    const result = await checkCode(trx, deps.codeKey, request, account?.id, typed.code, now);
    if (!result.ok && result.reason === 'code-wrong')
      await recordEvent(trx, {
        at: now,
        action: 'code.refused',
        actor: 'anonymous',
        accountId: account?.id ?? null,
        clientIp: client.ip,
        requestId: client.requestId,
        detail: {
          purpose: 'set-password',
          request: request.id,
          reason: result.reason,
          userAgent: client.userAgent,
        },
      });
    return result;
  });
  // A code is used up only together with its request: another tab was faster.
  if (!check.ok) return check.reason === 'code-used' ? { ok: false, reason: 'request-ended' } : check;
  if (!account) throw new Error('A code of a request without an account was accepted.');

  // Only who has proved the mailbox may learn that a rule looked at this account's own name or company, and have us judge at length.
  const personal = await passwordFaults(
    typed.password,
    { emailAddress: request.email_address, words: [account.name, account.company] },
    deps.passwordRules,
  );
  if (personal.length > 0)
    return { ok: false, reason: 'form', faults: { code: false, confirmation: false, password: personal } };

  const passwordHash = await deps.hasher.hash(typed.password);
  return deps.db.transaction().execute(async (trx): Promise<FinishPasswordResult> => {
    if (!(await lockWithLoginId(trx, account.id, request.email_key)))
      return { ok: false, reason: 'request-ended' };
    const used = await useCode(trx, { requestId: request.id, codeId: check.codeId }, now);
    if (!used.ok) return used;
    const passwordSetAt = await storePassword(trx, account.id, passwordHash, now);
    await clearSignInAttempts(trx, account.email_key);
    await queueAccountEvent(trx, deps.jobs, { kind: 'password-changed', accountId: account.id }, now);
    await endOtherSessions(trx, deps.jobs, account.id, {
      except: browserSessionUid,
      cause: 'password-set',
      now,
    });
    await queueMail(
      trx,
      deps.jobs,
      {
        template: PASSWORD_SET_MAIL,
        recipient: account.email_address,
        locale: request.locale,
        params: { at: now.toISOString() },
        accountId: account.id,
      },
      now,
    );
    await recordEvent(trx, {
      at: now,
      action: 'password.set',
      actor: account.id,
      accountId: account.id,
      consoleId: request.console_id,
      clientIp: client.ip,
      requestId: client.requestId,
      detail: { method: 'code', userAgent: client.userAgent },
    });
    return {
      ok: true,
      account,
      passwordSetAt,
      consoleId: request.console_id,
      targetLinkUri: request.target_link_uri,
    };
  });
}

function formFaults(
  typed: { code: string; password: string; confirmation: string },
  emailAddress: string,
  rules: PasswordRules,
): PasswordFormFaults {
  return {
    code: readCode(typed.code) === undefined,
    password: ruleFaults(typed.password, { emailAddress }, rules),
    confirmation: typed.password !== typed.confirmation,
  };
}
