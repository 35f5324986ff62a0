import { setTimeout as pause } from 'node:timers/promises';
import { rewrap } from '../../apps/login/src/domain/master-key/rewrap.ts';
import { rotateNow } from '../../apps/login/src/domain/signing-keys/rotate.ts';
import { secretKeys } from '../../apps/login/src/support/primitives/secrets.ts';
import { MINUTE, SECOND } from '../../apps/login/src/support/primitives/durations.ts';
import { fullSignIn, silentSignIn } from '../../bench/flows.ts';
import { brokenInvariants } from '../invariants.ts';
import { MASTER_SECRET } from '../master-secret.ts';
import { UNIFIED_PASSWORD } from '../people.ts';
import { duration, grouped, type Report } from '../report.ts';
import { makeNextRelease } from './release.ts';
import { ASKS_EVERY } from './balancer.ts';
import { openNodes, type NodesWorld } from './world.ts';

type Tally = { signIns: number; silent: number; late: number[]; failed: string[]; wrong: string[] };

const NEXT_MASTER_SECRET = 'sample-master-secret-that-comes-next-0123456789';

/** Milliseconds between the steps, so that each has sign-ins of its own. */
const BREATH = 1_000;

/**
 * R17: two nodes behind a load balancer are restarted in turn, upgraded over an additive migration, and their signing keys replaced, while people sign in at a fixed pace whatever comes of it. Not one
 * request fails. An older release that meets the newer schema refuses to start, in a sentence, and nobody notices.
 * @param of.perSecond sign-ins that are begun each second; @param of.rounds how often each node is restarted before it is upgraded
 */
export async function drillRolling(of: {
  perSecond: number;
  rounds: number;
  tell(line: string): void;
}): Promise<Report> {
  const begun = performance.now();
  const world = await openNodes({
    nodes: 2,
    people: 200,
    // How long a request may wait is the matter of the faults drill; here the machine may be busy.
    environment: { HITOKAGI_DATABASE_WAIT_MS: '10000' },
  });
  const steps: (readonly string[])[] = [];
  const tally: Tally = { signIns: 0, silent: 0, late: [], failed: [], wrong: [] };
  try {
    const load = startLoad(world, of.perSecond, tally);
    const step = async (what: string, act: () => Promise<void>): Promise<void> => {
      of.tell(`${what} …`);
      const [before, failedBefore, from] = [tally.signIns, tally.failed.length, performance.now()];
      await act();
      await pause(BREATH);
      steps.push([
        what,
        duration((performance.now() - from) / 1_000),
        grouped(tally.signIns - before),
        grouped(tally.failed.length - failedBefore),
      ]);
    };
    await step('nothing', () => pause(BREATH));
    for (let round = 1; round <= of.rounds; round += 1)
      for (const [index, { name }] of world.nodes.entries())
        await step(`${name} is restarted (${round})`, () => replace(world, index, tally));
    await step('new signing keys are published and come into use', () => newSigningKeys(world));
    // Four restarts more: in full only.
    if (of.rounds > 0) await anotherMasterKey(world, tally, step);
    const next = await makeNextRelease(world.folder);
    for (const [index, { name }] of world.nodes.entries())
      await step(
        `${name} becomes the next release${index === 0 ? ', which migrates while the other one serves' : ''}`,
        () => replace(world, index, tally, next),
      );
    await step('node 2 goes back to this release, which does not know the schema', () =>
      refuseToGoBack(world, tally, next),
    );
    await load.stop();
    return reportOf(world, of, { tally, steps, seconds: (performance.now() - begun) / 1_000 });
  } finally {
    await world.close();
  }
}

/** Sign-ins are begun at their time, whether or not those before have ended: an open loop. */
function startLoad(world: NodesWorld, perSecond: number, tally: Tally): { stop(): Promise<void> } {
  const underWay = new Set<Promise<void>>();
  let isStopped = false;
  const running = (async () => {
    const from = performance.now();
    for (let number = 0; !isStopped; number += 1) {
      await pause(Math.max(0, from + (number * 1_000) / perSecond - performance.now()));
      const one = signIn(world, number, tally).finally(() => underWay.delete(one));
      underWay.add(one);
    }
    await Promise.all(underWay);
  })();
  return {
    async stop() {
      isStopped = true;
      await running;
    },
  };
}

async function signIn(world: NodesWorld, number: number, tally: Tally): Promise<void> {
  const person = world.people[number % world.people.length];
  if (!person) throw new Error('There are people.');
  const browser = world.browser();
  const from = performance.now();
  try {
    await fullSignIn(browser, world.console, {
      emailAddress: person.emailAddress,
      password: UNIFIED_PASSWORD,
    });
    tally.signIns += 1;
    await silentSignIn(browser, world.console);
    tally.silent += 1;
    tally.late.push(performance.now() - from);
  } catch (error) {
    tally.failed.push((error as Error).message.slice(0, 400));
  }
}

