import type { Address } from './browser.ts';
import { argonAlone, commits, signatures } from './floors.ts';
import { startUpTime } from './login-server.ts';
import type { Mailbox } from './mailbox.ts';
import { measuredRound, medianRound, type Round, type Subject } from './measure.ts';
import type { Options } from './options.ts';
import type { Program } from './processes.ts';
import type { FloorReport, FlowReport, Report } from './report.ts';
import { median, percentile, ratioOfPairs } from './statistics.ts';
import {
  FLOW_TITLES,
  fullSignIns,
  plainRequests,
  resets,
  silentSignIns,
  tokenRequests,
  type Queue,
} from './subjects.ts';
import type { World } from './world.ts';

type Server = Program & { address: Address };

export type Bench = {
  options: Options;
  world: World;
  mailbox: Mailbox;
  queue: Queue;
  server: Server;
  engine: Server;
  bare: Server;
  say: (line: string) => void;
};

/** Long enough for the compiler to have seen the code that it will run; a server is at rest with it after a minute of its life. */
const WARM_UP_SECONDS = 10;
/** Floors that are only looked at need no long rounds. */
const FLOOR_SECONDS = 1;

/** Silent sign-ins in turn with those of the engine on memory storage. */
export async function measureSilent(bench: Bench): Promise<FlowReport[]> {
  const { server, engine, queue, world } = bench;
  const ours = await silentSignIns([server], queue, world.postmaster);
  const floor = await silentSignIns([engine], queue);
  const [own, engines] = await inTurn(bench, FLOW_TITLES.silent, ours, floor);
  return [
    {
      flow: FLOW_TITLES.silent,
      round: medianRound(own),
      ratios: [{ to: 'engine, memory', ratio: ratioOf(own, engines), target: 0.45 }],
    },
    { flow: `${FLOW_TITLES.silent}, engine on memory storage`, round: medianRound(engines), ratios: [] },
  ];
}

/** Full sign-ins in turn with Argon2 alone, and with the engine on memory storage, which hashes nothing. */
export async function measureFull(bench: Bench): Promise<FlowReport[]> {
  const { options, server, engine, queue, world } = bench;
  const argon: number[] = [];
  const ours = fullSignIns(server, queue, world.postmaster);
  const floor = fullSignIns(engine, queue);
  const [own, engines] = await inTurn(
    bench,
    FLOW_TITLES.full,
    ours,
    floor,
    async () => void argon.push(await argonAlone(options.seconds)),
  );
  return [
    {
      flow: FLOW_TITLES.full,
      round: medianRound(own),
      ratios: [
        {
          to: 'Argon2 alone',
          ratio: ratioOfPairs(
            own.map((round) => round.perSecond),
            argon,
          ),
          target: 0.5,
        },
        { to: 'engine, memory', ratio: ratioOf(own, engines) },
      ],
    },
    { flow: `${FLOW_TITLES.full}, engine on memory storage`, round: medianRound(engines), ratios: [] },
    { flow: 'Argon2 alone', round: rateOnly(median(argon)), ratios: [] },
  ];
}

/** Password resets; each hashes once, and its code goes through the queue and a mail server. */
export async function measureReset(
  bench: Bench,
): Promise<{ flow: FlowReport; mail: NonNullable<Report['mail']> }> {
  const { options, server, queue, mailbox, world, say } = bench;
  const mailTimes: number[] = [];
  const subject = resets(server, queue, mailbox, mailTimes, world.postmaster);
  say(`${FLOW_TITLES.reset} …`);
  await measuredRound(subject, WARM_UP_SECONDS);
  mailTimes.length = 0;
  const own: Round[] = [];
  const argon: number[] = [];
  for (let i = 0; i < options.rounds; i++) {
    argon.push(await argonAlone(options.seconds));
    own.push(await measuredRound(subject, options.seconds));
  }
  const ratio = ratioOfPairs(
    own.map((round) => round.perSecond),
    argon,
  );
  return {
    flow: { flow: FLOW_TITLES.reset, round: medianRound(own), ratios: [{ to: 'Argon2 alone', ratio }] },
    mail: { p50: percentile(mailTimes, 0.5), p99: percentile(mailTimes, 0.99) },
  };
}

