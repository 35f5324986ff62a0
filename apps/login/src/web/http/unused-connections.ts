import type { FastifyInstance, FastifyRequest } from 'fastify';

type Socket = FastifyRequest['raw']['socket'];

/**
 * Closes connections that never carried a request as soon as the server is to stop. Browsers and HTTP clients open such ones in advance; Node counts them neither as idle nor as
 * busy, and would wait for them for more than a minute.
 */
export function closeUnusedConnections(app: FastifyInstance): void {
  const unused = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  app.server.on('request', (request) => unused.delete(request.socket));
  app.addHook('preClose', async () => {
    for (const socket of unused) socket.destroy();
  });
}
