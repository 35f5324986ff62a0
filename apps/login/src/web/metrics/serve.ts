import fastify from 'fastify';
import type { Metrics } from './metrics.ts';

/** Serves `/metrics` on a port of its own. Rejects when the port is taken. */
export async function serveMetrics(
  metrics: Metrics,
  at: { host: string; port: number },
): Promise<{ port: number; close(): Promise<void> }> {
  const server = fastify({ logger: false, forceCloseConnections: true, exposeHeadRoutes: false });
  server.get('/metrics', async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.text()),
  );
  const url = new URL(await server.listen(at));
  return { port: Number(url.port), close: async () => server.close() };
}
