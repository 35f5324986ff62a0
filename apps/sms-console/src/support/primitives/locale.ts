/** The languages of the product, Japanese first. */
export const LOCALES = ['ja', 'en'] as const;
export type Locale = (typeof LOCALES)[number];

/** Every text in every language: `en` has the keys of `ja`, so a forgotten translation is a type error. */
export type Texts<T> = { readonly ja: T; readonly en: Widened<T> };

type Widened<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...args: infer A) => string
      ? (...args: A) => string
      : Widened<T[K]>;
};

/** Declares the texts of a page; the type of `en` comes from `ja`. */
export function texts<const T extends object>(all: {
  ja: T;
  en: Widened<NoInfer<T>>;
}): Record<Locale, Widened<T>> {
  return all as Record<Locale, Widened<T>>;
}

/** Reads a locale that came from outside; null for anything that is not one of ours. */
export function readLocale(value: unknown): Locale | null {
  return LOCALES.find((locale) => locale === value) ?? null;
}
