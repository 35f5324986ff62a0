import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { deleteInBatches } from '#support/db/delete-in-batches.ts';
import type { VerificationRequestRow } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { queueMail } from '#support/mail/mail.ts';
import { after, DAY } from '#support/primitives/durations.ts';
import type { EmailAddress } from '#support/primitives/email-address.ts';
import { newId } from '#support/primitives/ids.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { consumeCode, endGuessedCodes, TRIES_PER_CODE } from './codes.ts';
import { countSend, type SendDecision } from './limits.ts';

/** A request stays open this long: its page works after the code has expired, by asking for another code. */
export const REQUEST_LIFE = 1 * DAY;

export const CODE_MAIL = 'verification-code';

export type NewRequest = {
  purpose: VerificationRequestRow['purpose'];
  to: EmailAddress;
  accountId?: string | null;
  /** Hash of the secret that only the asking browser has; null when a console asks. */
  browserHash?: string | null;
  consoleId?: string | null;
  targetLinkUri?: string | null;
  locale: Locale;
  clientNetwork: string;
  /** From where it was asked for, told to the account’s owner. */
  clientIp?: string;
  /** Everything is as ever, but no mail goes out. */
  silent?: boolean;
};

export type RequestCodeResult =
  | { ok: true; requestId: string; sent: true; resendAt: Date }
  | { ok: true; requestId: string; sent: false; resendAt: Date }
  | Extract<SendDecision, { ok: false }>;

/**
 * Asks for a verification code to be mailed. For an address with and without an account it does the same work and gives the same answer:
 * whether there is anyone to write to is found out only when the mail is made.
 *
 * The same browser asking again for the same address continues its request, so that two tabs, a reload and a late first mail all work.
 */
export async function requestCode(
  trx: Db,
  jobs: Jobs,
  wanted: NewRequest,
  now: Date,
): Promise<RequestCodeResult> {
  const decision = await countSend(trx, wanted.to.key, wanted.clientNetwork, now);
  const open = await openRequestOfBrowser(trx, wanted, now);
  if (!decision.ok)
    return open ? { ok: true, requestId: open.id, sent: false, resendAt: decision.retryAt } : decision;

  const requestId = open?.id ?? newId('vrq', now);
  if (open) {
    await endGuessedCodes(trx, open.id);
    await trx
      .updateTable('verification_request')
      .set({
        last_sent_at: now,
        locale: wanted.locale,
        console_id: wanted.consoleId ?? open.console_id,
        target_link_uri: wanted.targetLinkUri ?? open.target_link_uri,
      })
      .where('id', '=', open.id)
      .execute();
  } else {
    await trx
      .insertInto('verification_request')
      .values({
        id: requestId,
        purpose: wanted.purpose,
        email_address: wanted.to.address,
        email_key: wanted.to.key,
        account_id: wanted.accountId ?? null,
        browser_hash: wanted.browserHash ?? null,
        console_id: wanted.consoleId ?? null,
        target_link_uri: wanted.targetLinkUri ?? null,
        locale: wanted.locale,
        created_at: now,
        last_sent_at: now,
        ended_at: null,
      })
      .execute();
  }
  if (!wanted.silent)
    await queueCodeMail(
      trx,
      jobs,
      { requestId, to: wanted.to.address, locale: wanted.locale, clientIp: wanted.clientIp },
      now,
    );
  return { ok: true, requestId, sent: true, resendAt: decision.resendAt };
}

export type ResendResult = { ok: true; resendAt: Date } | Extract<SendDecision, { ok: false }>;

/** Sends another code for an open request; the one before stays valid, because mail can be late. */
export async function resendCode(
  trx: Db,
  jobs: Jobs,
  request: VerificationRequestRow,
  clientNetwork: string,
  now: Date,
  clientIp?: string,
  options: { silent?: boolean } = {},
): Promise<ResendResult> {
  const decision = await countSend(trx, request.email_key, clientNetwork, now);
  if (!decision.ok) return decision;
  await endGuessedCodes(trx, request.id);
  await trx
    .updateTable('verification_request')
    .set({ last_sent_at: now })
    .where('id', '=', request.id)
    .execute();
  if (options.silent) return { ok: true, resendAt: decision.resendAt };
  await queueCodeMail(
    trx,
    jobs,
    { requestId: request.id, to: request.email_address, locale: request.locale, clientIp },
    now,
  );
  return { ok: true, resendAt: decision.resendAt };
}

