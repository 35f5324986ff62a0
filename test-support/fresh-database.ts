import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

/** An empty database of its own, or a copy of a template; gone with the test run's cluster. */
export async function freshDatabase(
  options: { template?: string; name?: string } = {},
): Promise<{ name: string; url: string }> {
  const name = options.name ?? `test_${randomBytes(8).toString('hex')}`;
  const admin = new pg.Client({ connectionString: urlOf('postgres') });
  await admin.connect();
  try {
    await admin.query(
      `create database "${name}" ${options.template ? `template "${options.template}"` : ''}`,
    );
  } finally {
    await admin.end();
  }
  return { name, url: urlOf(name) };
}

/** Makes a template once for the whole run: the first caller fills it, the others wait for it. */
export async function templateDatabase(name: string, fill: (url: string) => Promise<void>): Promise<string> {
  const admin = new pg.Client({ connectionString: urlOf('postgres') });
  await admin.connect();
  try {
    await admin.query('select pg_advisory_lock(hashtext($1))', [name]);
    const { rowCount } = await admin.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount) return name;
    const unfinished = `${name}_unfinished`;
    await admin.query(`drop database if exists "${unfinished}"`);
    await admin.query(`create database "${unfinished}"`);
    await fill(urlOf(unfinished));
    await admin.query(`alter database "${unfinished}" rename to "${name}"`);
    return name;
  } finally {
    await admin.end();
  }
}

function urlOf(database: string): string {
  return inject('testCluster').replace('DATABASE', database);
}
