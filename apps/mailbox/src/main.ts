import { buildMailbox, type Mailbox } from './app.ts';
import { readConfig } from './config.ts';

await main();

async function main(): Promise<void> {
  const read = readConfig();
  if (!read.ok) return giveUp(read.reason);
  try {
    const mailbox = buildMailbox({ ...read.config, clock: () => new Date(), log: true });
    await mailbox.start();
    console.log(`ready mailbox http://localhost:${mailbox.httpPort}`);
    stopOnSignal(mailbox);
  } catch (error) {
    giveUp(startFailure(error));
  }
}

function stopOnSignal(mailbox: Mailbox): void {
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      void mailbox.stop().then(() => process.exit(0));
    });
  }
}

function startFailure(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' && 'port' in error) {
    return `Port ${String(error.port)} is already in use: stop the program that has it or set MAILBOX_PORT and MAILBOX_SMTP_PORT.`;
  }
  return `Cannot start: ${error instanceof Error ? error.message : String(error)}`;
}

function giveUp(sentence: string): void {
  console.error(`mailbox: ${sentence}`);
  process.exitCode = 1;
}
