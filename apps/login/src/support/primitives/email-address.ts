import { domainToASCII } from 'node:url';

/**
 * A login ID as we keep it.
 * `address` is what mail is sent to (local part as given, domain in lower-case A-labels);
 * `key` is what accounts and counters are looked up by: two spellings of one mailbox have one key.
 */
export type EmailAddress = { readonly address: string; readonly key: string };

export type EmailAddressResult = ({ ok: true } & EmailAddress) | { ok: false; reason: 'address-malformed' };

const MALFORMED = { ok: false, reason: 'address-malformed' } as const;

/**
 * The one normaliser for sign-in, reset, import and API: trims, turns full-width characters into ASCII, lower-cases the
 * domain and turns an internationalised one into A-labels (UTS 46); the local part is compared without case; plus tags stay.
 *
 * Accepts the dots in odd places that Japanese carriers handed out for years (`taro..01.@docomo.ne.jp`, outside RFC 5321's
 * dot-string); refuses everything that could name a second mailbox or a header: quotes, comments, lists, spaces, control characters.
 * @returns `address-malformed` for anything else, an absent value or a list included.
 */
export function parseEmailAddress(input: unknown): EmailAddressResult {
  if (typeof input !== 'string' || input.length > 1_000) return MALFORMED;
  const ascii = input.replace(FULL_WIDTH, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).trim();
  const parts = ascii.split('@');
  if (parts.length !== 2) return MALFORMED;
  const [local, givenDomain] = parts as [string, string];
  if (!LOCAL_PART.test(local) || local.length > 64) return MALFORMED;
  if (givenDomain === '' || /[\u0000-\u0020\u007f%/\\?#:[\]<>^|@]/.test(givenDomain)) return MALFORMED;
  const domain = domainToASCII(givenDomain).toLowerCase();
  if (!DOMAIN.test(domain) || local.length + 1 + domain.length > 254) return MALFORMED;
  return { ok: true, address: `${local}@${domain}`, key: `${local.toLowerCase()}@${domain}` };
}

const FULL_WIDTH = /[\uff01-\uff5e]/g;
const LOCAL_PART = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+$/;
const DOMAIN = /^(?=.{3,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/;
