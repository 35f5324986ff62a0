import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { samplePeople, writePeopleFile } from '../test-support/people-file.ts';
import { memoryOf, processorTime, processorTimeOfFamily } from './processes.ts';
import { CONSOLE } from './sample.ts';
import type { World } from './world.ts';

/** One import of a whole file by the command line, as an operator does it. Times in seconds, memory in MiB. */
export type ImportReport = {
  rows: number;
  refused: number;
  wall: number;
  processor: { importer: number; database: number };
  /** Resident memory of the importing process at its highest. */
  memory: number;
  loadBefore: number;
  loadAfter: number;
};

/** How often the process is looked at, in milliseconds; what it used after the last look is not counted. */
const LOOK_EVERY = 100;

/** Imports a file of so many rows, one in twenty odd, into a console that has nobody of them yet. */
export async function measureImport(world: World, rows: number): Promise<ImportReport> {
  const folder = await mkdtemp(join(tmpdir(), 'hitokagi-bench-import-'));
  try {
    const path = join(folder, 'people.csv');
    await writePeopleFile(path, { rows });
    const loadBefore = loadavg()[0] ?? 0;
    const databaseBefore = processorTimeOfFamily(world.postmaster);
    const begun = performance.now();
    const child = spawn(
      process.execPath,
      ['apps/login/bin/hitokagi.js', 'import', path, '--console', CONSOLE.clientId, '--json'],
      {
        env: { PATH: process.env.PATH, HOME: process.env.HOME, DATABASE_URL: world.databaseUrl },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const seen = watch(child.pid ?? 0);
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    const [code] = (await once(child, 'close')) as [number | null];
    const wall = (performance.now() - begun) / 1_000;
    const { importer, memory } = seen.end();
    if (code !== 0) throw new Error(`The import ended with ${code}: ${Buffer.concat(output).toString()}`);
    const report = JSON.parse(Buffer.concat(output).toString()) as { created: number; refused: number };
    const wanted = fates(rows);
    if (report.created !== wanted.taken || report.refused !== wanted.refused)
      throw new Error(
        `Imported ${report.created} and refused ${report.refused} of ${wanted.taken} and ${wanted.refused}.`,
      );
    const database = (processorTimeOfFamily(world.postmaster) - databaseBefore) / 1_000;
    return {
      rows,
      refused: report.refused,
      wall,
      processor: { importer, database },
      memory,
      loadBefore,
      loadAfter: loadavg()[0] ?? 0,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The command starts the importing process; the figures are of that one. */
function watch(launcher: number): { end(): { importer: number; memory: number } } {
  const highest = { importer: 0, memory: 0 };
  const timer = setInterval(() => {
    try {
      const pid = childOf(launcher);
      if (pid === undefined) return;
      // A process that is ending has no memory any more.
      highest.importer = Math.max(highest.importer, processorTime(pid) / 1_000);
      highest.memory = Math.max(highest.memory, memoryOf(pid).highest);
    } catch {
      // It ended while it was looked at.
    }
  }, LOOK_EVERY);
  return {
    end() {
      clearInterval(timer);
      return highest;
    },
  };
}

function childOf(pid: number): number | undefined {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return children === '' ? undefined : Number(children.split(' ')[0]);
}

function fates(rows: number): { taken: number; refused: number } {
  let taken = 0;
  let refused = 0;
  for (const { fate } of samplePeople({ rows })) {
    if (fate === 'taken') taken++;
    else if (fate !== 'empty') refused++;
  }
  return { taken, refused };
}
