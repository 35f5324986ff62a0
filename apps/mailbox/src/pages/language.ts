import type { Language } from './texts.ts';

/**
 * The language that a browser prefers of ours, from its Accept-Language header (RFC 9110, 12.5.4); Japanese when it
 * says nothing we speak.
 */
export function preferredLanguage(acceptLanguage: string | undefined): Language {
  const ranges = (acceptLanguage ?? '').split(',').map(readRange);
  const known = ranges.filter(
    ({ language, quality }) => (language === 'ja' || language === 'en') && quality > 0,
  );
  const [best] = known.sort((left, right) => right.quality - left.quality);
  return best?.language === 'en' ? 'en' : 'ja';
}

function readRange(range: string): { language: string; quality: number } {
  const [tag = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  return { language: tag.split('-')[0] ?? '', quality: quality === undefined ? 1 : Number(quality) || 0 };
}
