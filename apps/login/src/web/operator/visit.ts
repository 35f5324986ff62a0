import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { Provider } from 'oidc-provider';
import { keepOperatorForm, keptOperatorForm } from '#domain/operators/kept-forms.ts';
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
import { localeOf, query, sendPage, shellOf, signInPathTo } from '#web/http/request.ts';
import type { Shell } from '#web/http/shell.tsx';
import { browserSession, lapsedAccount } from '#web/oidc/browser-session.ts';
import { removedPage, roleMissingPage } from './refused-pages.tsx';

export type Operator = Extract<OperatorStanding, { state: 'operator' }>;

/**
 * One request of an operator. `kept`: who comes back to a form that was sent after the sign-in was too old finds in the request's body what was typed ('back'), or it is
 * not kept any more ('gone').
 */
export type Visit = { operator: Operator; shell: Shell; now: Date; kept?: 'back' | 'gone' };

/** Adds the pages of one job. */
export type OperatorArea = (app: FastifyInstance, context: WebContext) => void;

/** A form whose sender signs in first. */
type FormToKeep = { accountId: string; signIn: { interrupted?: boolean; fresh?: boolean } };

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
    app.decorateRequest('formToKeep', null);
    app.addHook('onRoute', refuseUnwritten);
    app.addHook('onRequest', async (request, reply) => {
      const now = context.clock();
      const session = await browserSession(provider, request, reply);
      if (!session) {
        const form = isForm(request) ? await lapsedForm(request, reply, now) : undefined;
        if (!form)
          return reply.redirect(signInPathTo(placeOf(request), { interrupted: isForm(request) }), 303);
        request.formToKeep = form;
        return undefined;
      }
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
      if (session.authenticatedAt < after(now, -within)) {
        if (!isKeepable(request)) return reply.redirect(signInPathTo(placeOf(request), { fresh: true }), 303);
        request.formToKeep = { accountId: session.accountId, signIn: { fresh: true } };
        return undefined;
      }
      // A page that looks again by itself is nobody's doing: it keeps nobody signed in.
      if (!isLooking(request)) await keepSessionAlive(context.db, session, now);
      request.visit = {
        operator: standing,
        shell,
        now,
        ...(await bringBack(request, session.accountId, now)),
      };
      return undefined;
    });
    // What was typed is known only now that the body has been read; no handler is reached.
    app.addHook('preValidation', async (request, reply) => {
      if (!request.formToKeep) return undefined;
      const { accountId, signIn } = request.formToKeep;
      const path = placeOf(request);
      const form = { accountId, path, body: request.body };
      const token = await keepOperatorForm(context.db, form, context.clock());
      return reply.redirect(signInPathTo(token ? `${path}?kept=${token}` : path, signIn), 303);
    });
    for (const area of areas) area(app, context);
  });

  /** A form of an operator whose session has run out in this browser. */
  async function lapsedForm(
    request: FastifyRequest,
    reply: FastifyReply,
    now: Date,
  ): Promise<FormToKeep | undefined> {
    const right = pageRight(request.method, request.routeOptions.url ?? '');
    if (!right || !isKeepable(request)) return undefined;
    const accountId = await lapsedAccount(context, provider, request, reply);
    const standing = accountId && (await operatorStanding(context.db, accountId, now));
    if (!standing || standing.state !== 'operator' || !includesRole(standing.role, right.role))
      return undefined;
    return { accountId, signIn: { interrupted: true } };
  }

  /** Puts into the request what this operator had typed before signing in again. */
  async function bringBack(
    request: FastifyRequest,
    accountId: string,
    now: Date,
  ): Promise<Pick<Visit, 'kept'>> {
    const token = request.method === 'GET' ? query(request, 'kept') : undefined;
    if (token === undefined) return {};
    const path = request.url.split('?')[0] ?? '';
    const fields = await keptOperatorForm(context.db, { token, accountId, path }, now);
    if (!fields) return { kept: 'gone' };
    request.body = fields;
    return { kept: 'back' };
  }
}

/** Whether the request opens a form anew with what had been typed: its body says what, as if it had been sent. */
export function isBack(request: FastifyRequest): boolean {
  return visitOf(request).kept === 'back';
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

/** A file is not kept: whoever uploads one has it. */
function isKeepable(request: FastifyRequest): boolean {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';');
  return isForm(request) && type.trim().toLowerCase() === 'application/x-www-form-urlencoded';
}

function isForm(request: FastifyRequest): boolean {
  return request.method === 'POST';
}

declare module 'fastify' {
  interface FastifyRequest {
    visit: Visit | null;
    formToKeep: FormToKeep | null;
  }
}
