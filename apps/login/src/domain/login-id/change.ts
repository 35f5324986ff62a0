import { sql } from 'kysely';
import { accountOfConsoleUser } from '#domain/consoles/links.ts';
import { queueAccountEvent } from '#domain/events/queue.ts';
import { endOtherSessions } from '#domain/logout/end-session.ts';
import { sessionUidOfSid } from '#domain/sessions/sessions.ts';
import { checkCode, CODE_LIFE, consumeCode, type CodeRefusal } from '#domain/verification/codes.ts';
import {
  endRequest,
  requestCode,
  requestState,
  resendCode,
  type ResendResult,
} from '#domain/verification/requests.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { queueMail } from '#support/mail/mail.ts';
import { after } from '#support/primitives/durations.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';
import { newId } from '#support/primitives/ids.ts';
import type { Locale } from '#support/primitives/locale.ts';

export const LOGIN_ID_CHANGED_MAIL = 'login-id-changed';

export type ChangeDeps = { db: Db; jobs: Jobs; codeKey: Buffer };

export type RequestChangeResult =
  | { ok: true; changeId: string; newAddress: string; codeExpiresAt: Date; resendAt: Date }
  | { ok: false; reason: 'user-unknown' | 'address-malformed' | 'address-unchanged' }
  | { ok: false; reason: 'too-many' | 'too-soon'; retryAt: Date };

/**
 * Begins the change of a login ID that a console's person asked for (R18): a code goes to the new mailbox. An address that another account has gets the
 * same answer; its owner is told by mail instead, so that a stranger learns nothing.
 */
export async function requestLoginIdChange(
  deps: ChangeDeps,
  console: ConsoleRow,
  wanted: { consoleUserId: string; newEmailAddress: string; locale: Locale; sid?: string },
  now: Date,
): Promise<RequestChangeResult> {
  const address = parseEmailAddress(wanted.newEmailAddress);
  if (!address.ok) return address;
  const account = await accountOfConsoleUser(deps.db, console.id, wanted.consoleUserId);
  if (!account) return { ok: false, reason: 'user-unknown' };
  if (account.email_key === address.key) return { ok: false, reason: 'address-unchanged' };

  return deps.db.transaction().execute(async (trx): Promise<RequestChangeResult> => {
    const request = await requestCode(
      trx,
      deps.jobs,
      {
        purpose: 'change-login-id',
        to: address,
        accountId: account.id,
        consoleId: console.id,
        locale: wanted.locale,
        clientNetwork: `console:${console.id}:${account.id}`,
      },
      now,
    );
    if (!request.ok) return request;
    await trx
      .updateTable('login_id_change')
      .set({ superseded_at: now })
      .where('account_id', '=', account.id)
      .where('confirmed_at', 'is', null)
      .where('superseded_at', 'is', null)
      .execute();
    const changeId = newId('lic', now);
    await trx
      .insertInto('login_id_change')
      .values({
        id: changeId,
        request_id: request.requestId,
        account_id: account.id,
        console_id: console.id,
        console_user_id: wanted.consoleUserId,
        old_address: account.email_address,
        new_address: address.address,
        new_key: address.key,
        keep_sid: wanted.sid ?? null,
        requested_at: now,
        confirmed_at: null,
        superseded_at: null,
      })
      .execute();
    await recordEvent(trx, {
      at: now,
      action: 'login-id.change-requested',
      actor: `console:${console.client_id}`,
      accountId: account.id,
      consoleId: console.id,
      detail: { changeId },
    });
    return {
      ok: true,
      changeId,
      newAddress: address.address,
      codeExpiresAt: after(now, CODE_LIFE),
      resendAt: request.resendAt,
    };
  });
}

type Missing = { ok: false; reason: 'change-unknown' | 'change-ended' };

/** Sends the code to the new mailbox once more. */
export async function resendLoginIdCode(
  deps: ChangeDeps,
  console: ConsoleRow,
  changeId: string,
  now: Date,
): Promise<
  | (Extract<ResendResult, { ok: true }> & { newAddress: string; codeExpiresAt: Date })
  | Exclude<ResendResult, { ok: true }>
  | Missing
> {
  const open = await openChange(deps.db, console, changeId, now);
  if (!open.ok) return open;
  const result = await deps.db
    .transaction()
    .execute((trx) =>
      resendCode(trx, deps.jobs, open.request, `console:${console.id}:${open.change.account_id}`, now),
    );
  return result.ok
    ? { ...result, newAddress: open.change.new_address, codeExpiresAt: after(now, CODE_LIFE) }
    : result;
}

