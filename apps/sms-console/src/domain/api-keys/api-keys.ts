import { isUniqueViolation, type Db } from '#support/db/database.ts';
import type { ApiScope } from '#support/db/schema.ts';
import { hashBearerSecret, newBearerSecret } from '#support/primitives/bearer-secret.ts';
import { isId, newId } from '#support/primitives/ids.ts';

/** A key with which a company's own programs use the machine API. The secret itself is nowhere; `hint` is its end. */
export type ApiKey = {
  readonly id: string;
  readonly name: string;
  readonly hint: string;
  readonly createdBy: string | null;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly scopes: readonly ApiScope[];
  /** From then on it opens nothing; null: never. */
  readonly expiresAt: Date | null;
};

export type NewKey = {
  readonly personId: string;
  readonly name: string;
  /** Everything when it is missing. */
  readonly scopes?: readonly ApiScope[];
  readonly expiresAt?: Date | null;
};

export type CreatedKey =
  | { ok: true; key: { id: string; name: string; secret: string } }
  | {
      ok: false;
      reason: 'name-missing' | 'name-too-long' | 'name-taken' | 'too-many-keys';
    };

/** What every secret begins with, so that a key that leaked is known for what it is wherever it turns up. */
const SECRET_PREFIX = 'zrs_';
export const LONGEST_NAME = 60;
export const MOST_KEYS = 20;

/** Makes a key for the company of this person. `secret` is in the answer once and in no table. */
export async function createApiKey(
  db: Db,
  { personId, name: typed, scopes = ['send', 'read'], expiresAt = null }: NewKey,
  now: Date,
): Promise<CreatedKey> {
  const name = typed.trim().replace(/\s+/g, ' ');
  if (name === '') return { ok: false, reason: 'name-missing' };
  if ([...name].length > LONGEST_NAME) return { ok: false, reason: 'name-too-long' };
  const secret = `${SECRET_PREFIX}${newBearerSecret()}`;
  const id = newId('key', now);
  try {
    return await db.transaction().execute(async (trx): Promise<CreatedKey> => {
      const company = await lockCompanyOf(trx, personId);
      const { keys } = await trx
        .selectFrom('api_key')
        .select((eb) => eb.fn.countAll<string>().as('keys'))
        .where('company_id', '=', company)
        .where('revoked_at', 'is', null)
        .executeTakeFirstOrThrow();
      if (Number(keys) >= MOST_KEYS) return { ok: false, reason: 'too-many-keys' };
      await trx
        .insertInto('api_key')
        .values({
          id,
          company_id: company,
          name,
          secret_hash: hashBearerSecret(secret),
          hint: secret.slice(-4),
          created_by: personId,
          created_at: now,
          scopes: [...scopes],
          expires_at: expiresAt,
        })
        .execute();
      return { ok: true, key: { id, name, secret } };
    });
  } catch (error) {
    if (isUniqueViolation(error, 'api_key_name')) return { ok: false, reason: 'name-taken' };
    throw error;
  }
}

/** The keys in use of this person's company, oldest first. */
export async function listApiKeys(db: Db, personId: string): Promise<readonly ApiKey[]> {
  return keysOfCompanyOf(db, personId).orderBy('api_key.id').execute();
}

/** One key in use of this person's company; null for any other id. */
export async function findApiKey(db: Db, personId: string, id: string): Promise<ApiKey | null> {
  if (!isId('key', id)) return null;
  const row = await keysOfCompanyOf(db, personId).where('api_key.id', '=', id).executeTakeFirst();
  return row ?? null;
}

/** From now on the key opens nothing. False when this person's company has no such key in use. */
export async function revokeApiKey(
  db: Db,
  { personId, id }: { personId: string; id: string },
  now: Date,
): Promise<boolean> {
  if (!isId('key', id)) return false;
  const result = await db
    .updateTable('api_key')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .where('company_id', '=', (eb) => eb.selectFrom('person').select('company_id').where('id', '=', personId))
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

function keysOfCompanyOf(db: Db, personId: string) {
  return db
    .selectFrom('api_key')
    .innerJoin('person as asking', 'asking.company_id', 'api_key.company_id')
    .leftJoin('person as maker', 'maker.id', 'api_key.created_by')
    .where('asking.id', '=', personId)
    .where('api_key.revoked_at', 'is', null)
    .select([
      'api_key.id as id',
      'api_key.name as name',
      'api_key.hint as hint',
      'maker.name as createdBy',
      'api_key.created_at as createdAt',
      'api_key.last_used_at as lastUsedAt',
      'api_key.scopes as scopes',
      'api_key.expires_at as expiresAt',
    ]);
}

/** Two who make a key at once for one company do so one after the other, so that the limit holds. */
async function lockCompanyOf(trx: Db, personId: string): Promise<string> {
  const { id } = await trx
    .selectFrom('company')
    .innerJoin('person', 'person.company_id', 'company.id')
    .where('person.id', '=', personId)
    .select('company.id as id')
    .forUpdate('company')
    .executeTakeFirstOrThrow();
  return id;
}