/** What consoles ask with their tokens, and what everybody asks, each in turn with the engine on memory storage. */
export async function measureTokens(bench: Bench): Promise<FlowReport[]> {
  const { server, engine, queue, world } = bench;
  const ours = await tokenRequests(server, queue, world.postmaster);
  const floors = await tokenRequests(engine, queue);
  const reports: FlowReport[] = [];
  for (const [name, target] of Object.entries(TOKEN_TARGETS) as [keyof typeof TOKEN_TARGETS, number][]) {
    const [own, engines] = await inTurn(bench, FLOW_TITLES[name], ours[name], floors[name]);
    reports.push({
      flow: FLOW_TITLES[name],
      round: medianRound(own),
      ratios: [{ to: 'engine, memory', ratio: ratioOf(own, engines), target }],
    });
  }
  return reports;
}

const TOKEN_TARGETS = {
  refresh: 0.65,
  userinfo: 0.65,
  introspection: 0.65,
  discovery: 0.9,
  keys: 0.9,
} as const;

/** What nothing can be faster than, in the same minutes. */
export async function measureFloors({ world, bare, say }: Bench): Promise<FloorReport[]> {
  say('Floors …');
  const plain = plainRequests(bare);
  const floors: { name: string; measure: () => Promise<number> }[] = [
    {
      name: 'bare HTTP server, requests',
      measure: async () => (await measuredRound(plain, FLOOR_SECONDS)).perSecond,
    },
    { name: 'ES256 signatures, one processor', measure: () => signatures('ES256', FLOOR_SECONDS) },
    { name: 'RS256 signatures, one processor', measure: () => signatures('RS256', FLOOR_SECONDS) },
    { name: 'durable commits, 1 connection', measure: () => commits(world.databaseUrl, 1, FLOOR_SECONDS) },
    { name: 'durable commits, 16 connections', measure: () => commits(world.databaseUrl, 16, FLOOR_SECONDS) },
  ];
  const rates = floors.map((): number[] => []);
  for (let round = 0; round < 3; round++)
    for (const [i, floor] of floors.entries()) rates[i]?.push(await floor.measure());
  return floors.map(({ name }, i) => ({ name, perSecond: median(rates[i] ?? []) }));
}

/** Median of three starts with the data present. */
export async function measureStartUp({ world, mailbox, say }: Bench): Promise<{ seconds: number }> {
  say('Start-up …');
  const times: number[] = [];
  for (let i = 0; i < 3; i++) times.push(await startUpTime(world, mailbox.url));
  return { seconds: median(times) / 1_000 };
}

/** Rounds of floor and flow in turn: A B A B. What drifts on the machine drifts for both. */
async function inTurn(
  bench: Bench,
  title: string,
  ours: Subject,
  floor: Subject,
  alsoBefore = async (): Promise<void> => undefined,
): Promise<[Round[], Round[]]> {
  const { options, say } = bench;
  const own: Round[] = [];
  const floors: Round[] = [];
  say(`${title} …`);
  await measuredRound(floor, WARM_UP_SECONDS);
  await measuredRound(ours, WARM_UP_SECONDS);
  for (let i = 0; i < options.rounds; i++) {
    await alsoBefore();
    floors.push(await measuredRound(floor, options.seconds));
    own.push(await measuredRound(ours, options.seconds));
  }
  return [own, floors];
}

function ratioOf(own: readonly Round[], floor: readonly Round[]) {
  return ratioOfPairs(
    own.map((round) => round.perSecond),
    floor.map((round) => round.perSecond),
  );
}

function rateOnly(perSecond: number): Round {
  return {
    perSecond,
    p50: NaN,
    p99: NaN,
    completed: 0,
    costs: { server: NaN, database: NaN, generator: NaN },
  };
}