export type RequestState =
  { state: 'open' | 'finished'; request: VerificationRequestRow } | { state: 'unknown' };

/** How a request stands for the one who asked (a browser, or null for a console). Another browser's request looks like none at all. */
export async function requestState(
  db: Db,
  requestId: string,
  browserHash: string | null,
  now: Date,
): Promise<RequestState> {
  const request = await db
    .selectFrom('verification_request')
    .selectAll()
    .where('id', '=', requestId)
    .executeTakeFirst();
  if (!request || request.browser_hash !== browserHash || request.created_at <= after(now, -REQUEST_LIFE))
    return { state: 'unknown' };
  return { state: request.ended_at ? 'finished' : 'open', request };
}

export type UseCodeResult =
  { ok: true } | { ok: false; reason: 'request-ended' | 'too-many-tries' | 'code-expired' };

/**
 * Uses a checked code up, and ends its request with it: its page says so, its other codes are worth nothing any more. Between the check and this the request may have ended, its tries may have run out, or the code may have been
 * ended with them: then nothing is written. Of many callers at once one succeeds.
 */
export async function useCode(
  trx: Db,
  { requestId, codeId }: { requestId: string; codeId: string },
  now: Date,
): Promise<UseCodeResult> {
  const request = await trx
    .selectFrom('verification_request')
    .select(['failed_tries', 'ended_at'])
    .where('id', '=', requestId)
    .forUpdate()
    .executeTakeFirstOrThrow();
  if (request.ended_at) return { ok: false, reason: 'request-ended' };
  if (request.failed_tries >= TRIES_PER_CODE) return { ok: false, reason: 'too-many-tries' };
  if (!(await consumeCode(trx, codeId, now))) return { ok: false, reason: 'code-expired' };
  await trx.updateTable('verification_request').set({ ended_at: now }).where('id', '=', requestId).execute();
  return { ok: true };
}

/** Ends the open requests to change the login ID of an account: it has another one now. */
export async function endChangeRequests(trx: Db, accountId: string, now: Date): Promise<void> {
  await trx
    .updateTable('verification_request')
    .set({ ended_at: now })
    .where('id', 'in', (select) =>
      select
        .selectFrom('login_id_change')
        .select('request_id')
        .where('account_id', '=', accountId)
        .where('confirmed_at', 'is', null),
    )
    .where('ended_at', 'is', null)
    .execute();
}

/** Ends the open requests to set a password that went to these addresses: they are no login IDs any more. */
export async function endPasswordRequests(trx: Db, emailKeys: readonly string[], now: Date): Promise<void> {
  if (emailKeys.length === 0) return;
  await trx
    .updateTable('verification_request')
    .set({ ended_at: now })
    .where('email_key', 'in', emailKeys)
    .where('purpose', '=', 'set-password')
    .where('ended_at', 'is', null)
    .execute();
}

/** Forgets requests a day after they ran out, with their codes, and the attempts that no limit counts any more. A change of a login ID keeps its request. */
export async function forgetOldRequests(db: Db, now: Date): Promise<void> {
  const old = after(now, -2 * REQUEST_LIFE);
  await deleteInBatches(
    db,
    'verification_request',
    sql`created_at < ${old} and not exists (select from login_id_change c where c.request_id = verification_request.id)`,
  );
  await deleteInBatches(db, 'verification_attempt', sql`at < ${old}`);
}

async function openRequestOfBrowser(
  trx: Db,
  wanted: NewRequest,
  now: Date,
): Promise<VerificationRequestRow | undefined> {
  if (!wanted.browserHash) return undefined;
  return trx
    .selectFrom('verification_request')
    .selectAll()
    .where('browser_hash', '=', wanted.browserHash)
    .where('email_key', '=', wanted.to.key)
    .where('purpose', '=', wanted.purpose)
    .where('ended_at', 'is', null)
    .where('created_at', '>', after(now, -REQUEST_LIFE))
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
}

async function queueCodeMail(
  trx: Db,
  jobs: Jobs,
  code: { requestId: string; to: string; locale: Locale; clientIp: string | undefined },
  now: Date,
): Promise<void> {
  await queueMail(
    trx,
    jobs,
    {
      template: CODE_MAIL,
      recipient: code.to,
      locale: code.locale,
      params: { requestId: code.requestId, ...(code.clientIp ? { clientIp: code.clientIp } : {}) },
    },
    now,
  );
}
