import { withdrawPassword } from '#domain/credentials/passwords.ts';
import { queueAccountEvent } from '#domain/events/queue.ts';
import { endOtherSessions } from '#domain/logout/end-session.ts';
import { endChangeRequests, endPasswordRequests } from '#domain/verification/requests.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { LoginIdChangeRow } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { queueMail } from '#support/mail/mail.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { secretHash } from '#support/primitives/secrets.ts';
import { isKept } from './kept.ts';
import { isTaken, lockForMove, moveTo } from './move.ts';

export const LOGIN_ID_RESTORED_MAIL = 'login-id-restored';
export const LOGIN_ID_WITHDRAWN_MAIL = 'login-id-withdrawn';

/** A change that can be undone, as its page tells it: what the mail with the link said, and nothing that happened since. */
export type UndoView = {
  at: Date;
  until: Date;
  previousAddress: string;
  newAddress: string;
  /** Of the console in which it was changed; null when an operator changed it. */
  consoleId: string | null;
  /** A directory or a console named another address for its user; else the support desk was asked. */
  byProvider: boolean;
};

/**
 * How a link stands: it can be used, was used (or an older one was, which undid this change too), or is over: it came too late, the account is closed, or its person was made an operator since. A link lies in its mailbox for years,
 * and others may read that by then: one that cannot be used says nothing of the account.
 */
export type UndoState = { locale: Locale } & (
  { state: 'open'; view: UndoView } | { state: 'undone' } | { state: 'over' }
);

/** What the link with this token stands for; undefined when there is none. Changes nothing. */
export async function undoState(db: Db, token: string, now: Date): Promise<UndoState | undefined> {
  const change = await changeOfToken(db, token);
  if (!change?.undo_until || !change.confirmed_at) return undefined;
  const account = await db
    .selectFrom('account')
    .select(['locale', 'state'])
    .where('id', '=', change.account_id)
    .executeTakeFirstOrThrow();
  const locale = account.locale ?? (await localeOfChange(db, change));
  if (change.undone_at) return { locale, state: 'undone' };
  const isKeptNow = await isKept(db, change.account_id, change.confirmed_at);
  if (isOver(change, now) || account.state === 'closed' || isKeptNow) return { locale, state: 'over' };
  return {
    locale,
    state: 'open',
    view: {
      at: change.confirmed_at,
      until: change.undo_until,
      previousAddress: change.old_address,
      newAddress: change.new_address,
      consoleId: change.console_id,
      byProvider: change.operator?.startsWith('operator:') === false,
    },
  };
}

export type UndoResult = { ok: true } | { ok: false; reason: 'unknown' | 'not-open' | 'address-taken' };

/**
 * Takes a change of a login ID back for whoever reads the former mailbox (R18), and with it every change of the account after it: the oldest undo wins. The former address is
 * the login ID again, with a version of its own; every session ends; the password that was set since, open codes and open changes are void. Both mailboxes and every console
 * are told. All of it in one transaction, by the first of many at once. Who was made an operator since keeps the address that they had then: the role was given to its reader.
 */
export async function undoLoginIdChange(
  deps: { db: Db; jobs: Jobs },
  token: string,
  client: { ip: string; requestId: string },
  now: Date,
): Promise<UndoResult> {
  const found = await changeOfToken(deps.db, token);
  if (!found?.old_key) return { ok: false, reason: 'unknown' };
  const formerKey = found.old_key;
  return deps.db.transaction().execute(async (trx): Promise<UndoResult> => {
    const account = await lockForMove(trx, found.account_id, formerKey);
    const change = await trx
      .selectFrom('login_id_change')
      .selectAll()
      .where('id', '=', found.id)
      .executeTakeFirstOrThrow();
    if (change.undone_at || account.state === 'closed') return { ok: false, reason: 'not-open' };
    if (isOver(change, now) || (await isKept(trx, account.id, change.confirmed_at))) {
      await closeUndo(trx, change.id, now);
      return { ok: false, reason: 'not-open' };
    }
    if (account.email_key !== formerKey && (await isTaken(trx, formerKey)))
      return { ok: false, reason: 'address-taken' };

    const undone = await trx
      .updateTable('login_id_change')
      .set({ undone_at: now })
      .where('account_id', '=', account.id)
      .where('version', '>=', change.version)
      .where('undone_at', 'is', null)
      .returning(['id', 'new_key', 'console_id'])
      .execute();
    if (!undone.some((one) => one.id === change.id)) throw new Error('A change was undone behind its lock.');
    const version = await moveTo(trx, account.id, { address: change.old_address, key: formerKey }, now);

    // First what could still make a session or a password, then those that it made.
    await endChangeRequests(trx, account.id, now);
    await endPasswordRequests(
      trx,
      [account.email_key, ...undone.map((one) => one.new_key)].filter((key) => key !== formerKey),
      now,
    );
    const passwordWithdrawn = await withdrawPassword(trx, account.id, change.password_set_at);
    await endOtherSessions(trx, deps.jobs, account.id, {
      cause: 'login-id-undone',
      now,
      actor: 'undo-link',
      clientIp: client.ip,
      requestId: client.requestId,
    });

    await queueAccountEvent(
      trx,
      deps.jobs,
      {
        kind: 'login-id-changed',
        accountId: account.id,
        detail: {
          emailAddress: change.old_address,
          previousEmailAddress: account.email_address,
          version,
        },
      },
      now,
    );
    if (passwordWithdrawn)
      await queueAccountEvent(
        trx,
        deps.jobs,
        { kind: 'password-changed', accountId: account.id, detail: { reason: 'login-id-undone' } },
        now,
      );
    const params = { at: now.toISOString(), changeId: change.id, passwordWithdrawn };
    const locale = account.locale ?? (await localeOfChange(trx, change));
    for (const [template, recipient] of [
      [LOGIN_ID_RESTORED_MAIL, change.old_address],
      [LOGIN_ID_WITHDRAWN_MAIL, account.email_address],
    ] as const)
      await queueMail(trx, deps.jobs, { template, recipient, locale, params, accountId: account.id }, now);
    await recordEvent(trx, {
      at: now,
      action: 'login-id.undone',
      actor: 'undo-link',
      accountId: account.id,
      consoleId: change.console_id,
      clientIp: client.ip,
      requestId: client.requestId,
      detail: {
        changeId: change.id,
        from: account.email_address,
        to: change.old_address,
        version,
        undone: undone.map((one) => one.id),
        passwordWithdrawn,
      },
    });
    return { ok: true };
  });
}

async function changeOfToken(db: Db, token: string): Promise<LoginIdChangeRow | undefined> {
  return db
    .selectFrom('login_id_change')
    .selectAll()
    .where('undo_hash', '=', secretHash(token))
    .executeTakeFirst();
}

/** Of somebody who chose none: the one in which the change was asked for. */
async function localeOfChange(db: Db, change: LoginIdChangeRow): Promise<Locale> {
  const request = await db
    .selectFrom('verification_request')
    .select('locale')
    .where('id', '=', change.request_id)
    .executeTakeFirstOrThrow();
  return request.locale;
}

function isOver(change: LoginIdChangeRow, now: Date): boolean {
  return change.undo_closed_at !== null || change.undo_until === null || change.undo_until <= now;
}

/** Once found closed the way back stays closed, also when the clock is set back. */
async function closeUndo(trx: Db, changeId: string, now: Date): Promise<void> {
  await trx
    .updateTable('login_id_change')
    .set({ undo_closed_at: now })
    .where('id', '=', changeId)
    .where('undo_closed_at', 'is', null)
    .execute();
}
