import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent } from 'node:http';

/** A customer's program that uses the machine API for as long as the drill lasts (R30, M4). */
export type Machine = {
  readonly calls: number;
  readonly failures: number;
  readonly samples: readonly string[];
  /** Milliseconds that the slowest call took. */
  readonly slowest: number;
  stop(): Promise<void>;
};

/** Between two calls; one key may make 600 a minute. */
const PAUSE = 120;

/** Hands over a message, asks for it, hands it over again under the same idempotency key, cancels it; and so on until it is stopped. */
export function startMachine(consoleUrl: string, apiKey: string): Machine {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const state = { calls: 0, failures: 0, slowest: 0, samples: [] as string[], stopped: false };
  const call = async (
    method: 'GET' | 'POST',
    path: string,
    expected: number,
    sent?: { body: object; key: string },
  ) => {
    const begun = performance.now();
    state.calls += 1;
    try {
      const answer = await send(`${consoleUrl}${path}`, method, apiKey, agent, sent);
      if (answer.status !== expected) throw new Error(`${answer.status} ${answer.text.slice(0, 200)}`);
      return JSON.parse(answer.text) as { id: string; state: string };
    } catch (error) {
      state.failures += 1;
      if (state.samples.length < 5) state.samples.push(`${method} ${path}: ${(error as Error).message}`);
      return undefined;
    } finally {
      state.slowest = Math.max(state.slowest, performance.now() - begun);
      await pause(PAUSE);
    }
  };
  const run = async (): Promise<void> => {
    for (let order = 1; !state.stopped; order += 1) {
      const message = {
        body: { to: '090-1234-5678', text: `見本のお知らせ ${order}` },
        key: `drill-${order}`,
      };
      const first = await call('POST', '/api/v1/messages', 202, message);
      if (first === undefined) continue;
      await call('GET', `/api/v1/messages/${first.id}`, 200);
      const again = await call('POST', '/api/v1/messages', 202, message);
      const cancelled = await call('POST', `/api/v1/messages/${first.id}/cancel`, 200);
      if (again?.id !== first.id || cancelled?.state !== 'cancelled') {
        state.failures += 1;
        state.samples.push(`message ${first.id} was doubled or not cancelled`);
      }
    }
  };
  const running = run();
  return {
    get calls() {
      return state.calls;
    },
    get failures() {
      return state.failures;
    },
    get slowest() {
      return state.slowest;
    },
    samples: state.samples,
    async stop() {
      state.stopped = true;
      await running;
      agent.destroy();
    },
  };
}

function send(
  url: string,
  method: string,
  apiKey: string,
  agent: Agent,
  sent?: { body: object; key: string },
): Promise<{ status: number; text: string }> {
  const body = sent && JSON.stringify(sent.body);
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      {
        method,
        agent,
        headers: {
          authorization: `Bearer ${apiKey}`,
          ...(sent ? { 'content-type': 'application/json', 'idempotency-key': sent.key } : {}),
        },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
        );
        answer.on('error', reject);
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}
