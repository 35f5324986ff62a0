import { Agent } from 'node:http';

/** What the simulated people and programs sent, and what went wrong: a failed request is one that a person would see fail. */
export type Traffic = {
  readonly agent: Agent;
  requests: number;
  failed: number;
  /** The first failures, for whoever has to find out. */
  readonly samples: string[];
  fail(what: string): void;
};

const SAMPLES = 10;

export function openTraffic(): Traffic {
  const samples: string[] = [];
  return {
    agent: new Agent({ keepAlive: true, maxSockets: 64 }),
    requests: 0,
    failed: 0,
    samples,
    fail(what) {
      this.failed += 1;
      if (samples.length < SAMPLES) samples.push(what);
    },
  };
}

/** Runs the work of all items with `clients` at a time, in their order. */
export async function inParallel<T>(
  items: readonly T[],
  clients: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      await work(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(clients, items.length) }, client));
}
