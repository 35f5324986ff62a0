import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { Provider } from 'oidc-provider';
import {
  FRESH,
  operatorStanding,
  SIGNED_IN_WITHIN,
  type OperatorStanding,
} from '#domain/operators/operators.ts';
import { includesRole, pageRight } from '#domain/operators/rights.ts';
import { keepSessionAlive } from '#domain/sessions/sessions.ts';
import { after, MINUTE } from '#support/primitives/durations.ts';
import type { WebContext } from '#web/http/context.ts';
import { localeOf, sendPage, shellOf, signInPathTo } from '#web/http/request.ts';
import type { Shell } from '#web/http/shell.tsx';
import { browserSession } from '#web/oidc/browser-session.ts';
import { removedPage, roleMissingPage } from './refused-pages.tsx';

export type Operator = Extract<OperatorStanding, { state: 'operator' }>;

/** One request of an operator. */
export type Visit = { operator: Operator; shell: Shell; now: Date };

/** Adds the pages of one job. */
export type OperatorArea = (app: FastifyInstance, context: WebContext) => void;

/** Who opened a form just in time has so long to send it. */
const TIME_FOR_A_FORM = 15 * MINUTE;

/**
 * The operator pages. The only place that decides who may see them: the browser's SSO session, the operator's role and the age of the sign-in are looked at with every
 * request. For everybody who is no operator the pages do not exist (docs/decisions/0019).
 */
export async function registerOperatorPages(
  root: FastifyInstance,
  context: WebContext,
  provider: Provider,
  areas: readonly OperatorArea[],
): Promise<void> {
  await root.register(async (app) => {
    app.decorateRequest('visit', null);
    app.addHook('onRoute', refuseUnwritten);
    app.addHook('onRequest', async (request, reply) => {
      const now = context.clock();
      const session = await browserSession(provider, request, reply);
      if (!session)
        return reply.redirect(signInPathTo(placeOf(request), { interrupted: isForm(request) }), 303);
      const standing = await operatorStanding(context.db, session.accountId, now);
      if (!standing) {
        reply.callNotFound();
        return reply;
      }
      const locale = localeOf(request, { account: standing.locale });
      const shell = { ...shellOf(context, request, locale), path: placeOf(request) };
      if (standing.state === 'removed') return sendPage(reply, removedPage(shell, standing.removedAt), 403);
      const right = pageRight(
        request.method === 'HEAD' ? 'GET' : request.method,
        request.routeOptions.url ?? '',
      );
      if (!right) throw new Error(`${request.url} is in no table of rights.`);
      if (!includesRole(standing.role, right.role))
        return sendPage(reply, roleMissingPage(shell, { has: standing.role, needed: right.role }), 403);
      const grace = isForm(request) ? TIME_FOR_A_FORM : 0;
      const within = right.fresh ? FRESH + grace : SIGNED_IN_WITHIN;
      if (session.authenticatedAt < after(now, -within))
        return reply.redirect(signInPathTo(placeOf(request), { fresh: true }), 303);
      // A page that looks again by itself is nobody's doing: it keeps nobody signed in.
      if (!isLooking(request)) await keepSessionAlive(context.db, session, now);
      request.visit = { operator: standing, shell, now };
      return undefined;
    });
    for (const area of areas) area(app, context);
  });
}

/** Who is here. */
export function visitOf(request: FastifyRequest): Visit {
  if (!request.visit) throw new Error('The route is not behind the check of operators.');
  return request.visit;
}

function refuseUnwritten({ method, url }: RouteOptions): void {
  for (const one of [method].flat())
    if (one !== 'HEAD' && !pageRight(one, url))
      throw new Error(
        `${one} ${url} is not in the table of rights: write it into domain/operators/rights.ts.`,
      );
}

/** The page that a request is of: forms are sent to the address of their page. */
function placeOf(request: FastifyRequest): string {
  return isForm(request) ? (request.url.split('?')[0] ?? '/operator') : request.url;
}

function isLooking(request: FastifyRequest): boolean {
  return request.method === 'GET' && (request.query as Record<string, unknown>).live !== undefined;
}

function isForm(request: FastifyRequest): boolean {
  return request.method === 'POST';
}

declare module 'fastify' {
  interface FastifyRequest {
    visit: Visit | null;
  }
}
