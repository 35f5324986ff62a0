import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet, type JWTPayload } from 'jose';
import { expect } from 'vitest';
import { z } from 'zod';
import type { World } from './world.ts';

export type ReceivedEvent = { token: string; headers: IncomingHttpHeaders };

/** A console’s address for events (RFC 8935), listening on this machine. */
export type EventReceiver = {
  url: string;
  received: ReceivedEvent[];
  /** How it answers; 'hang' never does. A function is asked at each request. */
  answer: EventAnswer | 'hang' | ((token: string) => EventAnswer);
  /** Waits until this many tokens have come in all. */
  until(count: number): Promise<void>;
  close(): Promise<void>;
};
export type EventAnswer = { status: number; headers?: Record<string, string>; body?: string };

export async function openEventReceiver(): Promise<EventReceiver> {
  const server: Server = createServer((request, response) => {
    let token = '';
    request.on('data', (chunk: Buffer) => (token += chunk.toString()));
    request.on('end', () => {
      receiver.received.push({ token, headers: request.headers });
      const answer = typeof receiver.answer === 'function' ? receiver.answer(token) : receiver.answer;
      if (answer !== 'hang') response.writeHead(answer.status, answer.headers ?? {}).end(answer.body);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const receiver: EventReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/auth/events`,
    received: [],
    answer: { status: 202 },
    async until(count) {
      for (let tries = 0; receiver.received.length < count; tries++) {
        if (tries > 300) throw new Error(`${receiver.received.length} of ${count} events came within 15 s.`);
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

const URI = z
  .string()
  .regex(/^https:\/\/schemas\.openid\.net\/secevent\/(risc|caep|ssf)\/event-type\/[a-z-]+$/);
const SUBJECT = z.discriminatedUnion('format', [
  z.strictObject({ format: z.literal('iss_sub'), iss: z.string(), sub: z.string() }),
  z.strictObject({ format: z.literal('opaque'), id: z.string() }),
]);
/** What RFC 8417 §2.2, RFC 9493 §3 and OpenID SSF 1.0 §4.1 say of a token, and nothing else beside it. */
const CLAIMS = z.strictObject({
  iss: z.string(),
  aud: z.string(),
  jti: z.string().min(20),
  iat: z.number().int(),
  toe: z.number().int(),
  txn: z.string().optional(),
  sub_id: SUBJECT,
  events: z.record(URI, z.record(z.string(), z.unknown())).refine((all) => Object.keys(all).length === 1),
});

/** Verifies a token with the keys that the login server publishes, and that it has the form of the specifications. */
export async function verifiedEvent(
  world: World,
  token: string,
  audience: string,
): Promise<JWTPayload & z.infer<typeof CLAIMS> & { type: string; event: Record<string, unknown> }> {
  const keys = await world.app.server.inject({
    url: '/jwks',
    headers: { host: new URL(world.config.issuer).host },
  });
  const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys.json<JSONWebKeySet>()), {
    issuer: world.config.issuer,
    audience,
    typ: 'secevent+jwt',
    currentDate: world.now,
  });
  expect(protectedHeader.typ).toBe('secevent+jwt');
  const claims = CLAIMS.parse(payload);
  const [[type, event]] = Object.entries(claims.events) as [[string, Record<string, unknown>]];
  return { ...payload, ...claims, type, event };
}
