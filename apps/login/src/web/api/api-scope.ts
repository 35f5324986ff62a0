import type {
  FastifyBaseLogger,
  FastifyError,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { sendMalformed, sendProblem } from './problem.ts';

/** Where the files of an API add their routes: schemas are zod. */
export type ApiScope = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What all routes of the operator API and of the console API have in common: zod schemas, and problems as answers to what cannot be read. */
export function prepareApi(scope: FastifyInstance): void {
  scope.setValidatorCompiler(validatorCompiler);
  scope.setSerializerCompiler(serializerCompiler);
  scope.setErrorHandler((error: FastifyError, request, reply) => {
    if (error.validation) return sendMalformed(request, reply, error.validationContext ?? 'body');
    if (error.statusCode === 413) return sendProblem(reply, 'too-large');
    throw error;
  });
  // A list that goes on says where (RFC 8288).
  scope.addHook('preSerialization', async (request, reply, answer: unknown) => {
    const next = typeof answer === 'object' && answer !== null && 'next' in answer ? answer.next : null;
    if (request.method === 'GET' && typeof next === 'string') linkNext(request, reply, next);
    return answer;
  });
}

function linkNext(request: FastifyRequest, reply: FastifyReply, next: string): void {
  const query = request.routeOptions.schema?.querystring;
  const name = query instanceof z.ZodObject && 'cursor' in query.shape ? 'cursor' : 'after';
  const url = new URL(request.url, request.server.issuer);
  url.searchParams.set(name, next);
  reply.header('link', `<${url.href}>; rel="next"`);
}
