import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { inject, type DispatchFunc } from 'light-my-request';
import { MINUTE, SECOND } from '#support/primitives/durations.ts';
import type { WebContext } from '#web/http/context.ts';
import { PROTOCOL_PATHS } from './paths.ts';

/** What is the same for everybody who asks: OpenID Connect Discovery 1.0 §4, RFC 8414 §3, RFC 7517 §5. */
export const PUBLIC_DOCUMENTS: readonly string[] = [
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
  PROTOCOL_PATHS.jwks,
];

/** A key is published a day before it signs. */
const KEPT_BY_CLIENTS = 5 * MINUTE;

type Document = { body: string; contentType: string; etag: string };

/** Answers these documents from memory, with an ETag (RFC 9110 §8.8.3). The engine makes each of them once, and again when the signing keys are others. */
export function publicDocuments(
  scope: FastifyInstance,
  { issuer, keys }: Pick<WebContext, 'issuer' | 'keys'>,
  engine: DispatchFunc,
): void {
  const { host } = new URL(issuer);
  let madeWith = keys.jwks;
  const made = new Map<string, Promise<Document>>();
  const documentAt = (url: string): Promise<Document> => {
    const now = keys.jwks;
    if (now !== madeWith) made.clear();
    madeWith = now;
    const known = made.get(url);
    if (known) return known;
    const making = make(engine, url, host);
    made.set(url, making);
    making.catch(() => made.delete(url));
    return making;
  };
  for (const url of PUBLIC_DOCUMENTS)
    scope.get(url, { config: { fromAnywhere: true } }, async (request, reply) => {
      const { body, contentType, etag } = await documentAt(url);
      reply
        .header('etag', etag)
        .header('cache-control', `public, max-age=${KEPT_BY_CLIENTS / SECOND}`)
        .header('access-control-allow-origin', '*');
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      return reply.type(contentType).send(body);
    });
}

async function make(engine: DispatchFunc, url: string, host: string): Promise<Document> {
  const answer = await inject(engine, { url, headers: { host } });
  if (answer.statusCode !== 200) throw new Error(`The engine answered ${url} with ${answer.statusCode}.`);
  const digest = createHash('sha256').update(answer.payload).digest('base64url');
  return {
    body: answer.payload,
    contentType: String(answer.headers['content-type']),
    etag: `"${digest.slice(0, 22)}"`,
  };
}
