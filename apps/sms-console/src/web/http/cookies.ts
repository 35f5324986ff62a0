import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CookieSerializeOptions } from '@fastify/cookie';
import type { BrandId } from '#domain/brand.ts';

/** Names of the console's cookies. All consoles of one machine share its cookies whatever their port: the brand keeps them apart. */
export type CookieNames = {
  readonly session: string;
  readonly csrf: string;
  readonly language: string;
  readonly notice: string;
  /** What was written when the session had ended. */
  readonly kept: string;
  readonly options: CookieSerializeOptions & { path: string };
};

/** On https the names begin with `__Host-`, so that no other host of the domain can plant one (RFC 6265bis §4.1.3.2). */
export function cookieNames(brand: BrandId, { secure }: { secure: boolean }): CookieNames {
  const prefix = `${secure ? '__Host-' : ''}reach-${brand}-`;
  return {
    session: `${prefix}session`,
    csrf: `${prefix}csrf`,
    language: `${prefix}language`,
    notice: `${prefix}notice`,
    kept: `${prefix}kept`,
    options: { path: '/', httpOnly: true, sameSite: 'lax', secure },
  };
}

/** The token of the browser's session cookie; null when it brought none that could be one. */
export function sessionToken(request: FastifyRequest, names: CookieNames): string | null {
  const token = request.cookies[names.session];
  return token && /^[\w-]{43}$/.test(token) ? token : null;
}

export function keepSession(reply: FastifyReply, names: CookieNames, token: string): void {
  void reply.setCookie(names.session, token, names.options);
}

export function forgetSession(reply: FastifyReply, names: CookieNames): void {
  void reply.clearCookie(names.session, names.options);
}
