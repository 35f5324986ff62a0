import { sql } from 'kysely';
import { accountOfConsoleUser, isUnproved } from '#domain/consoles/links.ts';
import { CODE_LIFE } from '#domain/verification/codes.ts';
import { resendCode, type ResendResult } from '#domain/verification/requests.ts';
import type { Db } from '#support/db/database.ts';
import type { ConsoleRow, LoginIdChangeRow } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { after } from '#support/primitives/durations.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { secretHash } from '#support/primitives/secrets.ts';
import { beginChange } from './begin.ts';
import { isKept, type Kept } from './kept.ts';
import { atOneMoment, changeOfConsole, viewOf, whyClosed, withItsRequest, type ChangeView } from './state.ts';

export type ChangeDeps = { db: Db; jobs: Jobs; codeKey: Buffer; undoKey: Buffer };

export type WantedChange = {
  consoleUserId: string;
  newEmailAddress: string;
  locale: Locale;
  sid?: string;
  /** Chosen by the console: asked again with it, the same change is answered and no second mail goes out. */
  idempotencyKey?: string;
};

export type RequestChangeResult =
  | { ok: true; change: ChangeView }
  | {
      ok: false;
      reason: 'user-unknown' | 'address-malformed' | 'address-unchanged' | 'idempotency-key-reused' | Kept;
    }
  | { ok: false; reason: 'too-many' | 'too-soon'; retryAt: Date };

/**
 * Begins the change of a login ID that a console's person asked for (R18): a code goes to the new mailbox. An address that another account has gets the
 * same answer; its owner is told by mail instead, so that a stranger learns nothing.
 *
 * The login ID of an operator's account is refused by name: a console moves none (`kept.ts`).
 *
 * The console's earlier change of the same account ends with it. Another console's stays open: whichever is confirmed first ends the others (`changed-meanwhile`).
 */
export async function requestLoginIdChange(
  deps: ChangeDeps,
  console: ConsoleRow,
  wanted: WantedChange,
  now: Date,
): Promise<RequestChangeResult> {
  const address = parseEmailAddress(wanted.newEmailAddress);
  if (!address.ok) return address;
  const noted = await deps.db
    .transaction()
    .execute(async (trx): Promise<RequestChangeResult | { of: string }> => {
      const known = wanted.idempotencyKey && (await changeOfKey(trx, console, wanted.idempotencyKey));
      if (known && known.idempotency_content !== contentOf(wanted))
        return { ok: false, reason: 'idempotency-key-reused' };
      if (known) return { of: known.id };
      const account = await accountOfConsoleUser(trx, console.id, wanted.consoleUserId);
      if (!account) return { ok: false, reason: 'user-unknown' };
      if (await isKept(trx, account.id, null)) return { ok: false, reason: 'kept-by-administrators' };
      if (account.email_key === address.key) return { ok: false, reason: 'address-unchanged' };
      const begun = await beginChange(
        trx,
        deps.jobs,
        {
          account,
          address,
          locale: wanted.locale,
          silent: await isUnproved(trx, console.id, account.id),
          by: {
            console,
            consoleUserId: wanted.consoleUserId,
            sid: wanted.sid ?? null,
            idempotency:
              wanted.idempotencyKey === undefined
                ? null
                : { key: wanted.idempotencyKey, content: contentOf(wanted) },
          },
        },
        now,
      );
      if (!begun.ok) return begun;
      return { ok: true, change: await viewOf(trx, await withItsRequest(trx, begun.change), now) };
    });
  if ('ok' in noted) return noted;
  const change = await loginIdChange(deps.db, console, noted.of, now);
  if (!change) throw new Error('A change of this key is there no more.');
  return { ok: true, change };
}

/** The change that was asked for with this key. Two with one key wait for each other here, so that the second finds the first one's change. */
async function changeOfKey(trx: Db, console: ConsoleRow, key: string): Promise<LoginIdChangeRow | undefined> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${console.id} ${key}`}, 4))`.execute(trx);
  return trx
    .selectFrom('login_id_change')
    .selectAll()
    .where('console_id', '=', console.id)
    .where('idempotency_key', '=', key)
    .executeTakeFirst();
}

/** What must be the same when a key comes again. */
function contentOf(wanted: WantedChange): string {
  return secretHash(
    JSON.stringify([wanted.consoleUserId, wanted.newEmailAddress, wanted.locale, wanted.sid ?? null]),
  );
}

/** A change of this console as it stands; undefined when there is none with this id. */
export async function loginIdChange(
  db: Db,
  console: ConsoleRow,
  changeId: string,
  now: Date,
): Promise<ChangeView | undefined> {
  return atOneMoment(db, async (moment) => {
    const found = await changeOfConsole(moment, console, changeId);
    return found && viewOf(moment, found, now);
  });
}

/** Sends the code to the new mailbox once more. */
export async function resendLoginIdCode(
  deps: ChangeDeps,
  console: ConsoleRow,
  changeId: string,
  now: Date,
): Promise<
  | { ok: true; change: ChangeView }
  | Exclude<ResendResult, { ok: true }>
  | { ok: false; reason: 'change-unknown' | 'change-ended' | 'changed-meanwhile' | Kept }
> {
  const { found, closed } = await atOneMoment(deps.db, async (moment) => {
    const change = await changeOfConsole(moment, console, changeId);
    return { found: change, closed: change && (await whyClosed(moment, change, now)) };
  });
  if (!found) return { ok: false, reason: 'change-unknown' };
  if (closed) return { ok: false, reason: closed };
  const network = `console:${console.id}:${found.change.account_id}`;
  const result = await deps.db.transaction().execute(async (trx) =>
    resendCode(trx, deps.jobs, found.request, network, now, undefined, {
      silent: await isUnproved(trx, console.id, found.change.account_id),
    }),
  );
  if (!result.ok) return result;
  return {
    ok: true,
    change: {
      ...(await viewOf(deps.db, found, now)),
      codeExpiresAt: after(now, CODE_LIFE),
      resendAt: result.resendAt,
    },
  };
}
