import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Step } from './steps.ts';

/** The login server as a process that is killed and started again, as a supervisor would. */
export type LoginChild = {
  /** Has the process kill itself when it comes to this step; null: no more. */
  arm(step: Step | null): Promise<void>;
  /** Resolves when the server answers; at once when it does. */
  up(): Promise<void>;
  readonly kills: readonly { step: string; at: number; upAgain: number }[];
  /** Ends that nobody had asked for. */
  readonly unexplained: readonly string[];
  close(): Promise<void>;
};

const PROGRAM = fileURLToPath(new URL('login-process.ts', import.meta.url));

export async function startLoginChild(environment: Record<string, string>): Promise<LoginChild> {
  const kills: { step: string; at: number; upAgain: number }[] = [];
  const unexplained: string[] = [];
  let closing = false;
  let child: ChildProcess;
  let told: (() => void) | undefined;
  let ready = start();
  await ready;

  function start(): Promise<void> {
    const started = spawn(process.execPath, ['--import', 'tsx', PROGRAM], {
      env: { PATH: process.env.PATH, ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child = started;
    let complaints = '';
    let killed: { step: string; at: number; upAgain: number } | undefined;
    started.stderr?.on(
      'data',
      (chunk: Buffer) => (complaints = (complaints + chunk.toString()).slice(-2_000)),
    );
    started.on('message', (message: { killed?: string }) => {
      if (message.killed === undefined) return told?.();
      killed = { step: message.killed, at: performance.now(), upAgain: Number.NaN };
      kills.push(killed);
    });
    started.once('exit', (code, signal) => {
      if (closing) return;
      if (!killed) unexplained.push(`ended with ${code ?? signal}: ${complaints}`);
      const kill = killed;
      ready = start();
      void ready.then(() => {
        if (kill) kill.upAgain = performance.now() - kill.at;
      });
    });
    return new Promise((up) => void started.stdout?.once('data', () => up()));
  }

  return {
    kills,
    unexplained,
    async arm(step) {
      await ready;
      const done = new Promise<void>((resolve) => (told = resolve));
      child.send(step?.name ?? '');
      await done;
    },
    up: async () => ready,
    async close() {
      closing = true;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
