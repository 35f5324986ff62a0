import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const PROJECT = join(import.meta.dirname, '../..');

/** Adds what upgrades add: a table, a column that has a value for the rows that are there, and an index that is made while others write. */
const ADDITIVE = `alter table account add column drill_note text not null default '';
alter table sso_session add column drill_mark integer;
create table drill_release (id integer primary key, made_at timestamptz not null default now());
-- outside a transaction:
create index concurrently drill_artifact on oidc_artifact (account_id, kind);
`;

/** The next release: this one, with a migration more. Its sources are a copy, its packages are ours. */
export async function makeNextRelease(folder: string): Promise<string> {
  const release = join(folder, 'next-release');
  await mkdir(join(release, 'apps'), { recursive: true });
  await cp(join(PROJECT, 'apps/login'), join(release, 'apps/login'), {
    recursive: true,
    filter: (path) => !/\/(node_modules|dist|test)(\/|$)/.test(path.slice(PROJECT.length)),
  });
  for (const shared of ['node_modules', 'packages', 'package.json', 'tsconfig.json'])
    await symlink(join(PROJECT, shared), join(release, shared));
  await writeFile(join(release, 'apps/login/src/support/db/migrations/9001_next_release.sql'), ADDITIVE);
  return release;
}
