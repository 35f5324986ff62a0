import { domainToASCII } from 'node:url';

// As the login server reads it. Mailboxes of Japanese carriers have doubled and trailing dots that RFC 5321 forbids, and they exist: dots are not judged. Letters beyond ASCII are
// refused: some fold to ASCII in the database (K of Kelvin, dotted İ), and would be another spelling of somebody's address with a counter of its own.
const LOCAL_PART = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}$/;
const DOMAIN = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/;

/**
 * Reads an e-mail address as a person types it: spaces around it and full-width letters are put right, the domain
 * becomes lower-case ASCII (IDN as A-labels), the local part keeps its letters. Returns null for what is no address.
 * Two addresses are the same person's when `sameAddressKey` of both is equal.
 */
export function readEmailAddress(typed: string): string | null {
  const text = halfWidth(typed).trim();
  const at = text.lastIndexOf('@');
  if (at < 1) return null;
  const localPart = text.slice(0, at);
  const domain = domainToASCII(text.slice(at + 1)).toLowerCase();
  if (!LOCAL_PART.test(localPart) || !DOMAIN.test(domain)) return null;
  return `${localPart}@${domain}`;
}

/** The form in which addresses are compared; the database compares by lower() in the same way. */
export function sameAddressKey(address: string): string {
  return address.toLowerCase();
}

/** Full-width ASCII letters, digits, signs and the ideographic space, as Japanese input methods leave them, to half width. */
export function halfWidth(text: string): string {
  return text
    .replace(/[\uFF01-\uFF5E]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replaceAll('\u3000', ' ');
}
