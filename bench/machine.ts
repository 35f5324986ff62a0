import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

export type Machine = {
  processors: string;
  memory: string;
  loadBefore: number;
  versions: Record<string, string>;
};

/** What the figures were measured on. The load average tells whether others were at work. */
export function machine(postgresql: string): Machine {
  const versionOf = (name: string): string => {
    const path =
      createRequire(import.meta.url)
        .resolve.paths(name)
        ?.map((folder) => `${folder}/${name}/package.json`) ?? [];
    for (const file of path) {
      try {
        return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
      } catch {
        // The next folder up.
      }
    }
    return '?';
  };
  return {
    processors: `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    loadBefore: loadavg()[0] ?? 0,
    versions: {
      node: process.versions.node,
      postgresql: postgresql.replace('PostgreSQL ', ''),
      ...Object.fromEntries(
        ['oidc-provider', 'fastify', 'pg', 'kysely', '@node-rs/argon2', 'jose'].map((name) => [
          name,
          versionOf(name),
        ]),
      ),
    },
  };
}
