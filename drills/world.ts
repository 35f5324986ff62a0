import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openEmbeddedDatabase, removeEmbeddedDatabase } from '@hitokagi/embedded-database';
import { takeClock, type MachineClock } from '../journeys/clock.ts';
import { freePort } from '../journeys/free-port.ts';
import { prepareConsole, type DrillConsole } from './console.ts';
import { startLoginServer, type DrillLoginServer } from './login-server.ts';
import { openMailServer, type DrillMailServer } from './mail-server.ts';
import { openTraffic, type Traffic } from './traffic.ts';
import type { Place } from './walks.ts';

/** Empty databases for a drill: its own PostgreSQL in a temporary folder, or the one of a test run. */
export type Databases = { fresh(name: string): Promise<string>; close(): Promise<void> };

/** The running system of a drill: login server and SMS console with real databases, a receiving mail server, and a clock to move. */
export type DrillWorld = {
  readonly clock: MachineClock;
  readonly login: DrillLoginServer;
  readonly console: DrillConsole;
  readonly consoleId: string;
  readonly mail: DrillMailServer;
  readonly traffic: Traffic;
  readonly place: Place;
  /** A folder for files of the drill, gone with it. */
  readonly folder: string;
  close(): Promise<void>;
};

/** @param begin the moment at which the drill's time begins */
export async function openWorld(
  databases: Databases,
  begin: Date,
  noticesPerSecond: number,
): Promise<DrillWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'hitokagi-drill-files-'));
  const [loginDatabase, consoleDatabase] = [await databases.fresh('login'), await databases.fresh('sms')];
  const [loginPort, consolePort] = [await freePort(), await freePort()];
  const mail = await openMailServer();
  const clock = takeClock();
  clock.pass(begin.getTime() - clock.now().getTime());
  const login = await startLoginServer(clock, {
    databaseUrl: loginDatabase,
    port: loginPort,
    smtpUrl: mail.url,
    noticesPerSecond,
  });
  const console = await prepareConsole(clock, {
    databaseUrl: consoleDatabase,
    port: consolePort,
    smtpUrl: mail.url,
  });
  const consoleId = await login.register(console.url);
  await console.start(login.issuer);
  const traffic = openTraffic();
  return {
    clock,
    login,
    console,
    consoleId,
    mail,
    traffic,
    place: { consoleUrl: console.url, issuer: login.issuer, traffic, mail },
    folder,
    async close() {
      traffic.agent.destroy();
      await console.close();
      // What the console gave up is seen by the login server a moment later; a connection that it still answers would keep it waiting.
      await pause(500);
      await login.close();
      await mail.close();
      clock.release();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL from the packages, with its durable settings, in a temporary folder. */
export async function ownDatabases(): Promise<Databases> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'hitokagi-drill-'));
  const embedded = await openEmbeddedDatabase({ dataFolder });
  return {
    async fresh(name) {
      await embedded.createDatabase(name);
      return embedded.url(name);
    },
    async close() {
      await embedded.stop();
      await removeEmbeddedDatabase(dataFolder);
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
