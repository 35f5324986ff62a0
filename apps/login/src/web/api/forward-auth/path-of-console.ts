const LONGEST = 1_000;

/**
 * The path, with query, of an address on this origin, given as a path or as a whole; null if it could lead anywhere else (OWASP Unvalidated Redirects and Forwards): other origins, scheme-relative
 * addresses, backslashes, control characters, more than 1,000 characters.
 */
export function isIn(origin: string, address: unknown): string | null {
  if (typeof address !== 'string' || address.length > LONGEST) return null;
  if (/[\\\u0000-\u0020\u007f-\u00a0\u2028\u2029]/u.test(address)) return null;
  const isPath = address.startsWith('/') && !address.startsWith('//');
  if (!isPath && !address.startsWith(`${origin}/`)) return null;
  if (!URL.canParse(address, origin)) return null;
  const url = new URL(address, origin);
  const path = url.pathname + url.search + url.hash;
  return url.origin === origin && url.username === '' && !path.startsWith('//') ? path : null;
}
