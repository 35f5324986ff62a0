import type { FastifyError, FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { routes } from '#app/routes.ts';
import { isDatabaseAway } from '#support/db/database.ts';
import { API_PREFIX, authenticate, within, type MachineApi } from './authenticate.ts';
import { bulkRoutes } from './bulks.ts';
import { describeCall } from './described.ts';
import { messageRoutes } from './messages.ts';
import { describeApi, serveOpenApi } from './openapi.ts';
import { sendProblem, type ProblemCode } from './problem.ts';
import { referenceRoutes } from './reference.ts';
import { usageRoutes } from './usage.ts';

/** What customers' own programs ask of the console (R30), with an API key as bearer token (RFC 6750 §2.1) and JSON; and the pages that describe it. */
export async function machineApi(app: FastifyInstance, api: MachineApi): Promise<void> {
  await app.register(
    async (open) => {
      await describeApi(open);
      open.setNotFoundHandler((_request, reply) => sendProblem(reply, 'not-found'));
      referenceRoutes(open);
      serveOpenApi(open, { path: within(routes.apiOpenApi), url: api.url });
      await open.register(async (scope) => calls(scope, api));
    },
    { prefix: API_PREFIX },
  );
}

function calls(scope: FastifyInstance, api: MachineApi): void {
  scope.decorateRequest('caller', null);
  readOnlyJson(scope);
  scope.setValidatorCompiler(validatorCompiler);
  scope.setSerializerCompiler(serializerCompiler);
  scope.addHook('onRoute', (route) => {
    if (route.method !== 'HEAD') describeCall(route);
  });
  scope.addHook('onRequest', async (request, reply) => authenticate(api, request, reply));
  scope.addHook('onSend', async (_request, reply) => {
    void reply.header('cache-control', 'no-store');
  });
  scope.setErrorHandler<FastifyError>((error, request, reply) => {
    const code = judge(error);
    if (code === 'broken' || code === 'unavailable') request.log.error({ err: error }, 'api request failed');
    const schema = request.routeOptions.schema?.body;
    const field =
      code === 'malformed' && schema instanceof z.ZodType ? faultyField(schema, request.body) : undefined;
    return sendProblem(reply, code, field === undefined ? {} : { field });
  });
  const routesOfApi = scope.withTypeProvider<ZodTypeProvider>();
  messageRoutes(routesOfApi, api);
  bulkRoutes(routesOfApi, api);
  usageRoutes(routesOfApi, api);
}

/** Takes bodies of JSON and no others, for the machine API and the internal one. */
export function readOnlyJson(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, readJson(body));
    } catch (error) {
      done(error as Error);
    }
  });
}

class UnreadableBody extends Error {}

/** The body as JSON; undefined for an empty one. Bytes that are no UTF-8 are refused, not replaced. */
function readJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown;
  } catch (error) {
    throw new UnreadableBody('the body is no JSON in UTF-8', { cause: error });
  }
}

/** Which problem an error of a request is. */
export function judge(error: FastifyError): ProblemCode {
  if (error instanceof UnreadableBody) return 'unreadable';
  if (isDatabaseAway(error)) return 'unavailable';
  if (error.validation)
    switch (error.validationContext) {
      case 'headers':
        return 'idempotency-key-malformed';
      case 'querystring':
        return 'query-malformed';
      case 'params':
        return 'not-found';
      case 'body':
      case undefined:
      default:
        return 'malformed';
    }
  const { statusCode } = error;
  if (statusCode === 413) return 'too-large';
  if (statusCode === 415) return 'not-json';
  return statusCode === 400 ? 'unreadable' : 'broken';
}

function faultyField(schema: z.ZodType, body: unknown): string {
  const issue = schema.safeParse(body).error?.issues[0];
  if (issue?.code === 'unrecognized_keys') return String(issue.keys[0]).slice(0, 100);
  return issue?.path.join('.') ?? '';
}
