import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { SECOND } from '#support/primitives/durations.ts';

/** The body of an error, as RFC 8935 §2.3 and RFC 8936 §2.6 have it; SSF 1.0 names only the status. */
export const REFUSAL = z.object({ err: z.string(), description: z.string() }).meta({ id: 'SsfError' });

/** Status, error code of the IANA registry "Security Event Token Error Codes", and what to do. */
const REFUSALS = {
  unauthenticated: [
    401,
    'authentication_failed',
    'The client id or secret is wrong. Send both by HTTP Basic authentication.',
  ],
  malformed: [400, 'invalid_request', 'The request does not have the form of the specification.'],
  'too-large': [413, 'invalid_request', 'The request is too large.'],
  'supplied-by-us': [400, 'invalid_request', 'A property that the transmitter supplies has another value.'],
  'address-not-registered': [
    400,
    'invalid_request',
    'endpoint_url does not lie on the origin of the address for events that is registered for this console. An operator of the unified login can change that address.',
  ],
  'method-unknown': [400, 'invalid_request', 'delivery.method is urn:ietf:rfc:8935 or urn:ietf:rfc:8936.'],
  'stream-exists': [409, 'invalid_request', 'This console has a stream. Read it, and change or replace it.'],
  'stream-unknown': [404, 'invalid_request', 'This console has no stream with this stream_id.'],
  'stream-pushes': [400, 'invalid_request', 'This stream is delivered by push.'],
  'stopped-by-operator': [403, 'access_denied', 'An operator of the unified login has stopped this stream.'],
  'scope-missing': [403, 'access_denied', 'This console may not make this call.'],
  'too-soon': [429, 'invalid_request', 'Wait as Retry-After says; see min_verification_interval.'],
} as const satisfies Record<string, readonly [number, string, string]>;

export type RefusalReason = keyof typeof REFUSALS;

export function refuse(
  reply: FastifyReply,
  reason: RefusalReason,
  more: { description?: string; retryAt?: Date; now?: Date } = {},
): FastifyReply {
  const [status, err, description] = REFUSALS[reason];
  if (status === 401) reply.header('www-authenticate', 'Basic realm="console"');
  if (more.retryAt && more.now)
    reply.header(
      'retry-after',
      Math.max(1, Math.ceil((more.retryAt.getTime() - more.now.getTime()) / SECOND)),
    );
  return reply
    .code(status)
    .type('application/json')
    .send({ err, description: more.description ?? description });
}
