import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { asAdmin } from './scene.ts';

const LONGEST_START = 30_000;

/** Settings of a primary that a replica follows from a copy of its files on. */
export const PRIMARY_SETTINGS = { wal_keep_size: '256MB', max_wal_senders: '4' } as const;

/** A wire to PostgreSQL whose other end can be moved, as HAProxy or a floating address does it. */
export type Wire = {
  readonly port: number;
  /** Whoever is connected is cut; who comes is led there. */
  leadTo(socketFolder: string): void;
  close(): Promise<void>;
};

/** A streaming replica of a running cluster. */
export type Replica = {
  readonly socketFolder: string;
  /** Makes it the one that takes writes; resolves when it does. */
  promote(): Promise<void>;
  stop(): Promise<void>;
};

export async function openWire(socketFolder: string): Promise<Wire> {
  let target = socketFolder;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(join(target, '.s.PGSQL.5432'));
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
  });
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    leadTo(folder) {
      target = folder;
      cut();
    },
    async close() {
      cut();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/**
 * Copies a cluster's files while it runs (PostgreSQL, "Making a Base Backup Using the Low Level API") and starts the copy as a replica that every commit of the primary waits for from then on.
 * @param of.url of the primary, by its own socket @param of.pid its first process
 */
export async function startReplica(of: {
  cluster: string;
  pid: number;
  url: string;
  folder: string;
}): Promise<Replica> {
  const copy = join(of.folder, 'replica');
  const socketFolder = await mkdtemp(join(tmpdir(), 'hitokagi-replica-'));
  const { uid, gid } = await stat(of.cluster);
  await chown(socketFolder, uid, gid);
  await asAdmin(of.url, async (admin) => {
    await admin.query(`select pg_backup_start('drill', true)`);
    spawnSync('cp', ['-a', of.cluster, copy]);
    const { rows } = await admin.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)');
    await writeFile(join(copy, 'backup_label'), rows[0]?.labelfile ?? '', { mode: 0o600 });
  });
  for (const name of await readdir(join(copy, 'pg_wal')))
    await rm(join(copy, 'pg_wal', name), { recursive: true });
  for (const name of ['archive_status', 'summaries'])
    await mkdir(join(copy, 'pg_wal', name), { mode: 0o700 });
  for (const name of ['postmaster.pid', 'postmaster.opts']) await rm(join(copy, name), { force: true });
  await writeFile(join(copy, 'standby.signal'), '', { mode: 0o600 });
  for (const name of ['backup_label', 'standby.signal', 'pg_wal/archive_status', 'pg_wal/summaries'])
    await chown(join(copy, name), uid, gid);

  const [program = '', ...args] = (await readFile(`/proc/${of.pid}/cmdline`, 'utf8'))
    .split('\0')
    .slice(0, -1);
  const primaryFolder = args.find((one) => one.startsWith('unix_socket_directories='))?.split('=')[1] ?? '';
  const server = spawn(
    program,
    [
      ...args
        .map((one) => (one === of.cluster ? copy : one))
        .map((one) =>
          one === `unix_socket_directories=${primaryFolder}`
            ? `unix_socket_directories=${socketFolder}`
            : one,
        ),
      ...[
        '-c',
        `primary_conninfo=host=${primaryFolder} port=5432 user=hitokagi application_name=drill_replica`,
      ],
    ],
    {
      cwd: '/',
      stdio: 'ignore',
      env: { LC_ALL: 'C' },
      ...(process.getuid?.() === 0 ? { uid, gid } : {}),
    },
  );
  process.once('exit', () => void server.kill('SIGKILL'));
  const url = `postgresql://hitokagi@localhost:5432/postgres?host=${encodeURIComponent(socketFolder)}`;
  try {
    await until(server, () => follows(of.url));
  } catch (error) {
    server.kill('SIGKILL');
    throw error;
  }
  await asAdmin(of.url, async (admin) => {
    await admin.query(`alter system set synchronous_standby_names = 'drill_replica'`);
    await admin.query('select pg_reload_conf()');
  });
  await until(server, () => follows(of.url, 'sync'));
  return {
    socketFolder,
    promote: () => asAdmin(url, (admin) => admin.query('select pg_promote(true, 30)')),
    async stop() {
      if (server.exitCode === null && server.signalCode === null) {
        const ended = once(server, 'exit');
        server.kill('SIGINT');
        await ended;
      }
      await rm(socketFolder, { recursive: true, force: true });
    },
  };
}

async function follows(url: string, how?: 'sync'): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ state: string; sync_state: string }>(
      `select state, sync_state from pg_stat_replication where application_name = 'drill_replica'`,
    );
    return rows[0]?.state === 'streaming' && (how === undefined || rows[0].sync_state === how);
  } finally {
    await client.end();
  }
}

async function until(server: ChildProcess, holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + LONGEST_START;
  while (!(await holds())) {
    if (server.exitCode !== null) throw new Error(`The replica ended with ${server.exitCode}.`);
    if (performance.now() > end) throw new Error('The replica does not follow.');
    await pause(50);
  }
}
