import { sql } from 'kysely';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import { after, DAY, MINUTE } from '#support/primitives/durations.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';
import { newId } from '#support/primitives/ids.ts';
import { newSecret, secretHash } from '#support/primitives/secrets.ts';

/** A customer's directory: for whom it may speak, and where. */
export type Directory = {
  id: string;
  consoleId: string;
  name: string;
  /** Whose people it looks after; null: all of the console. */
  company: string | null;
  /** Domains of the addresses that it may name; empty: all. */
  domains: readonly string[];
  /** Whether its externalId is the console's own user id. */
  consoleIds: boolean;
};

/** How many days a token lives unless it is said, and at the longest. */
export const DIRECTORY_TOKEN_DAYS = 180;
export const LONGEST_DIRECTORY_TOKEN_DAYS = 365;

/** Marks our tokens, so that scanners for leaked secrets find them. */
const PREFIX = 'hkd_';

/** How exactly `last_used_at` is kept; a write a call would be waste. */
const LAST_USED_STEP = 10 * MINUTE;

type By = { actor: string; now: Date };

export type CreateDirectoryResult = { ok: true; id: string } | { ok: false; reason: 'domain-malformed' };

/** Registers a directory of a console. It can do nothing until it has a token. */
export async function createDirectory(
  db: Db,
  wanted: Omit<Directory, 'id'>,
  by: By,
): Promise<CreateDirectoryResult> {
  const domains: string[] = [];
  for (const given of wanted.domains) {
    const domain = domainIn(given);
    if (domain === undefined) return { ok: false, reason: 'domain-malformed' };
    domains.push(domain);
  }
  const id = newId('dir', by.now);
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto('directory')
      .values({
        id,
        console_id: wanted.consoleId,
        name: wanted.name,
        company: wanted.company,
        domains: [...new Set(domains)],
        console_ids: wanted.consoleIds,
        created_at: by.now,
        created_by: by.actor,
      })
      .execute();
    const { name, company, consoleIds } = wanted;
    await recordEvent(trx, {
      at: by.now,
      action: 'directory.created',
      actor: by.actor,
      consoleId: wanted.consoleId,
      detail: { id, name, company, domains, consoleIds },
    });
  });
  return { ok: true, id };
}

export type CreateDirectoryTokenResult =
  { ok: true; id: string; token: string; expiresAt: Date } | { ok: false; reason: 'directory-unknown' };

/** Makes a token for a directory. It is returned this once; stored is its SHA-256. An earlier one stays good, so that the directory can be given the new one in peace. */
export async function createDirectoryToken(
  db: Db,
  directoryId: string,
  days: number,
  by: By,
): Promise<CreateDirectoryTokenResult> {
  if (!Number.isInteger(days) || days < 1 || days > LONGEST_DIRECTORY_TOKEN_DAYS)
    throw new RangeError(`A token lives 1 to ${LONGEST_DIRECTORY_TOKEN_DAYS} days, not ${days}.`);
  return db.transaction().execute(async (trx): Promise<CreateDirectoryTokenResult> => {
    const directory = await trx
      .selectFrom('directory')
      .select(['id', 'console_id'])
      .where('id', '=', directoryId)
      .executeTakeFirst();
    if (!directory) return { ok: false, reason: 'directory-unknown' };
    const id = newId('dtk', by.now);
    const token = PREFIX + newSecret();
    const expiresAt = after(by.now, days * DAY);
    await trx
      .insertInto('directory_token')
      .values({
        id,
        directory_id: directoryId,
        token_hash: secretHash(token),
        created_at: by.now,
        created_by: by.actor,
        expires_at: expiresAt,
        last_used_at: null,
        revoked_at: null,
      })
      .execute();
    await recordEvent(trx, {
      at: by.now,
      action: 'directory-token.created',
      actor: by.actor,
      consoleId: directory.console_id,
      detail: { id, directoryId, expiresAt: expiresAt.toISOString() },
    });
    return { ok: true, id, token, expiresAt };
  });
}

export type RevokeDirectoryTokenResult =
  { ok: true } | { ok: false; reason: 'directory-token-unknown' | 'directory-token-revoked' };

