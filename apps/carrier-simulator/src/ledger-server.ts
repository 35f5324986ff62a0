import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { readBehaviour, type Behaviour } from './behaviour.ts';
import type { CarrierMessage } from './submits.ts';

export type LedgerParts = {
  messages: () => readonly CarrierMessage[];
  behaviour: () => Behaviour;
  behave: (changes: Partial<Behaviour>) => void;
};

const MOST = 1_000;

/**
 * A small HTTP server on this machine: GET /messages[?to=DIGITS] shows the newest 1,000 whole messages, GET and PUT /behaviour how the
 * gateway behaves. For development only: it has no sign-in.
 */
export async function serveLedger(
  port: number,
  parts: LedgerParts,
): Promise<{ server: Server; port: number }> {
  const server = createServer((request, reply) => {
    answer(request, reply, parts).catch(() => reply.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

async function answer(request: IncomingMessage, reply: ServerResponse, parts: LedgerParts): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const send = (status: number, body: unknown): void => {
    reply.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
    reply.end(`${JSON.stringify(body)}\n`);
  };
  if (request.method === 'GET' && url.pathname === '/messages') {
    const to = url.searchParams.get('to');
    const all = parts.messages().filter((message) => to === null || message.to === to);
    return send(200, { count: all.length, messages: all.slice(-MOST) });
  }
  if (url.pathname === '/behaviour' && request.method === 'GET') return send(200, parts.behaviour());
  if (url.pathname === '/behaviour' && request.method === 'PUT') {
    const read = readBehaviour(await text(request));
    if (!read.ok) return send(422, { problem: read.problem });
    parts.behave(read.behaviour);
    return send(200, parts.behaviour());
  }
  send(404, { problem: 'There are GET /messages, GET /behaviour and PUT /behaviour.' });
}
