import type { FastifyRequest, RouteOptions } from 'fastify';
import type { ConsoleScope } from '#domain/consoles/scopes.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { Texts } from '#support/primitives/locale.ts';

/**
 * Which scope a console needs for a call that it makes with its client id and secret; null: none, because it only says what there is. A route that is not here does not start.
 * Directories have tokens of their own, and are not bound by it.
 */
export const CONSOLE_CALLS = {
  'GET /api/console/v1/plan': 'plan.read',
  'POST /api/console/v1/legacy-sign-ins': 'sign-ins.report',
  'GET /api/console/v1/ended-sessions': 'sessions.read',
  'POST /api/console/v1/login-id-changes': 'login-ids.change',
  'GET /api/console/v1/login-id-changes/:id': 'login-ids.change',
  'POST /api/console/v1/login-id-changes/:id/resend': 'login-ids.change',
  'POST /api/console/v1/login-id-changes/:id/confirm': 'login-ids.change',
  'POST /api/console/v1/login-ids/compare': 'login-ids.compare',

  'GET /scim/v2/ServiceProviderConfig': null,
  'GET /scim/v2/ResourceTypes': null,
  'GET /scim/v2/ResourceTypes/:id': null,
  'GET /scim/v2/Schemas': null,
  'GET /scim/v2/Schemas/:id': null,
  'GET /scim/v2/Me': null,
  'POST /scim/v2/Me': null,
  'PUT /scim/v2/Me': null,
  'PATCH /scim/v2/Me': null,
  'DELETE /scim/v2/Me': null,
  'GET /scim/v2/Users': 'users.read',
  'POST /scim/v2/Users/.search': 'users.read',
  'GET /scim/v2/Users/*': 'users.read',
  'POST /scim/v2/Users': 'users.write',
  'PUT /scim/v2/Users/*': 'users.write',
  'PATCH /scim/v2/Users/*': 'users.write',
  'DELETE /scim/v2/Users/*': 'users.write',
  'POST /scim/v2/Bulk': 'users.write',

  'GET /ssf/stream': 'events.receive',
  'POST /ssf/stream': 'events.receive',
  'PUT /ssf/stream': 'events.receive',
  'PATCH /ssf/stream': 'events.receive',
  'DELETE /ssf/stream': 'events.receive',
  'GET /ssf/status': 'events.receive',
  'POST /ssf/status': 'events.receive',
  'POST /ssf/subjects/add': 'events.receive',
  'POST /ssf/subjects/remove': 'events.receive',
  'POST /ssf/verify': 'events.receive',
  'POST /ssf/poll/:stream_id': 'events.receive',
} as const satisfies Readonly<Record<string, ConsoleScope | null>>;

/** The scope of a route; throws where the table does not have it. */
export function scopeOfRoute({ method, url }: Pick<RouteOptions, 'method' | 'url'>): ConsoleScope | null {
  const scopes = [method].flat().map((one) => {
    // Every GET route answers HEAD too.
    const call = `${one === 'HEAD' ? 'GET' : one} ${url}`;
    if (!(call in CONSOLE_CALLS)) throw new Error(`Which scope ${call} needs is not in CONSOLE_CALLS.`);
    return CONSOLE_CALLS[call as keyof typeof CONSOLE_CALLS];
  });
  const [scope] = scopes;
  if (scope === undefined || scopes.some((one) => one !== scope))
    throw new Error(`The methods of ${url} need different scopes: make them routes of their own.`);
  return scope;
}

/** What the problem `scope-missing` says of it. */
export function scopeMissing(scope: ConsoleScope): { detail: Texts<string>; more: { scope: string } } {
  return {
    detail: {
      ja: `この呼び出しには権限 ${scope} が必要です。統合認証のオペレータに、この管理画面の「登録内容」で ${scope} を加えるよう依頼してください。`,
      en: `This call needs the scope ${scope}. Have an operator of the unified login add ${scope} to what is registered of this console.`,
    },
    more: { scope },
  };
}

/** The scope that this console lacks for a call; undefined when it may make it. Where no route is, the answer that there is none says enough. */
export function missingScope(request: FastifyRequest, console: ConsoleRow): ConsoleScope | undefined {
  const { method, url } = request.routeOptions;
  if (url === undefined || request.is404) return undefined;
  const scope = scopeOfRoute({ method: method ?? request.method, url } as RouteOptions);
  return scope === null || console.api_scopes.includes(scope) ? undefined : scope;
}
