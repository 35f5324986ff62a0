import { PROBLEMS_PATH } from '#web/http/problem-answer.ts';
import { sampleOf, type JsonSchema } from './samples.ts';
import { tagsOf } from './tags.ts';

export type ApiAnswer = {
  description?: string;
  content?: Record<string, { schema?: JsonSchema; examples?: Record<string, { value: unknown }> }>;
};
export type ApiOperation = {
  operationId?: string;
  tags?: readonly string[];
  summary?: string;
  description?: string;
  security?: readonly Readonly<Record<string, readonly string[]>>[];
  parameters?: readonly {
    name: string;
    in: 'path' | 'query' | 'header';
    required?: boolean;
    schema?: JsonSchema;
    description?: string;
  }[];
  requestBody?: {
    required?: boolean;
    content: Record<string, { schema: JsonSchema; example?: unknown }>;
  };
  responses: Record<string, ApiAnswer | { $ref: string }>;
};
export type ApiDocument = {
  openapi: string;
  info: Record<string, unknown>;
  servers?: readonly { url: string }[];
  tags?: readonly { name: string; description: string }[];
  paths: Record<string, Record<string, ApiOperation>>;
  components: {
    schemas: Record<string, JsonSchema>;
    responses?: Record<string, ApiAnswer>;
    securitySchemes: Record<string, unknown>;
  };
};

/** What an answer is described as where its route says nothing. */
const WORDS: Readonly<Record<string, string>> = {
  '200': 'Done; the answer says what there is to know.',
  '201': 'Made.',
  '202': 'Taken on; it is done in the background.',
  '204': 'Done; there is nothing to say.',
  '400': 'The request does not have the documented form.',
  '401': 'Who asks is not authenticated.',
  '403': 'Who asks may not do this.',
  '404': 'There is no such thing.',
  '409': 'It stands against how things are now.',
  '412': 'It is not any more as it was looked at.',
  '413': 'The request is larger than this call takes.',
  '415': 'The content type is not one that this call takes.',
  '422': 'The request does not have the documented form.',
  '429': 'Too often; wait as Retry-After says.',
  '500': 'Something went wrong on the side of the server.',
  '501': 'This is not offered.',
  '503': 'Not available at the moment; wait as Retry-After says.',
};

/**
 * The document as it is served: what is generated from the schemas, with names for the operations, words for each answer, an example of each request and of each problem,
 * and without what nothing refers to.
 */
export function finishedDocument(generated: unknown, issuer: string): ApiDocument {
  const raw = structuredClone(generated) as ApiDocument;
  const often = new Map<string, number>();
  const tags = new Set<string>();
  for (const [path, operations] of Object.entries(raw.paths))
    for (const [method, operation] of Object.entries(operations)) {
      operation.operationId = operationId(method, path);
      operation.tags?.forEach((tag) => tags.add(tag));
      for (const body of Object.values(operation.requestBody?.content ?? {})) {
        if (body.schema.anyOf?.some(({ type }) => type === 'null') && operation.requestBody)
          operation.requestBody.required = false;
        body.example ??= sampleOf(body.schema, raw.components.schemas);
      }
      for (const [status, answer] of Object.entries(operation.responses)) {
        if ('$ref' in answer) continue;
        if (answer.description === 'Default Response' || !answer.description)
          answer.description = WORDS[status] ?? '';
        addProblemExamples(answer, Number(status), issuer);
        const text = JSON.stringify(answer);
        often.set(text, (often.get(text) ?? 0) + 1);
      }
    }
  raw.components.responses = shareAnswers(raw, often);
  raw.components.schemas = referredTo(raw);
  return { ...raw, servers: [{ url: issuer }], tags: tagsOf(tags) };
}

/** getConsolesByClientIdPlan: the method, and the path behind the version. */
function operationId(method: string, path: string): string {
  const words = path
    .replace(/^\/api\/(operator|console)\/v\d+/, (_, area: string) => (area === 'console' ? '/console' : ''))
    .replace(/\{(\w+)\}/g, 'by-$1')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '');
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

/** One example for each code that an answer can have. */
function addProblemExamples(answer: ApiAnswer, status: number, issuer: string): void {
  const content = answer.content?.['application/problem+json'];
  if (!content) return;
  const codes = content.schema?.allOf?.[1]?.properties?.code?.enum ?? [];
  const words = new Map(
    [...(answer.description ?? '').matchAll(/^- `([\w-]+)`: (.*)$/gm)].map(([, code, text]) => [code, text]),
  );
  content.examples = Object.fromEntries(
    codes.map((code) => [
      String(code),
      {
        value: {
          type: `${issuer}${PROBLEMS_PATH}#${String(code)}`,
          title: words.get(String(code))?.split('. ')[0] ?? '',
          status,
          detail: words.get(String(code))?.split('. ').slice(1).join('. ') ?? '',
          code,
          requestId: 'req_01kt9x5m3v8e2n6q4r7w',
        },
      },
    ]),
  );
}

/** Puts answers that several operations have into the components; returns those by name. */
function shareAnswers(raw: ApiDocument, often: ReadonlyMap<string, number>): Record<string, ApiAnswer> {
  const shared: Record<string, ApiAnswer> = {};
  const names = new Map<string, string>();
  for (const operations of Object.values(raw.paths))
    for (const operation of Object.values(operations))
      for (const [status, answer] of Object.entries(operation.responses)) {
        const text = JSON.stringify(answer);
        if ('$ref' in answer || Number(status) < 400 || (often.get(text) ?? 0) < 2) continue;
        const name = names.get(text) ?? `Problem${status}_${names.size + 1}`;
        names.set(text, name);
        shared[name] = answer;
        operation.responses[status] = { $ref: `#/components/responses/${name}` };
      }
  return shared;
}

/** The schemas that something refers to, directly or by another one. */
function referredTo(raw: ApiDocument): Record<string, JsonSchema> {
  const wanted = new Set<string>();
  const visit = (text: string): void => {
    for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g))
      if (!wanted.has(name)) {
        wanted.add(name);
        visit(JSON.stringify(raw.components.schemas[name] ?? {}));
      }
  };
  visit(JSON.stringify([raw.paths, raw.components.responses]));
  return Object.fromEntries(Object.entries(raw.components.schemas).filter(([name]) => wanted.has(name)));
}
