import { sql, type RawBuilder } from 'kysely';
import { ACCOUNT_COLUMNS } from '#domain/accounts/accounts.ts';
import { compiled } from '#support/db/compiled.ts';
import type { Db } from '#support/db/database.ts';
import type { AccountRow } from '#support/db/schema.ts';
import { after, DAY, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { browserDelay, KNOWN_FOR } from './known-browsers.ts';
import { accountAndPassword, type AccountAndPassword } from './passwords.ts';

/** Settings of the installation. */
export type SignInLimits = {
  /** Attempts on one login ID that cost no wait, before the pauses begin. */
  readonly freeAttempts: number;
  /** Failures of one client address within five minutes. */
  readonly attemptsPerNetwork: number;
};
const LONGEST_PAUSE = 15 * MINUTE;
/** After this many failures in a row only the reset helps (NIST SP 800-63B §3.2.2). */
const ONLY_RESET_AFTER = 100;
const NETWORK_WINDOW = 5 * MINUTE;

export type AttemptDecision =
  | {
      ok: true;
      /** The active account of the login ID, if there is one. */
      found: AccountAndPassword | undefined;
      /** Whose failures this attempt counts among until it succeeds: those of the login ID and the network, or of a browser that its person is known to use. */
      counter: AttemptCounter;
    }
  | { ok: false; reason: 'wait'; until: Date }
  | { ok: false; reason: 'only-reset' }
  | { ok: false; reason: 'network-wait'; until: Date };

export type AttemptCounter = 'login-id' | 'browser';

/** Where an attempt comes from: the network of the client's address, and the hash of what the browser has kept since its last sign-in. */
export type AttemptOrigin = { network: string; browserHash?: string | undefined };

/**
 * Counts one attempt to sign in before any hash is computed, in one guarded statement, so that a thousand attempts at once see
 * one counter. The counter of a login ID is the same however it is spelled; it exists for unknown login IDs too. An attempt that the network may
 * not make any more leaves the login ID's counter alone. The same statement looks up whose login ID it is.
 * A browser in which the account's person signed in within 90 days has a counter of its own (OWASP, "Device cookies"): whatever strangers do, and from whichever network, it does not wait for them.
 */
export async function countSignInAttempt(
  db: Db,
  emailKey: string,
  origin: AttemptOrigin,
  limits: SignInLimits,
  now: Date,
): Promise<AttemptDecision> {
  const { network: clientNetwork, browserHash = '' } = origin;
  const { rows } = await counting(db, { emailKey, clientNetwork, browserHash, limits, now });
  const [row] = rows;
  if (!row) throw new Error('Counting an attempt always answers with one row.');
  if (row.known_account !== null) {
    if (row.counted_browser !== null) return { ok: true, found: foundIn(row), counter: 'browser' };
    const { attempts, until } = await browserDelay(db, row.known_account, browserHash);
    return refusal(attempts, until ?? now);
  }
  if (row.counted !== null) return { ok: true, found: foundIn(row), counter: 'login-id' };
  if (row.attempts !== null && row.attempts > limits.attemptsPerNetwork)
    return { ok: false, reason: 'network-wait', until: row.network_blocked_until ?? now };
  const throttle = await db
    .selectFrom('sign_in_throttle')
    .selectAll()
    .where('key', '=', `account:${emailKey}`)
    .executeTakeFirst();
  if (!throttle) return { ok: true, found: await accountAndPassword(db, emailKey), counter: 'login-id' };
  return refusal(throttle.attempts, throttle.blocked_until);
}

function refusal(attempts: number, until: Date): AttemptDecision {
  return attempts >= ONLY_RESET_AFTER
    ? { ok: false, reason: 'only-reset' }
    : { ok: false, reason: 'wait', until };
}

/** The network's row is locked first, here and in `clearSignInAttempts`: two that wait for each other would both fail. */
const counting = compiled<
  { emailKey: string; clientNetwork: string; browserHash: string; limits: SignInLimits; now: Date },
  Counted
>((from) => {
  const now = sql`${from((v) => v.now)}::timestamptz`;
  /** When the next attempt is taken, after this many with the one that is counted now. */
  const blocked = (attempts: RawBuilder<unknown>): RawBuilder<unknown> => sql`
    case when ${attempts} < ${from((v) => v.limits.freeAttempts)} then ${now}
      else ${now} + least(${SECOND / 1000} * power(2, least(${attempts} - ${from((v) => v.limits.freeAttempts)}::integer, 20)), ${LONGEST_PAUSE / 1000}) * interval '1 second' end`;
  return sql`
    with known as (
      select k.account_id from account a join known_browser k on k.account_id = a.id
      where a.email_key = ${from((v) => v.emailKey)} and a.state = 'active'
        and k.browser_hash = ${from((v) => v.browserHash)} and k.signed_in_at > ${now} - ${KNOWN_FOR / SECOND} * interval '1 second'
    ), browser as (
      update known_browser t set attempts = t.attempts + 1, blocked_until = ${blocked(sql`t.attempts + 1`)}
      from known where t.account_id = known.account_id and t.browser_hash = ${from((v) => v.browserHash)}
        and t.blocked_until <= ${now} and t.attempts < ${ONLY_RESET_AFTER}
      returning t.attempts
    ), network as (
      insert into sign_in_throttle as t (key, attempts, last_attempt_at, blocked_until)
      select ${from((v) => `network:${v.clientNetwork}`)}, 1, ${now}, ${now} + ${NETWORK_WINDOW / 1000} * interval '1 second'
      where not exists (select from known)
      on conflict (key) do update set
        attempts = case when t.blocked_until <= ${now} then 1 else t.attempts + 1 end,
        last_attempt_at = ${now},
        blocked_until = case when t.blocked_until <= ${now} then excluded.blocked_until else t.blocked_until end
      returning attempts, blocked_until
    ), counted as (
      insert into sign_in_throttle as t (key, attempts, last_attempt_at, blocked_until)
      select ${from((v) => `account:${v.emailKey}`)}, 1, ${now}, ${now} from network where attempts <= ${from((v) => v.limits.attemptsPerNetwork)}
      on conflict (key) do update set
        attempts = t.attempts + 1,
        last_attempt_at = ${now},
        blocked_until = ${blocked(sql`t.attempts + 1`)}
      where t.blocked_until <= ${now} and t.attempts < ${ONLY_RESET_AFTER}
      returning attempts
    )
    select network.attempts, network.blocked_until as network_blocked_until, counted.attempts as counted,
      known.account_id as known_account, browser.attempts as counted_browser,
      ${sql.join(ACCOUNT_COLUMNS.map((column) => sql.ref(column)))}, password_credential.password_hash, password_credential.set_at
    from (select) as always
    left join known on true left join browser on true left join network on true left join counted on true
    left join account on coalesce(counted.attempts, browser.attempts) is not null and account.email_key = ${from((v) => v.emailKey)} and account.state = 'active'
    left join password_credential on password_credential.account_id = account.id`;
});

/** Whose failures a success forgets. */
export type Succeeded = {
  /** The network that gets its attempt back. */
  clientNetwork?: string | undefined;
  /** What counted the attempt: a success in a known browser says nothing about what strangers tried elsewhere. */
  counter?: AttemptCounter | undefined;
};

/**
 * Forgets the failures of a login ID and gives the network its attempt back, after a success.
 * @param together a statement without `with` that is to run in the same one: either both are done or neither
 */
export async function clearSignInAttempts(
  db: Db,
  emailKey: string,
  succeeded: Succeeded = {},
  together?: RawBuilder<unknown>,
): Promise<void> {
  await sql`with ${clearingAttempts(emailKey, succeeded)} ${together ?? sql`select key from cleared`}`.execute(
    db,
  );
}

/** The same as named parts of a `with`, for a statement that writes what the success makes, and may find that there is none (`when`). */
export function clearingAttempts(
  emailKey: string,
  { clientNetwork = '', counter = 'login-id' }: Succeeded = {},
  when: RawBuilder<unknown> = sql`true`,
): RawBuilder<unknown> {
  const counted = sql`${counter === 'login-id'}::boolean and ${when}`;
  return sql`
    network as (
      update sign_in_throttle set attempts = greatest(attempts - 1, 0) where key = ${`network:${clientNetwork}`} and ${counted} returning key
    ), cleared as (
      delete from sign_in_throttle where key = ${`account:${emailKey}`} and ${counted} and (select count(*) from network) >= 0 returning key
    )`;
}

/** How the failures of a login ID stand. Those of the person's own browsers and of networks are counted apart, and are not in it. */
export type SignInDelay = { attempts: number; lastAttemptAt: Date; until: Date | null; onlyReset: boolean };

/** The failures that are counted for a login ID; undefined when there are none. `until` is null when the next attempt is taken at once. */
export async function signInDelay(db: Db, emailKey: string, now: Date): Promise<SignInDelay | undefined> {
  const row = await db
    .selectFrom('sign_in_throttle')
    .select(['attempts', 'last_attempt_at', 'blocked_until'])
    .where('key', '=', `account:${emailKey}`)
    .executeTakeFirst();
  return (
    row && {
      attempts: row.attempts,
      lastAttemptAt: row.last_attempt_at,
      until: row.blocked_until > now ? row.blocked_until : null,
      onlyReset: row.attempts >= ONLY_RESET_AFTER,
    }
  );
}

type Counted = {
  attempts: number | null;
  network_blocked_until: Date | null;
  counted: number | null;
  known_account: string | null;
  counted_browser: number | null;
  password_hash: string | null;
  set_at: Date | null;
} & (AccountRow | { [column in keyof AccountRow]: null });

function foundIn(row: Counted): AccountAndPassword | undefined {
  if (row.id === null) return undefined;
  const {
    attempts: _,
    network_blocked_until: __,
    counted: ___,
    known_account: ____,
    counted_browser: _____,
    password_hash: hash,
    set_at: setAt,
    ...account
  } = row;
  return { account, password: hash !== null && setAt !== null ? { hash, setAt } : undefined };
}

/**
 * Forgets counters that nobody has touched for two days; those of login IDs whose pauses have begun after a year, or waiting two days would buy another
 * hundred guesses.
 */
export async function forgetOldAttempts(db: Db, { freeAttempts }: SignInLimits, now: Date): Promise<void> {
  await db
    .deleteFrom('sign_in_throttle')
    .where('last_attempt_at', '<', after(now, -2 * DAY))
    .where('blocked_until', '<', now)
    .where(({ eb, or }) =>
      or([
        eb('key', 'like', 'network:%'),
        eb('attempts', '<', freeAttempts),
        eb('last_attempt_at', '<', after(now, -365 * DAY)),
      ]),
    )
    .execute();
}
