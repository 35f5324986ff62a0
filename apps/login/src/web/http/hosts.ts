import type { FastifyRequest } from 'fastify';
import type { WebContext } from './context.ts';

/** Which of our hosts answers a path: what people open, what programs call, or either. */
type Place = 'pages' | 'api' | 'either';

/**
 * What programs call, by the first part of its path; all else is for people and their browsers. Authorization and logout are too: a browser is led there, and its session's cookie
 * belongs to the host of the pages alone (docs/decisions/0046).
 */
const PLACES: Readonly<Record<string, Place>> = {
  '.well-known': 'api',
  api: 'api',
  consoles: 'api',
  'forward-auth': 'api',
  introspect: 'api',
  jwks: 'api',
  revoke: 'api',
  scim: 'api',
  ssf: 'api',
  token: 'api',
  userinfo: 'api',
  // Whichever of the two is not blocked shows the test of both.
  'connection-test': 'either',
  reachable: 'either',
  language: 'either',
};

/** Which of our hosts answers a route. */
export function placeOfRoute(pattern: string): Place {
  return PLACES[pattern.split('/')[1] ?? ''] ?? 'pages';
}

export type HostVerdict =
  | { at: 'here' }
  /** A page that was looked for at the host of the API: where it is. */
  | { at: 'pages'; address: string }
  /** It is not here, and nobody is led on. */
  | { at: 'nowhere' }
  /** Asked for under a name that is not ours. */
  | { at: 'foreign' };

/**
 * Says where a request belongs by the host that it names. With one URL there is one host. With two, pages that somebody looks for at the host of the API are led to: consoles
 * know nothing but the issuer, and mails of earlier days have its links.
 */
export function hostRule({ pagesUrl, issuer }: Pick<WebContext, 'pagesUrl' | 'issuer'>) {
  const places = { pages: hostIn(pagesUrl), api: hostIn(issuer) };
  return (request: FastifyRequest): HostVerdict => {
    const { config, url: pattern = '' } = request.routeOptions;
    const origin = originAsked(request, { pagesUrl, issuer });
    if (!config.anyHost && origin === undefined) return { at: 'foreign' };
    // The absolute form (RFC 9112 §3.2.2) names a host too.
    if (!request.url.startsWith('/') && !isBelow(request.url, config.anyHost ? [pagesUrl, issuer] : [origin]))
      return { at: 'foreign' };
    if (config.anyHost || request.is404 || places.pages === places.api) return { at: 'here' };
    const place = placeOfRoute(pattern);
    if (place === 'either' || request.host === places[place]) return { at: 'here' };
    if (place === 'api') return { at: 'nowhere' };
    if (request.method === 'GET' || request.method === 'HEAD')
      return { at: 'pages', address: `${pagesUrl}${pathOf(request.url)}` };
    // A form from another site may be brought there as an address, which the engine's route makes of it.
    return config.becomesAddress ? { at: 'here' } : { at: 'nowhere' };
  };
}

/** Whether pages and API have a host each. */
export function isSplit({ pagesUrl, issuer }: Pick<WebContext, 'pagesUrl' | 'issuer'>): boolean {
  return pagesUrl !== issuer;
}

/** The origin of ours that a request names; undefined when it names none. */
export function originAsked(
  { host }: FastifyRequest,
  { pagesUrl, issuer }: Pick<WebContext, 'pagesUrl' | 'issuer'>,
): string | undefined {
  return [pagesUrl, issuer].find((origin) => hostIn(origin) === host);
}

/** Host and port of an origin as URLs write it. */
function hostIn(origin: string): string {
  return origin.slice(origin.indexOf('//') + 2);
}

function isBelow(url: string, origins: readonly (string | undefined)[]): boolean {
  return origins.some((origin) => origin !== undefined && url.startsWith(`${origin}/`));
}

/** With its query; never another host, whatever stands in it. */
function pathOf(url: string): string {
  return url.startsWith('/') ? url : url.replace(/^[a-z]+:\/\/[^/]*/i, '');
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A form that is answered with a redirect to the address that it makes: it changes nothing, and may be sent to either host. */
    becomesAddress?: boolean;
  }
}
