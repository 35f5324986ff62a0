import { sql } from 'kysely';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import { inTransaction } from '#support/db/in-transaction.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { after, DAY } from '#support/primitives/durations.ts';
import { equalSecrets, newSecret, secretHash } from '#support/primitives/secrets.ts';
import { CONSOLES_CHANGED } from './consoles.ts';

/** One secret of a console, without the secret. */
export type ConsoleSecret = {
  id: string;
  madeAt: Date;
  /** To half a minute; null: never, as far as is known. */
  lastUsedAt: Date | null;
};

type SecretColumns = Pick<ConsoleRow, 'client_secret_hash' | 'second_secret_hash'>;

/** Whoever used a secret so lately has it in use still. */
const LATELY = 1 * DAY;

/** Which of a console's secrets this is; undefined when it is none of them. Tells by time neither which nor how nearly. */
export function secretUsed(console: SecretColumns, given: string): string | undefined {
  const hash = secretHash(given);
  const matches = hashesOf(console).filter((one) => equalSecrets(one, hash));
  return matches[0] === undefined ? undefined : secretId(matches[0]);
}

/** What a use of a secret is noted as (see uses.ts). */
export function secretUse(id: string): string {
  return `secret:${id}`;
}

/** The secrets of a console, the older one first; never more than two. */
export async function secretsOf(db: Db, console: ConsoleRow): Promise<readonly ConsoleSecret[]> {
  return (await secretsOfAll(db, [console])).get(console.id) ?? [];
}

/** The same of many consoles, in one statement; by the console's id. */
export async function secretsOfAll(
  db: Db,
  consoles: readonly ConsoleRow[],
): Promise<ReadonlyMap<string, readonly ConsoleSecret[]>> {
  const uses = await db
    .selectFrom('console_use')
    .select(['console_id', 'what', 'at'])
    .where(
      'console_id',
      'in',
      consoles.map(({ id }) => id),
    )
    .where('what', 'like', secretUse('%'))
    .execute();
  const lastUsed = new Map(uses.map(({ console_id: id, what, at }) => [`${id} ${what}`, at]));
  return new Map(consoles.map((console) => [console.id, secretsIn(console, lastUsed)]));
}

function secretsIn(console: ConsoleRow, lastUsed: ReadonlyMap<string, Date>): readonly ConsoleSecret[] {
  const madeAt = [console.secret_made_at ?? console.created_at, console.second_secret_made_at];
  return hashesOf(console).map((hash, at) => ({
    id: secretId(hash),
    madeAt: madeAt[at] ?? console.created_at,
    lastUsedAt: lastUsed.get(`${console.id} ${secretUse(secretId(hash))}`) ?? null,
  }));
}

export type MakeSecretResult =
  /** The secret is returned this once; stored is its SHA-256. */
  | { ok: true; secretId: string; clientSecret: string }
  | { ok: false; reason: 'console-unknown' | 'two-secrets' };

/** Makes a second secret beside the one in use; both are valid until one is ended. There are never more than two, however many ask at once. */
export async function makeSecret(
  db: Db,
  clientId: string,
  by: { actor: string; now: Date },
  clientSecret = newSecret(),
): Promise<MakeSecretResult> {
  const hash = secretHash(clientSecret);
  return inTransaction(db, async (trx): Promise<MakeSecretResult> => {
    const row = await trx
      .updateTable('console')
      .set({ second_secret_hash: hash, second_secret_made_at: by.now, updated_at: by.now })
      .where('client_id', '=', clientId)
      .where('second_secret_hash', 'is', null)
      .returning('id')
      .executeTakeFirst();
    if (!row) {
      const known = await trx
        .selectFrom('console')
        .select('id')
        .where('client_id', '=', clientId)
        .executeTakeFirst();
      return { ok: false, reason: known ? 'two-secrets' : 'console-unknown' };
    }
    await recordEvent(trx, {
      at: by.now,
      action: 'console.secret-added',
      actor: by.actor,
      consoleId: row.id,
      detail: { secretId: secretId(hash) },
    });
    await sql`select pg_notify(${CONSOLES_CHANGED}, '')`.execute(trx);
    return { ok: true, secretId: secretId(hash), clientSecret };
  });
}

export type EndSecretResult =
  | { ok: true }
  | { ok: false; reason: 'console-unknown' | 'secret-unknown' | 'last-secret' }
  | { ok: false; reason: 'secret-in-use'; lastUsedAt: Date };

/**
 * Ends one of two secrets: whoever authenticates with it is refused from now on. The last one cannot be ended.
 * @param options.evenIfUsed also when it was used in the last 24 hours
 */
export async function endSecret(
  db: Db,
  clientId: string,
  id: string,
  options: { evenIfUsed: boolean },
  by: { actor: string; now: Date },
): Promise<EndSecretResult> {
  return db.transaction().execute(async (trx): Promise<EndSecretResult> => {
    const console = await trx
      .selectFrom('console')
      .selectAll()
      .where('client_id', '=', clientId)
      .forUpdate()
      .executeTakeFirst();
    if (!console) return { ok: false, reason: 'console-unknown' };
    const secrets = await secretsOf(trx, console);
    const ended = secrets.find((one) => one.id === id);
    if (!ended) return { ok: false, reason: 'secret-unknown' };
    const { second_secret_hash: second } = console;
    if (second === null) return { ok: false, reason: 'last-secret' };
    if (!options.evenIfUsed && usedLately(ended, by.now))
      return { ok: false, reason: 'secret-in-use', lastUsedAt: ended.lastUsedAt };
    const kept =
      secretId(second) === id
        ? {}
        : { client_secret_hash: second, secret_made_at: console.second_secret_made_at };
    await trx
      .updateTable('console')
      .set({ ...kept, second_secret_hash: null, second_secret_made_at: null, updated_at: by.now })
      .where('id', '=', console.id)
      .execute();
    await trx
      .deleteFrom('console_use')
      .where('console_id', '=', console.id)
      .where('what', '=', secretUse(id))
      .execute();
    await recordEvent(trx, {
      at: by.now,
      action: 'console.secret-ended',
      actor: by.actor,
      consoleId: console.id,
      detail: { secretId: id, lastUsedAt: ended.lastUsedAt?.toISOString() ?? null },
    });
    await sql`select pg_notify(${CONSOLES_CHANGED}, '')`.execute(trx);
    return { ok: true };
  });
}

/** Whether a console authenticated with a secret in the last 24 hours. */
export function usedLately(secret: ConsoleSecret, now: Date): secret is ConsoleSecret & { lastUsedAt: Date } {
  return secret.lastUsedAt !== null && secret.lastUsedAt > after(now, -LATELY);
}

function hashesOf(console: SecretColumns): readonly string[] {
  const { client_secret_hash: first, second_secret_hash: second } = console;
  return second === null ? [first] : [first, second];
}

/** Names a secret to operators; says nothing of the secret, nor of the hash that is stored. */
function secretId(hash: string): string {
  return secretHash(hash).slice(0, 12);
}
