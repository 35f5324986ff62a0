import { buildCarrier, type Carrier } from './app.ts';
import { readConfig } from './config.ts';

await main();

async function main(): Promise<void> {
  const read = readConfig();
  if (!read.ok) return giveUp(read.reason);
  const clock = () => new Date();
  const log = (event: string, facts: Readonly<Record<string, unknown>>) =>
    console.error(
      JSON.stringify({ time: clock().toISOString(), program: 'carrier-simulator', event, ...facts }),
    );
  const carrier = buildCarrier({ ...read.config, clock, log });
  try {
    await carrier.start();
  } catch (error) {
    return giveUp(startFailure(error, read.config.port));
  }
  console.log(`ready carrier-simulator smpp://localhost:${carrier.port}`);
  stopOnSignal(carrier);
}

function stopOnSignal(carrier: Carrier): void {
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      void carrier.stop().then(() => process.exit(0));
    });
  }
}

function startFailure(error: unknown, port: number): string {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  return taken
    ? `Port ${port} is already in use: stop the program that has it or set CARRIER_PORT.`
    : `Cannot start: ${error instanceof Error ? error.message : String(error)}`;
}

function giveUp(sentence: string): void {
  console.error(`carrier-simulator: ${sentence}`);
  process.exitCode = 1;
}
