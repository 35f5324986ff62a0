import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { after, DAY, HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';

/** How often a code may be asked for and guessed; see the table of numbers in docs/limits.md. */
export const SEND_PAUSE = 60 * SECOND;
const SENDS_PER_QUARTER_HOUR = 3;
const SENDS_PER_DAY = 6;
const SENDS_PER_HOUR_AND_NETWORK = 20;
export const GUESSES_PER_DAY = 30;

export type SendDecision = { ok: true } | { ok: false; reason: 'too-soon' | 'too-many'; retryAt: Date };

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
  await sql`select pg_advisory_xact_lock(hashtextextended(${emailKey}, 1))`.execute(trx);
  const decision = addressDecision(await sendsOfDay(trx, emailKey, now), now);
  if (!decision.ok) return decision;

  await sql`select pg_advisory_xact_lock(hashtextextended(${clientNetwork}, 2))`.execute(trx);
  const { inLastHour, oldest } = await trx
    .selectFrom('verification_attempt')
    .select((eb) => [eb.fn.countAll<string>().as('inLastHour'), eb.fn.min('at').as('oldest')])
    .where('kind', '=', 'send')
    .where('client_network', '=', clientNetwork)
    .where('at', '>', after(now, -HOUR))
    .executeTakeFirstOrThrow();
  if (Number(inLastHour) >= SENDS_PER_HOUR_AND_NETWORK)
    return { ok: false, reason: 'too-many', retryAt: after(oldest, HOUR) };

  await trx
    .insertInto('verification_attempt')
    .values({ kind: 'send', email_key: emailKey, client_network: clientNetwork, at: now })
    .execute();
  return { ok: true };
}

/** When codes were sent to an address within a day, in milliseconds, the last first; as many as count. */
async function sendsOfDay(db: Db, emailKey: string, now: Date): Promise<readonly number[]> {
  const sent = await db
    .selectFrom('verification_attempt')
    .select('at')
    .where('kind', '=', 'send')
    .where('email_key', '=', emailKey)
    .where('at', '>', after(now, -DAY))
    .orderBy('at', 'desc')
    .limit(SENDS_PER_DAY)
    .execute();
  return sent.map((row) => row.at.getTime());
}

function addressDecision(times: readonly number[], now: Date): SendDecision {
  const last = times[0];
  if (last !== undefined && now.getTime() - last < SEND_PAUSE)
    return { ok: false, reason: 'too-soon', retryAt: new Date(last + SEND_PAUSE) };
  const thirdLast = times[SENDS_PER_QUARTER_HOUR - 1];
  if (thirdLast !== undefined && now.getTime() - thirdLast < 15 * MINUTE)
    return { ok: false, reason: 'too-many', retryAt: new Date(thirdLast + 15 * MINUTE) };
  const sixthLast = times[SENDS_PER_DAY - 1];
  if (sixthLast !== undefined) return { ok: false, reason: 'too-many', retryAt: new Date(sixthLast + DAY) };
  return { ok: true };
}

/** From when on another code may be sent to an address; null: at once. Reads only: whoever sends counts. */
export async function nextSendAt(db: Db, emailKey: string, now: Date): Promise<Date | null> {
  const decision = addressDecision(await sendsOfDay(db, emailKey, now), now);
  return decision.ok ? null : decision.retryAt;
}

/** Whose code is guessed at: the mailbox to which it went, and the account, if there is one. */
export type Guessing = { emailKey: string; accountId: string | undefined };

/**
 * Guesses within the last day at codes for a mailbox or for an account, over all requests and purposes: a change of the login ID goes to a mailbox of one's choice, so the mailbox alone
 * would begin anew with each. Whoever counts here for the same account waits until the transaction before has ended.
 */
export async function guessesToday(trx: Db, { emailKey, accountId }: Guessing, now: Date): Promise<number> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${accountId ?? emailKey}, 5))`.execute(trx);
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
  return Number(count);
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
