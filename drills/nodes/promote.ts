import { setTimeout as pause } from 'node:timers/promises';
import { familyOf, killAll } from '../failover/processes.ts';
import { brokenInvariants } from '../invariants.ts';
import { MASTER_SECRET } from '../master-secret.ts';
import { duration, grouped, type Zero } from '../report.ts';
import { startLives, untilTold } from './lives.ts';
import { newLedger, type Ledger } from './ledger.ts';
import { untilWell } from './recovery.ts';
import { openWire, PRIMARY_SETTINGS, startReplica, type Replica, type Wire } from './replica.ts';
import { startWatch } from './watch.ts';
import { openNodes } from './world.ts';

/** How long it takes whoever watches over the databases to find that the primary is gone, in milliseconds. */
const NOTICED_AFTER = 1_000;
/** So much is acknowledged before and after. */
const WRITES = 8;
const LONGEST_LIFE = 60_000;

/**
 * S2: PostgreSQL with a streaming replica that every commit waits for is killed -9 with all its processes while people sign in, set passwords and leave; the replica is promoted, and the nodes are led to it.
 * Every write that was acknowledged is there. It plays wherever the tests run; the fail-over drill does the same with Patroni.
 */
export async function promoteReplica(
  tell: (line: string) => void,
  seed: number,
): Promise<{ zeros: readonly Zero[]; said: readonly string[] }> {
  tell('A replica that is promoted …');
  let wire: Wire | undefined;
  let replica: Replica | undefined;
  let socketUrl = '';
  const world = await openNodes({
    nodes: 2,
    people: 300,
    settings: PRIMARY_SETTINGS,
    async reach(url) {
      socketUrl = url;
      wire = await openWire(new URL(url).searchParams.get('host') ?? '');
      return `postgresql://hitokagi@127.0.0.1:${wire.port}/hitokagi`;
    },
  });
  try {
    const { cluster, folder } = world;
    replica = await startReplica({ cluster, folder, pid: await world.postmaster(), url: socketUrl });
    const ledger = newLedger();
    const load = startLives(world, ledger, { people: world.people.length, seed, atOnce: 4 });
    const watch = startWatch(world, () => 'the primary is lost');
    await untilAcknowledged(ledger, WRITES);
    const before = acknowledgedIn(ledger);
    killAll(familyOf(await world.postmaster()));
    await pause(NOTICED_AFTER);
    await replica.promote();
    wire?.leadTo(replica.socketFolder);
    const recovered = await untilWell(world);
    await untilAcknowledged(ledger, before + WRITES);
    await load.stop();
    await watch.stop();
    const untold = await untilTold(world);
    const broken = await brokenInvariants(world.database, { masterSecret: MASTER_SECRET, now: new Date() });
    const after = acknowledgedIn(ledger) - before;
    const wrong = [...ledger.lost, ...ledger.wrong, ...ledger.stuck, ...watch.wrong, ...untold];
    const { count, slowest } = watch.unavailable();
    return {
      said: [
        `Replica promoted: ${grouped(before)} writes were acknowledged before and ${grouped(after)} after the primary was lost; somebody signed in ${duration(recovered.signIn / 1_000)} after the replica took writes; ${grouped(count)} answers 503, the slowest after ${Math.round(slowest)} ms.`,
      ],
      zeros: [
        {
          what: 'replica promoted: acknowledged and lost, wrong or stuck',
          count: wrong.length,
          samples: wrong.slice(0, 5),
        },
        {
          what: 'replica promoted: nobody could sign in afterwards',
          count: Number.isNaN(recovered.signIn) ? 1 : 0,
        },
        {
          what: 'replica promoted: nothing was acknowledged before or after',
          count: before === 0 || after === 0 ? 1 : 0,
        },
        {
          what: 'replica promoted: broken invariants',
          count: broken.reduce((all, one) => all + one.count, 0),
          samples: broken.flatMap(({ samples = [] }) => samples),
        },
      ],
    };
  } finally {
    await world.close();
    await wire?.close();
    await replica?.stop();
  }
}

function acknowledgedIn({ acknowledged }: Ledger): number {
  return Object.values(acknowledged).reduce((sum, one) => sum + one, 0);
}

async function untilAcknowledged(ledger: Ledger, count: number): Promise<void> {
  const end = performance.now() + LONGEST_LIFE;
  while (acknowledgedIn(ledger) < count && performance.now() < end) await pause(50);
}
