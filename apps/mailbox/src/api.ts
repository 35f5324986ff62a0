import type { FastifyInstance, FastifyReply } from 'fastify';
import type { HttpParts } from './http-parts.ts';
import { sameAddress, type StoredMessage } from './message.ts';

type ListQuery = { to?: string | string[] };

/** `/api/messages` for tests and scripts; README.md describes it. */
export function apiRoutes(app: FastifyInstance, { store }: HttpParts, done: () => void): void {
  app.get<{ Querystring: ListQuery }>('/api/messages', (request, reply) => {
    void reply.header('cache-control', 'no-store');
    return store.newestFirst().filter(addressedTo(request.query.to)).map(withoutSource);
  });

  app.get<{ Params: { id: string } }>('/api/messages/:id', (request, reply) => {
    const message = store.find(request.params.id);
    if (!message) return notFound(reply, request.id);
    void reply.header('cache-control', 'no-store');
    return withoutSource(message);
  });

  app.delete('/api/messages', (_request, reply) => {
    store.clear();
    return reply.code(204).send();
  });

  done();
}

/** Keeps mails to any of the addresses; a plus that became a blank in the query is read as the plus that it was. */
function addressedTo(wanted: string | string[] | undefined): (message: StoredMessage) => boolean {
  if (wanted === undefined) return () => true;
  const addresses = [wanted].flat().map((address) => address.trim().replaceAll(' ', '+'));
  return ({ to }) => addresses.some((address) => sameAddress(address, to));
}

function withoutSource({ source: _source, ...message }: StoredMessage): Omit<StoredMessage, 'source'> {
  return message;
}

function notFound(reply: FastifyReply, requestId: string): FastifyReply {
  return reply.code(404).type('application/problem+json').send({
    type: 'about:blank',
    title: 'Not Found',
    status: 404,
    detail: 'There is no such mail: it was deleted, or 1,000 newer ones have come.',
    code: 'message-unknown',
    requestId,
  });
}
