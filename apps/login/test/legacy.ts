import { pbkdf2Sync } from 'node:crypto';
import { judgeLegacyHash } from '#domain/credentials/legacy-hash.ts';
import { setLegacyPasswords, type LegacyPasswordSetting } from '#domain/consoles/legacy-passwords.ts';
import type { World } from './world.ts';

/** A legacy password that meets our rules, and one that does not. */
export const STRONG = 'Yama-no-oto 42 desu';
export const WEAK = 'sakura2024';

/** Django's format with few iterations. */
export function legacyHash(password: string, iterations = 1_000): string {
  const key = pbkdf2Sync(password, 'sampleSalt', iterations, 32, 'sha256');
  return `pbkdf2_sha256$${iterations}$sampleSalt$${key.toString('base64')}`;
}

/** Says whether and how a console's legacy passwords are accepted, as an operator does. */
export async function acceptLegacy(
  world: World,
  clientId: string,
  setting: LegacyPasswordSetting,
  uri?: string,
): Promise<void> {
  const result = await setLegacyPasswords(
    world.database.db,
    clientId,
    { setting, uri, deleteHashes: true },
    { actor: 'system', now: world.now, allowedInternalHosts: world.config.allowedInternalHosts },
  );
  if (!result.ok) throw new Error(result.reason);
  world.app.forgetCaches();
}

/** A person whom a console brought with the hash of a legacy password. */
export async function addLegacyPerson(
  world: World,
  clientId: string,
  emailAddress: string,
  hash: string,
  options: Parameters<World['addPerson']>[2] = {},
): Promise<string> {
  const accountId = await world.addPerson(emailAddress, { [clientId]: `user of ${emailAddress}` }, options);
  await keepHash(world, clientId, accountId, hash);
  return accountId;
}

export async function keepHash(
  world: World,
  clientId: string,
  accountId: string,
  hash: string,
): Promise<void> {
  const judged = judgeLegacyHash(hash);
  if (!judged.ok) throw new Error(judged.reason);
  const { db } = world.database;
  const { id } = await db
    .selectFrom('console')
    .select('id')
    .where('client_id', '=', clientId)
    .executeTakeFirstOrThrow();
  await db
    .insertInto('legacy_credential')
    .values({
      console_id: id,
      account_id: accountId,
      password_hash: hash,
      kind: judged.kind,
      imported_at: world.now,
    })
    .execute();
}

/** How many hashes are kept of an account. */
export async function hashesOf(world: World, accountId: string): Promise<number> {
  const rows = await world.database.db
    .selectFrom('legacy_credential')
    .select('console_id')
    .where('account_id', '=', accountId)
    .execute();
  return rows.length;
}
