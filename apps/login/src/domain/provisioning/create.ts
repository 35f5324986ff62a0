import { randomUUID } from 'node:crypto';
import { decideAll, Overtaken, writeAll, type Decided } from '#domain/consoles/import/apply.ts';
import { reinstateIfSuspendedByLinks, deactivateLink } from '#domain/suspension/link-state.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db, Trx } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { parseEmailAddress, type EmailAddress } from '#support/primitives/email-address.ts';
import { localeFromTags } from '#support/primitives/locale.ts';
import { nameIn, type SaidOfUser } from './said.ts';
import { actorOf, mayName, namesConsoleUsers, type Provider } from './provider.ts';

export type Deps = { db: Db; jobs: Jobs };

export type CreateUserResult =
  | { ok: true; consoleUserId: string }
  | {
      ok: false;
      /** `user-exists` says no more than that: who has the id or the address, or had it lately, is not told. */
      reason:
        'external-id-missing' | 'address-malformed' | 'domain-foreign' | 'company-foreign' | 'user-exists';
    };

const MOST_ATTEMPTS = 10;

/**
 * Registers a person of a console (R20, R26), as an import of one line would: the address of an account that is there already gets a second link, and nobody is told that it was there. Whoever has
 * the id or the address in this console already is refused.
 */
export async function createUser(
  deps: Deps,
  provider: Provider,
  said: SaidOfUser,
  now: Date,
): Promise<CreateUserResult> {
  const address = parseEmailAddress(said.userName);
  if (!address.ok) return address;
  if (!mayName(provider, address.key)) return { ok: false, reason: 'domain-foreign' };
  const company = provider.directory?.company ?? null;
  if (company !== null && said.company !== '' && said.company !== company)
    return { ok: false, reason: 'company-foreign' };
  if (namesConsoleUsers(provider) && !said.externalId) return { ok: false, reason: 'external-id-missing' };
  for (let attempt = 1; ; attempt++) {
    try {
      return await deps.db
        .transaction()
        .execute((trx) => createWithin(trx, deps.jobs, provider, { said, address, company }, now));
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || !isWorthAnotherTry(error)) throw error;
    }
  }
}

async function createWithin(
  trx: Trx,
  jobs: Jobs,
  provider: Provider,
  { said, address, company }: { said: SaidOfUser; address: EmailAddress; company: string | null },
  now: Date,
): Promise<CreateUserResult> {
  const { console, directory } = provider;
  const ownIds = !namesConsoleUsers(provider);
  if (ownIds && said.externalId && (await hasExternalId(trx, directory?.id ?? '', said.externalId)))
    return { ok: false, reason: 'user-exists' };
  const consoleUserId = ownIds ? newUserId() : (said.externalId ?? '');
  const person = {
    line: 0,
    lastLine: 0,
    id: consoleUserId,
    address: address.address,
    key: address.key,
    name: nameIn(said.profile),
    company: company ?? said.company,
    locale: localeFromTags(said.profile.preferredLanguage ?? '') ?? null,
    apiOnly: null,
    passwordHash: null,
    hashFault: null,
  };
  const [decided] = await decideAll(trx, console.id, [person], now);
  const decision = decided?.decision;
  if (!decided || !decision || (decision.do !== 'create' && decision.do !== 'link'))
    return { ok: false, reason: 'user-exists' };
  // What a customer says of a person stays with that customer, unless the account is new.
  const taken: Decided =
    decision.do === 'link' && directory
      ? { ...decided, decision: { ...decision, fill: undefined } }
      : decided;
  await writeAll(trx, console.id, [taken], now);
  const { account_id: accountId } = await trx
    .selectFrom('console_link')
    .select('account_id')
    .where('console_id', '=', console.id)
    .where('console_user_id', '=', consoleUserId)
    .executeTakeFirstOrThrow();
  await trx
    .insertInto('provisioned_user')
    .values({
      console_id: console.id,
      console_user_id: consoleUserId,
      directory_id: directory?.id ?? null,
      external_id: ownIds ? said.externalId : null,
      user_name: address.address,
      user_key: address.key,
      company: company ?? (said.company === '' ? null : said.company),
      profile: JSON.stringify(said.profile),
      joined: decision.do === 'link',
      created_at: now,
      updated_at: now,
    })
    .execute();
  const actor = actorOf(provider);
  await recordEvent(trx, {
    at: now,
    action: 'user.provisioned',
    actor,
    accountId,
    consoleId: console.id,
    detail: { consoleUserId, change: decision.do === 'link' ? 'linked' : 'created' },
  });
  const by = { actor, isConsole: directory === null, now };
  if (said.active) await reinstateIfSuspendedByLinks(trx, jobs, accountId, by);
  else
    await deactivateLink(
      trx,
      jobs,
      { accountId, consoleId: console.id, clientId: console.client_id, consoleUserId },
      by,
    );
  return { ok: true, consoleUserId };

  /** Says nothing of when or for whom it was made; no console's own id looks like it. */
  function newUserId(): string {
    return `dpu_${randomUUID()}`;
  }
}

async function hasExternalId(trx: Trx, directoryId: string, externalId: string): Promise<boolean> {
  const holder = await trx
    .selectFrom('provisioned_user')
    .select('console_user_id')
    .where('directory_id', '=', directoryId)
    .where('external_id', '=', externalId)
    .executeTakeFirst();
  return holder !== undefined;
}

/** Somebody else wrote between our reading and our writing: lost a race, deadlock, serialization failure, row gone or come between. */
export function isWorthAnotherTry(error: unknown): boolean {
  if (error instanceof Overtaken) return true;
  return (
    error instanceof Error &&
    'code' in error &&
    ['40P01', '40001', '23503', '23505'].includes(String(error.code))
  );
}