/** Ends a token at once, on every node. */
export async function revokeDirectoryToken(db: Db, id: string, by: By): Promise<RevokeDirectoryTokenResult> {
  return db.transaction().execute(async (trx): Promise<RevokeDirectoryTokenResult> => {
    const token = await trx
      .selectFrom('directory_token')
      .innerJoin('directory', 'directory.id', 'directory_id')
      .select(['directory_id', 'console_id', 'revoked_at'])
      .where('directory_token.id', '=', id)
      .forUpdate('directory_token')
      .executeTakeFirst();
    if (!token) return { ok: false, reason: 'directory-token-unknown' };
    if (token.revoked_at) return { ok: false, reason: 'directory-token-revoked' };
    await trx.updateTable('directory_token').set({ revoked_at: by.now }).where('id', '=', id).execute();
    await recordEvent(trx, {
      at: by.now,
      action: 'directory-token.revoked',
      actor: by.actor,
      consoleId: token.console_id,
      detail: { id, directoryId: token.directory_id },
    });
    return { ok: true };
  });
}

/** Whose token this is; undefined when it is unknown, revoked or expired. */
export async function directoryOfToken(db: Db, token: string, now: Date): Promise<Directory | undefined> {
  const row = await db
    .selectFrom('directory_token as t')
    .innerJoin('directory as d', 'd.id', 't.directory_id')
    .select(['t.id as token_id', 't.last_used_at', 'd.id', 'd.console_id', 'd.name', 'd.company'])
    .select(['d.domains', 'd.console_ids'])
    .where('t.token_hash', '=', secretHash(token))
    .where('t.revoked_at', 'is', null)
    .where('t.expires_at', '>', now)
    .executeTakeFirst();
  if (!row) return undefined;
  if (!row.last_used_at || row.last_used_at < after(now, -LAST_USED_STEP))
    await db
      .updateTable('directory_token')
      .set({ last_used_at: now })
      .where('id', '=', row.token_id)
      .execute();
  return {
    id: row.id,
    consoleId: row.console_id,
    name: row.name,
    company: row.company,
    domains: row.domains,
    consoleIds: row.console_ids,
  };
}

export type DirectoryToken = {
  id: string;
  createdAt: Date;
  createdBy: string;
  expiresAt: Date;
  /** To ten minutes. */
  lastUsedAt: Date | null;
  revokedAt: Date | null;
  state: 'in-force' | 'expired' | 'revoked';
};
export type DirectoryEntry = Directory & {
  createdAt: Date;
  createdBy: string;
  /** The newest first; never the secrets. */
  tokens: readonly DirectoryToken[];
};

/** Which directories: those of a console, one, or the one that a token is of. */
export type WantedDirectories = { consoleId: string } | { id: string } | { tokenId: string };

/** The directories that are wanted, the newest first, each with its tokens. */
export async function directories(db: Db, wanted: WantedDirectories, now: Date): Promise<DirectoryEntry[]> {
  const rows = await db
    .selectFrom('directory')
    .selectAll()
    .where((is) => {
      if ('consoleId' in wanted) return is('console_id', '=', wanted.consoleId);
      if ('id' in wanted) return is('id', '=', wanted.id);
      const its = is.selectFrom('directory_token').select('directory_id').where('id', '=', wanted.tokenId);
      return is('id', '=', its);
    })
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  const tokens = await db
    .selectFrom('directory_token')
    .selectAll()
    .where('directory_id', '=', sql<string>`any(${rows.map((row) => row.id)}::text[])`)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    consoleId: row.console_id,
    name: row.name,
    company: row.company,
    domains: row.domains,
    consoleIds: row.console_ids,
    createdAt: row.created_at,
    createdBy: row.created_by,
    tokens: tokens
      .filter((token) => token.directory_id === row.id)
      .map((token) => ({
        id: token.id,
        createdAt: token.created_at,
        createdBy: token.created_by,
        expiresAt: token.expires_at,
        lastUsedAt: token.last_used_at,
        revokedAt: token.revoked_at,
        state: token.revoked_at ? 'revoked' : token.expires_at <= now ? 'expired' : 'in-force',
      })),
  }));
}

/** A domain as it is stored; undefined when it is none that stands in addresses. */
export function domainIn(given: string): string | undefined {
  const address = parseEmailAddress(`a@${given}`);
  return address.ok ? domainOf(address.key) : undefined;
}

/** The domain of an address. */
export function domainOf(emailKey: string): string {
  return emailKey.slice(emailKey.lastIndexOf('@') + 1);
}
