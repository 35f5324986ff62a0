import { leaveConsole } from '#domain/logout/leave-console.ts';
import { queueAccountEvent } from '#domain/events/queue.ts';
import { recordEvent } from '#support/audit/record.ts';
import { linkOf, lockedPerson } from './change.ts';
import type { Deps } from './create.ts';
import type { ProvisionedPerson } from './people.ts';
import { actorOf, type Provider } from './provider.ts';

/**
 * Ends the link of a person to this console, and the sessions there. The account, its password, its login ID and its links to other consoles stay: no console destroys what another one needs.
 * @param decide whatever it answers ends the act, and nothing is written
 */
export async function removeUser<R>(
  { db, jobs }: Deps,
  provider: Provider,
  consoleUserId: string,
  decide: (person: ProvisionedPerson) => R | undefined,
  now: Date,
): Promise<
  { ok: true } | { ok: false; reason: 'user-unknown' } | { ok: false; reason: 'refused'; refusal: R }
> {
  return db.transaction().execute(async (trx) => {
    const person = await lockedPerson(trx, provider, consoleUserId, now);
    if (!person) return { ok: false, reason: 'user-unknown' } as const;
    const refusal = decide(person);
    if (refusal !== undefined) return { ok: false, reason: 'refused', refusal } as const;
    const { accountId, consoleId, clientId } = linkOf(provider, person);
    if (provider.directory)
      await queueAccountEvent(
        trx,
        jobs,
        { kind: 'account-suspended', accountId, onlyConsoleId: consoleId },
        now,
      );
    await leaveConsole(trx, jobs, accountId, clientId, now);
    await trx
      .updateTable('login_id_change')
      .set({ superseded_at: now })
      .where('account_id', '=', accountId)
      .where('confirmed_at', 'is', null)
      .where('superseded_at', 'is', null)
      .where((eb) => eb.or([eb('console_id', '=', consoleId), eb('operator', '=', actorOf(provider))]))
      .execute();
    for (const table of ['legacy_credential', 'login_id_drift'] as const)
      await trx
        .deleteFrom(table)
        .where('account_id', '=', accountId)
        .where('console_id', '=', consoleId)
        .execute();
    await trx
      .deleteFrom('console_link')
      .where('console_id', '=', consoleId)
      .where('console_user_id', '=', consoleUserId)
      .execute();
    await recordEvent(trx, {
      at: now,
      action: 'link.ended',
      actor: actorOf(provider),
      accountId,
      consoleId,
      detail: { consoleUserId },
    });
    return { ok: true } as const;
  });
}
