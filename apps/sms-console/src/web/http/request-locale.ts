import type { FastifyRequest } from 'fastify';
import { readLocale, type Locale } from '#support/primitives/locale.ts';
import type { CookieNames } from './cookies.ts';

/** The language of a page: the reader's choice (cookie), else the signed-in person's own, else the browser's, else Japanese (R8). */
export function requestLocale(
  request: FastifyRequest,
  names: CookieNames,
  person?: { locale: Locale } | null,
): Locale {
  return (
    readLocale(request.cookies?.[names.language]) ??
    person?.locale ??
    preferredLocale(request.headers['accept-language']) ??
    'ja'
  );
}

/** The better liked of our languages in an Accept-Language header (RFC 9110 §12.5.4); null when it names neither. */
export function preferredLocale(header: string | undefined): Locale | null {
  const liked = (header ?? '')
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
      const quality = parameters
        .map((one) => /^\s*q=([0-9.]+)\s*$/.exec(one)?.[1])
        .find((q) => q !== undefined);
      return { locale: readLocale(tag.split('-')[0]), quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter((one) => one.locale !== null && one.quality > 0)
    .sort((a, b) => b.quality - a.quality);
  return liked[0]?.locale ?? null;
}
