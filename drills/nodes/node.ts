import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** One node of the login server, a process of its own that the drill starts, stops and kills. */
export type Node = {
  readonly name: string;
  readonly port: number;
  /** Starts this release's program, or the one in another folder; resolves when it serves, or with its last words when it ended instead. */
  start(release?: string): Promise<{ ok: true } | { ok: false; code: number | null; complaint: string }>;
  /** SIGTERM, as a deployment does it; the exit code. */
  stop(): Promise<number | null>;
  /** Sends it a signal, if it is there. */
  signal(name: NodeJS.Signals): void;
  isAlive(): boolean;
  pid(): number;
  /** kill -9. */
  kill(): Promise<void>;
  /** All that it has said on stderr. */
  readonly said: () => string;
  /** Ends that nobody had asked for. */
  readonly deaths: readonly string[];
};

const PROJECT = join(import.meta.dirname, '../..');

/** @param environment is read at each start */
export function nodeOf(name: string, port: number, environment: Readonly<Record<string, string>>): Node {
  let child: ChildProcess | undefined;
  let said = '';
  let isExpected = true;
  const deaths: string[] = [];
  process.on('exit', () => void child?.kill('SIGKILL'));

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    isExpected = true;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const gone = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    return (await gone)[0];
  }

  return {
    name,
    port,
    deaths,
    said: () => said,
    async start(release = PROJECT) {
      const started = spawn(process.execPath, [join(release, 'apps/login/bin/serve.js')], {
        cwd: release,
        env: { PATH: process.env.PATH ?? '', ...environment, HITOKAGI_PORT: String(port) },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = started;
      isExpected = false;
      const before = said.length;
      started.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      const exit = new Promise<number | null>((ended) => started.once('exit', (code) => ended(code)));
      started.once('exit', (code, signal) => {
        if (child === started && !isExpected)
          deaths.push(`${name} ended with ${code ?? signal}: ${said.slice(-600)}`);
      });
      const first = await Promise.race([once(started.stdout, 'data').then(() => 'ready' as const), exit]);
      if (first === 'ready') return { ok: true };
      isExpected = true;
      deaths.splice(
        0,
        deaths.length,
        ...deaths.filter((one) => !one.startsWith(`${name} ended with ${first}:`)),
      );
      return { ok: false, code: first, complaint: said.slice(before).trim() };
    },
    signal: (name) => void child?.kill(name),
    pid: () => child?.pid ?? 0,
    isAlive: () => child !== undefined && child.exitCode === null && child.signalCode === null,
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
  };
}
