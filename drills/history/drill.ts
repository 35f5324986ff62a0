import { createWriteStream } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { brokenInvariants } from '../invariants.ts';
import { chanceOf, type Chance } from '../login-id/chance.ts';
import { MASTER_SECRET } from '../master-secret.ts';
import type { Report } from '../report.ts';
import { OUTAGES, recover, type OutageName } from './outages.ts';
import { judged, reportOf, type Judged } from './report.ts';
import { accountStory, type AccountStory, type Seen } from './stories/account.ts';
import { familyStory } from './stories/family.ts';
import { idempotencyStory } from './stories/idempotency.ts';
import { loginIdStory } from './stories/login-id.ts';
import { planStory } from './stories/plan.ts';
import { startListStory } from './stories/ended-list.ts';
import type { Stage, Story } from './story.ts';
import { openHistoryWorld, type HistoryWorld } from './world.ts';

/** Stories told at once. */
const AT_ONCE = 6;
/** The last deliveries are retried after a while where a node died with them. */
const LONGEST_DELIVERY = 120_000;

type Telling = (stage: Stage, chance: Chance) => Promise<Story | undefined>;

/**
 * History check: clients ask two nodes at once about accounts, codes, sessions, refresh families, plans, login IDs, Idempotency-Keys and lists of ended sessions while nodes and PostgreSQL break; what each of them asked and was
 * answered, and when, is written down, and it is looked whether one object, asked one thing after the other, could have answered so (linearizability).
 * @param of.size objects of each kind
 * @param of.outages what breaks, in turn, until every story is told; by default everything
 */
export async function drillHistory(of: {
  size: number;
  seed: number;
  outages?: readonly OutageName[];
  /** Milliseconds that a story waits for a mail. */
  mailWait?: number;
  /** Where the histories are kept as JSON lines; a new temporary folder by default. */
  folder?: string;
  tell(line: string): void;
}): Promise<Report> {
  const begun = performance.now();
  const folder = of.folder ?? (await mkdtemp(join(tmpdir(), 'hitokagi-history-')));
  of.tell(`The histories are kept in ${folder} …`);
  const world = await openHistoryWorld({ size: of.size });
  try {
    const stage: Stage = { world, odd: [], mailWait: of.mailWait ?? 60_000 };
    const chance = chanceOf(of.seed);
    const list = startListStory(stage, chanceOf(chance.below(2 ** 31)));
    const told = (): readonly Seen[] => [...world.told, ...list.seen];
    const tellings = tellingsOf(world, of.size, told);
    const stories: Story[] = [];
    const outages = startOutages(world, chanceOf(chance.below(2 ** 31)), of);
    const seeds = tellings.map(() => chance.below(2 ** 31));
    let next = 0;
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (;;) {
          const number = next;
          next += 1;
          const telling = tellings[number];
          if (!telling) return;
          const story = await telling(stage, chanceOf(seeds[number] ?? 0));
          if (story) stories.push(story);
          if (next % 20 === 0) of.tell(`${next} of ${tellings.length} objects …`);
        }
      }),
    );
    const broken = await outages.stop();
    const untold = await untilAllAreTold(stories, told);
    stories.push(await list.stop());
    of.tell('Looking for orders that explain the histories …');
    await keep(folder, stories, world);
    const found: Judged[] = [];
    for (const story of stories) found.push(judged(story));
    const invariants = await brokenInvariants(world.database, {
      masterSecret: MASTER_SECRET,
      now: new Date(),
    });
    return reportOf({
      ...of,
      folder,
      found,
      outages: broken,
      odd: stage.odd,
      untold,
      invariants,
      seconds: (performance.now() - begun) / 1_000,
    });
  } finally {
    await world.close();
  }
}

/** One of each kind after the other, so that all are under way whenever something breaks. */
function tellingsOf(world: HistoryWorld, size: number, told: () => readonly Seen[]): readonly Telling[] {
  return Array.from({ length: size }, (_, number): readonly Telling[] => {
    const [first, second, mover, other] = world.group(number);
    return [
      (stage, chance) => accountStory(stage, chance, first, told),
      planStory,
      (stage, chance) => familyStory(stage, chance, second),
      (stage, chance) => loginIdStory(stage, chance, [mover, other]),
      idempotencyStory,
    ];
  }).flat();
}

/** Breaks one thing after the other, each after what was broken before is well again. */
function startOutages(
  world: HistoryWorld,
  chance: Chance,
  {
    outages = Object.keys(OUTAGES) as OutageName[],
    tell,
  }: { outages?: readonly OutageName[]; tell(line: string): void },
): { stop(): Promise<ReadonlyMap<OutageName, number>> } {
  const played = new Map<OutageName, number>();
  let isStopped = false;
  const playing = (async () => {
    for (let number = 0; !isStopped && outages.length > 0; number += 1) {
      await pause(300 + chance.below(1_500));
      const name = outages[(number + chance.below(2)) % outages.length];
      if (name === undefined || isStopped) break;
      tell(`${name} …`);
      await OUTAGES[name](world, chance);
      await recover(world);
      played.set(name, (played.get(name) ?? 0) + 1);
    }
  })();
  // Who breaks things and fails at it fails the campaign, at its end.
  playing.catch(() => undefined);
  return {
    async stop() {
      isStopped = true;
      await playing;
      return played;
    },
  };
}

/** Sessions that were acknowledged to have ended, and that the console was never told of, neither by push nor when it asked. */
async function untilAllAreTold(
  stories: readonly Story[],
  told: () => readonly Seen[],
): Promise<readonly string[]> {
  const ended = stories
    .filter((story): story is AccountStory => 'sids' in story)
    .flatMap((story) => story.sids().flatMap(({ sid, hasEnded }) => (hasEnded ? [sid] : [])));
  const end = performance.now() + LONGEST_DELIVERY;
  const untold = (): string[] => {
    const sids = new Set(told().map(({ sid }) => sid));
    return ended.filter((sid) => !sids.has(sid));
  };
  while (untold().length > 0 && performance.now() < end) await pause(200);
  return untold();
}

/** The histories, and what the nodes have logged. */
async function keep(folder: string, stories: readonly Story[], { nodes }: HistoryWorld): Promise<void> {
  const file = createWriteStream(join(folder, 'history.jsonl'));
  for (const { kind, key, history } of stories)
    for (const operation of history()) file.write(`${JSON.stringify({ kind, key, ...operation })}\n`);
  file.end();
  await finished(file);
  for (const { name, said } of nodes) await writeFile(join(folder, `${name}.log`), said());
}
