import { fileURLToPath } from 'node:url';
import { argonAlone, commits, signatures } from './floors.ts';
import { startLoginServer, startUpTime, statementsOf, type LoginServer } from './login-server.ts';
import { openMailbox, type Mailbox } from './mailbox.ts';
import { machine, type Machine } from './machine.ts';
import { measuredRound, medianRound, type Round, type Subject } from './measure.ts';
import type { Options } from './options.ts';
import { freePort, memoryOf, startProgram, untilReady, type Program } from './processes.ts';
import { median, percentile, ratioOfPairs, type Ratio } from './statistics.ts';
import { CLIENTS, fullSignIns, plainRequests, queueOfPeople, resets, silentSignIns, type Queue } from './subjects.ts';
import { openWorld, type World } from './world.ts';

export type FlowReport = {
  flow: string;
  round: Round;
  /** Per flow, the job queue's own polling left out. */
  statements?: { statements: number; commits: number; texts: string[] };
  ratios: { to: string; ratio: Ratio; target?: number }[];
};

export type Report = {
  machine: Machine;
  settings: { seconds: number; rounds: number; clients: number; postgresql: Record<string, string> };
  flows: FlowReport[];
  floors: { name: string; perSecond: number }[];
  mail?: { p50: number; p99: number };
  memory?: { idle: number; now: number; highest: number; target: number };
  startUp?: { seconds: number; target: number };
};

type Bench = { options: Options; world: World; mailbox: Mailbox; queue: Queue; server: LoginServer; say: (line: string) => void };

const WARM_UP_SECONDS = 2;

/** Runs the whole benchmark; `say` gets a line for each step. */
export async function benchmark(options: Options, say: (line: string) => void): Promise<Report> {
  const mailbox = await openMailbox();
  say('Making a database with people …');
  const world = await openWorld();
  const servers: Program[] = [];
  try {
    const counted = await countStatements(world, mailbox, options, say);
    const server = await startLoginServer(world, mailbox.url, profileOptions(options));
    servers.push(server);
    const idle = memoryOf(server.pid).now;
    const bench: Bench = { options, world, mailbox, queue: queueOfPeople(), server, say };
    const engine = await startHelper('bench/engine-memory.ts');
    servers.push(engine);
    const report: Report = {
      machine: machine(world.versions.postgresql),
      settings: { seconds: options.seconds, rounds: options.rounds, clients: CLIENTS, postgresql: world.settings },
      flows: [],
      floors: [],
    };
    if (options.only.includes('silent')) report.flows.push(...(await measureSilent(bench, engine)));
    if (options.only.includes('full')) report.flows.push(...(await measureFull(bench, engine, report)));
    if (options.only.includes('reset')) report.flows.push(await measureReset(bench, report));
    const memory = memoryOf(server.pid);
    report.memory = { idle, ...memory, target: 250 };
    for (const flow of report.flows) if (counted[flow.flow]) flow.statements = counted[flow.flow];
    await stopAll(servers);
    if (options.only.length > 1) report.floors.push(...(await measureFloors(bench)));
    if (options.only.includes('start')) report.startUp = await measureStartUp(bench);
    return report;
  } finally {
    await stopAll(servers);
    await world.close();
    await mailbox.close();
  }
}

/** One flow at a time, alone, in a server of its own that counts. The first of each is not counted: caches fill. */
async function countStatements(world: World, mailbox: Mailbox, options: Options, say: (line: string) => void): Promise<Record<string, FlowReport['statements']>> {
  say('Counting statements …');
  const server = await startLoginServer(world, mailbox.url, ['--import', fileURLToPath(new URL('count-statements.ts', import.meta.url))]);
  const queue = queueOfPeople();
  const counted: Record<string, FlowReport['statements']> = {};
  try {
    const subjects: Record<string, Subject> = {};
    if (options.only.includes('full')) subjects['full sign-in'] = fullSignIns(server, queue);
    if (options.only.includes('silent')) subjects['silent sign-in'] = await silentSignIns(server, queue);
    if (options.only.includes('reset')) subjects['reset'] = resets(server, queue, mailbox, []);
    for (const [name, subject] of Object.entries(subjects)) {
      await subject.work(0);
      await settled();
      await statementsOf(server);
      await subject.work(0);
      await settled();
      counted[name] = await statementsOf(server);
    }
    return counted;
  } finally {
    await server.stop();
  }
}

/** Until the mail worker has written down what became of the mail. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 500));
