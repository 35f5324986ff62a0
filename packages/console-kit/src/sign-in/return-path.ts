const LONGEST = 1_000;
const BASE = 'https://console.invalid';

/**
 * The path (with query) on this console that `value` names, or null if it could lead anywhere else: absolute and
 * scheme-relative URLs, backslashes, control characters, more than 1,000 characters.
 * Source: OWASP Unvalidated Redirects and Forwards Cheat Sheet.
 */
export function safeReturnPath(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > LONGEST) return null;

  if (
    !value.startsWith('/') ||
    value.startsWith('//') ||
    /[\\\u0000-\u0020\u007f-\u00a0\u2028\u2029]/u.test(value)
  )
    return null;
  if (!URL.canParse(value, BASE)) return null;
  const url = new URL(value, BASE);
  const path = url.pathname + url.search + url.hash;
  return url.origin === BASE && !path.startsWith('//') ? path : null;
}
