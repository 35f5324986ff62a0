import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../journeys/free-port.ts';

/** Why PgBouncer cannot be tried here, or undefined when it can. */
export const pgbouncerMissing =
  spawnSync('pgbouncer', ['--version']).status === 0
    ? undefined
    : 'PgBouncer is not installed (Debian: apt-get install pgbouncer).';

export type Pooler = { url: string; close(): Promise<void> };

/**
 * PgBouncer with transaction pooling before a database, with as few connections to it as `connections` says.
 * @param databaseUrl as `freshDatabase` gives it
 */
export async function startPgbouncer(databaseUrl: string, connections: number): Promise<Pooler> {
  const folder = await mkdtemp(join(tmpdir(), 'hitokagi-pgbouncer-'));
  const port = await freePort();
  const of = new pg.Client({ connectionString: databaseUrl });
  const { host, port: databasePort, user = '', database = '' } = of;
  const password = of.password ? ` password=${of.password}` : '';
  const settings = `[databases]
hitokagi = host=${host} port=${databasePort} dbname=${database} user=${user}${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${connections}
max_client_conn = 200
`;
  await writeFile(join(folder, 'pgbouncer.ini'), settings);
  // It refuses to be root; and the socket may be open to nobody but the owner of its folder.
  const asRoot = process.getuid?.() === 0;
  const owner = host.startsWith('/') ? statSync(host) : { uid: 65_534, gid: 65_534 };
  if (asRoot)
    for (const path of [folder, join(folder, 'pgbouncer.ini')]) chownSync(path, owner.uid, owner.gid);
  const child = spawn('pgbouncer', [join(folder, 'pgbouncer.ini')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(asRoot ? { uid: owner.uid, gid: owner.gid } : {}),
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const ended = once(child, 'exit');
  const url = `postgresql://${user}@127.0.0.1:${port}/hitokagi`;
  for (let tries = 0; ; tries++) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      break;
    } catch (error) {
      if (child.exitCode !== null || tries === 100)
        throw new Error(`PgBouncer did not start: ${said}`, { cause: error });
      await pause(50);
    }
  }
  return {
    url,
    async close() {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
