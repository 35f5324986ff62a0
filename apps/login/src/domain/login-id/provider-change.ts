import { isUnproved } from '#domain/consoles/links.ts';
import { ACCOUNT_COLUMNS } from '#domain/accounts/accounts.ts';
import type { Db } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { after, DAY } from '#support/primitives/durations.ts';
import type { EmailAddress } from '#support/primitives/email-address.ts';
import { beginChange, type BeginResult } from './begin.ts';
import { isKept, type Kept } from './kept.ts';

/** A directory wishes for the same again with every round; so long one mail is enough. */
const ASK_AGAIN_AFTER = 7 * DAY;

export type ProviderChangeResult =
  { ok: true } | Exclude<BeginResult, { ok: true }> | { ok: false; reason: Kept };

/**
 * Begins a change of the login ID for whoever provisions a person (R18, R26), in the caller's transaction, with the account locked. The code goes to the new mailbox, and is typed on our page, which
 * the mail names: a directory has none. An address that another account has gets the same answer; its owner is told instead. Where the person has not entered the console yet (`isUnproved`), the
 * answer is the same and no mail goes out: else whoever names an address could come to its account.
 */
export async function requestChangeByProvider(
  trx: Db,
  jobs: Jobs,
  wanted: { accountId: string; consoleId: string; actor: string; address: EmailAddress },
  now: Date,
): Promise<ProviderChangeResult> {
  const { accountId, address, actor } = wanted;
  const account = await trx
    .selectFrom('account')
    .select(ACCOUNT_COLUMNS)
    .where('id', '=', accountId)
    .executeTakeFirstOrThrow();
  const silent = await isUnproved(trx, wanted.consoleId, accountId);
  if (!silent && (await isKept(trx, accountId, null))) return { ok: false, reason: 'kept-by-administrators' };
  if (account.email_key === address.key && !silent) return { ok: true };
  const asked = await trx
    .selectFrom('login_id_change')
    .select('id')
    .where('account_id', '=', accountId)
    .where('operator', '=', actor)
    .where('new_key', '=', address.key)
    .where('superseded_at', 'is', null)
    .where('confirmed_at', 'is', null)
    .where('base_version', '=', account.login_id_version)
    .where('requested_at', '>', after(now, -ASK_AGAIN_AFTER))
    .executeTakeFirst();
  if (asked) return { ok: true };
  const begun = await beginChange(
    trx,
    jobs,
    {
      account,
      address,
      locale: account.locale ?? 'ja',
      by: { operator: actor, reason: 'SCIM' },
      silent,
    },
    now,
  );
  return begun.ok ? { ok: true } : begun;
}
