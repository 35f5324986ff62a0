import { startLoginServer, type LoginServer } from './login-server.ts';
import { measuredRound, type Round } from './measure.ts';
import { median } from './statistics.ts';
import { silentSignIns, type Queue } from './subjects.ts';
import type { World } from './world.ts';

/** How many login servers share one database. */
const NODES = [1, 2, 4] as const;
/** Long enough for the code of each of them to be compiled. */
const WARM_UP_SECONDS = 15;

export type NodesReport = {
  nodes: number;
  perSecond: number;
  /** Processor milliseconds of all login servers together, and of PostgreSQL, for one silent sign-in. */
  server: number;
  database: number;
  /** Both next to those of one login server in the same round. */
  ratio: number;
}[];

/**
 * What a silent sign-in costs with one login server and with several, each browser at one of them. On two processors that carry all of it the rate cannot grow; the cost must not.
 */
export async function measureNodes(
  world: World,
  smtpUrl: string,
  queue: Queue,
  { rounds, seconds }: { rounds: number; seconds: number },
  say: (line: string) => void,
): Promise<NodesReport> {
  const measured = new Map<number, Round[]>(NODES.map((nodes) => [nodes, []]));
  for (let i = 0; i < rounds; i++)
    for (const nodes of NODES) {
      say(`${nodes} login server${nodes === 1 ? '' : 's'} …`);
      measured.get(nodes)?.push(await roundWith(nodes, world, smtpUrl, queue, seconds));
    }
  const cost = ({ costs }: Round): number => costs.server + costs.database;
  const alone = measured.get(1) ?? [];
  return NODES.map((nodes) => {
    const own = measured.get(nodes) ?? [];
    return {
      nodes,
      perSecond: median(own.map((round) => round.perSecond)),
      server: median(own.map((round) => round.costs.server)),
      database: median(own.map((round) => round.costs.database)),
      ratio: median(own.map((round, i) => cost(round) / cost(alone[i] as Round))),
    };
  });
}

async function roundWith(
  nodes: number,
  world: World,
  smtpUrl: string,
  queue: Queue,
  seconds: number,
): Promise<Round> {
  const servers: LoginServer[] = [];
  try {
    const first = await startLoginServer(world, smtpUrl);
    servers.push(first);
    const { host } = first.address;
    while (servers.length < nodes) servers.push(await startLoginServer(world, smtpUrl, [], host));
    const subject = await silentSignIns(servers, queue, world.postmaster);
    await measuredRound(subject, WARM_UP_SECONDS);
    return await measuredRound(subject, seconds);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}
