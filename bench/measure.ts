import { runLoad, type Load } from './load.ts';
import { processorTime, processorTimeOfFamily } from './processes.ts';
import { median } from './statistics.ts';

/** Processor milliseconds that one flow cost in each process; on a machine that drifts they say more than rates. */
export type Costs = { server: number; database: number; generator: number };
export type Round = Load & { costs: Costs };

export type Subject = {
  /** Of the server's processes. */
  pids: readonly number[];
  postmaster?: number;
  clients: number;
  work(client: number): Promise<void>;
};

/** One round: load for some seconds, and what it cost. */
export async function measuredRound(subject: Subject, seconds: number): Promise<Round> {
  const before = timesOf(subject);
  const load = await runLoad((client) => subject.work(client), { clients: subject.clients, seconds });
  const after = timesOf(subject);
  const each = (name: keyof Costs): number => (after[name] - before[name]) / load.completed;
  return {
    ...load,
    costs: { server: each('server'), database: each('database'), generator: each('generator') },
  };
}

/** What stands in the report: the median of the rounds, figure by figure. */
export function medianRound(rounds: readonly Round[]): Round {
  const of = (pick: (round: Round) => number): number => median(rounds.map(pick));
  return {
    perSecond: of((round) => round.perSecond),
    p50: of((round) => round.p50),
    p99: of((round) => round.p99),
    completed: rounds.reduce((sum, round) => sum + round.completed, 0),
    costs: {
      server: of((r) => r.costs.server),
      database: of((r) => r.costs.database),
      generator: of((r) => r.costs.generator),
    },
  };
}

function timesOf({ pids, postmaster }: Subject): Costs {
  const { user, system } = process.cpuUsage();
  return {
    server: pids.reduce((sum, pid) => sum + processorTime(pid), 0),
    database: postmaster === undefined ? 0 : processorTimeOfFamily(postmaster),
    generator: (user + system) / 1_000,
  };
}
