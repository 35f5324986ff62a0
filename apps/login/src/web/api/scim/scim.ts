import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { directoryOfToken } from '#domain/provisioning/directory-tokens.ts';
import { actorOf, type Provider } from '#domain/provisioning/provider.ts';
import type { WebContext } from '#web/http/context.ts';
import { isUnavailable } from '#web/http/unavailable.ts';
import { authenticatedConsole } from '../console-auth.ts';
import { missingScope, scopeMissing, scopeOfRoute } from '../console-scopes.ts';
import { keepAnswers } from '../idempotency/keep-answers.ts';
import { answerBulk, BULK } from './bulk.ts';
import { resourceTypes, schemas, serviceProviderConfig, wholeList } from './discovery.ts';
import { project, readProjection } from './projection.ts';
import { refuse, SCIM_TYPE, type ScimReason, type ScimRefusal } from './refusal.ts';
import { answerUserCall, type UserAnswer } from './user-calls.ts';
import { listUsers, type ListCall } from './user-list.ts';
import { isObject } from './user-body.ts';

const PREFIX = '/scim/v2';
type Query = Record<string, string | string[] | undefined>;

/** People of consoles by SCIM 2.0 (RFC 7643, RFC 7644): for consoles, with their client credentials, and for customers' directories, with a bearer token (R26). */
export async function registerScim(root: FastifyInstance, context: WebContext): Promise<void> {
  const base = `${context.issuer}${PREFIX}`;
  await root.register(
    async (app) => {
      app.decorateRequest('provider', null);
      app.addHook('onRoute', (route) => {
        scopeOfRoute(route);
        route.config = { ...route.config, fromAnywhere: true };
      });
      readsJson(app);
      // Before the body is read: who is a stranger is told nothing of its form.
      app.addHook('onRequest', async (request, reply) => {
        reply.header('cache-control', 'no-store');
        const provider = await providerIn(context, request);
        if (!provider) return refuse(reply, { reason: 'unauthenticated' }, context.clock());
        request.provider = provider;
        const scope = provider.directory ? undefined : missingScope(request, provider.console);
        if (scope !== undefined)
          return refuse(
            reply,
            { reason: 'scope-missing', detail: scopeMissing(scope).detail.en },
            context.clock(),
          );
        return undefined;
      });
      keepAnswers(app, context, (request) => `scim:${actorOf(providerOf(request))}`);
      app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
        const reason = reasonOf(error);
        if (reason === 'unexpected') request.log.error({ err: error }, 'request failed');
        if (reason === 'unavailable') reply.header('retry-after', 5);
        return refuse(reply, { reason }, context.clock());
      });
      app.setNotFoundHandler((_request, reply) =>
        refuse(reply, { reason: 'endpoint-unknown' }, context.clock()),
      );

      app.get('/ServiceProviderConfig', (_request, reply) => send(reply, serviceProviderConfig(base)));
      app.get('/ResourceTypes', (_request, reply) => send(reply, wholeList(resourceTypes(base))));
      app.get('/ResourceTypes/:id', (request, reply) => sendOne(request, reply, resourceTypes(base)));
      app.get('/Schemas', (_request, reply) => send(reply, wholeList(schemas(base))));
      app.get('/Schemas/:id', (request, reply) => sendOne(request, reply, schemas(base)));
      app.route({
        method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
        url: '/Me',
        handler: (_request, reply) => no(reply, { reason: 'me-unsupported' }),
      });

      app.get('/Users', (request, reply) => list(request, reply, plain(request.query as Query)));
      app.post('/Users/.search', (request, reply) => {
        const { body } = request;
        return isObject(body)
          ? list(request, reply, searched(body))
          : no(reply, { reason: 'syntax-invalid' });
      });
      app.post('/Users', (request, reply) => user(request, reply, { method: 'POST', body: request.body }));
      // Not ":id": an id may be longer than parameters of paths are here.
      for (const method of ['GET', 'PUT', 'PATCH', 'DELETE'] as const)
        app.route({
          method,
          url: '/Users/*',
          handler: (request, reply) => {
            const id = (request.params as { '*': string })['*'];
            const ifMatch = request.headers['if-match'];
            if (method === 'GET')
              return user(request, reply, { method, id, ifNoneMatch: request.headers['if-none-match'] });
            if (method === 'DELETE') return user(request, reply, { method, id, ifMatch });
            return user(request, reply, { method, id, body: request.body, ifMatch });
          },
        });
      app.post('/Bulk', { bodyLimit: BULK.bytes }, async (request, reply) => {
        const result = await answerBulk(context, providerOf(request), request.body);
        return result.ok ? send(reply, result.body) : no(reply, result.refusal);
      });
    },
    { prefix: PREFIX },
  );

  async function list(request: FastifyRequest, reply: FastifyReply, call: ListCall): Promise<FastifyReply> {
    const result = await listUsers(context, providerOf(request), call);
    return result.ok ? send(reply, result.body) : no(reply, result.refusal);
  }

  async function user(
    request: FastifyRequest,
    reply: FastifyReply,
    call: Parameters<typeof answerUserCall>[2],
  ): Promise<FastifyReply> {
    const query = request.query as Query;
    const projection = readProjection(query.attributes, query.excludedAttributes);
    if (!projection)
      return no(reply, {
        reason: 'value-invalid',
        detail: 'Give attributes or excludedAttributes, not both.',
      });
    const answer: UserAnswer = await answerUserCall(context, providerOf(request), call);
    if (answer.status === 'refused') return no(reply, answer.refusal);
    if (!answer.user) return reply.code(answer.status).send();
    reply.code(answer.status).header('etag', answer.user.meta.version);
    if (answer.status === 201) reply.header('location', answer.user.meta.location);
    return send(reply, project(answer.user, projection));
  }

  function no(reply: FastifyReply, refusal: ScimRefusal): FastifyReply {
    return refuse(reply, refusal, context.clock());
  }

  function sendOne(
    request: FastifyRequest,
    reply: FastifyReply,
    all: readonly { id: string }[],
  ): FastifyReply {
    const { id } = request.params as { id: string };
    const found = all.find((one) => one.id === id);
    return found ? send(reply, found) : no(reply, { reason: 'endpoint-unknown' });
  }
}

