import type { FastifyError, FastifyInstance } from 'fastify';
import { isDatabaseAway } from '#support/db/database.ts';
import { API_PREFIX, authenticate, type MachineApi } from './authenticate.ts';
import { messageRoutes } from './messages.ts';
import { sendProblem, type ProblemCode } from './problem.ts';

/** What customers' own programs ask of the console (R30), with an API key as bearer token (RFC 6750 §2.1) and JSON. */
export async function machineApi(app: FastifyInstance, api: MachineApi): Promise<void> {
  await app.register(
    async (scope) => {
      scope.decorateRequest('caller', null);
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser<Buffer>(
        'application/json',
        { parseAs: 'buffer' },
        (_request, body, done) => {
          try {
            done(null, readJson(body));
          } catch (error) {
            done(error as Error);
          }
        },
      );
      scope.addHook('onRequest', async (request, reply) =>
        request.is404 ? undefined : authenticate(api, request, reply),
      );
      scope.setNotFoundHandler((_request, reply) => sendProblem(reply, 'not-found'));
      scope.setErrorHandler<FastifyError>((error, request, reply) => {
        const code = judge(error);
        if (code === 'broken' || code === 'unavailable')
          request.log.error({ err: error }, 'api request failed');
        return sendProblem(reply, code);
      });
      messageRoutes(scope, api);
    },
    { prefix: API_PREFIX },
  );
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

function judge(error: FastifyError): ProblemCode {
  if (error instanceof UnreadableBody) return 'unreadable';
  if (isDatabaseAway(error)) return 'unavailable';
  const { statusCode } = error;
  if (statusCode === 413) return 'too-large';
  if (statusCode === 415) return 'not-json';
  return statusCode === 400 ? 'unreadable' : 'broken';
}
