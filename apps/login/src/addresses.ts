/** What the environment says of our own addresses; absent ones are undefined. */
export type AddressVariables = {
  HITOKAGI_ISSUER?: string | undefined;
  HITOKAGI_API_URL?: string | undefined;
  HITOKAGI_PAGES_URL?: string | undefined;
};

/**
 * Where we are found: one URL for everything, or one for pages and one for the API (R22). The issuer is the URL of the API, whichever of its two names it is given by.
 * @param fallback the issuer when nothing is said
 * @returns origins, and everything that is wrong with them, each in a sentence
 */
export function ownAddresses(
  given: AddressVariables,
  fallback: string,
  production: boolean,
): { issuer: string; pagesUrl: string; problems: string[] } {
  const issuerName =
    given.HITOKAGI_ISSUER === undefined && given.HITOKAGI_API_URL ? 'HITOKAGI_API_URL' : 'HITOKAGI_ISSUER';
  const issuer = new URL(given.HITOKAGI_ISSUER ?? given.HITOKAGI_API_URL ?? fallback);
  const pages = given.HITOKAGI_PAGES_URL === undefined ? issuer : new URL(given.HITOKAGI_PAGES_URL);
  const problems: string[] = [];
  const named = [
    [issuerName, issuer],
    ...(given.HITOKAGI_PAGES_URL === undefined ? [] : [['HITOKAGI_PAGES_URL', pages] as const]),
  ] as const;
  for (const [name, url] of named) {
    if (production && url.protocol !== 'https:')
      problems.push(`${name} must begin with https:// in production.`);
    if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
      problems.push(`${name} must be an origin without a path.`);
    if (url.username !== '' || url.password !== '')
      problems.push(`${name} must hold no user name or password.`);
  }
  if (
    given.HITOKAGI_ISSUER &&
    given.HITOKAGI_API_URL &&
    new URL(given.HITOKAGI_API_URL).origin !== issuer.origin
  )
    problems.push(
      'HITOKAGI_API_URL and HITOKAGI_ISSUER differ: consoles look for the API at the issuer. Leave one of them out, or give both the same URL.',
    );
  if (pages.origin !== issuer.origin) {
    if (pages.protocol !== issuer.protocol)
      problems.push(
        `HITOKAGI_PAGES_URL and ${issuerName} must both begin with https://, or both with http://: cookies are for one of them only.`,
      );
    if (pages.hostname === issuer.hostname)
      problems.push(
        `HITOKAGI_PAGES_URL and ${issuerName} name the same host with another port: browsers keep cookies by host name. Give pages and API host names of their own, or the same URL.`,
      );
  }
  return { issuer: issuer.origin, pagesUrl: pages.origin, problems };
}
