import { lockAccount } from '#domain/accounts/accounts.ts';
import {
  passwordFaults,
  ruleFaults,
  type PasswordFault,
  type PasswordRules,
} from '#domain/credentials/password-rules.ts';
import type { PasswordHasher } from '#domain/credentials/password-hash.ts';
import { storePassword } from '#domain/credentials/passwords.ts';
import { knowBrowser } from '#domain/credentials/known-browsers.ts';
import {
  clearSignInAttempts,
  countSignInAttempt,
  type SignInLimits,
} from '#domain/credentials/sign-in-throttle.ts';
import { queueAccountEvent } from '#domain/events/queue.ts';
import { endOtherSessions } from '#domain/logout/end-session.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { AccountRow } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { queueMail } from '#support/mail/mail.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { Client } from './client.ts';
import { PASSWORD_SET_MAIL } from './password-set-mail.ts';

export type ChangePasswordDeps = {
  db: Db;
  jobs: Jobs;
  hasher: PasswordHasher;
  passwordRules: PasswordRules;
  signInLimits: SignInLimits;
};

/** What is wrong with the form, before the current password is looked at or once it is proved. */
export type ChangePasswordFaults = {
  currentMissing: boolean;
  password: readonly (PasswordFault | 'unchanged')[];
  confirmation: boolean;
};

export type ChangePasswordResult =
  | { ok: true; endedBrowsers: number }
  | { ok: false; reason: 'form'; faults: ChangePasswordFaults }
  | { ok: false; reason: 'current-wrong' }
  | { ok: false; reason: 'wait' | 'network-wait'; until: Date }
  | { ok: false; reason: 'only-reset' }
  /** The session ended, or the password was changed, while this was under way. */
  | { ok: false; reason: 'changed-meanwhile' };

/**
 * Replaces the password by a new one, for a signed-in person who knows the current one: it keeps this browser, ends all others, tells the owner by mail and the consoles
 * by event; all of it or nothing. The current password is a guess like one at the sign-in page and counts with those; a form that breaks a
 * rule costs no guess.
 */
export async function changePassword(
  deps: ChangePasswordDeps,
  { account, sessionUid }: { account: AccountRow; sessionUid: string },
  typed: { current: string; password: string; confirmation: string },
  client: Client,
  now: Date,
  locale: Locale,
): Promise<ChangePasswordResult> {
  const faults: ChangePasswordFaults = {
    currentMissing: typed.current === '',
    password: ruleFaults(typed.password, { emailAddress: account.email_address }, deps.passwordRules),
    confirmation: typed.password !== typed.confirmation,
  };
  if (faults.currentMissing || faults.password.length > 0 || faults.confirmation)
    return { ok: false, reason: 'form', faults };

  using _place = deps.hasher.admit();
  // Whoever sits at an open page is not known to be its person: the browser's own counter is not for them.
  const attempt = await countSignInAttempt(
    deps.db,
    account.email_key,
    { network: client.network },
    deps.signInLimits,
    now,
  );
  if (!attempt.ok) return attempt;
  const proved = attempt.found?.password?.hash;
  if (!(await deps.hasher.verify(proved, typed.current)) || proved === undefined) {
    await recordEvent(deps.db, {
      at: now,
      action: 'password.change-refused',
      actor: account.id,
      accountId: account.id,
      clientIp: client.ip,
      requestId: client.requestId,
      detail: { reason: 'password-wrong', userAgent: client.userAgent },
    });
    return { ok: false, reason: 'current-wrong' };
  }
  await clearSignInAttempts(deps.db, account.email_key, { clientNetwork: client.network });

  const password = await judged(typed, account, deps.passwordRules);
  if (password.length > 0)
    return { ok: false, reason: 'form', faults: { currentMissing: false, password, confirmation: false } };

  const passwordHash = await deps.hasher.hash(typed.password);
  return deps.db.transaction().execute(async (trx): Promise<ChangePasswordResult> => {
    await lockAccount(trx, account.id);
    if (!(await isStillSo(trx, { account, sessionUid, proved }, now)))
      return { ok: false, reason: 'changed-meanwhile' };
    await storePassword(trx, account.id, passwordHash, now);
    await knowBrowser(trx, account.id, client, now);
    await queueAccountEvent(trx, deps.jobs, { kind: 'password-changed', accountId: account.id }, now);
    const endedBrowsers = await endOtherSessions(trx, deps.jobs, account.id, {
      except: sessionUid,
      cause: 'password-set',
      now,
    });
    await queueMail(
      trx,
      deps.jobs,
      {
        template: PASSWORD_SET_MAIL,
        recipient: account.email_address,
        locale: account.locale ?? locale,
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
      clientIp: client.ip,
      requestId: client.requestId,
      detail: { method: 'current-password', userAgent: client.userAgent },
    });
    return { ok: true, endedBrowsers };
  });
}

/** Only for who has proved the current password: the judgement costs time, and looks at the account's own words. */
async function judged(
  typed: { current: string; password: string },
  account: AccountRow,
  rules: PasswordRules,
): Promise<readonly (PasswordFault | 'unchanged')[]> {
  if (typed.password === typed.current) return ['unchanged'];
  const context = { emailAddress: account.email_address, words: [account.name, account.company] };
  return passwordFaults(typed.password, context, rules);
}

/** Whether what the change rests on still holds: the proved password is the account's (and stays it until the commit), the account active, this browser signed in. */
async function isStillSo(
  trx: Db,
  of: { account: AccountRow; sessionUid: string; proved: string },
  now: Date,
): Promise<boolean> {
  const held = await trx
    .selectFrom('account')
    .innerJoin('password_credential', 'password_credential.account_id', 'account.id')
    .innerJoin('sso_session', 'sso_session.account_id', 'account.id')
    .select('account.id')
    .where('account.id', '=', of.account.id)
    .where('account.state', '=', 'active')
    .where('password_credential.password_hash', '=', of.proved)
    .where('sso_session.uid', '=', of.sessionUid)
    .where('sso_session.expires_at', '>', now)
    .forUpdate(['password_credential'])
    .executeTakeFirst();
  return held !== undefined;
}
