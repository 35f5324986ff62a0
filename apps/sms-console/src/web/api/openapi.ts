import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { routes } from '#app/routes.ts';
import { PROBLEMS } from './problems.ts';

/** Has the calls that are registered afterwards described; `serveOpenApi` gives the description out. */
export async function describeApi(scope: FastifyInstance): Promise<void> {
  await scope.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: '絶対リーチ!SMS', version: '1', description: WORDS },
      components: {
        securitySchemes: {
          apiKey: {
            type: 'http',
            scheme: 'bearer',
            description: 'An API key (`zrs_…`), made on the page 設定 → APIキー (Settings → API keys).',
          },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
    hideUntagged: true,
  });
}

/** The document, open to everybody: it says nothing of anybody. */
export function serveOpenApi(scope: FastifyInstance, { path, url }: { path: string; url: string }): void {
  let document: object | undefined;
  scope.get(path, async (): Promise<object> => {
    document ??= finished(scope.swagger() as unknown as OpenApi, url);
    return document;
  });
}

type Schema = { anyOf?: readonly { type?: string }[] };
type OpenApi = {
  paths: Record<
    string,
    Record<
      string,
      {
        operationId?: string;
        requestBody?: { required?: boolean; content: Record<string, { schema: Schema }> };
        responses: Record<string, { description?: string; headers?: object }>;
      }
    >
  >;
  components: { schemas: Record<string, unknown> };
};

const WORDS_OF: Readonly<Record<string, string>> = { '200': 'As it stands.', '202': 'Taken.' };
const RATE = {
  'RateLimit-Policy': {
    description: 'Requests (`q`) in a window of `w` seconds',
    schema: { type: 'string' },
  },
  RateLimit: {
    description: 'Requests left (`r`), until the window ends in `t` seconds',
    schema: { type: 'string' },
  },
};

/** With names for the calls, words for each answer, and bodies that may be missing. */
function finished(generated: OpenApi, url: string): object {
  const raw = structuredClone(generated);
  for (const [path, operations] of Object.entries(raw.paths))
    for (const [method, operation] of Object.entries(operations)) {
      operation.operationId =
        method +
        path
          .replace(/^\/api\/v1/, '')
          .replace(/[^A-Za-z0-9]+(\w?)/g, (_, letter: string) => letter.toUpperCase());
      for (const body of Object.values(operation.requestBody?.content ?? {}))
        if (body.schema.anyOf?.some(({ type }) => type === 'null') && operation.requestBody)
          operation.requestBody.required = false;
      for (const [status, answer] of Object.entries(operation.responses)) {
        if (answer.description === 'Default Response' || !answer.description)
          answer.description = WORDS_OF[status] ?? '';
        if (status !== '401') answer.headers = RATE;
      }
    }
  const text = JSON.stringify(raw);
  raw.components.schemas = Object.fromEntries(
    Object.entries(raw.components.schemas).filter(([name]) =>
      text.includes(`"#/components/schemas/${name}"`),
    ),
  );
  return { ...raw, servers: [{ url }] };
}

const WORDS = `For customers’ own programs. It works the same whoever signs in or out, and while the unified login is down.

**Who may call.** Send an API key as \`Authorization: Bearer zrs_…\`. Cookies count for nothing. Each call says whether the key must be allowed to send or to read.

**Limits.** \`RateLimit-Policy\` and \`RateLimit\` (draft-ietf-httpapi-ratelimit-headers) say how many requests a key may make; beyond that ${PROBLEMS['too-many'][0]} with \`Retry-After\`.

**Idempotency.** \`Idempotency-Key\` (draft-ietf-httpapi-idempotency-key-header): the same request with the same key is done once and answered alike.

**Problems.** What cannot be done is answered as \`application/problem+json\` (RFC 9457), in Japanese or English by \`Accept-Language\`. \`code\` is for programs and never changes; \`requestId\` finds it in our log. The codes are listed with each call.

**Moments** are RFC 3339 texts; what is answered is in UTC. The document itself: \`${routes.apiOpenApi}\`.`;
