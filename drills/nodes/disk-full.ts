import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fullSignIn } from '../../bench/flows.ts';
import { brokenInvariants } from '../invariants.ts';
import { MASTER_SECRET } from '../master-secret.ts';
import { UNIFIED_PASSWORD } from '../people.ts';
import type { Zero } from '../report.ts';
import { openNodes, type NodesWorld } from './world.ts';

const SIZE = 300;
const FULL_FOR = 6_000;
const LONGEST_RECOVERY = 60_000;

/** S2: PostgreSQL on a small file system of memory that is filled to the last byte while people sign in, and freed again. Where no file system can be mounted it is not played, and the report says so. */
export async function fillDisk(
  tell: (line: string) => void,
): Promise<{ zeros: readonly Zero[]; said: readonly string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'hitokagi-drill-disk-'));
  await chmod(folder, 0o755);
  const mounted = spawnSync('mount', [
    '-t',
    'tmpfs',
    '-o',
    `size=${SIZE}m,mode=755`,
    'hitokagi-drill',
    folder,
  ]);
  if (mounted.status !== 0) {
    await rm(folder, { recursive: true, force: true });
    return {
      zeros: [],
      said: ['Disk full was not played: no file system can be mounted here (it takes root).'],
    };
  }
  try {
    tell(`PostgreSQL on a file system of ${SIZE} MiB, which fills up …`);
    const world = await openNodes({
      nodes: 1,
      people: 40,
      dataFolder: join(folder, 'data'),
      settings: { max_wal_size: '64MB', min_wal_size: '32MB' },
    });
    try {
      return await play(world, folder);
    } finally {
      await world.close();
    }
  } finally {
    spawnSync('umount', [folder]);
    await rm(folder, { recursive: true, force: true });
  }
}

async function play(
  world: NodesWorld,
  folder: string,
): Promise<{ zeros: readonly Zero[]; said: readonly string[] }> {
  const tally = { fine: 0, refused: 0, slow: 0, wrong: [] as string[] };
  const filler = join(folder, 'filler');
  await trySignIns(world, tally, 1_000);
  const before = tally.fine;
  const { bavail, bsize } = await statfs(folder);
  await writeFile(filler, Buffer.alloc(bavail * bsize)).catch(() => undefined);
  await trySignIns(world, tally, FULL_FOR);
  await rm(filler);
  const from = performance.now();
  let recovered = Number.NaN;
  while (performance.now() - from < LONGEST_RECOVERY) {
    if (
      await signIn(world, 0).then(
        () => true,
        () => false,
      )
    ) {
      recovered = performance.now() - from;
      break;
    }
    await pause(50);
  }
  const broken = await brokenInvariants(world.database, { masterSecret: MASTER_SECRET, now: new Date() });
  return {
    said: [
      `Disk full (tmpfs of ${SIZE} MiB, filled for ${FULL_FOR / 1_000} s): ${before} sign-ins before, ${tally.fine - before} while it was full, ${tally.refused} answered 503; somebody signed in again after ${Math.round(recovered)} ms.`,
    ],
    zeros: [
      { what: 'disk full: answers of 500', count: tally.wrong.length, samples: tally.wrong.slice(0, 3) },
      { what: 'disk full: nobody could sign in afterwards', count: Number.isNaN(recovered) ? 1 : 0 },
      { what: 'disk full: it did not show', count: tally.refused === 0 ? 1 : 0 },
      {
        what: 'disk full: broken invariants',
        count: broken.reduce((sum, { count }) => sum + count, 0),
        samples: broken.flatMap(({ samples = [] }) => samples),
      },
    ],
  };
}

async function trySignIns(
  world: NodesWorld,
  tally: { fine: number; refused: number; wrong: string[] },
  time: number,
): Promise<void> {
  const end = performance.now() + time;
  for (let number = 1; performance.now() < end; number += 1)
    try {
      await signIn(world, number);
      tally.fine += 1;
    } catch (error) {
      const message = (error as Error).message;
      if (/got 50[23]/.test(message)) tally.refused += 1;
      else tally.wrong.push(message.replaceAll(/\s+/g, ' ').slice(0, 300));
      await pause(100);
    }
}

async function signIn(world: NodesWorld, number: number): Promise<void> {
  const person = world.people[number % world.people.length];
  if (!person) throw new Error('There are people.');
  await fullSignIn(world.browser(), world.console, {
    emailAddress: person.emailAddress,
    password: UNIFIED_PASSWORD,
  });
}
