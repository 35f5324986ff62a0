import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { apiRight, includesRole } from '#domain/operators/rights.ts';
import { bearerOf, type Operator, type TokenBearer } from '#domain/operators/tokens.ts';
import type { ConsoleRow, OperatorRole } from '#support/db/schema.ts';
import type { WebContext } from '#web/http/context.ts';
import type { Texts } from '#support/primitives/locale.ts';
import { prepareApi, type ApiScope } from '../api-scope.ts';
import { describeRoute } from '../described.ts';
import { keepAnswers } from '../idempotency/keep-answers.ts';
import { sendProblem } from '../problem.ts';

const PREFIX = '/api/operator/v1';

/** Adds the routes of one area. */
export type OperatorArea = (app: ApiScope, context: WebContext) => void;

/**
 * What programs of operators ask of the login server: `/api/operator/v1`, with a bearer token (RFC 6750). A route without a role cannot be
 * registered, so none is open by oversight.
 */
export async function registerOperatorApi(
  root: FastifyInstance,
  context: WebContext,
  areas: readonly OperatorArea[],
): Promise<void> {
  await root.register(
    async (scope) => {
      prepareApi(scope);
      scope.decorateRequest('operator', null);
      scope.addHook('onRoute', (route) => {
        checkRight(route);
        if (!route.config) return;
        route.config.fromAnywhere = true;
        describeRoute(route, {
          security: { operatorToken: [] },
          always: ['token-missing', 'token-expired', 'role-missing'],
          words: `Role: ${route.config.role}.`,
        });
      });
      scope.addHook('onRequest', async (request, reply) => {
        const bearer = await bearerIn(context, request);
        if (!bearer.ok) return sendProblem(reply, bearer.reason, detailOf(bearer));
        const role = request.routeOptions.config.role;
        if (!role || !includesRole(bearer.operator.role, role)) return sendProblem(reply, 'role-missing');
        request.operator = bearer.operator;
        return undefined;
      });
      keepAnswers(scope, context, (request) => operatorIn(request).actor);
      const app = scope.withTypeProvider<ZodTypeProvider>();
      for (const area of areas) area(app, context);
    },
    { prefix: PREFIX },
  );
}

/** Who calls: for the audit log and for what they may do. */
export function operatorIn(request: FastifyRequest): Operator {
  if (!request.operator) throw new Error('The route is not behind the operators’ authentication.');
  return request.operator;
}

/** The console that a path names by client id; when there is none, the answer has been sent. */
export async function consoleInPath(
  context: WebContext,
  reply: FastifyReply,
  clientId: string,
): Promise<ConsoleRow | undefined> {
  const console = await context.consoles.byClientId(clientId);
  if (!console) sendProblem(reply, 'console-unknown');
  return console;
}

/** Each route says the role that it needs, and the table of rights may not say another; that the table has them all is tested. */
function checkRight({ method, url, config }: RouteOptions): void {
  const role = config?.role;
  for (const one of [method].flat()) {
    const call = `${one} ${url.slice(PREFIX.length)}`;
    if (!role) throw new Error(`${call} names no role.`);
    const right = apiRight(one, url.slice(PREFIX.length));
    if (right && right.role !== role)
      throw new Error(
        `${call} needs ${right.role} by the table in domain/operators/rights.ts, and ${role} by its route.`,
      );
  }
}

async function bearerIn(context: WebContext, request: FastifyRequest): Promise<TokenBearer> {
  const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '')?.[1];
  return token === undefined
    ? { ok: false, reason: 'token-missing' }
    : bearerOf(context.db, token, context.clock());
}

function detailOf(refusal: Extract<TokenBearer, { ok: false }>): { detail?: Texts<string> } {
  if (refusal.reason !== 'token-expired') return {};
  const when = refusal.expiredAt.toISOString();
  return {
    detail: {
      ja: `このトークンの有効期限は ${when} でした。新しいものを作成し、このトークンは失効させてください：npx hitokagi operator token create`,
      en: `This token expired at ${when}. Make a new one and revoke this: npx hitokagi operator token create.`,
    },
  };
}

declare module 'fastify' {
  interface FastifyRequest {
    operator: Operator | null;
  }
  interface FastifyContextConfig {
    /** Of the operator API: the least role that may call this route. */
    role?: OperatorRole;
  }
}
