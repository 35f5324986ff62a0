import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { usableBinaries } from './binaries.ts';
import { ensureCluster } from './cluster.ts';
import { answers, createDatabase, databaseUrl, dropDatabase } from './databases.ts';
import { EmbeddedDatabaseError } from './errors.ts';
import { type Keeper, type Listeners, keepRunning } from './keeper.ts';
import { withLock } from './lock.ts';
import { becomeOwner, endOwnership, hasLiveOwner } from './owner.ts';
import {
  filesOf,
  openSocketFolder,
  type Place,
  preparePlace,
  removeSocketFolder,
  writableFolder,
} from './place.ts';
import { findLiveServer, findStraySocketServer, removeMisleadingPidFiles } from './postmaster-file.ts';
import { adoptServer, runsWith, type Server, serverCommand, startServer, stopServer } from './server.ts';

const SECOND = 1000;

export type EmbeddedDatabaseOptions = {
  /** Absolute, or relative to the current directory. The cluster is `<dataFolder>/postgresql`; beside it lie `.lock`, `.owner` and `.log`. Made if absent. */
  dataFolder: string;
  /** PostgreSQL's settings that differ from `defaultSettings`, as in postgresql.conf: `{ fsync: 'off' }` for tests. */
  settings?: Record<string, string>;
  /** Gets a line for each thing worth telling: made, started, taken over, crashed, restarted. */
  log?: (line: string) => void;
  /** Called once if the server could not be kept running (`keeps-crashing` or `disk-full`). */
  onLost?: (error: EmbeddedDatabaseError) => void;
  /** Starts the server again at once however often it ends, and never gives it up: for those who end it on purpose. */
  alwaysRestart?: boolean;
  /** Where clusters and binaries go for root when the server's user cannot reach the data folder or the package. */
  sharedFolder?: string;
  /** A folder with bin, lib and share to use instead of the npm package's. */
  binariesFolder?: string;
};

export type EmbeddedDatabase = {
  /** Whether this process keeps the server, rather than having found one that another living process keeps. */
  owned: boolean;
  /** A connection string for `pg` and libpq. */
  url: (databaseName: string) => string;
  /** `false`: it was there. `template` copies that database; nobody may be connected to it meanwhile. */
  createDatabase: (name: string, options?: { template?: string }) => Promise<boolean>;
  /** Cuts its connections. It may be absent. */
  dropDatabase: (name: string) => Promise<void>;
  /** Stops the server if this process owns it and resolves when its process is gone. May be called twice. */
  stop: () => Promise<void>;
};

/**
 * Opens the database of a data folder: makes the cluster the first time, starts the server, and keeps it running. If a
 * living process keeps one there already, attaches to it; if that process was killed, takes its server over.
 * Rejects with `EmbeddedDatabaseError` for everything a person can cause.
 */
export async function openEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const listeners = {
    log: options.log ?? (() => undefined),
    onLost: options.onLost ?? (() => undefined),
    alwaysRestart: options.alwaysRestart ?? false,
  };
  const dataFolder = await writableFolder(resolve(options.dataFolder));
  return withLock(filesOf(dataFolder).lockFile, dataFolder, async () => {
    const place = await preparePlace(dataFolder, options.sharedFolder ?? '/var/lib/hitokagi');
    const found = await attach(place);
    if (found) return found;
    await becomeOwner(place.ownerFile);
    try {
      return await own(place, options, listeners);
    } catch (error) {
      await removeSocketFolder(place);
      await endOwnership(place.ownerFile);
      throw error;
    }
  });
}

// While an owner lives, its server may be starting, restarting or stopping: wait for what comes of it.
async function attach(place: Place): Promise<EmbeddedDatabase | null> {
  const deadline = performance.now() + 60 * SECOND;
  while (await hasLiveOwner(place.ownerFile)) {
    const live = await findLiveServer(place.cluster);
    if (live?.status === 'ready' && (await answers(live.socketFolder))) return handle(live.socketFolder);
    if (performance.now() > deadline) throw new EmbeddedDatabaseError('busy', place.dataFolder);
    await sleep(50);
  }
  return null;
}

async function own(
  place: Place,
  options: EmbeddedDatabaseOptions,
  listeners: Listeners,
): Promise<EmbeddedDatabase> {
  const begun = performance.now();
  const binaries = await usableBinaries(place.user, place.copiesFolder, options.binariesFolder);
  const command = serverCommand(place, binaries, options.settings ?? {});
  const tell = (what: string) =>
    listeners.log(
      `${what} PostgreSQL ${binaries.version} in ${((performance.now() - begun) / SECOND).toFixed(2)} s`,
    );

  let server = await takeOver(place, command);
  if (server) {
    tell('took over a running');
  } else {
    const isNew = await ensureCluster(place, binaries, options.settings?.['fsync'] !== 'off');
    await removeMisleadingPidFiles(place.cluster, place.socketFolder);
    await openSocketFolder(place);
    server = await startServer(place, command);
    tell(isNew ? 'set up and started' : 'started');
  }
  const onLost = (error: EmbeddedDatabaseError) =>
    void endOwnership(place.ownerFile).then(() => listeners.onLost(error));
  const keeper = keepRunning(server, place, command, { ...listeners, onLost });
  return handle(place.socketFolder, { keeper, place });
}

/** The server that a killed owner left, if it answers and is the one we would start; otherwise it is stopped. */
async function takeOver(place: Place, command: string[]): Promise<Server | null> {
  const left = await findLiveServer(place.cluster);
  if (
    left &&
    runsWith(command, left.pid) &&
    left.status !== 'stopping' &&
    (await answers(place.socketFolder))
  ) {
    return adoptServer(left.pid);
  }
  if (left) await stopServer(left.pid);
  const stray = await findStraySocketServer(place.socketFolder);
  if (stray) await stopServer(stray);
  return null;
}

function handle(socketFolder: string, owned?: { keeper: Keeper; place: Place }): EmbeddedDatabase {
  let stopped: Promise<void> | null = null;
  return {
    owned: owned !== undefined,
    url: (name) => databaseUrl(socketFolder, name),
    createDatabase: (name, options) => createDatabase(socketFolder, name, options?.template),
    dropDatabase: (name) => dropDatabase(socketFolder, name),
    stop: () => (stopped ??= owned ? stopOwned(owned.keeper, owned.place) : Promise.resolve()),
  };
}

async function stopOwned(keeper: Keeper, place: Place): Promise<void> {
  await keeper.stop();
  await removeSocketFolder(place);
  await endOwnership(place.ownerFile);
}
