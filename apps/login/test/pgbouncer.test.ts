import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pgbouncerMissing, startPgbouncer, type Pooler } from '../../../test-support/pgbouncer.ts';
import { buildLogin, type LoginApp } from '#app/app.ts';
import { importEntry } from '#domain/consoles/import/history.ts';
import { receiveFile } from '#domain/consoles/import/receive.ts';
import { startImport } from '#domain/consoles/import/upload-acts.ts';
import { setLinkTime } from '#domain/migration/plans.ts';
import { openDatabase, type Database } from '#support/db/database.ts';
import { isBehindPooler } from '#support/db/pooler.ts';
import { openJobs } from '#support/jobs/jobs.ts';
import { Browser } from './browser.ts';
import { authorizeUrl, basic, enter, locationOf, PASSWORD, setPassword } from './steps.ts';
import { MASTER_SECRET, openWorld, type World } from './world.ts';

const PEOPLE = 12;
const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));

describe.skipIf(pgbouncerMissing)(
  `S2: behind PgBouncer with transaction pooling${pgbouncerMissing ? `; skipped: ${pgbouncerMissing}` : ''}`,
  () => {
    let world: World;
    /** The world as somebody sees it who calls the node behind the pooler. */
    let behind: World;
    let pooler: Pooler;
    let pooled: Database;
    let node: LoginApp;
    let consoleId: string;
    beforeAll(async () => {
      world = await openWorld({ work: false });
      consoleId = await world.addConsole('sms');
      for (let n = 0; n < PEOPLE; n++)
        await world.addPerson(`p${n}@example.co.jp`, { sms: String(n) }, { password: PASSWORD });
      await world.addPerson('hanako@example.co.jp', { sms: 'hanako' });
      pooler = await startPgbouncer(world.databaseUrl, 3);
      pooled = openDatabase(pooler.url, { connections: 16, namedStatements: false });
      const config = {
        ...world.config,
        databaseUrl: pooler.url,
        databaseDirectUrl: world.databaseUrl,
        namedStatements: false,
      };
      node = await buildLogin(config, pooled, world.databaseUrl, MASTER_SECRET, () => world.now);
      await node.startWork();
      behind = { ...world, app: node };
    });
    afterAll(async () => {
      await node?.close();
      await pooled?.close();
      await pooler?.close();
      await world?.close();
    });

    it('people sign in and come back, many at once over three connections', async () => {
      const signedIn = await Promise.all(
        Array.from({ length: PEOPLE }, async (_, n) => {
          const browser = new Browser(behind);
          const person = { address: `p${n}@example.co.jp` };
          const { claims } = await enter(behind, browser, 'sms', person);
          const again = await Promise.all([1, 2, 3].map(() => enter(behind, browser, 'sms', person)));
          return [claims.email, ...again.map((one) => one.claims.sid === claims.sid)];
        }),
      );
      expect(signedIn).toEqual(
        Array.from({ length: PEOPLE }, (_, n) => [`p${n}@example.co.jp`, true, true, true]),
      );
    });

    it('queued work is done: a code arrives and sets a password', async () => {
      const { url } = authorizeUrl('sms');
      const answer = await setPassword(behind, new Browser(behind), url, 'hanako@example.co.jp');
      expect(locationOf(answer).searchParams.get('code')).toEqual(expect.any(String));
    });

    it('a change of plan that another node makes is heard within a second', async () => {
      const ask = (headers: Record<string, string> = {}) =>
        node.server.inject({
          url: '/api/console/v1/plan',
          headers: { host: 'login.example.co.jp', authorization: basic('sms'), ...headers },
        });
      const etag = String((await ask()).headers.etag);
      const waiting = ask({ 'if-none-match': etag, prefer: 'wait=20' });
      const began = performance.now();
      await setLinkTime(pooled.db, consoleId, new Date('2027-01-01T00:00:00Z'), {
        actor: 'system',
        now: world.now,
      });
      expect((await waiting).json()).toMatchObject({ linkAt: '2027-01-01T00:00:00.000Z' });
      expect(performance.now() - began).toBeLessThan(1_000);
    });

    it('an uploaded file of people is checked and imported, under the lock of its connection', async () => {
      const jobs = await openJobs({
        databaseUrl: world.databaseUrl,
        mailRetryAfter: 30,
        onError: () => undefined,
      });
      const of = { consoleId, fileName: 'people.csv', actor: 'operator:acc_sample', clock: () => world.now };
      const file = async function* () {
        yield Buffer.from(
          `id,email,name\n${Array.from({ length: 2_000 }, (_, i) => `u${i},u${i}@example.co.jp,見本 ${i}`).join('\n')}\n`,
        );
      };
      const received = await receiveFile(pooled.db, jobs, of, file());
      if (!received.ok) throw new Error(received.reason);
      const comesTo = (state: string) =>
        expect
          .poll(async () => (await importEntry(pooled.db, received.id))?.state, { timeout: 15_000 })
          .toBe(state);
      await comesTo('checked');
      await startImport(pooled.db, jobs, received.id, { actor: of.actor, now: world.now });
      await comesTo('imported');
      await jobs.stop();
    });

    it('is noticed, and a start without the direct address is refused with a sentence that says what to set', async () => {
      expect(await isBehindPooler(pooled)).toBe(true);
      expect(await isBehindPooler(world.database)).toBe(false);
      const child = spawn(process.execPath, ['--import', 'tsx', MAIN], {
        cwd: PROJECT,
        env: { PATH: process.env.PATH, DATABASE_URL: pooler.url, HITOKAGI_PORT: '0' },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let said = '';
      child.stderr.on('data', (text: Buffer) => (said += text.toString()));
      expect(await once(child, 'exit')).toEqual([1, null]);
      expect(said).toContain('Set HITOKAGI_DATABASE_DIRECT_URL to the address of PostgreSQL itself');
    });
  },
);
