import type {
  FastifyBaseLogger,
  FastifyError,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
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
}
