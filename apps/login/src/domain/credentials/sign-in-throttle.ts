import { sql, type RawBuilder } from 'kysely';
import { ACCOUNT_COLUMNS } from '#domain/accounts/accounts.ts';
import { compiled } from '#support/db/compiled.ts';
import type { Db } from '#support/db/database.ts';
import type { AccountRow } from '#support/db/schema.ts';
import { after, DAY, MINUTE, SECOND } from '#support/primitives/durations.ts';
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
  /** With the active account of the login ID, if there is one. */
  | { ok: true; found: AccountAndPassword | undefined }
  | { ok: false; reason: 'wait'; until: Date }
  | { ok: false; reason: 'only-reset' }
  | { ok: false; reason: 'network-wait'; until: Date };

/**
 * Counts one attempt to sign in before any hash is computed, in one guarded statement, so that a thousand attempts at once see
 * one counter. The counter of a login ID is the same however it is spelled; it exists for unknown login IDs too. An attempt that the network may
 * not make any more leaves the login ID's counter alone. The same statement looks up whose login ID it is.
 */
export async function countSignInAttempt(
  db: Db,
  emailKey: string,
  clientNetwork: string,
  limits: SignInLimits,
  now: Date,
): Promise<AttemptDecision> {
  const key = `account:${emailKey}`;
  const { rows } = await counting(db, { emailKey, clientNetwork, limits, now });
  const [network] = rows;
  if (network?.counted) return { ok: true, found: foundIn(network) };
  if (network && network.attempts > limits.attemptsPerNetwork)
    return { ok: false, reason: 'network-wait', until: network.network_blocked_until };
  const row = await db.selectFrom('sign_in_throttle').selectAll().where('key', '=', key).executeTakeFirst();
  if (!row) return { ok: true, found: await accountAndPassword(db, emailKey) };
  return row.attempts >= ONLY_RESET_AFTER
    ? { ok: false, reason: 'only-reset' }
    : { ok: false, reason: 'wait', until: row.blocked_until };
}

/** The network's row is locked first, here and in `clearSignInAttempts`: two that wait for each other would both fail. */
const counting = compiled<
  { emailKey: string; clientNetwork: string; limits: SignInLimits; now: Date },
  Counted
>(
  (from) => sql`
    with network as (
      insert into sign_in_throttle as t (key, attempts, last_attempt_at, blocked_until)
      values (${from((v) => `network:${v.clientNetwork}`)}, 1, ${from((v) => v.now)}, ${from((v) => v.now)}::timestamptz + ${NETWORK_WINDOW / 1000} * interval '1 second')
      on conflict (key) do update set
        attempts = case when t.blocked_until <= ${from((v) => v.now)} then 1 else t.attempts + 1 end,
        last_attempt_at = ${from((v) => v.now)},
        blocked_until = case when t.blocked_until <= ${from((v) => v.now)} then excluded.blocked_until else t.blocked_until end
      returning attempts, blocked_until
    ), counted as (
      insert into sign_in_throttle as t (key, attempts, last_attempt_at, blocked_until)
      select ${from((v) => `account:${v.emailKey}`)}, 1, ${from((v) => v.now)}::timestamptz, ${from((v) => v.now)}::timestamptz from network where attempts <= ${from((v) => v.limits.attemptsPerNetwork)}
      on conflict (key) do update set
        attempts = t.attempts + 1,
        last_attempt_at = ${from((v) => v.now)},
        blocked_until = case when t.attempts + 1 < ${from((v) => v.limits.freeAttempts)} then ${from((v) => v.now)}::timestamptz
          else ${from((v) => v.now)}::timestamptz + least(${SECOND / 1000} * power(2, least(t.attempts + 1 - ${from((v) => v.limits.freeAttempts)}::integer, 20)), ${LONGEST_PAUSE / 1000}) * interval '1 second' end
      where t.blocked_until <= ${from((v) => v.now)} and t.attempts < ${ONLY_RESET_AFTER}
      returning attempts
    )
    select network.attempts, network.blocked_until as network_blocked_until, counted.attempts as counted,
      ${sql.join(ACCOUNT_COLUMNS.map((column) => sql.ref(column)))}, password_credential.password_hash, password_credential.set_at
    from network left join counted on true
    left join account on counted.attempts is not null and account.email_key = ${from((v) => v.emailKey)} and account.state = 'active'
    left join password_credential on password_credential.account_id = account.id`,
);

/**
 * Forgets the failures of a login ID and gives the network its attempt back, after a success.
 * @param options.together a statement without `with` that is to run in the same one: either both are done or neither
 */
export async function clearSignInAttempts(
  db: Db,
  emailKey: string,
  options: { clientNetwork?: string; together?: RawBuilder<unknown> } = {},
): Promise<void> {
  await sql`with ${clearingAttempts(emailKey, options.clientNetwork)} ${options.together ?? sql`select key from cleared`}`.execute(
    db,
  );
}

/** The same as named parts of a `with`, for a statement that writes what the success makes, and may find that there is none (`when`). */
export function clearingAttempts(
  emailKey: string,
  clientNetwork = '',
  when: RawBuilder<unknown> = sql`true`,
): RawBuilder<unknown> {
  return sql`
    network as (
      update sign_in_throttle set attempts = greatest(attempts - 1, 0) where key = ${`network:${clientNetwork}`} and ${when} returning key
    ), cleared as (
      delete from sign_in_throttle where key = ${`account:${emailKey}`} and ${when} and (select count(*) from network) >= 0 returning key
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
  attempts: number;
  network_blocked_until: Date;
  counted: number | null;
  password_hash: string | null;
  set_at: Date | null;
} & (AccountRow | { [column in keyof AccountRow]: null });

function foundIn(row: Counted): AccountAndPassword | undefined {
  if (row.id === null) return undefined;
  const {
    attempts: _,
    network_blocked_until: __,
    counted: ___,
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
