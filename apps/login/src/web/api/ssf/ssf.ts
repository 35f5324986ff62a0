import type { FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { WebContext } from '#web/http/context.ts';
import { authenticatedConsole } from '../console-auth.ts';
import { missingScope, scopeMissing, scopeOfRoute } from '../console-scopes.ts';
import { POLL, PUSH } from './forms.ts';
import { registerPoll } from './poll.ts';
import { REFUSAL, refuse } from './refusal.ts';
import { registerStreams } from './streams.ts';

/** Events of accounts for consoles (R24): OpenID Shared Signals Framework 1.0 with RFC 8935 and RFC 8936. */
export async function registerSsf(root: FastifyInstance, context: WebContext): Promise<void> {
  const { issuer } = context;
  root.get('/.well-known/ssf-configuration', async () => ({
    spec_version: '1_0',
    issuer,
    jwks_uri: `${issuer}/jwks`,
    delivery_methods_supported: [PUSH, POLL],
    configuration_endpoint: `${issuer}/ssf/stream`,
    status_endpoint: `${issuer}/ssf/status`,
    add_subject_endpoint: `${issuer}/ssf/subjects/add`,
    remove_subject_endpoint: `${issuer}/ssf/subjects/remove`,
    verification_endpoint: `${issuer}/ssf/verify`,
    // HTTP Basic authentication with client id and secret.
    authorization_schemes: [{ spec_urn: 'urn:ietf:rfc:7617' }],
    default_subjects: 'ALL',
  }));
  await root.register(
    async (scope) => {
      scope.setValidatorCompiler(validatorCompiler);
      scope.setSerializerCompiler(serializerCompiler);
      scope.decorateRequest('console', null);
      scope.addHook('onRoute', (route) => {
        route.config = { ...route.config, fromAnywhere: true };
        const scope = scopeOfRoute(route);
        const ours = {
          tags: ['Event streams'],
          security: [{ consoleSecret: scope === null ? [] : [scope] }],
        };
        const general = { 400: REFUSAL, 403: REFUSAL, 413: REFUSAL, 500: REFUSAL, 503: REFUSAL };
        const response = { ...general, ...(route.schema?.response as object | undefined) };
        route.schema = { ...ours, ...route.schema, response };
      });
      // Before the body is read: who is a stranger is told nothing of its form.
      scope.addHook('onRequest', async (request, reply) => {
        reply.header('cache-control', 'no-store');
        const console = await authenticatedConsole(context, request);
        if (!console) return refuse(reply, 'unauthenticated');
        request.console = console;
        const scope = missingScope(request, console);
        if (scope !== undefined)
          return refuse(reply, 'scope-missing', { description: scopeMissing(scope).detail.en });
        return undefined;
      });
      scope.setErrorHandler(
        (error: Error & { validation?: unknown; statusCode?: number }, _request, reply) => {
          if (error.validation) return refuse(reply, 'malformed', { description: error.message });
          if (error.statusCode === 413) return refuse(reply, 'too-large');
          if (error.statusCode !== undefined && error.statusCode < 500) return refuse(reply, 'malformed');
          throw error;
        },
      );
      const app = scope.withTypeProvider<ZodTypeProvider>();
      registerStreams(app, context);
      registerPoll(app, context);
    },
    { prefix: '/ssf' },
  );
}
