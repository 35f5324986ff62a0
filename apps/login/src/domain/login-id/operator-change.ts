import { reservedKeys } from '#domain/accounts/reserved.ts';
import { findAccount } from '#domain/accounts/find.ts';
import { roleOf } from '#domain/operators/operators.ts';
import { resendCode, type ResendResult } from '#domain/verification/requests.ts';
import type { Db } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { beginChange, type BeginResult } from './begin.ts';
import type { ChangeDeps } from './change.ts';
import { confirmFound, type ConfirmChangeResult } from './confirm.ts';
import type { Kept } from './kept.ts';
import { isTaken } from './move.ts';
import {
  atOneMoment,
  viewOf,
  whyClosed,
  withItsRequest,
  type ChangeView,
  type FoundChange,
} from './state.ts';

export type OperatorChangeResult =
  | { ok: true; change: ChangeView }
  | Exclude<BeginResult, { ok: true }>
  | {
      ok: false;
      reason:
        | 'account-unknown'
        | 'account-state-unfit'
        | 'administrator-only'
        | 'address-malformed'
        | 'address-unchanged'
        | 'address-taken'
        | 'address-reserved'
        | 'reason-missing';
    };

/**
 * Begins a change for somebody who lost the mailbox (R18). The proof is the same as ever: a code to the new mailbox, which the person types on a page of ours that the mail names; the
 * operator never sees it. `account` is its id or its login ID. The former mailbox is told and can undo it like any other change. An operator sees every account, so a taken address is said at once.
 * Who moves an operator's login ID can become that operator, so only administrators may.
 */
export async function requestChangeByOperator(
  deps: { db: Db; jobs: Jobs },
  wanted: { account: string; newEmailAddress: string; locale: Locale; reason: string },
  by: { actor: string; administrator: boolean; now: Date },
): Promise<OperatorChangeResult> {
  const address = parseEmailAddress(wanted.newEmailAddress);
  if (!address.ok) return address;
  const reason = wanted.reason.trim();
  if (reason === '') return { ok: false, reason: 'reason-missing' };
  return deps.db.transaction().execute(async (trx): Promise<OperatorChangeResult> => {
    const account = await findAccount(trx, wanted.account);
    if (!account) return { ok: false, reason: 'account-unknown' };
    if (!by.administrator && (await roleOf(trx, account.id)))
      return { ok: false, reason: 'administrator-only' };
    if (account.state !== 'active') return { ok: false, reason: 'account-state-unfit' };
    if (account.email_key === address.key) return { ok: false, reason: 'address-unchanged' };
    if (await isTaken(trx, address.key)) return { ok: false, reason: 'address-taken' };
    if ((await reservedKeys(trx, [address.key], by.now, account.id)).size > 0)
      return { ok: false, reason: 'address-reserved' };
    const begun = await beginChange(
      trx,
      deps.jobs,
      { account, address, locale: wanted.locale, by: { operator: by.actor, reason } },
      by.now,
    );
    if (!begun.ok) return begun;
    return { ok: true, change: await viewOf(trx, await withItsRequest(trx, begun.change), by.now) };
  });
}

/** The change that an operator began and whose code page names this request, and why it takes no code any more, if so. */
export async function changeOfCodePage(
  db: Db,
  requestId: string,
  now: Date,
): Promise<
  { found: FoundChange; closed: 'change-ended' | 'changed-meanwhile' | Kept | undefined } | undefined
> {
  return atOneMoment(db, async (moment) => {
    const change = await moment
      .selectFrom('login_id_change')
      .selectAll()
      .where('request_id', '=', requestId)
      .where('console_id', 'is', null)
      .executeTakeFirst();
    if (!change) return undefined;
    const found = await withItsRequest(moment, change);
    return { found, closed: await whyClosed(moment, found, now) };
  });
}

/** Sends the code of an operator's change once more, as its page asks. */
export async function resendOnCodePage(
  deps: { db: Db; jobs: Jobs },
  { request }: FoundChange,
  clientNetwork: string,
  now: Date,
): Promise<ResendResult> {
  return deps.db.transaction().execute((trx) => resendCode(trx, deps.jobs, request, clientNetwork, now));
}

/** Finishes an operator's change with the code that the person typed on its page. */
export async function confirmOnCodePage(
  deps: ChangeDeps,
  found: FoundChange,
  code: string,
  now: Date,
): Promise<ConfirmChangeResult> {
  return confirmFound(deps, found, undefined, code, now);
}
