import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { fast, killed, query, serversOn, testFolder } from './test-folder.ts';

const folder = testFolder();

describe('after kill -9', () => {
  test('of its owner the server is taken over with the data, without a restart', async () => {
    const owner = await folder.openInChild();
    await query(owner.url, "CREATE TABLE kept AS SELECT 'kept' AS it");
    const [before] = serversOn(folder.dataFolder);
    await killed(owner.process);
    expect(serversOn(folder.dataFolder)).toEqual([before]);

    const next = await folder.open();
    expect(next.owned).toBe(true);
    expect(serversOn(folder.dataFolder)).toEqual([before]);
    expect(await query(next.url('postgres'), 'SELECT it FROM kept')).toEqual([{ it: 'kept' }]);
    await next.stop();
    expect(serversOn(folder.dataFolder)).toEqual([]);
  });

  test('of its owner a server with other settings is replaced', async () => {
    const owner = await folder.openInChild();
    await killed(owner.process);
    const next = await folder.open({ settings: { ...fast, work_mem: '8MB' } });
    expect(await query(next.url('postgres'), 'SHOW work_mem')).toEqual([{ work_mem: '8MB' }]);
    expect(serversOn(folder.dataFolder)).toHaveLength(1);
  });

  test('of its owner a server that does not answer is replaced', async () => {
    const owner = await folder.openInChild();
    await killed(owner.process);
    const [hung] = serversOn(folder.dataFolder);
    process.kill(hung ?? 0, 'SIGSTOP');
    setTimeout(() => process.kill(hung ?? 0, 'SIGCONT'), 6000); // or it could not even be stopped before SIGKILL
    const next = await folder.open();
    expect(await query(next.url('postgres'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(serversOn(folder.dataFolder)).not.toContain(hung);
  });

  test('of the server it comes back by itself with every acknowledged write', async () => {
    const lines: string[] = [];
    const database = await folder.open({ settings: {}, log: (line) => lines.push(line) });
    await query(database.url('postgres'), "CREATE TABLE kept AS SELECT 'kept' AS it");
    for (let round = 1; round <= 2; round++) {
      const [server] = serversOn(folder.dataFolder);
      process.kill(server ?? 0, 'SIGKILL');
      await expect
        .poll(() => lines.filter((line) => line.includes('is running again')).length, { timeout: 40_000 })
        .toBe(round);
      expect(await query(database.url('postgres'), 'SELECT it FROM kept')).toEqual([{ it: 'kept' }]);
    }
  });

  test('of owner and server a stale pid file is no obstacle, even if a foreign process has that number now', async () => {
    const owner = await folder.openInChild();
    const [server] = serversOn(folder.dataFolder);
    await killed(owner.process);
    process.kill(server ?? 0, 'SIGKILL');
    await expect.poll(() => serversOn(folder.dataFolder), { timeout: 20_000 }).toEqual([]);
    const pidFile = join(folder.dataFolder, 'postgresql', 'postmaster.pid');
    writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, String(process.pid)));
    expect((await folder.open()).owned).toBe(true);
  });
});

describe('an owner that ends', () => {
  test('without stopping the server takes it along when Node ends by itself', async () => {
    const owner = await folder.openInChild();
    owner.process.stdin?.end();
    await once(owner.process, 'exit');
    await expect.poll(() => serversOn(folder.dataFolder), { timeout: 20_000 }).toEqual([]);
  });

  test('does not lose the server to a Ctrl-C that the whole process group gets', async () => {
    const owner = await folder.openInChild({ detached: true, ignoresInterrupt: true });
    process.kill(-(owner.process.pid ?? 0), 'SIGINT');
    await sleep(300);
    expect(await query(owner.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});
