import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import { keyedHash, newSecret } from '#support/primitives/secrets.ts';
import { coversWhole } from './legacy-hash.ts';
import { askLegacyPassword, type QuestionSender } from './legacy-question.ts';
import type { LegacyVerifier } from './legacy-verifier.ts';

/** What one console knows of an account without a password of its own. */
export type LegacyPerson = { address: string; consoleUserId: string; hash: string | null };

/** `whole`: all that was typed is proven, so it may become the password. */
export type LegacyCheck = { matches: false } | { matches: true; whole: boolean };

export type LegacyPasswords = {
  /**
   * Whether a password is the legacy one of a console's person. Does the same work for everybody: without a person (unknown, suspended, not linked, or with a password of
   * their own) a hash of the console's is computed in vain, or the console is asked about nobody.
   */
  check(
    console: ConsoleRow,
    person: LegacyPerson | undefined,
    typed: { emailKey: string; password: string },
    now: Date,
  ): Promise<LegacyCheck>;
  close(): Promise<void>;
};

const KINDS_KEPT_FOR = 10 * MINUTE;

/**
 * @param of.decoyKey decides which kind of hash is computed in vain for an address, always the same one
 * @param of.elapsed milliseconds since any fixed moment
 */
export function createLegacyPasswords(of: {
  db: Db;
  verifier: LegacyVerifier;
  sender: QuestionSender;
  decoyKey: Buffer;
  elapsed: () => number;
}): LegacyPasswords {
  const known = new Map<string, { readAt: number; kinds: readonly Kind[] }>();
  const kindsOf = async (consoleId: string): Promise<readonly Kind[]> => {
    const kept = known.get(consoleId);
    if (kept && of.elapsed() - kept.readAt < KINDS_KEPT_FOR) return kept.kinds;
    const kinds = await readKinds(of.db, consoleId);
    // Where there is none yet an import may come at any moment, and from then on strangers must meet one too.
    if (kinds.length > 0) known.set(consoleId, { readAt: of.elapsed(), kinds });
    return kinds;
  };

  const compare = async (
    console: ConsoleRow,
    person: LegacyPerson | undefined,
    { emailKey, password }: { emailKey: string; password: string },
  ): Promise<LegacyCheck> => {
    const kinds = await kindsOf(console.id);
    const hash = person?.hash ?? decoyAmong(kinds, of.decoyKey, emailKey);
    if (hash === undefined) return { matches: false };
    const matches = await of.verifier.verify(hash, password);
    return person?.hash && matches ? { matches, whole: coversWhole(hash, password) } : { matches: false };
  };

  const ask = async (
    console: ConsoleRow,
    person: LegacyPerson | undefined,
    password: string,
    now: Date,
  ): Promise<LegacyCheck> => {
    // About nobody: no counter of a person moves in the console, and it learns no password that is not its own.
    const question = person
      ? { emailAddress: person.address, password }
      : { emailAddress: `${newSecret().slice(0, 16).toLowerCase()}@decoy.invalid`, password: newSecret() };
    const consoleUserId = await askLegacyPassword(of.sender, console, question, now);
    // An address may have moved to somebody else there: the immutable id decides, as everywhere.
    return person && consoleUserId === person.consoleUserId
      ? { matches: true, whole: true }
      : { matches: false };
  };

  return {
    async check(console, person, typed, now) {
      switch (console.legacy_passwords) {
        case 'off':
          return { matches: false };
        case 'imported':
          return compare(console, person, typed);
        case 'asked':
          return ask(console, person, typed.password, now);
      }
    },
    close: () => of.verifier.close(),
  };
}

/**
 * What consoles know of an account that has no password of its own, by console; in one statement, also where there is no account. Of an operator it is nothing: a console would otherwise say with
 * which password somebody becomes that operator.
 */
export async function legacyPeople(
  db: Db,
  accountId: string | undefined,
  consoleIds: readonly string[],
): Promise<ReadonlyMap<string, LegacyPerson>> {
  const rows = await db
    .selectFrom('console_link')
    .innerJoin('account', 'account.id', 'console_link.account_id')
    .leftJoin('legacy_credential', (join) =>
      join
        .onRef('legacy_credential.account_id', '=', 'console_link.account_id')
        .onRef('legacy_credential.console_id', '=', 'console_link.console_id'),
    )
    .select(['console_link.console_id', 'console_link.console_user_id', 'email_address', 'password_hash'])
    .where('console_link.account_id', '=', accountId ?? '')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('operator')
            .select('operator.account_id')
            .whereRef('operator.account_id', '=', 'console_link.account_id')
            .where('operator.revoked_at', 'is', null),
        ),
      ),
    )
    .where(({ eb, val }) => eb('console_link.console_id', '=', eb.fn.any(val([...consoleIds]))))
    .execute();
  return new Map(
    rows.map((row) => [
      row.console_id,
      { address: row.email_address, consoleUserId: row.console_user_id, hash: row.password_hash },
    ]),
  );
}

/** Hashes of one kind in a console, and one of them. */
type Kind = { count: number; example: string };

async function readKinds(db: Db, consoleId: string): Promise<readonly Kind[]> {
  const { rows } = await sql<Kind>`
    select count(*)::int as count, min(password_hash) as example
    from legacy_credential where console_id = ${consoleId} group by kind order by kind`.execute(db);
  return rows;
}

/** As likely of each kind as the hashes of real people are, and for one address always of the same: time tells no more of nobody than of somebody. */
function decoyAmong(kinds: readonly Kind[], key: Buffer, emailKey: string): string | undefined {
  const total = kinds.reduce((sum, kind) => sum + kind.count, 0);
  let at = total === 0 ? 0 : Buffer.from(keyedHash(key, emailKey), 'base64url').readUInt32BE() % total;
  for (const kind of kinds) {
    if (at < kind.count) return kind.example;
    at -= kind.count;
  }
  return undefined;
}
