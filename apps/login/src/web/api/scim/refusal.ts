import type { FastifyReply } from 'fastify';
import { SECOND } from '#support/primitives/durations.ts';

export const ERROR_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:Error';
export const SCIM_TYPE = 'application/scim+json';

/** Status, `scimType` where RFC 7644 §3.12 has one, and what to do. */
const REFUSALS = {
  unauthenticated: [
    401,
    undefined,
    'Send the token of a directory (Authorization: Bearer hkd_…), or client id and secret of a console by HTTP Basic. A token that was revoked or has expired does not count.',
  ],
  'syntax-invalid': [400, 'invalidSyntax', 'The body is not JSON of the documented form.'],
  'value-invalid': [400, 'invalidValue', 'A value does not fit its attribute.'],
  'filter-invalid': [
    400,
    'invalidFilter',
    'This server filters by userName, externalId, id, emails.value and active, with eq, joined by and.',
  ],
  'path-invalid': [400, 'invalidPath', 'The path of an operation names no attribute of a user.'],
  'target-missing': [400, 'noTarget', 'The path of an operation names no value of this user.'],
  'external-id-missing': [
    400,
    'invalidValue',
    'externalId is required: it is the console’s own id of this user, which never changes.',
  ],
  'external-id-fixed': [
    400,
    'mutability',
    'externalId is the console’s own id of this user, and cannot change.',
  ],
  'address-malformed': [400, 'invalidValue', 'userName must be an e-mail address: it is the login ID.'],
  'domain-foreign': [400, 'invalidValue', 'This directory may name addresses of its own domains only.'],
  'company-foreign': [
    400,
    'invalidValue',
    'This directory is bound to one company; leave organization out, or say that company.',
  ],
  'user-exists': [409, 'uniqueness', 'A user with this userName or externalId cannot be created here.'],
  'user-unknown': [404, undefined, 'There is no such user.'],
  'kept-by-administrators': [
    403,
    undefined,
    'This person helps to run the unified login. Only its administrators change the login ID.',
  ],
  'scope-missing': [403, undefined, 'This console may not make this call.'],
  'too-soon': [429, undefined, 'A code was sent a moment ago. Wait as Retry-After says.'],
  'too-many': [429, undefined, 'The limit of codes is reached. Wait as Retry-After says.'],
  'version-other': [412, undefined, 'The user has changed since. Read it again, and decide anew.'],
  'endpoint-unknown': [404, undefined, 'There is no such endpoint. This server has Users only.'],
  'method-unknown': [405, undefined, 'This endpoint does not take this method.'],
  'me-unsupported': [501, undefined, '/Me is not supported: a token belongs to no user.'],
  'too-large': [
    413,
    'tooLarge',
    'The request is larger than bulk.maxPayloadSize, or has more operations than bulk.maxOperations.',
  ],
  'cursor-invalid': [400, 'invalidCursor', 'Take the cursor from nextCursor of the page before.'],
  unavailable: [503, undefined, 'The server is busy. Try again in a few seconds.'],
  unexpected: [500, undefined, 'Something went wrong on the server.'],
} as const satisfies Record<string, readonly [number, string | undefined, string]>;

export type ScimReason = keyof typeof REFUSALS;
export type ScimRefusal = { reason: ScimReason; detail?: string; retryAt?: Date };
export type ScimError = { schemas: [string]; status: string; scimType?: string; detail: string };

/** The status of a refusal, and its body (RFC 7644 §3.12). */
export function errorOf({ reason, detail }: ScimRefusal): { status: number; body: ScimError } {
  const [status, scimType, words] = REFUSALS[reason];
  return {
    status,
    body: {
      schemas: [ERROR_SCHEMA],
      status: String(status),
      ...(scimType === undefined ? {} : { scimType }),
      detail: detail ?? words,
    },
  };
}

export function refuse(reply: FastifyReply, refusal: ScimRefusal, now: Date): FastifyReply {
  const { status, body } = errorOf(refusal);
  if (status === 401)
    reply.header('www-authenticate', 'Bearer realm="scim"').header('cache-control', 'no-store');
  if (refusal.retryAt)
    reply.header('retry-after', Math.max(1, Math.ceil((refusal.retryAt.getTime() - now.getTime()) / SECOND)));
  return reply.code(status).type(SCIM_TYPE).send(JSON.stringify(body));
}
