import type { Db } from '#support/db/database.ts';
import type { AccountEventKind } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { newId } from '#support/primitives/ids.ts';

/** Something that happened to an account and that its consoles are told (R24). */
export type AccountEvent = {
  accountId: string;
  /** The console from which it came and which knows it already; the others are told. */
  fromConsoleId?: string;
} & (
  | {
      kind: 'login-id-changed';
      detail: { emailAddress: string; previousEmailAddress: string; version: number };
    }
  | { kind: Exclude<AccountEventKind, 'login-id-changed'>; detail?: { reason?: string } }
);

/** Notes the event, in the caller's transaction: after the commit every console of the account will be told, whatever happens to this process. */
export async function queueAccountEvent(trx: Db, _jobs: Jobs, event: AccountEvent, now: Date): Promise<void> {
  await trx
    .insertInto('account_event')
    .values({
      id: newId('evt', now),
      kind: event.kind,
      account_id: event.accountId,
      from_console_id: event.fromConsoleId ?? null,
      detail: JSON.stringify(event.detail ?? {}),
      at: now,
    })
    .execute();
}
