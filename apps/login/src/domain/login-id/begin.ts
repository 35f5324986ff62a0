import { requestCode, type RequestCodeResult } from '#domain/verification/requests.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { AccountRow, ConsoleRow, LoginIdChangeRow } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import type { EmailAddress } from '#support/primitives/email-address.ts';
import { newId } from '#support/primitives/ids.ts';
import type { Locale } from '#support/primitives/locale.ts';

/** Who asks for a change: a console for its person, or an operator for somebody who lost the mailbox. */
export type Asker =
  | {
      console: ConsoleRow;
      consoleUserId: string;
      sid: string | null;
      idempotency: { key: string; content: string } | null;
    }
  | { operator: string; reason: string };

export type BeginResult = { ok: true; change: LoginIdChangeRow } | Exclude<RequestCodeResult, { ok: true }>;

/**
 * Notes the change and mails the code to the new address, in the caller's transaction. The same asker's earlier change of this account ends.
 * @param wanted.silent all the same, but no mail goes out (see `isUnproved`)
 */
export async function beginChange(
  trx: Db,
  jobs: Jobs,
  wanted: { account: AccountRow; address: EmailAddress; locale: Locale; by: Asker; silent?: boolean },
  now: Date,
): Promise<BeginResult> {
  const { account, address, by } = wanted;
  const console = 'console' in by ? by.console : undefined;
  const request = await requestCode(
    trx,
    jobs,
    {
      purpose: 'change-login-id',
      to: address,
      accountId: account.id,
      consoleId: console?.id ?? null,
      locale: wanted.locale,
      ...(wanted.silent ? { silent: true } : {}),
      clientNetwork: `${'console' in by ? `console:${by.console.id}` : by.operator}:${account.id}`,
    },
    now,
  );
  if (!request.ok) return request;
  await trx
    .updateTable('login_id_change')
    .set({ superseded_at: now })
    .where('account_id', '=', account.id)
    .where('console_id', console ? '=' : 'is', console?.id ?? null)
    .where('confirmed_at', 'is', null)
    .where('superseded_at', 'is', null)
    .execute();
  const change = await trx
    .insertInto('login_id_change')
    .values({
      id: newId('lic', now),
      request_id: request.requestId,
      account_id: account.id,
      old_address: account.email_address,
      new_address: address.address,
      new_key: address.key,
      requested_at: now,
      confirmed_at: null,
      superseded_at: null,
      base_version: account.login_id_version,
      ...('console' in by
        ? {
            console_id: by.console.id,
            console_user_id: by.consoleUserId,
            keep_sid: by.sid,
            idempotency_key: by.idempotency?.key ?? null,
            idempotency_content: by.idempotency?.content ?? null,
          }
        : {
            console_id: null,
            console_user_id: null,
            keep_sid: null,
            operator: by.operator,
            reason: by.reason,
          }),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await recordEvent(trx, {
    at: now,
    action: 'login-id.change-requested',
    actor: console ? `console:${console.client_id}` : (change.operator ?? ''),
    accountId: account.id,
    consoleId: change.console_id,
    detail: { changeId: change.id, ...(change.reason === null ? {} : { reason: change.reason }) },
  });
  return { ok: true, change };
}
