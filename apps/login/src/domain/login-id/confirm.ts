import { reservedKeys } from '#domain/accounts/reserved.ts';
import { passwordSetAt } from '#domain/credentials/passwords.ts';
import { queueAccountEvent } from '#domain/events/queue.ts';
import { endOtherSessions } from '#domain/logout/end-session.ts';
import { sessionUidOfSid } from '#domain/sessions/sessions.ts';
import { checkCode, type CodeRefusal } from '#domain/verification/codes.ts';
import { endChangeRequests, useCode } from '#domain/verification/requests.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { ConsoleRow, LoginIdChangeRow } from '#support/db/schema.ts';
import { queueMail } from '#support/mail/mail.ts';
import { after, HOUR } from '#support/primitives/durations.ts';
import type { ChangeDeps } from './change.ts';
import type { Kept } from './kept.ts';
import { isTaken, lockForMove, moveTo } from './move.ts';
import { atOneMoment, changeOfConsole, whyClosed, withItsRequest, type FoundChange } from './state.ts';
import { undoHash } from './undo-link.ts';

export const LOGIN_ID_CHANGED_MAIL = 'login-id-changed';

/** So long the former mailbox can undo a change, and so long nobody else gets the former address. */
export const UNDO_TIME = 72 * HOUR;

export type ConfirmChangeResult =
  | { ok: true; emailAddress: string; previousEmailAddress: string; version: number }
  | CodeRefusal
  | {
      ok: false;
      reason:
        'change-unknown' | 'change-ended' | 'changed-meanwhile' | 'address-taken' | 'address-reserved' | Kept;
    };

/**
 * With the right code the account's login ID changes: address, notice to the old mailbox, end of the account's other sessions and audit event
 * commit together. The session that the console named by its `sid` lives on. What is said of the new address is said only after its mailbox is proved.
 */
export async function confirmLoginIdChange(
  deps: ChangeDeps,
  console: ConsoleRow,
  changeId: string,
  code: string,
  now: Date,
): Promise<ConfirmChangeResult> {
  const found = await changeOfConsole(deps.db, console, changeId);
  return found ? confirmFound(deps, found, console, code, now) : { ok: false, reason: 'change-unknown' };
}

/** The same for a change that was found already; without a console it is an operator's. */
export async function confirmFound(
  deps: ChangeDeps,
  found: FoundChange,
  console: ConsoleRow | undefined,
  code: string,
  now: Date,
): Promise<ConfirmChangeResult> {
  const { change, request } = found;
  const closed = await atOneMoment(deps.db, async (moment) =>
    whyClosed(moment, await withItsRequest(moment, await changeOfId(moment, change.id)), now),
  );
  if (closed) return { ok: false, reason: closed };
  const check = await deps.db.transaction().execute(async (trx) => {
    const result = await checkCode(trx, deps.codeKey, request, change.account_id, code, now);
    if (!result.ok && result.reason === 'code-wrong')
      await recordEvent(trx, {
        at: now,
        action: 'code.refused',
        actor: console ? `console:${console.client_id}` : 'anonymous',
        accountId: change.account_id,
        consoleId: change.console_id,
        detail: { purpose: 'change-login-id', request: request.id, reason: result.reason },
      });
    return result;
  });
  if (!check.ok) return check;

  return deps.db.transaction().execute(async (trx): Promise<ConfirmChangeResult> => {
    const account = await lockForMove(trx, change.account_id, change.new_key);
    if (account.state !== 'active') return { ok: false, reason: 'change-ended' };
    const current = await changeOfId(trx, change.id);
    const closedMeanwhile = await whyClosed(trx, await withItsRequest(trx, current), now);
    if (closedMeanwhile) return { ok: false, reason: closedMeanwhile };
    if (await isTaken(trx, change.new_key)) return { ok: false, reason: 'address-taken' };
    if ((await reservedKeys(trx, [change.new_key], now, account.id)).size > 0)
      return { ok: false, reason: 'address-reserved' };
    const used = await useCode(trx, { requestId: request.id, codeId: check.codeId }, now);
    if (!used.ok)
      return { ok: false, reason: used.reason === 'request-ended' ? 'change-ended' : used.reason };
    const version = await moveTo(trx, account.id, { address: change.new_address, key: change.new_key }, now);
    await trx
      .updateTable('login_id_change')
      .set({
        confirmed_at: now,
        version,
        old_address: account.email_address,
        old_key: account.email_key,
        password_set_at: await passwordSetAt(trx, account.id),
        undo_hash: undoHash(deps.undoKey, change.id),
        undo_until: after(now, UNDO_TIME),
      })
      .where('id', '=', change.id)
      .execute();
    await endChangeRequests(trx, account.id, now);
    await queueAccountEvent(
      trx,
      deps.jobs,
      {
        kind: 'login-id-changed',
        accountId: account.id,
        ...(console ? { fromConsoleId: console.id } : {}),
        detail: { emailAddress: change.new_address, previousEmailAddress: account.email_address, version },
      },
      now,
    );
    const kept =
      console &&
      change.keep_sid &&
      (await sessionUidOfSid(trx, account.id, console.client_id, change.keep_sid));
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
        params: {
          at: now.toISOString(),
          newAddress: change.new_address,
          consoleId: change.console_id,
          changeId: change.id,
        },
        accountId: account.id,
      },
      now,
    );
    await recordEvent(trx, {
      at: now,
      action: 'login-id.changed',
      actor: console ? `console:${console.client_id}` : (change.operator ?? ''),
      accountId: account.id,
      consoleId: change.console_id,
      detail: {
        ...(change.reason === null ? {} : { reason: change.reason }),
        changeId: change.id,
        from: account.email_address,
        to: change.new_address,
        version,
      },
    });
    return {
      ok: true,
      emailAddress: change.new_address,
      previousEmailAddress: account.email_address,
      version,
    };
  });
}

async function changeOfId(db: Db, id: string): Promise<LoginIdChangeRow> {
  return db.selectFrom('login_id_change').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}
