import { Readable } from 'node:stream';
import { registerConsole } from '#domain/consoles/consoles.ts';
import { openDatabase, type Database } from '#support/db/database.ts';
import { migrate } from '#support/db/migrate.ts';
import { freshDatabase } from '../../../../../../test-support/fresh-database.ts';
import { importPeople, type ImportOrder, type ImportReport } from './import-people.ts';
import type { Refusal } from './refusals.ts';
import type { HashJudge } from './rows.ts';

export const NOW = new Date('2026-11-21T13:00:00Z');

/** Knows one format and one that is too costly, as `domain/credentials` knows many. */
export const judgeHash: HashJudge = (hash) =>
  hash.startsWith('$1$')
    ? { ok: true, kind: 'md5-crypt' }
    : { ok: false, reason: hash.startsWith('$2b$31$') ? 'hash-too-costly' : 'hash-unknown' };

/** A database of its own with two registered consoles, and short ways to import into them. */
export type ImportWorld = {
  database: Database;
  url: string;
  sms: string;
  mail: string;
  /** Imports and returns report and refusals; throws where the file is not read to its end. */
  imported(
    file: Buffer | string,
    options?: Partial<ImportOrder>,
  ): Promise<{ report: ImportReport; refusals: Refusal[] }>;
  /** Empties accounts, links and runs. */
  clear(): Promise<void>;
  /** Accounts with their links as `console:id`, in the order of their addresses. */
  people(): Promise<
    { address: string; name: string; company: string; locale: string | null; links: string[] }[]
  >;
  close(): Promise<void>;
};

export async function openImportWorld(): Promise<ImportWorld> {
  const { url } = await freshDatabase();
  const database = openDatabase(url);
  await migrate(database);
  const register = async (clientId: string) => {
    const result = await registerConsole(
      database.db,
      {
        clientId,
        clientSecret: 'sample',
        nameJa: `見本 ${clientId}`,
        nameEn: `Sample ${clientId}`,
        homeUrl: `https://${clientId}.example.co.jp/`,
        redirectUris: [`https://${clientId}.example.co.jp/auth/callback`],
      },
      { actor: 'system', now: NOW, allowedInternalHosts: [] },
    );
    if (!result.ok) throw new Error(result.reason);
    return result.consoleId;
  };
  const sms = await register('sms');
  const mail = await register('mail');
  return {
    database,
    url,
    sms,
    mail,
    async imported(file, options = {}) {
      const refusals: Refusal[] = [];
      const order = {
        consoleId: sms,
        file: () => Readable.from([Buffer.from(file)]),
        fileName: 'people.csv',
        dryRun: false,
        actor: 'system',
        judgeHash,
        clock: () => NOW,
        onRefusals: (some: readonly Refusal[]) => void refusals.push(...some),
        ...options,
      };
      const result = await importPeople(database.db, order);
      if (!result.ok) throw new Error(JSON.stringify(result));
      return { report: result.report, refusals };
    },
    async clear() {
      await database.pool.query('truncate account, import_run, audit_event cascade');
    },
    async people() {
      const { rows } = await database.pool.query(`
        select a.email_address as address, a.name, a.company, a.locale,
          coalesce(array_agg(c.client_id || ':' || l.console_user_id order by c.client_id, l.console_user_id)
            filter (where l.account_id is not null), '{}') as links
        from account a left join console_link l on l.account_id = a.id left join console c on c.id = l.console_id
        group by a.id order by a.email_key`);
      return rows;
    },
    close: () => database.close(),
  };
}