/** Who calls; undefined when nobody does whom we know. */
async function providerIn(context: WebContext, request: FastifyRequest): Promise<Provider | undefined> {
  const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) {
    const console = await authenticatedConsole(context, request);
    return console && { console, directory: null };
  }
  const directory = await directoryOfToken(context.db, token, context.clock());
  const console = directory && (await context.consoles.byId(directory.consoleId));
  return console && { console, directory };
}

function providerOf(request: FastifyRequest): Provider {
  if (!request.provider) throw new Error('The route is not behind the authentication of SCIM.');
  return request.provider;
}

/** JSON is read under both of its names; a DELETE may say that it has a body, and have none. */
function readsJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser(
    /^application\/(scim\+)?json\b/,
    { parseAs: 'string' },
    (request, body: string, done) =>
      body.trim() === '' ? done(null, undefined) : parse(request, body, done),
  );
}

function reasonOf(error: Error & { statusCode?: number }): ScimReason {
  if (error.statusCode === 413) return 'too-large';
  if (error.statusCode !== undefined && error.statusCode < 500) return 'syntax-invalid';
  return isUnavailable(error) ? 'unavailable' : 'unexpected';
}

function send(reply: FastifyReply, body: object): FastifyReply {
  return reply.type(SCIM_TYPE).send(JSON.stringify(body));
}

/** Of a parameter that came twice, the first. */
function plain(query: Query): ListCall {
  const first = (name: string): string | undefined => [query[name]].flat()[0];
  return {
    filter: first('filter'),
    startIndex: first('startIndex'),
    count: first('count'),
    cursor: first('cursor'),
    attributes: query.attributes,
    excludedAttributes: query.excludedAttributes,
  };
}

/** A search by POST (RFC 7644 §3.4.3); what has another type counts as not given, or as malformed where it must be a number. */
function searched(body: Record<string, unknown>): ListCall {
  const text = (name: string): string | undefined =>
    body[name] === undefined ? undefined : typeof body[name] === 'string' ? body[name] : '\0';
  const number = (name: string): string | undefined =>
    body[name] === undefined ? undefined : typeof body[name] === 'number' ? String(body[name]) : 'no number';
  const names = (name: string): string[] | undefined =>
    Array.isArray(body[name])
      ? (body[name] as unknown[]).filter((one) => typeof one === 'string')
      : typeof body[name] === 'string'
        ? [body[name]]
        : undefined;
  return {
    filter: text('filter'),
    startIndex: number('startIndex'),
    count: number('count'),
    cursor: typeof body.cursor === 'string' ? body.cursor : undefined,
    attributes: names('attributes'),
    excludedAttributes: names('excludedAttributes'),
  };
}

declare module 'fastify' {
  interface FastifyRequest {
    provider: Provider | null;
  }
}
