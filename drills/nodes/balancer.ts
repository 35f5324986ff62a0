import { Agent, createServer, request, type IncomingHttpHeaders } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** A load balancer as they are in front of such servers: asks each node's `/readyz`, passes requests to those that are ready, and keeps connections to them. */
export type Balancer = {
  /** Nodes that are ready, as it has found last. */
  readonly ready: ReadonlySet<number>;
  /** How many requests each node got. */
  readonly passed: ReadonlyMap<number, number>;
  /** Pages that were answered, one after the other, up to some megabytes. */
  pages(): string;
  close(): Promise<void>;
};

const MOST_KEPT = 20 * 1024 * 1024;

/** Milliseconds between two questions; a node is left out after one that it does not answer well. */
export const ASKS_EVERY = 100;

/** @param port where it listens, on localhost @param nodes ports of the nodes */
export async function openBalancer(port: number, nodes: readonly number[]): Promise<Balancer> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const ready = new Set<number>();
  const passed = new Map<number, number>();
  let turn = 0;
  const pages: Buffer[] = [];
  let kept = 0;
  let isClosed = false;
  const asking = (async () => {
    while (!isClosed) {
      await Promise.all(
        nodes.map(async (node) => {
          const is = await isReady(node);
          if (is === true) ready.add(node);
          if (is === false) ready.delete(node);
        }),
      );
      await pause(ASKS_EVERY);
    }
  })();
  const server = createServer({ requestTimeout: 60_000 }, (asked, answer) => {
    const chunks: Buffer[] = [];
    asked.on('data', (chunk: Buffer) => chunks.push(chunk));
    asked.on('end', () => pass(Buffer.concat(chunks), new Set()));

    /** To the next node that is ready. One that cannot even be connected to has heard nothing, so another may. */
    function pass(body: Buffer, tried: Set<number>): void {
      const choice = [...ready].filter((node) => !tried.has(node));
      const node = choice[(turn += 1) % choice.length];
      if (node === undefined)
        return void answer.writeHead(503, { 'retry-after': '1' }).end('no node is ready');
      passed.set(node, (passed.get(node) ?? 0) + 1);
      const onward = request(
        {
          host: 'localhost',
          port: node,
          agent,
          method: asked.method,
          path: asked.url,
          headers: endToEnd(asked.headers),
        },
        (answered) => {
          answer.writeHead(answered.statusCode ?? 502, endToEnd(answered.headers));
          answered.on('error', () => answer.destroy());
          if (answered.headers['content-type']?.startsWith('text/html') && kept < MOST_KEPT)
            answered.on('data', (chunk: Buffer) => {
              kept += chunk.length;
              pages.push(chunk);
            });
          answered.pipe(answer);
        },
      );
      onward.on('error', (error: NodeJS.ErrnoException) => {
        if (answer.headersSent) return void answer.destroy();
        if (error.code === 'ECONNREFUSED') return pass(body, tried.add(node));
        answer.writeHead(502).end(error.message);
      });
      onward.end(body);
    }
  });
  await new Promise<void>((listening) => server.listen(port, 'localhost', listening));
  return {
    ready,
    passed,
    pages: () => Buffer.concat(pages).toString(),
    async close() {
      isClosed = true;
      server.closeAllConnections();
      server.close();
      agent.destroy();
      await asking;
    },
  };
}

/** Undefined: it does not answer in time, which a busy one may do; it stays what it was. */
async function isReady(port: number): Promise<boolean | undefined> {
  try {
    const answer = await fetch(`http://localhost:${port}/readyz`, { signal: AbortSignal.timeout(1_000) });
    await answer.body?.cancel();
    return answer.status === 200;
  } catch (error) {
    return (error as Error).name === 'TimeoutError' ? undefined : false;
  }
}

/** How long a connection is kept is for each connection to say (RFC 9110 §7.6.1). */
function endToEnd({ connection: _, 'keep-alive': __, ...headers }: IncomingHttpHeaders): IncomingHttpHeaders {
  return headers;
}
