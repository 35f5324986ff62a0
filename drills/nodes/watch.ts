import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Browser } from '../../bench/browser.ts';
import type { NodesWorld } from './world.ts';

/** What the nodes answer while things break, asked each for itself past the load balancer. */
export type Watch = {
  /** Answers 503, and the slowest of them in milliseconds. */
  readonly unavailable: () => { count: number; slowest: number };
  /** Answers 503 that took longer than a second. */
  readonly late: readonly string[];
  /** Neither done nor told that trying again helps. */
  readonly wrong: readonly string[];
  stop(): Promise<void>;
};

const ASKS_EVERY = 250;
/** QUALITY.md, S2. */
const TOLD_WITHIN = 1_000;

/** Asks each node four times a second for the beginning of a sign-in, which writes. @param during says what is broken at the moment */
export function startWatch({ nodes, console, issuerHost }: NodesWorld, during: () => string): Watch {
  const agent = new Agent({ keepAlive: true });
  const path = `/authorize?${new URLSearchParams({
    ...{ client_id: console.clientId, redirect_uri: console.redirectUri, response_type: 'code' },
    ...{ scope: 'openid', code_challenge_method: 'S256' },
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  }).toString()}`;
  const [late, wrong]: [string[], string[]] = [[], []];
  let [count, slowest, isStopped] = [0, 0, false];

  async function ask(port: number): Promise<void> {
    const begun = performance.now();
    const what = during();
    // A node that was killed answers nothing.
    const answer = await new Browser({ port, host: issuerHost }, agent).get(path).catch(() => undefined);
    const took = performance.now() - begun;
    if (answer?.status === 503) {
      count += 1;
      slowest = Math.max(slowest, took);
      if (took > TOLD_WITHIN) late.push(`${what}: after ${Math.round(took)} ms`);
      if (!answer.body.includes('ただいま混み合っています')) wrong.push(`${what}: 503 without a word`);
    } else if (answer && answer.status !== 303)
      wrong.push(`${what}: ${answer.status} ${answer.body.slice(0, 200)}`);
  }

  const asking = (async () => {
    const asked = new Set<Promise<void>>();
    while (!isStopped) {
      for (const { port } of nodes) {
        const one = ask(port).finally(() => asked.delete(one));
        asked.add(one);
      }
      await pause(ASKS_EVERY);
    }
    await Promise.all(asked);
  })();
  return {
    unavailable: () => ({ count, slowest }),
    late,
    wrong,
    async stop() {
      isStopped = true;
      await asking;
      agent.destroy();
    },
  };
}