async function replace(world: NodesWorld, index: number, tally: Tally, release?: string): Promise<void> {
  const node = world.nodes[index];
  if (!node) throw new Error('There are two nodes.');
  const code = await node.stop();
  if (code !== 0) tally.wrong.push(`${node.name} ended with ${code}: ${node.said().slice(-400)}`);
  const started = await node.start(release);
  if (!started.ok) throw new Error(started.complaint);
  while (!world.balancer.ready.has(node.port)) await pause(ASKS_EVERY);
}

async function refuseToGoBack(world: NodesWorld, tally: Tally, next: string): Promise<void> {
  const [, node] = world.nodes;
  if (!node) throw new Error('There are two nodes.');
  await node.stop();
  const back = await node.start();
  if (back.ok || back.code !== 1 || !back.complaint.includes('Start the newer release'))
    tally.wrong.push(`${node.name} of an older release said: ${back.ok ? 'ready' : back.complaint}`);
  const started = await node.start(next);
  if (!started.ok) throw new Error(started.complaint);
  while (!world.balancer.ready.has(node.port)) await pause(ASKS_EVERY);
}

/** As an urgent rotation does it, ten minutes of which have passed but three seconds. */
async function newSigningKeys({ database }: NodesWorld): Promise<void> {
  // The first ones are older than that, too.
  await database.pool.query(`update signing_key set use_from = use_from - interval '1 day'`);
  const now = new Date(Date.now() - 10 * MINUTE + 3 * SECOND);
  const rotated = await rotateNow(
    database.db,
    secretKeys(MASTER_SECRET),
    { urgent: true },
    { actor: 'operator:drill', now },
  );
  if (!rotated.ok) throw new Error(rotated.reason);
  await pause(4 * SECOND);
}

/** As docs/operators/master-key.md has it. */
async function anotherMasterKey(
  world: NodesWorld,
  tally: Tally,
  step: (what: string, act: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const { environment, nodes, database } = world;
  const former = environment.HITOKAGI_SECRET ?? '';
  environment.HITOKAGI_SECRET = NEXT_MASTER_SECRET;
  environment.HITOKAGI_SECRET_PREVIOUS = former;
  for (const [index, { name }] of nodes.entries())
    await step(`${name} is given the next master key beside the former one`, () =>
      replace(world, index, tally),
    );
  await step('everything is encrypted with the next master key', async () => {
    const by = { actor: 'operator:drill', clock: () => new Date() };
    const done = await rewrap(database.db, secretKeys(NEXT_MASTER_SECRET, former), by);
    if (!done.ok || done.from === done.to) tally.wrong.push(`The master key: ${JSON.stringify(done)}`);
  });
  delete environment.HITOKAGI_SECRET_PREVIOUS;
  for (const [index, { name }] of nodes.entries())
    await step(`${name} goes on without the former master key`, () => replace(world, index, tally));
}

async function reportOf(
  world: NodesWorld,
  { perSecond, rounds }: { perSecond: number; rounds: number },
  { tally, steps, seconds }: { tally: Tally; steps: readonly (readonly string[])[]; seconds: number },
): Promise<Report> {
  const { rows } = await world.database.pool.query<{ kids: number }>(
    'select count(*)::int as kids from signing_key where use_from <= now()',
  );
  const sorted = tally.late.toSorted((one, other) => one - other);
  const at = (share: number): string => grouped(Math.round(sorted[Math.floor(sorted.length * share)] ?? 0));
  return {
    title: 'Drill: no downtime (R17)',
    lead: [
      `Two nodes behind a load balancer that asks /readyz; ${perSecond} sign-ins a second are begun at their time, each followed by a silent one: --per-second ${perSecond} --rounds ${rounds}.`,
      `A sign-in with the silent one took ${at(0.5)} ms (median), ${at(0.99)} ms (p99).`,
    ],
    tables: [
      { title: 'Steps', head: ['what happens', 'took', 'sign-ins meanwhile', 'failed'], rows: steps },
      {
        title: 'Requests by node',
        head: ['node', 'requests'],
        rows: world.nodes.map(({ name, port }) => [name, grouped(world.balancer.passed.get(port) ?? 0)]),
      },
    ],
    zeros: [
      { what: 'failed sign-ins', count: tally.failed.length, samples: tally.failed.slice(0, 5) },
      {
        what: 'nodes that did not stop, start or refuse as they should',
        count: tally.wrong.length,
        samples: tally.wrong,
      },
      {
        what: 'nodes that ended by themselves',
        count: world.nodes.flatMap(({ deaths }) => deaths).length,
        samples: world.nodes.flatMap(({ deaths }) => deaths),
      },
      { what: 'signing keys that did not come into use', count: Math.max(0, 4 - (rows[0]?.kids ?? 0)) },
      { what: 'drills without a sign-in', count: tally.signIns === 0 ? 1 : 0 },
      ...(await brokenInvariants(world.database, {
        masterSecret: world.environment.HITOKAGI_SECRET ?? '',
        now: new Date(),
      })),
    ],
    seconds,
  };
}
