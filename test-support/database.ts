import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedDatabase, removeEmbeddedDatabase } from '@hitokagi/embedded-database';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Connection string of the test cluster, with `DATABASE` in place of a database's name. */
    testCluster: string;
  }
}

/**
 * One PostgreSQL for the whole test run: the embedded engine without waiting for the disk, or the server that TEST_DATABASE_URL names. Each test file makes databases
 * of its own in it.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const external = process.env.TEST_DATABASE_URL;
  if (external) {
    project.provide('testCluster', external.replace(/\/[^/?]+(\?|$)/, '/DATABASE$1'));
    return async () => undefined;
  }
  const dataFolder = await mkdtemp(join(tmpdir(), 'hitokagi-tests-'));
  // As root the server runs as another user, who must be able to enter.
  await chmod(dataFolder, 0o755);
  const cluster = await openEmbeddedDatabase({
    dataFolder,
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' },
  });
  project.provide('testCluster', cluster.url('DATABASE'));
  return async () => {
    await cluster.stop();
    await removeEmbeddedDatabase(dataFolder);
    await rm(dataFolder, { recursive: true, force: true });
  };
}
