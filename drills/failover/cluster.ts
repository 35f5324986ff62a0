import { chownSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../bench/processes.ts';
import { familyOf, killAll, MachineProgram, postgresUser } from './processes.ts';
import { memberSettings, proxySettings, type Member } from './examples.ts';

const PASSWORD = 'sample-superuser-of-the-drill';

type MemberState = { name: string; role: string; state: string; timeline?: number };

/** How a primary is lost: its PostgreSQL is killed, or the machine is gone and Patroni with it. */
export type Loss = 'postgresql' | 'machine';

/** Three database members under Patroni, with etcd, and HAProxy before them: the examples of deploy/patroni, on ports of this machine. */
export type Cluster = {
  /** Through HAProxy, to the member that takes writes. */
  readonly url: string;
  /** Kills the primary with -9; answers its name. */
  lose(loss: Loss): Promise<string>;
  /** Starts Patroni again on a machine that was lost. */
  bringBack(name: string): void;
  /** Resolves when three members run, of which one leads and one stands by synchronously; in how many milliseconds. */
  whole(): Promise<number>;
  /** Ends everything by force. */
  close(): Promise<void>;
};

/**
 * @param webPort where HAProxy takes requests for the login servers
 * @param nodes ports of the login servers
 */
export async function startCluster(webPort: number, nodes: readonly number[]): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'hitokagi-failover-'));
  await chmod(folder, 0o755);
  const [etcdPort, databasePort] = [await freePort(), await freePort()];
  const etcd = await startEtcd(folder, etcdPort);
  const members: Member[] = [];
  const patronis = new Map<string, MachineProgram>();
  const others: MachineProgram[] = [etcd];
  const startMember = (name: string): void =>
    void patronis.set(name, new MachineProgram(folder, name, 'patroni', [join(folder, `${name}.yml`)]));
  for (const name of ['db1', 'db2', 'db3']) {
    const member = {
      name,
      port: await freePort(),
      restPort: await freePort(),
      folder: await ownFolder(join(folder, name)),
    };
    members.push(member);
    await writeFile(join(folder, `${name}.yml`), await memberSettings(member, etcdPort, PASSWORD));
    startMember(name);
    // The others are copies of the first.
    if (name === 'db1') await until(async () => (await states()).some(isLeader), 60);
  }
  const proxy = join(folder, 'haproxy.cfg');
  await writeFile(proxy, await proxySettings(members, databasePort, { port: webPort, nodes }));
  others.push(new MachineProgram(folder, 'haproxy', 'haproxy', ['-db', '-f', proxy]));

  return {
    url: `postgresql://postgres:${PASSWORD}@127.0.0.1:${databasePort}/postgres`,
    async lose(loss) {
      const leader = (await states()).find(isLeader);
      const member = members.find(({ name }) => name === leader?.name);
      if (!member) throw new Error('The cluster has no primary.');
      killAll([...(loss === 'machine' ? patroniOf(member) : []), ...(await databaseOf(member))]);
      return member.name;
    },
    bringBack: startMember,
    whole: () =>
      until(async () => {
        const all = await states();
        const running = all.filter(({ state }) => state === 'running' || state === 'streaming');
        return running.length === 3 && all.some(isLeader) && all.some(({ role }) => role === 'sync_standby');
      }, 120),
    async close() {
      const databases = await Promise.all(members.map(databaseOf));
      killAll([...members.flatMap(patroniOf), ...databases.flat()]);
      for (const program of [...patronis.values(), ...others]) await program.end();
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };

  function patroniOf({ name }: Member): number[] {
    const child = patronis.get(name)?.child;
    return child?.pid !== undefined && child.exitCode === null && child.signalCode === null
      ? familyOf(child.pid)
      : [];
  }

  async function states(): Promise<MemberState[]> {
    for (const { restPort } of members)
      try {
        const url = `http://127.0.0.1:${restPort}/cluster`;
        const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) });
        return ((await answer.json()) as { members: MemberState[] }).members;
      } catch {
        // The next one knows.
      }
    return [];
  }
}

async function startEtcd(folder: string, port: number): Promise<MachineProgram> {
  const url = `http://127.0.0.1:${port}`;
  const peer = `http://127.0.0.1:${await freePort()}`;
  return new MachineProgram(folder, 'etcd', 'etcd', [
    ...['--name', 'etcd1', '--data-dir', await ownFolder(join(folder, 'etcd')), '--log-level', 'error'],
    ...['--listen-client-urls', url, '--advertise-client-urls', url],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
    ...['--initial-cluster', `etcd1=${peer}`],
  ]);
}

/** PostgreSQL's processes of a member, if it runs. Its file outlives a kill, so what has its number is looked at. */
async function databaseOf({ folder }: Member): Promise<number[]> {
  const file = await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(file.split('\n')[0]);
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return pid > 0 && command.includes(folder) ? familyOf(pid) : [];
}

async function ownFolder(path: string): Promise<string> {
  await mkdir(path, { mode: 0o700 });
  const user = process.getuid?.() === 0 ? postgresUser() : undefined;
  if (user) chownSync(path, user.uid, user.gid);
  return path;
}

function isLeader({ role }: MemberState): boolean {
  return role === 'leader' || role === 'master' || role === 'primary';
}

async function until(holds: () => Promise<boolean>, seconds: number): Promise<number> {
  const began = performance.now();
  while (!(await holds())) {
    if (performance.now() - began > seconds * 1_000)
      throw new Error(`The cluster did not come to its state within ${seconds} s.`);
    await pause(200);
  }
  return performance.now() - began;
}
