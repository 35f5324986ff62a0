import { sql, type RawBuilder } from 'kysely';
import { lockWithLoginId } from '#domain/accounts/accounts.ts';
import type { ConsoleDirectory } from '#domain/consoles/consoles.ts';
import { legacyPeople, type LegacyPasswords } from '#domain/credentials/legacy-passwords.ts';
import {
  accountAndPassword,
  replaceHash,
  type AccountAndPassword,
  type StoredPassword,
} from '#domain/credentials/passwords.ts';
import { passwordFaults, type PasswordRules } from '#domain/credentials/password-rules.ts';
import { knowingBrowser } from '#domain/credentials/known-browsers.ts';
import {
  clearingAttempts,
  clearSignInAttempts,
  countSignInAttempt,
  type AttemptCounter,
  type SignInLimits,
  type Succeeded,
} from '#domain/credentials/sign-in-throttle.ts';
import type { PasswordHasher } from '#domain/credentials/password-hash.ts';
import { eventStatement, recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { AccountRow, ConsoleRow } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { Client } from './client.ts';
import { setFirstPassword } from './first-password.ts';
import type { Proof } from './still-holds.ts';

export type AuthenticateDeps = {
  db: Db;
  jobs: Jobs;
  hasher: PasswordHasher;
  consoles: ConsoleDirectory;
  legacyPasswords: LegacyPasswords;
  passwordRules: PasswordRules;
  signInLimits: SignInLimits;
};

/** Where the person set out for, and the language of a mail to them. */
export type Destination = { consoleId: string | undefined; locale: Locale };

/**
 * What is to be written of a success – the failures before it are forgotten, the audit event – as named parts of a `with`: it is written by the statement that makes the sign-in, or by
 * `writeSuccess`. `when`: whether the sign-in comes to be, as that statement finds it.
 */
export type SignInSuccess = (when: RawBuilder<unknown>) => RawBuilder<unknown>;

export type AuthenticateResult =
  | ({ ok: true; success?: SignInSuccess } & Proof)
  | { ok: false; reason: 'address-missing' | 'address-malformed' | 'password-missing' }
  | { ok: false; reason: 'wrong-credentials' }
  | { ok: false; reason: 'wait' | 'network-wait'; until: Date }
  | { ok: false; reason: 'only-reset' }
  /** The legacy password was right but does not meet our rules (R21): the person chooses a new one at once. */
  | { ok: false; reason: 'new-password-needed'; account: AccountRow; consoleId: string };

/**
 * Verifies a login ID and password (R2). A wrong password, an unknown login ID, an account without a password (R3) and a suspended one
 * get the same answer after the same work: one counter, one look-up, one hash; and where consoles accept legacy passwords (R21) one more look-up and one check a
 * console. A legacy password is judged by our rules only when it is known to be right. Throws `TooBusy` before anything is counted.
 */
export async function authenticate(
  deps: AuthenticateDeps,
  typed: { emailAddress: string; password: string },
  client: Client,
  now: Date,
  to: Destination,
): Promise<AuthenticateResult> {
  if (typed.emailAddress.trim() === '') return { ok: false, reason: 'address-missing' };
  const address = parseEmailAddress(typed.emailAddress);
  if (!address.ok) return address;
  if (typed.password === '') return { ok: false, reason: 'password-missing' };

  using _place = deps.hasher.admit();
  const attempt = await countSignInAttempt(deps.db, address.key, client, deps.signInLimits, now);
  if (!attempt.ok) return attempt;
  const at = { ...client, counter: attempt.counter };

  const { found } = attempt;
  const matches = await deps.hasher.verify(found?.password?.hash, typed.password);
  if (found?.password && matches)
    return signedIn(deps, { account: found.account, password: found.password }, typed.password, at, now, to);

  const accepting = await acceptingConsoles(deps, to.consoleId);
  if (accepting.length > 0) {
    const proving = await consoleOfLegacyPassword(deps, accepting, found, address.key, typed.password, now);
    if (found && proving)
      return withLegacyPassword(deps, found.account, proving, typed.password, at, now, to);
    const meanwhile = await setMeanwhile(deps, address.key, found?.password?.hash, typed.password);
    if (meanwhile) return signedIn(deps, meanwhile, typed.password, at, now, to);
  }

  await recordEvent(deps.db, {
    at: now,
    action: 'account.sign-in-refused',
    actor: 'anonymous',
    accountId: found?.account.id ?? null,
    consoleId: to.consoleId ?? null,
    clientIp: client.ip,
    requestId: client.requestId,
    detail: { reason: whyRefused(found), userAgent: client.userAgent },
  });
  return { ok: false, reason: 'wrong-credentials' };
}

/** For operators alone; whoever typed it is told nothing of it. */
function whyRefused(found: AccountAndPassword | undefined): string {
  if (!found) return 'account-unknown';
  return found.password ? 'password-wrong' : 'no-password-yet';
}

async function signedIn(
  deps: AuthenticateDeps,
  { account, password }: { account: AccountRow; password: StoredPassword },
  typed: string,
  client: Client & Counted,
  now: Date,
  { consoleId }: Destination,
): Promise<AuthenticateResult> {
  const event = {
    at: now,
    action: 'account.signed-in',
    actor: account.id,
    accountId: account.id,
    consoleId: consoleId ?? null,
    clientIp: client.ip,
    requestId: client.requestId,
    detail: { method: 'password', userAgent: client.userAgent },
  } as const;
  const current = deps.hasher.isOutdated(password.hash) ? await deps.hasher.hash(typed) : undefined;
  if (current) await replaceHash(deps.db, account.id, password.hash, current);
  const success: SignInSuccess = (when) =>
    sql`${clearingAttempts(account.email_key, succeeded(client), when)}, signed_in as (${eventStatement(event, when)})${
      client.browserHash === undefined
        ? sql``
        : sql`, ${knowingBrowser(account.id, client.browserHash, now, when)}`
    }`;
  return { ok: true, account, passwordSetAt: password.setAt, success };
}

type Counted = { counter: AttemptCounter };

function succeeded({ network, counter }: Client & Counted): Succeeded {
  return { clientNetwork: network, counter };
}

/** Writes a success by itself. */
export async function writeSuccess(db: Db, success: SignInSuccess | undefined): Promise<void> {
  if (success) await sql`with ${success(sql`true`)} select`.execute(db);
}

type Proving = { console: ConsoleRow; whole: boolean };

/** The console for which the person set out, or, where it accepts no legacy passwords, every one that does. */
async function acceptingConsoles(
  deps: AuthenticateDeps,
  consoleId: string | undefined,
): Promise<readonly ConsoleRow[]> {
  const accepting = (await deps.consoles.all()).filter((one) => one.legacy_passwords !== 'off');
  const own = accepting.filter((one) => one.id === consoleId);
  return own.length > 0 ? own : accepting;
}

/** The console whose legacy password this is. Each is tried in the same order for everybody, whether or not there is an account; only one that matches ends it. */
async function consoleOfLegacyPassword(
  deps: AuthenticateDeps,
  consoles: readonly ConsoleRow[],
  found: { account: AccountRow; password: StoredPassword | undefined } | undefined,
  emailKey: string,
  password: string,
  now: Date,
): Promise<Proving | undefined> {
  const asked = found && !found.password ? found.account.id : undefined;
  const people = await legacyPeople(
    deps.db,
    asked,
    consoles.map((one) => one.id),
  );
  for (const console of consoles) {
    const check = await deps.legacyPasswords.check(
      console,
      people.get(console.id),
      { emailKey, password },
      now,
    );
    if (check.matches) return { console, whole: check.whole };
  }
  return undefined;
}

async function withLegacyPassword(
  deps: AuthenticateDeps,
  account: AccountRow,
  { console, whole }: Proving,
  password: string,
  client: Client & Counted,
  now: Date,
  to: Destination,
): Promise<AuthenticateResult> {
  const context = { emailAddress: account.email_address, words: [account.name, account.company] };
  if (!whole || (await passwordFaults(password, context, deps.passwordRules)).length > 0) {
    const together = eventStatement({
      at: now,
      action: 'legacy-password.verified',
      actor: account.id,
      accountId: account.id,
      consoleId: console.id,
      clientIp: client.ip,
      requestId: client.requestId,
    });
    await clearSignInAttempts(deps.db, account.email_key, succeeded(client), together);
    return { ok: false, reason: 'new-password-needed', account, consoleId: console.id };
  }
  const passwordHash = await deps.hasher.hash(password);
  const of = { account, consoleId: console.id, passwordHash, locale: account.locale ?? to.locale };
  const isFirst = await deps.db
    .transaction()
    .execute(
      async (trx) =>
        (await lockWithLoginId(trx, account.id, account.email_key)) &&
        (await setFirstPassword(trx, deps.jobs, of, client, now)),
    );
  if (isFirst) return { ok: true, account, passwordSetAt: now };
  const meanwhile = await setMeanwhile(deps, account.email_key, undefined, password);
  return meanwhile
    ? signedIn(deps, meanwhile, password, client, now, to)
    : { ok: false, reason: 'wrong-credentials' };
}

/**
 * The account, if this is the password that another request set since we looked: a form that was sent twice. The look is the same for everybody; the hash is computed only in that case.
 */
async function setMeanwhile(
  deps: AuthenticateDeps,
  emailKey: string,
  before: string | undefined,
  typed: string,
): Promise<{ account: AccountRow; password: StoredPassword } | undefined> {
  const found = await accountAndPassword(deps.db, emailKey);
  if (!found?.password || found.password.hash === before) return undefined;
  const { account, password } = found;
  return (await deps.hasher.verify(password.hash, typed)) ? { account, password } : undefined;
}
