import type { Provider } from '#domain/provisioning/provider.ts';
import type { WebContext } from '#web/http/context.ts';
import { errorOf, type ScimRefusal } from './refusal.ts';
import { answerUserCall, type UserCall } from './user-calls.ts';
import { isObject } from './user-body.ts';

export const BULK_REQUEST = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const BULK_RESPONSE = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse';
export const BULK = { operations: 100, bytes: 1_048_576 } as const;

type Operation = {
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  bulkId?: string;
  version?: string;
  data?: unknown;
};

/**
 * Several calls in one request (RFC 7644 §3.7), done in their order, each by itself: one that is refused undoes none before it. After `failOnErrors` refusals the rest is left undone, and not in the
 * answer.
 */
export async function answerBulk(
  context: WebContext,
  provider: Provider,
  body: unknown,
): Promise<{ ok: true; body: object } | { ok: false; refusal: ScimRefusal }> {
  const read = readBulk(body);
  if (!read.ok) return read;
  const made = new Map<string, string>();
  const answers: object[] = [];
  let errors = 0;
  for (const operation of read.operations) {
    const answer = await one(operation);
    answers.push(answer.body);
    if (answer.failed) errors += 1;
    if (read.failOnErrors !== undefined && errors >= read.failOnErrors) break;
  }
  return { ok: true, body: { schemas: [BULK_RESPONSE], Operations: answers } };

  async function one(operation: Operation): Promise<{ failed: boolean; body: object }> {
    const { method, bulkId } = operation;
    const named = { method, ...(bulkId === undefined ? {} : { bulkId }) };
    const call = callOf(operation, made);
    const answer =
      'refusal' in call
        ? ({ status: 'refused', refusal: call.refusal } as const)
        : await answerUserCall(context, provider, call);
    if (answer.status === 'refused') {
      const { status, body: response } = errorOf(answer.refusal);
      return { failed: true, body: { ...named, status: String(status), response } };
    }
    if (answer.user && bulkId !== undefined) made.set(bulkId, answer.user.id);
    return {
      failed: false,
      body: {
        ...named,
        ...(answer.user
          ? { location: answer.user.meta.location, version: answer.user.meta.version }
          : { location: `${context.issuer}/scim/v2${operation.path}` }),
        status: String(answer.status),
      },
    };
  }
}

function callOf(
  { method, path, version, data }: Operation,
  made: ReadonlyMap<string, string>,
): UserCall | { refusal: ScimRefusal } {
  if (method === 'POST')
    return path === '/Users' ? { method, body: data } : { refusal: { reason: 'endpoint-unknown' } };
  const given = /^\/Users\/([^/?#]+)$/.exec(path)?.[1];
  if (given === undefined) return { refusal: { reason: 'endpoint-unknown' } };
  const reference = /^bulkId:(.+)$/.exec(given)?.[1];
  const id = reference === undefined ? given : made.get(reference);
  if (id === undefined)
    return {
      refusal: { reason: 'value-invalid', detail: 'This bulkId names no user that was created before.' },
    };
  if (method === 'DELETE') return { method, id, ifMatch: version };
  return { method, id, body: data, ifMatch: version };
}

function readBulk(
  body: unknown,
):
  | { ok: true; operations: readonly Operation[]; failOnErrors?: number }
  | { ok: false; refusal: ScimRefusal } {
  const wrong = (detail: string) => ({ ok: false, refusal: { reason: 'syntax-invalid', detail } }) as const;
  if (!isObject(body) || !Array.isArray(body.schemas) || !body.schemas.includes(BULK_REQUEST))
    return wrong(`schemas must include ${BULK_REQUEST}.`);
  const { Operations: given, failOnErrors } = body;
  if (!Array.isArray(given) || given.length === 0)
    return wrong('Operations must be a list with at least one operation.');
  if (given.length > BULK.operations) return { ok: false, refusal: { reason: 'too-large' } };
  if (failOnErrors !== undefined && (!Number.isInteger(failOnErrors) || Number(failOnErrors) < 1))
    return wrong('failOnErrors is a whole number above 0.');
  const bulkIds = new Set<string>();
  const operations: Operation[] = [];
  for (const one of given as unknown[]) {
    if (!isObject(one) || typeof one.method !== 'string' || typeof one.path !== 'string')
      return wrong('Each operation needs a method and a path.');
    const method = one.method.toUpperCase();
    if (method !== 'POST' && method !== 'PUT' && method !== 'PATCH' && method !== 'DELETE')
      return wrong('The method of an operation is POST, PUT, PATCH or DELETE.');
    if (one.bulkId !== undefined && typeof one.bulkId !== 'string') return wrong('A bulkId is a text.');
    if (one.version !== undefined && typeof one.version !== 'string') return wrong('A version is a text.');
    if (method === 'POST' && !one.bulkId) return wrong('Each POST needs a bulkId.');
    if (one.bulkId !== undefined && bulkIds.has(one.bulkId)) return wrong('Each bulkId may stand once.');
    if (one.bulkId !== undefined) bulkIds.add(one.bulkId);
    operations.push({
      method,
      path: one.path,
      data: one.data,
      ...(one.bulkId === undefined ? {} : { bulkId: one.bulkId }),
      ...(one.version === undefined ? {} : { version: one.version }),
    });
  }
  return {
    ok: true,
    operations,
    ...(failOnErrors === undefined ? {} : { failOnErrors: Number(failOnErrors) }),
  };
}
