import { sql } from 'kysely';
import { lockAccount } from '#domain/accounts/accounts.ts';
import { requestChangeByProvider } from '#domain/login-id/provider-change.ts';
import { deactivateLink, reactivateLink, type Link } from '#domain/suspension/link-state.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Trx } from '#support/db/database.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';
import { isWorthAnotherTry, type Deps } from './create.ts';
import { personOf, sameAddress, type ProvisionedPerson } from './people.ts';
import { actorOf, mayName, namesConsoleUsers, type Provider } from './provider.ts';
import { nameIn, type SaidOfUser } from './said.ts';

export type ChangeRefusal =
  | {
      ok: false;
      reason:
        | 'user-unknown'
        | 'address-malformed'
        | 'domain-foreign'
        | 'company-foreign'
        | 'external-id-fixed'
        | 'user-exists'
        | 'kept-by-administrators';
    }
  | { ok: false; reason: 'too-many' | 'too-soon'; retryAt: Date };

const MOST_ATTEMPTS = 5;

/**
 * Changes what is said of a person. Everything but the login ID is done at once. A new `userName` only begins a change: a code goes to the new mailbox, and the login ID follows when the person has
 * typed it (R18); until then the person keeps the old one. The same wish again sends no second mail for a week.
 * @param decide what is to be, from what is; whatever else it answers ends the change, and nothing is written
 */
export async function changeUser<R>(
  deps: Deps,
  provider: Provider,
  consoleUserId: string,
  decide: (
    person: ProvisionedPerson,
  ) => { said: SaidOfUser } | { refused: R } | Promise<{ said: SaidOfUser } | { refused: R }>,
  now: Date,
): Promise<{ ok: true } | ChangeRefusal | { ok: false; reason: 'refused'; refusal: R }> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await deps.db.transaction().execute(async (trx) => {
        const person = await lockedPerson(trx, provider, consoleUserId, now);
        if (!person) return { ok: false, reason: 'user-unknown' } as const;
        const decided = await decide(person);
        if ('refused' in decided) return { ok: false, reason: 'refused', refusal: decided.refused } as const;
        return changeWithin(trx, deps, provider, person, decided.said, now);
      });
    } catch (error) {
      if (isTakenExternalId(error)) return { ok: false, reason: 'user-exists' };
      if (attempt === MOST_ATTEMPTS || !isWorthAnotherTry(error)) throw error;
    }
  }
}

/** The person as nobody changes it until the transaction ends. */
export async function lockedPerson(
  trx: Trx,
  provider: Provider,
  consoleUserId: string,
  now: Date,
): Promise<ProvisionedPerson | undefined> {
  const found = await personOf(trx, provider, consoleUserId, now);
  if (!found) return undefined;
  await lockAccount(trx, found.accountId);
  const held = await personOf(trx, provider, consoleUserId, now);
  // The link went to another account while we waited for the first one's lock.
  if (held && held.accountId !== found.accountId) await lockAccount(trx, held.accountId);
  return held;
}

