/** The languages that every text exists in; Japanese is the first (R8). */
export type Locale = 'ja' | 'en';

export const LOCALES: readonly Locale[] = ['ja', 'en'];

/** Texts of one page or mail in every language. A key that one language lacks does not compile. */
export type Texts<T> = { readonly [L in Locale]: T };

/**
 * Ties the languages of one page or mail together: Japanese gives the shape, every other language must have the same keys with the same types.
 */
export function defineTexts<const T extends Record<string, unknown>>(texts: {
  ja: T;
  en: Widened<T>;
}): Texts<Widened<T>> {
  return texts as Texts<Widened<T>>;
}

/** The first language of ours in a space-separated list of BCP 47 tags (`ui_locales`, OpenID Connect Core §3.1.2.1). */
export function localeFromTags(tags: string | undefined | null): Locale | undefined {
  for (const tag of (tags ?? '').split(/\s+/)) {
    const primary = tag.toLowerCase().split(/[-_]/)[0];
    const found = LOCALES.find((locale) => locale === primary);
    if (found) return found;
  }
  return undefined;
}

/** The language that a browser's Accept-Language prefers among ours (RFC 9110 §12.5.4); order decides between equal weights. */
export function localeFromAcceptLanguage(header: string | undefined): Locale | undefined {
  const wishes = (header ?? '')
    .slice(0, 500)
    .split(',')
    .map((part, position) => {
      const [tag = '', ...parameters] = part.trim().split(';');
      const q = parameters.map((p) => /^\s*q=([0-9.]+)\s*$/.exec(p)?.[1]).find(Boolean);
      return { tag, position, weight: q === undefined ? 1 : Number(q) };
    })
    .filter((wish) => wish.weight > 0)
    .sort((a, b) => b.weight - a.weight || a.position - b.position);
  for (const wish of wishes) {
    const found = localeFromTags(wish.tag);
    if (found) return found;
  }
  return undefined;
}

/** A number with its English unit: 1 minute, 2 minutes. */
export function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

type Widened<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...args: infer A) => infer R
      ? (...args: A) => R extends string ? string : R
      : T[K] extends readonly (infer E)[]
        ? readonly (E extends string ? string : E)[]
        : T[K] extends Record<string, unknown>
          ? Widened<T[K]>
          : T[K];
};
