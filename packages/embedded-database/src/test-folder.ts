import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, vi } from 'vitest';
import {
  type EmbeddedDatabase,
  type EmbeddedDatabaseOptions,
  openEmbeddedDatabase,
  removeEmbeddedDatabase,
} from './index.ts';

/** Settings of a server whose data nobody misses: five times faster commits, nothing kept after a crash. */
export const fast = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

type ChildOptions = { uid?: number; detached?: boolean; ignoresInterrupt?: boolean };

/** What one test has: a data folder of its own, which is gone after it together with all servers and processes. */
export type TestFolder = {
  /** The folder above the data folder, which everybody may enter. */
  home: string;
  dataFolder: string;
  /** Opens the data folder in this process. */
  open: (options?: Partial<EmbeddedDatabaseOptions>) => Promise<EmbeddedDatabase>;
  /** Opens it in a process of its own, which ends by itself when its input ends. Rejects with the error's code. */
  openInChild: (options?: ChildOptions) => Promise<{ process: ChildProcess; owned: boolean; url: string }>;
};

/** Call it at the top of a test file; the object it returns is filled anew before each test. */
export function testFolder(): TestFolder {
  vi.setConfig({ testTimeout: 60_000 }); // a cluster takes a second to make, and far more on a busy machine
  let opened: EmbeddedDatabase[] = [];
  let children: ChildProcess[] = [];
  const folder: TestFolder = {
    home: '',
    dataFolder: '',
    async open(options = {}) {
      const database = await openEmbeddedDatabase({
        dataFolder: folder.dataFolder,
        settings: fast,
        ...options,
      });
      opened.push(database);
      return database;
    },
    async openInChild(options = {}) {
      const child = startChild(folder.dataFolder, options);
      children.push(child);
      const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
      const said = JSON.parse(line.toString()) as { owned: boolean; url: string; failed?: string };
      if (said.failed) throw new Error(said.failed);
      return { process: child, ...said };
    },
  };

  beforeEach(() => {
    folder.home = mkdtempSync('/tmp/hitokagi-test-');
    chmodSync(folder.home, 0o755);
    folder.dataFolder = join(folder.home, 'data');
  });

  afterEach(async () => {
    await Promise.all(children.map(killed));
    for (const database of opened.toReversed()) await database.stop();
    [opened, children] = [[], []];
    await removeEmbeddedDatabase(folder.dataFolder);
    rmSync(folder.home, { recursive: true, force: true });
  });

  return folder;
}

/** Kills a process with -9 and resolves when it is gone. */
export async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** The servers that live on this data folder, found without the code under test. */
export function serversOn(dataFolder: string): number[] {
  const file = join(dataFolder, 'postgresql', 'postmaster.pid');
  if (!existsSync(file)) return [];
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  return existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    ? [pid]
    : [];
}

/** The rows of one statement. */
export async function query(connectionString: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

function startChild(dataFolder: string, { uid, detached, ignoresInterrupt }: ChildOptions): ChildProcess {
  const program = `
    import { openEmbeddedDatabase } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};
    ${ignoresInterrupt ? "process.on('SIGINT', () => {});" : ''}
    const options = { dataFolder: ${JSON.stringify(dataFolder)}, settings: ${JSON.stringify(fast)} };
    try {
      const database = await openEmbeddedDatabase(options);
      console.log(JSON.stringify({ owned: database.owned, url: database.url('postgres') }));
    } catch (error) {
      console.log(JSON.stringify({ failed: error.code ?? String(error) }));
    }
    process.stdin.resume();`;
  return spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: '/',
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
    ...(detached ? { detached } : {}),
  });
}