async function changeWithin(
  trx: Trx,
  deps: Deps,
  provider: Provider,
  person: ProvisionedPerson,
  said: SaidOfUser,
  now: Date,
): Promise<{ ok: true } | ChangeRefusal> {
  const address = parseEmailAddress(said.userName);
  if (!address.ok) return address;
  const scope = provider.directory?.company ?? null;
  if (scope !== null && said.company !== '' && said.company !== scope)
    return { ok: false, reason: 'company-foreign' };
  if (namesConsoleUsers(provider) && said.externalId !== person.externalId)
    return { ok: false, reason: 'external-id-fixed' };

  const moves = !sameAddress(said.userName, person.userName);
  if (moves) {
    if (!mayName(provider, address.key)) return { ok: false, reason: 'domain-foreign' };
    const begun = await requestChangeByProvider(
      trx,
      deps.jobs,
      { accountId: person.accountId, consoleId: provider.console.id, actor: actorOf(provider), address },
      now,
    );
    if (!begun.ok) return begun;
  }
  const company = scope ?? said.company;
  const changed = [
    ...(JSON.stringify(said.profile) === JSON.stringify(person.profile) ? [] : ['profile']),
    ...(company === person.company ? [] : ['company']),
    ...(said.externalId === person.externalId ? [] : ['externalId']),
    ...(moves || said.userName === person.userName ? [] : ['userName']),
  ];
  if (changed.length > 0) {
    const kept = moves ? person.userName : address.address;
    await note(trx, provider, person, { ...said, company, userName: kept }, now);
    await followOnlySource(trx, provider, person, { name: nameIn(said.profile), company }, now);
    await recordEvent(trx, {
      at: now,
      action: 'user.changed',
      actor: actorOf(provider),
      accountId: person.accountId,
      consoleId: provider.console.id,
      detail: { consoleUserId: person.consoleUserId, changed },
    });
  }
  if (said.active !== person.active) await setActive(trx, deps, provider, person, said.active, now);
  return { ok: true };
}

async function note(
  trx: Trx,
  provider: Provider,
  person: ProvisionedPerson,
  said: SaidOfUser,
  now: Date,
): Promise<void> {
  const address = parseEmailAddress(said.userName);
  if (!address.ok) throw new Error('A login ID is no address.');
  const { directory, console } = provider;
  const ownIds = !namesConsoleUsers(provider);
  // Whoever gives a person an id of its own is the one who looks after them from then on.
  const takesOver = directory !== null && (ownIds ? said.externalId !== null : false);
  const values = {
    user_name: address.address,
    user_key: address.key,
    company: said.company === '' ? null : said.company,
    profile: JSON.stringify(said.profile),
    updated_at: now,
    ...(takesOver ? { directory_id: directory.id, external_id: said.externalId } : {}),
  };
  await trx
    .insertInto('provisioned_user')
    .values({
      console_id: console.id,
      console_user_id: person.consoleUserId,
      directory_id: directory?.id ?? null,
      external_id: ownIds ? said.externalId : null,
      joined: false,
      created_at: person.createdAt,
      ...values,
    })
    .onConflict((conflict) => conflict.columns(['console_id', 'console_user_id']).doUpdateSet(values))
    .execute();
}

/** An account that no other console knows has its name and company from this one alone, and follows it. */
async function followOnlySource(
  trx: Trx,
  provider: Provider,
  person: ProvisionedPerson,
  { name, company }: { name: string; company: string },
  now: Date,
): Promise<void> {
  if (person.unproved) return;
  await sql`
    update account a set name = ${name}, company = ${company}, updated_at = ${now}
    where a.id = ${person.accountId} and (a.name, a.company) is distinct from (${name}::text, ${company}::text)
      and not exists (select from console_link l where l.account_id = a.id and l.console_id <> ${provider.console.id})
      and not exists (select from operator o where o.account_id = a.id and o.revoked_at is null)`.execute(
    trx,
  );
}

async function setActive(
  trx: Trx,
  deps: Deps,
  provider: Provider,
  person: ProvisionedPerson,
  active: boolean,
  now: Date,
): Promise<void> {
  const by = { actor: actorOf(provider), isConsole: provider.directory === null, now };
  const change = active ? reactivateLink : deactivateLink;
  await change(trx, deps.jobs, linkOf(provider, person), by);
}

export function linkOf({ console }: Provider, person: ProvisionedPerson): Link {
  return {
    accountId: person.accountId,
    consoleId: console.id,
    clientId: console.client_id,
    consoleUserId: person.consoleUserId,
  };
}

function isTakenExternalId(error: unknown): boolean {
  return (
    error instanceof Error &&
    'constraint' in error &&
    (error as { constraint?: unknown }).constraint === 'provisioned_user_external'
  );
}
