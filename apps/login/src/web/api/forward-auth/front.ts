import type { FastifyRequest } from 'fastify';
import type { ConsoleRow } from '#support/db/schema.ts';
import { isIn } from './path-of-console.ts';

/** Where the proxy mounts these addresses on the console's host. */
export const MOUNT = '/_hitokagi';

/** The console's host as browsers see it, and the redirect URI that is registered for it. */
export type Front = { console: ConsoleRow; origin: string; secure: boolean; redirectUri: string };

/**
 * The host of the console that a request came for. The proxy says it (`X-Hitokagi-Host`), but only a host counts for which `https://HOST/_hitokagi/callback` is registered; where there is one
 * alone it need not be said. Undefined: none is registered, or another one was named.
 */
export function frontOf(console: ConsoleRow, request: FastifyRequest): Front | undefined {
  const callbacks = console.redirect_uris
    .map((uri) => new URL(uri))
    .filter(({ pathname, search }) => pathname === `${MOUNT}/callback` && search === '');
  const named = header(request, 'x-hitokagi-host')?.toLowerCase();
  const callback = named === undefined ? callbacks.at(0) : callbacks.find(({ host }) => host === named);
  if (!callback || (named === undefined && callbacks.length > 1)) return undefined;
  const { origin, protocol } = callback;
  return { console, origin, secure: protocol === 'https:', redirectUri: origin + callback.pathname };
}

/**
 * Where a person set out for: the page that nginx refused (`X-Hitokagi-Target`), `return_path`, or the target of a sign-in that the login server began (OpenID Connect Core §4).
 * Anything that is not on this host is its first page.
 */
export function targetOf(front: Front, request: FastifyRequest): string {
  const query = request.query as Record<string, unknown>;
  const wanted = [header(request, 'x-hitokagi-target'), query.return_path, query.target_link_uri];
  for (const one of wanted) {
    const path = isIn(front.origin, one);
    if (path !== null && !path.startsWith(`${MOUNT}/`)) return path;
  }
  return '/';
}

/** A header that the proxy sets; absent and empty are the same. */
export function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
