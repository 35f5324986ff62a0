import { countStatements } from './counting.ts';
import { measureImport } from './import.ts';
import { startLoginServer } from './login-server.ts';
import { openMailbox } from './mailbox.ts';
import { machine } from './machine.ts';
import { measureNodes } from './nodes.ts';
import type { Options } from './options.ts';
import { freePort, memoryOf, startProgram, untilReady, type Program } from './processes.ts';
import { measureSmsFiles } from './sms-file.ts';
import { measureSms } from './sms.ts';
import { measurePages } from './pages/operator-pages.ts';
import {
  measureFloors,
  measureFull,
  measureReset,
  measureSilent,
  measureStartUp,
  measureTokens,
  type Bench,
} from './sections.ts';
import type { Report } from './report.ts';
import { CLIENTS, queueOfPeople } from './subjects.ts';
import { openWorld } from './world.ts';

const MOST_MESSAGES = 100_000;

/** Runs the benchmark; `say` gets a line for each step. */
export async function benchmark(options: Options, say: (line: string) => void): Promise<Report> {
  const wanted = (flow: Options['only'][number]): boolean => options.only.includes(flow);
  if (wanted('pages') && options.only.length === 1) {
    const settings = { seconds: 0, rounds: 0, clients: 1, postgresql: {} };
    const pages = await measurePages(options.rows, say, options.keep);
    return { machine: machine(pages.postgresql), settings, flows: [], floors: [], pages };
  }
  if (wanted('sms') && options.only.length === 1) {
    const settings = { seconds: 0, rounds: 0, clients: 1, postgresql: {} };
    const rows = Math.min(options.rows, MOST_MESSAGES);
    const sms = await measureSms(rows, say);
    const smsFiles = await measureSmsFiles(rows, say);
    return { machine: machine(sms.postgresql), settings, flows: [], floors: [], sms, smsFiles };
  }
  say('A database with people …');
  const world = await openWorld();
  const mailbox = await openMailbox();
  const queue = queueOfPeople();
  const report: Report = {
    machine: machine(world.versions.postgresql),
    settings: {
      seconds: options.seconds,
      rounds: options.rounds,
      clients: CLIENTS,
      postgresql: world.settings,
    },
    flows: [],
    floors: [],
  };
  try {
    if (wanted('import')) {
      say(`Import of ${options.rows} rows …`);
      report.import = await measureImport(world, options.rows);
      if (options.only.length === 1) return report;
    }
    if (wanted('nodes')) {
      report.nodes = await measureNodes(world, mailbox.url, queue, options, say);
      if (options.only.length === 1) return report;
    }
    say('Statements of each flow …');
    const statements = await countStatements(world, mailbox, queue, options.only);

    await using programs = new Programs();
    const server = programs.add(await startLoginServer(world, mailbox.url, profileOptions(options)));
    const engine = programs.add(await startHelper('bench/engine-memory.ts'));
    const bare = programs.add(await startHelper('bench/bare-server.ts'));
    const bench: Bench = { options, world, mailbox, queue, server, engine, bare, say };
    const idle = memoryOf(server.pid).now;
    if (wanted('silent')) report.flows.push(...(await measureSilent(bench)));
    if (wanted('full')) report.flows.push(...(await measureFull(bench)));
    if (wanted('reset')) {
      const { flow, mail } = await measureReset(bench);
      report.flows.push(flow);
      report.mail = mail;
    }
    if (wanted('tokens')) report.flows.push(...(await measureTokens(bench)));
    report.memory = { idle, ...memoryOf(server.pid) };
    for (const flow of report.flows) flow.statements = statements[flow.flow];
    if (options.only.length > 1) report.floors = await measureFloors(bench);
    await programs.stop();

    if (wanted('start')) report.startUp = await measureStartUp(bench);
    return report;
  } finally {
    await world.close();
    await mailbox.close();
  }
}

/** What was started, so that nothing is left behind however the run ends. */
class Programs {
  private readonly running: Program[] = [];

  add<P extends Program>(program: P): P {
    this.running.push(program);
    return program;
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.splice(0).map((program) => program.stop()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

async function startHelper(file: string) {
  const port = await freePort();
  const program = startProgram(file, { BENCH_PORT: String(port) });
  await untilReady(program);
  return { ...program, address: { port, host: `localhost:${port}` } };
}

function profileOptions({ profile }: Options): string[] {
  return profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
}
