import type { Locale } from './locale.ts';

/** What one installation calls itself, on pages and in mails. */
export type Brand = {
  readonly name: { readonly [L in Locale]: string };
  /** CSS hex colour; every other colour is derived from it. */
  readonly keyColour: string;
  readonly senderName: string;
  readonly senderAddress: string;
  /** Where answers to mails go; null: to the sender. */
  readonly replyTo: string | null;
  /** Whom to ask, as one sentence a person can act on. */
  readonly support: { readonly [L in Locale]: string };
  /** What the company tells everybody on the sign-in page; empty: nothing. */
  readonly help: { readonly [L in Locale]: string };
  /** What stands at the end of every mail, such as the company's name and address; empty: nothing. */
  readonly mailFooter: { readonly [L in Locale]: string };
};

/** How every mail ends: whom to ask, and what the company wants to say. */
export function mailFooter(
  brand: Brand,
  locale: Locale,
  support: string = brand.support[locale],
): readonly string[] {
  return [support, ...(brand.mailFooter[locale] === '' ? [] : [brand.mailFooter[locale]])];
}
