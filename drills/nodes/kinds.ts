import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { familyOf } from '../failover/processes.ts';
import type { MailMood } from '../mail-server.ts';
import { abandonSignIns, emptyPool, overload, slowClients } from './crowds.ts';
import { failWrites } from './failing-writes.ts';
import { RECEIVER_MOODS, type ReceiverMood } from './logout-receiver.ts';
import { asAdmin, type Scene } from './scene.ts';
import { STEPS, type Step } from './steps.ts';
import type { NodesWorld } from './world.ts';

export type Fault = {
  readonly name: string;
  /** Breaks it, and ends when it is over or what was broken is on its way back. Where it cannot be played on this machine it answers with the reason, a text. */
  play(scene: Scene): Promise<unknown>;
};

/** A node that is told of a step must come to it within this, in milliseconds. */
const LONGEST_APPROACH = 60_000;
/** How long a mail server or a console misbehaves. */
const BAD_MOOD = 3_000;
const FROZEN_FOR = 2_000;

const MAIL_MOODS: readonly MailMood[] = ['hangs', 'defers', 'refuses', 'cuts after DATA'];

export const FAULTS: readonly Fault[] = [
  { name: 'node killed -9 at any moment', play: killNode },
  ...STEPS.map((step) => ({
    name: `node killed -9: ${step.name}`,
    play: (scene: Scene) => killAt(scene, step),
  })),
  { name: 'both nodes killed -9', play: killBoth },
  { name: 'all connections to PostgreSQL cut', play: cutConnections },
  { name: 'a process of PostgreSQL killed -9', play: killBackend },
  { name: 'PostgreSQL stopped at once (immediate)', play: ({ world }) => endPostgres(world, 'SIGQUIT') },
  { name: 'PostgreSQL killed -9', play: ({ world }) => endPostgres(world, 'SIGKILL') },
  { name: 'PostgreSQL stands still for 2 s', play: freeze },
  { name: 'PostgreSQL cannot write: its disk answers EIO', play: failWrites },
  { name: 'a table is locked for 3 s, and 60 requests take all connections of a node', play: emptyPool },
  ...MAIL_MOODS.map((mood) => ({
    name: `the mail server ${mood}`,
    play: (scene: Scene) => worsenMail(scene, mood),
  })),
  ...RECEIVER_MOODS.filter((mood) => mood !== 'well').map((mood) => ({
    name: `the console ${mood}`,
    play: (scene: Scene) => worsenConsole(scene, mood),
  })),
  { name: 'overload: 150 more people at once', play: overload },
  { name: 'slow clients: 150 connections that hardly send or read', play: slowClients },
  { name: '300 sign-ins are begun and left', play: abandonSignIns },
];

async function killNode({ world, chance }: Scene): Promise<void> {
  const node = chance.pick(world.nodes);
  await pause(chance.below(500));
  await node.kill();
}

async function killBoth({ world: { nodes } }: Scene): Promise<void> {
  await Promise.all(nodes.map((node) => node.kill()));
}

/** Names the step to both nodes; whichever comes to it first dies there. */
async function killAt({ world: { nodes }, stepFile }: Scene, step: Step): Promise<void> {
  await writeFile(stepFile, step.name);
  for (const node of nodes) node.signal('SIGUSR2');
  const end = performance.now() + LONGEST_APPROACH;
  while (existsSync(stepFile) && performance.now() < end) await pause(20);
  if (existsSync(stepFile)) throw new Error('no node came to this step');
  for (const node of nodes) node.signal('SIGUSR1');
  while (nodes.every((node) => node.isAlive()) && performance.now() < end) await pause(10);
}

/** As whoever watches over a node would. */
export async function mustStart(node: NodesWorld['nodes'][number]): Promise<void> {
  const started = await node.start();
  if (!started.ok) throw new Error(`${node.name} does not start: ${started.complaint}`);
}

function cutConnections({ world }: Scene): Promise<void> {
  return asAdmin(world.databaseUrl, (admin) =>
    admin.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    ),
  );
}

async function killBackend({ world }: Scene): Promise<void> {
  let pid = 0;
  await asAdmin(world.databaseUrl, async (admin) => {
    const { rows } = await admin.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'hitokagi' limit 1`,
    );
    pid = rows[0]?.pid ?? 0;
  });
  if (pid === 0) throw new Error('nobody was connected');
  // All others are ended by it, and recovery begins.
  process.kill(pid, 'SIGKILL');
  await pause(100);
}

async function endPostgres(world: NodesWorld, signal: NodeJS.Signals): Promise<void> {
  process.kill(await world.postmaster(), signal);
  // Whoever keeps the database starts it again; here that is this process.
  await pause(100);
}

/** As behind a network that is gone: connections are there, and nobody answers. */
async function freeze({ world }: Scene): Promise<void> {
  const all = familyOf(await world.postmaster());
  const tell = (signal: NodeJS.Signals): void => {
    for (const pid of all)
      try {
        process.kill(pid, signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
  };
  tell('SIGSTOP');
  await pause(FROZEN_FOR);
  tell('SIGCONT');
}

async function worsenMail({ world: { mail } }: Scene, mood: MailMood): Promise<void> {
  mail.mood = mood;
  await pause(BAD_MOOD);
  mail.mood = 'well';
}

async function worsenConsole(
  { world: { receiver } }: Scene,
  mood: ReceiverMood,
): Promise<string | undefined> {
  if (mood === 'shows a foreign certificate' && receiver.certificate === undefined)
    return 'there is no openssl here to make a certificate';
  receiver.mood = mood;
  await pause(BAD_MOOD);
  receiver.mood = 'well';
  return undefined;
}
