import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Received = { token: string; headers: IncomingHttpHeaders };

/** A console’s address for back-channel logout, listening on this machine. */
export type Receiver = {
  url: string;
  received: Received[];
  /** How it answers; 'hang' never does. */
  answer: { status: number; headers?: Record<string, string> } | 'hang';
  /** Waits until this many logout tokens have come in all. */
  until(count: number): Promise<void>;
  close(): Promise<void>;
};

export async function openReceiver(): Promise<Receiver> {
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      receiver.received.push({
        token: new URLSearchParams(body).get('logout_token') ?? '',
        headers: request.headers,
      });
      if (receiver.answer !== 'hang')
        response.writeHead(receiver.answer.status, receiver.answer.headers ?? {}).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/auth/backchannel-logout`,
    received: [],
    answer: { status: 204 },
    async until(count) {
      for (let tries = 0; receiver.received.length < count; tries++) {
        if (tries > 200)
          throw new Error(`${receiver.received.length} of ${count} logout tokens came within 10 s.`);
        await new Promise((later) => setTimeout(later, 50));
      }
    },
    close() {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
  return receiver;
}
