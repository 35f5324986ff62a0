import { generateKeyPair, exportJWK } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase, templateDatabase } from '../../../../../test-support/fresh-database.ts';
import { openDatabase, type Database } from '#support/db/database.ts';
import { migrate } from '#support/db/migrate.ts';
import { seal, secretKeys } from '#support/primitives/secrets.ts';
import { masterKeyStanding, MasterKeyMissing, openStored } from './master-key.ts';
import { purposeKeys, SEALED_FOR, type PurposeKeys } from './purpose-keys.ts';
import { loadSigningKeys } from './signing-keys.ts';

const NOW = new Date('2026-11-22T01:00:00Z');
const OLD = 'a former master secret of 32 characters and more';
const NEW = 'the next master secret of 32 characters and more';

let database: Database;
beforeEach(async () => {
  const template = await templateDatabase('keys_template', async (url) => {
    const empty = openDatabase(url);
    await migrate(empty);
    await empty.close();
  });
  database = openDatabase((await freshDatabase({ template })).url);
});
afterEach(() => database.close());

const hexOf = (keys: PurposeKeys): Record<string, string> =>
  Object.fromEntries(Object.entries(keys).map(([purpose, key]) => [purpose, key.toString('hex')]));

/** A database as the release before leaves it: what it seals does not say with which key. */
async function servedByTheReleaseBefore(master: string): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'kid-of-before' };
  await database.db
    .insertInto('signing_key')
    .values({
      kid: jwk.kid,
      alg: 'ES256',
      sealed_jwk: await seal(secretKeys(master).derive('signing-keys'), JSON.stringify(jwk)),
      created_at: NOW,
      use_from: NOW,
      retired_at: null,
    })
    .execute();
  return jwk.kid;
}

describe('keys of hashes, signatures and seals', () => {
  it('of a new database are drawn, not derived, stored sealed, and the same at each start', async () => {
    const secrets = secretKeys(OLD);
    const first = hexOf(await purposeKeys(database.db, secrets, NOW));
    expect(Object.keys(first).length).toBeGreaterThanOrEqual(8);
    expect(new Set(Object.values(first)).size).toBe(Object.keys(first).length);
    for (const [purpose, key] of Object.entries(first)) {
      expect(Buffer.from(key, 'hex')).toHaveLength(32);
      expect(key).not.toBe(secrets.derive(purpose).toString('hex'));
    }
    expect(hexOf(await purposeKeys(database.db, secretKeys(OLD), NOW))).toEqual(first);
    const rows = await database.db.selectFrom('purpose_key').selectAll().execute();
    for (const row of rows)
      expect(await openStored(secrets, SEALED_FOR, row.sealed)).toBe(
        Buffer.from(first[row.purpose] ?? '', 'hex').toString('base64url'),
      );
  });

  it('are one set, however many servers start at once', async () => {
    const sets = await Promise.all(
      Array.from({ length: 6 }, () => purposeKeys(database.db, secretKeys(OLD), NOW)),
    );
    expect(new Set(sets.map((keys) => JSON.stringify(hexOf(keys)))).size).toBe(1);
    expect(await masterKeyStanding(database.db)).toEqual({
      fingerprint: secretKeys(OLD).fingerprint,
      leaving: null,
      since: NOW,
    });
  });

  it('R17: of a database that the release before has served stay those that it derived', async () => {
    const kid = await servedByTheReleaseBefore(OLD);
    const keys = hexOf(await purposeKeys(database.db, secretKeys(OLD), NOW));
    for (const [purpose, key] of Object.entries(keys))
      expect(key, purpose).toBe(secretKeys(OLD).derive(purpose).toString('hex'));
    const { jwks } = await loadSigningKeys(database.db, secretKeys(OLD), () => NOW);
    expect(jwks.keys.map((key) => key.kid)).toContain(kid);
  });

  it('stay those also where the upgrade comes together with a new master key', async () => {
    await servedByTheReleaseBefore(OLD);
    const keys = await purposeKeys(database.db, secretKeys(NEW, OLD), NOW);
    expect(keys['password-pepper']).toEqual(secretKeys(OLD).derive('password-pepper'));
    expect((await masterKeyStanding(database.db))?.fingerprint).toBe(secretKeys(OLD).fingerprint);
  });

  it('are refused to whoever comes with another master key: nothing is made, and the error says which is needed', async () => {
    await servedByTheReleaseBefore(OLD);
    await expect(purposeKeys(database.db, secretKeys(NEW), NOW)).rejects.toBeInstanceOf(MasterKeyMissing);
    expect(await masterKeyStanding(database.db)).toBeUndefined();
    await purposeKeys(database.db, secretKeys(OLD), NOW);
    await expect(purposeKeys(database.db, secretKeys(NEW), NOW)).rejects.toMatchObject({
      fingerprint: secretKeys(OLD).fingerprint,
      given: [secretKeys(NEW).fingerprint],
    });
    // While a change is not finished both are needed.
    await database.db
      .updateTable('master_key')
      .set({ fingerprint: secretKeys(NEW).fingerprint, leaving: secretKeys(OLD).fingerprint })
      .execute();
    await expect(purposeKeys(database.db, secretKeys(NEW), NOW)).rejects.toMatchObject({
      fingerprint: secretKeys(OLD).fingerprint,
    });
  });
});
