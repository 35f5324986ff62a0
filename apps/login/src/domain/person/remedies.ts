import { findAccount } from '#domain/accounts/find.ts';
import { clearSignInAttempts, signInDelay } from '#domain/credentials/sign-in-throttle.ts';
import { resendCode } from '#domain/verification/requests.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { AccountRow } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { queueMail } from '#support/mail/mail.ts';
import { after, DAY, MINUTE } from '#support/primitives/durations.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { codeFacts } from './code-facts.ts';
import { SET_UP_MAIL } from './set-up-mail.ts';

/** Who does it, from where. */
export type By = { actor: string; clientIp?: string | null; requestId?: string; now: Date };
type Deps = { db: Db; jobs: Jobs };

/** Of the mail that explains how to set a password; codes have limits of their own, which it does not use up. */
const SET_UP_PAUSE = 1 * MINUTE;
const SET_UP_MAILS_A_DAY = 6;

export type RemedyRefusal =
  | { ok: false; reason: 'account-unknown' | 'account-state-unfit' }
  | { ok: false; reason: 'too-soon' | 'too-many'; retryAt: Date };

/** Mails how to set a password. Asked twice within a minute, one mail goes out. */
export async function sendSetUpMail(
  deps: Deps,
  accountId: string,
  locale: Locale,
  by: By,
): Promise<{ ok: true } | RemedyRefusal> {
  const { now } = by;
  return deps.db.transaction().execute(async (trx) => {
    const account = await lockedAccount(trx, accountId);
    if (!account.ok) return account;
    const sent = await trx
      .selectFrom('message')
      .select('created_at')
      .where('account_id', '=', accountId)
      .where('template', '=', SET_UP_MAIL)
      .where('created_at', '>', after(now, -DAY))
      .orderBy('created_at', 'desc')
      .limit(SET_UP_MAILS_A_DAY)
      .execute();
    const [last] = sent;
    if (last && last.created_at > after(now, -SET_UP_PAUSE))
      return { ok: false, reason: 'too-soon', retryAt: after(last.created_at, SET_UP_PAUSE) };
    const oldest = sent[SET_UP_MAILS_A_DAY - 1];
    if (oldest) return { ok: false, reason: 'too-many', retryAt: after(oldest.created_at, DAY) };
    const console = await trx
      .selectFrom('console_link')
      .innerJoin('console', 'console.id', 'console_link.console_id')
      .select('console.client_id')
      .where('account_id', '=', accountId)
      .where('api_only', '=', false)
      .orderBy('console.created_at')
      .executeTakeFirst();
    await queueMail(
      trx,
      deps.jobs,
      {
        template: SET_UP_MAIL,
        recipient: account.row.email_address,
        locale: account.row.locale ?? locale,
        params: console ? { clientId: console.client_id } : {},
        accountId,
      },
      now,
    );
    await recordEvent(trx, { ...eventOf(by), action: 'set-up-mail.sent', accountId });
    return { ok: true };
  });
}

/**
 * Sends the code of the person's open request again, to the address on file. It is typed on the page where they asked; nobody else is shown it, and the limits hold as if they had asked
 * themselves.
 */
export async function resendCodeFor(
  deps: Deps,
  accountId: string,
  by: By,
): Promise<{ ok: true } | RemedyRefusal | { ok: false; reason: 'no-open-request' }> {
  const { now } = by;
  return deps.db.transaction().execute(async (trx) => {
    const account = await lockedAccount(trx, accountId);
    if (!account.ok) return account;
    const { last } = await codeFacts(trx, account.row, now);
    const request =
      last?.open === true &&
      (await trx
        .selectFrom('verification_request')
        .selectAll()
        .where('id', '=', last.requestId)
        .executeTakeFirst());
    if (!request) return { ok: false, reason: 'no-open-request' };
    const sent = await resendCode(trx, deps.jobs, request, `${by.actor}:${accountId}`, now);
    if (!sent.ok) return sent;
    await recordEvent(trx, {
      ...eventOf(by),
      action: 'code.resent',
      accountId,
      consoleId: request.console_id,
      detail: { purpose: request.purpose, request: request.id },
    });
    return { ok: true };
  });
}

/** Forgets the wrong passwords of a login ID, so that the next attempt is taken at once. Nothing to forget is refused, so that a second press records nothing. */
export async function clearDelay(
  db: Db,
  accountId: string,
  by: By & { reason: string },
): Promise<
  | { ok: true; attempts: number }
  | { ok: false; reason: 'account-unknown' | 'account-state-unfit' | 'nothing-to-clear' | 'reason-missing' }
> {
  const reason = by.reason.trim();
  if (reason === '') return { ok: false, reason: 'reason-missing' };
  return db.transaction().execute(async (trx) => {
    const account = await lockedAccount(trx, accountId);
    if (!account.ok) return account;
    const delay = await signInDelay(trx, account.row.email_key, by.now);
    if (!delay || delay.attempts === 0) return { ok: false, reason: 'nothing-to-clear' };
    await clearSignInAttempts(trx, account.row.email_key);
    await recordEvent(trx, {
      ...eventOf(by),
      action: 'account.delay-cleared',
      accountId,
      detail: { reason, attempts: delay.attempts },
    });
    return { ok: true, attempts: delay.attempts };
  });
}

/** Whoever does something to the same account waits, so that of two presses the second sees the first. */
async function lockedAccount(
  trx: Db,
  accountId: string,
): Promise<{ ok: true; row: AccountRow } | { ok: false; reason: 'account-unknown' | 'account-state-unfit' }> {
  await trx.selectFrom('account').select('id').where('id', '=', accountId).forNoKeyUpdate().execute();
  const row = await findAccount(trx, accountId);
  if (!row) return { ok: false, reason: 'account-unknown' };
  return row.state === 'active' ? { ok: true, row } : { ok: false, reason: 'account-state-unfit' };
}

function eventOf({ actor, clientIp, requestId, now }: By) {
  return { at: now, actor, clientIp: clientIp ?? null, requestId: requestId ?? null };
}