export type ConfirmChangeResult =
  | { ok: true; emailAddress: string; previousEmailAddress: string }
  | CodeRefusal
  | Missing
  | { ok: false; reason: 'address-taken' };

/**
 * With the right code the account's login ID changes: address, notice to the old mailbox, end of the account's other sessions and audit event
 * commit together. The session that the console named by its `sid` lives on.
 */
export async function confirmLoginIdChange(
  deps: ChangeDeps,
  console: ConsoleRow,
  changeId: string,
  code: string,
  now: Date,
): Promise<ConfirmChangeResult> {
  const open = await openChange(deps.db, console, changeId, now);
  if (!open.ok) return open;
  const { change, request } = open;
  const check = await deps.db
    .transaction()
    .execute((trx) => checkCode(trx, deps.codeKey, request, change.account_id, code, now));
  if (!check.ok) return check;

  return deps.db.transaction().execute(async (trx): Promise<ConfirmChangeResult> => {
    // Two that confirm the same new address wait for each other here; the mailbox is proved, so the refusal may be a clear one.
    await sql`select pg_advisory_xact_lock(hashtextextended(${change.new_key}, 3))`.execute(trx);
    const taken = await trx
      .selectFrom('account')
      .select('id')
      .where('email_key', '=', change.new_key)
      .executeTakeFirst();
    if (taken) return { ok: false, reason: 'address-taken' };
    const account = await trx
      .selectFrom('account')
      .select(['id', 'locale', 'email_address'])
      .where('id', '=', change.account_id)
      .where('state', '=', 'active')
      .forUpdate()
      .executeTakeFirst();
    if (!account || !(await endRequest(trx, request.id, now))) return { ok: false, reason: 'change-ended' };
    if (!(await consumeCode(trx, check.codeId, now)))
      throw new Error('A code was consumed while its request was open.');
    const { login_id_version: version } = await trx
      .updateTable('account')
      .set((eb) => ({
        email_address: change.new_address,
        email_key: change.new_key,
        login_id_version: eb('login_id_version', '+', 1),
        updated_at: now,
      }))
      .where('id', '=', account.id)
      .returning('login_id_version')
      .executeTakeFirstOrThrow();
    await trx
      .updateTable('login_id_change')
      .set({ confirmed_at: now, version })
      .where('id', '=', changeId)
      .execute();
    await queueAccountEvent(
      trx,
      deps.jobs,
      {
        kind: 'login-id-changed',
        accountId: account.id,
        fromConsoleId: console.id,
        detail: { emailAddress: change.new_address, previousEmailAddress: account.email_address, version },
      },
      now,
    );
    const kept =
      change.keep_sid && (await sessionUidOfSid(trx, account.id, console.client_id, change.keep_sid));
    await endOtherSessions(trx, deps.jobs, account.id, {
      except: kept || undefined,
      cause: 'login-id-changed',
      now,
    });
    await queueMail(
      trx,
      deps.jobs,
      {
        template: LOGIN_ID_CHANGED_MAIL,
        recipient: account.email_address,
        locale: account.locale ?? request.locale,
        params: { at: now.toISOString(), newAddress: change.new_address, consoleId: console.id },
        accountId: account.id,
      },
      now,
    );
    await recordEvent(trx, {
      at: now,
      action: 'login-id.changed',
      actor: `console:${console.client_id}`,
      accountId: account.id,
      consoleId: console.id,
      detail: { changeId, from: account.email_address, to: change.new_address },
    });
    return { ok: true, emailAddress: change.new_address, previousEmailAddress: account.email_address };
  });
}

async function openChange(db: Db, console: ConsoleRow, changeId: string, now: Date) {
  const change = await db
    .selectFrom('login_id_change')
    .selectAll()
    .where('id', '=', changeId)
    .where('console_id', '=', console.id)
    .executeTakeFirst();
  if (!change) return { ok: false, reason: 'change-unknown' } as const;
  if (change.confirmed_at || change.superseded_at) return { ok: false, reason: 'change-ended' } as const;
  const found = await requestState(db, change.request_id, null, now);
  if (found.state !== 'open') return { ok: false, reason: 'change-ended' } as const;
  return { ok: true, change, request: found.request } as const;
}
