import { percentile } from './statistics.ts';

export type Load = { perSecond: number; p50: number; p99: number; completed: number };

/**
 * Keeps `clients` busy, each doing one piece of work after the other (closed loop), and counts what ended within the time.
 * Work that fails ends the run: a rate that holds errors says nothing.
 * @param work gets the number of its client, from 0
 * @returns latencies in milliseconds
 */
export async function runLoad(
  work: (client: number) => Promise<void>,
  settings: { clients: number; seconds: number },
): Promise<Load> {
  const latencies: number[] = [];
  const begun = performance.now();
  const end = begun + settings.seconds * 1_000;
  let failure: Error | undefined;
  const client = async (number: number): Promise<void> => {
    while (!failure && performance.now() < end) {
      const started = performance.now();
      await work(number);
      const ended = performance.now();
      if (ended <= end) latencies.push(ended - started);
    }
  };
  const clients = Array.from({ length: settings.clients }, (_, number) =>
    client(number).catch((error: unknown) => {
      failure ??= error as Error;
    }),
  );
  await Promise.all(clients);
  if (failure) throw failure;
  if (latencies.length === 0) throw new Error(`Nothing was completed in ${settings.seconds} s.`);
  return {
    perSecond: latencies.length / settings.seconds,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    completed: latencies.length,
  };
}
