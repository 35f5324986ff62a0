import type { Locale } from './locale.ts';

/** What one installation calls itself, on pages and in mails. */
export type Brand = {
  readonly name: { readonly [L in Locale]: string };
  /** CSS hex colour; every other colour is derived from it. */
  readonly keyColour: string;
  readonly senderName: string;
  readonly senderAddress: string;
  /** Whom to ask, as one sentence a person can act on. */
  readonly support: { readonly [L in Locale]: string };
};
