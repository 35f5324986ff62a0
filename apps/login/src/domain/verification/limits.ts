import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { after, DAY, HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';

/** How often a code may be asked for and guessed: settings of the installation, under the same names in `installation_settings`. */
export type CodeLimits = {
  readonly sendPauseSeconds: number;
  readonly sendsPerQuarterHour: number;
  readonly sendsPerDay: number;
  /** All addresses of one client address (IPv4, IPv6 /64) together. */
  readonly sendsPerHourAndNetwork: number;
  readonly guessesPerDay: number;
};

export const DEFAULT_CODE_LIMITS: CodeLimits = {
  sendPauseSeconds: 60,
  sendsPerQuarterHour: 3,
  sendsPerDay: 6,
  sendsPerHourAndNetwork: 20,
  guessesPerDay: 30,
};

/** The limits as they are now. Whoever counts reads them in the statement that takes its lock, so they hold at once for every node and the command line. */
export async function codeLimits(db: Db): Promise<CodeLimits> {
  const { rows } = await sql<Stored>`select given from installation_settings`.execute(db);
  return limitsIn(rows);
}

type Stored = { given: Readonly<Record<string, unknown>> | null };

function limitsIn(rows: readonly Stored[]): CodeLimits {
  const given = rows[0]?.given ?? {};
  const limits = Object.entries(DEFAULT_CODE_LIMITS).map(([name, standard]: [string, number]) => [
    name,
    typeof given[name] === 'number' ? given[name] : standard,
  ]);
  return Object.fromEntries(limits) as CodeLimits;
}

export type SendDecision =
  { ok: true; resendAt: Date } | { ok: false; reason: 'too-soon' | 'too-many'; retryAt: Date };

/**
 * Decides whether one more code may be sent to an address, and counts it if so. Counts addresses with and without an account alike.
 * Takes a lock on the address and then one on the network until the transaction ends, so that many at once are counted one after another.
 */
export async function countSend(
  trx: Db,
  emailKey: string,
  clientNetwork: string,
  now: Date,
): Promise<SendDecision> {
  const locked = await sql<Stored>`
    select (select given from installation_settings), pg_advisory_xact_lock(hashtextextended(${emailKey}, 1))`.execute(
    trx,
  );
  const limits = limitsIn(locked.rows);
  const decision = addressDecision(await sendsOfDay(trx, emailKey, limits, now), limits, now);
  if (!decision.ok) return decision;

  await sql`select pg_advisory_xact_lock(hashtextextended(${clientNetwork}, 2))`.execute(trx);
  const { inLastHour, oldest } = await trx
    .selectFrom('verification_attempt')
    .select((eb) => [eb.fn.countAll<string>().as('inLastHour'), eb.fn.min('at').as('oldest')])
    .where('kind', '=', 'send')
    .where('client_network', '=', clientNetwork)
    .where('at', '>', after(now, -HOUR))
    .executeTakeFirstOrThrow();
  if (Number(inLastHour) >= limits.sendsPerHourAndNetwork)
    return { ok: false, reason: 'too-many', retryAt: after(oldest, HOUR) };

  await trx
    .insertInto('verification_attempt')
    .values({ kind: 'send', email_key: emailKey, client_network: clientNetwork, at: now })
    .execute();
  return { ok: true, resendAt: after(now, limits.sendPauseSeconds * SECOND) };
}

/** When codes were sent to an address within a day, in milliseconds, the last first; as many as count. */
async function sendsOfDay(
  db: Db,
  emailKey: string,
  limits: CodeLimits,
  now: Date,
): Promise<readonly number[]> {
  const sent = await db
    .selectFrom('verification_attempt')
    .select('at')
    .where('kind', '=', 'send')
    .where('email_key', '=', emailKey)
    .where('at', '>', after(now, -DAY))
    .orderBy('at', 'desc')
    .limit(limits.sendsPerDay)
    .execute();
  return sent.map((row) => row.at.getTime());
}

function addressDecision(
  times: readonly number[],
  limits: CodeLimits,
  now: Date,
): { ok: true } | Extract<SendDecision, { ok: false }> {
  const pause = limits.sendPauseSeconds * SECOND;
  const last = times[0];
  if (last !== undefined && now.getTime() - last < pause)
    return { ok: false, reason: 'too-soon', retryAt: new Date(last + pause) };
  const firstOfFew = times[limits.sendsPerQuarterHour - 1];
  if (firstOfFew !== undefined && now.getTime() - firstOfFew < 15 * MINUTE)
    return { ok: false, reason: 'too-many', retryAt: new Date(firstOfFew + 15 * MINUTE) };
  const firstOfDay = times[limits.sendsPerDay - 1];
  if (firstOfDay !== undefined) return { ok: false, reason: 'too-many', retryAt: new Date(firstOfDay + DAY) };
  return { ok: true };
}

/** From when on another code may be sent to an address; null: at once. Reads only: whoever sends counts. */
export async function nextSendAt(
  db: Db,
  emailKey: string,
  limits: CodeLimits,
  now: Date,
): Promise<Date | null> {
  const decision = addressDecision(await sendsOfDay(db, emailKey, limits, now), limits, now);
  return decision.ok ? null : decision.retryAt;
}

/** Whose code is guessed at: the mailbox to which it went, and the account, if there is one. */
export type Guessing = { emailKey: string; accountId: string | undefined };

/**
 * Whether no guess is left today: guesses within the last day at codes for a mailbox or for an account, over all requests and purposes: a change of the login ID goes to a mailbox of one's choice, so the mailbox alone
 * would begin anew with each. Whoever counts here for the same account waits until the transaction before has ended.
 */
export async function isOutOfGuesses(
  trx: Db,
  { emailKey, accountId }: Guessing,
  now: Date,
): Promise<boolean> {
  const locked = await sql<Stored>`
    select (select given from installation_settings), pg_advisory_xact_lock(hashtextextended(${accountId ?? emailKey}, 5))`.execute(
    trx,
  );
  const { count } = await trx
    .selectFrom('verification_attempt')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('kind', '=', 'guess')
    .where(({ or, eb }) =>
      or([
        eb('email_key', '=', emailKey),
        ...(accountId === undefined ? [] : [eb('client_network', '=', guessesOf(accountId))]),
      ]),
    )
    .where('at', '>', after(now, -DAY))
    .executeTakeFirstOrThrow();
  return Number(count) >= limitsIn(locked.rows).guessesPerDay;
}

/** Counts a wrong code. */
export async function countGuess(trx: Db, { emailKey, accountId }: Guessing, now: Date): Promise<void> {
  await trx
    .insertInto('verification_attempt')
    .values({
      kind: 'guess',
      email_key: emailKey,
      client_network: accountId === undefined ? '' : guessesOf(accountId),
      at: now,
    })
    .execute();
}

/** A guess has no network: anybody's counts. Its column holds the account. */
function guessesOf(accountId: string): string {
  return `account:${accountId}`;
}
