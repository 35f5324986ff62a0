/** The cookies of one browser (RFC 6265): by host, name and path. */
export type CookieJar = {
  /** Takes what an answer sets. */
  keep(url: string, setCookies: readonly string[], now: Date): void;
  /** The header Cookie for an address; empty where there is none. */
  header(url: string): string;
  /** What an address would be sent. */
  of(url: string): readonly Cookie[];
  /** Another browser with the same cookies, without those of some names. */
  copy(without?: readonly string[]): CookieJar;
};

export type Cookie = {
  name: string;
  value: string;
  host: string;
  /** Only for that very host. */
  hostOnly: boolean;
  path: string;
  secure: boolean;
  httpOnly: boolean;
  sameSite: string | undefined;
  /** Null: until the browser is closed. */
  expiresAt: Date | null;
};

export function cookieJar(known: readonly Cookie[] = []): CookieJar {
  const cookies = new Map(known.map((one) => [keyOf(one), one]));
  const of = (url: string): readonly Cookie[] => {
    const target = new URL(url);
    return [...cookies.values()].filter((one) => goesTo(one, target));
  };
  return {
    keep(url, setCookies, now) {
      for (const line of setCookies) {
        const cookie = cookieIn(line, new URL(url), now);
        if (!cookie) continue;
        if (cookie.expiresAt && cookie.expiresAt <= now) cookies.delete(keyOf(cookie));
        else cookies.set(keyOf(cookie), cookie);
      }
    },
    header: (url) =>
      of(url)
        .map(({ name, value }) => `${name}=${value}`)
        .join('; '),
    of,
    copy: (without = []) => cookieJar([...cookies.values()].filter((one) => !without.includes(one.name))),
  };
}

/** What one Set-Cookie line says; undefined where a browser would take nothing of it. */
export function cookieIn(line: string, url: URL, now: Date): Cookie | undefined {
  const [pair = '', ...rest] = line.split(';').map((part) => part.trim());
  const at = pair.indexOf('=');
  if (at < 1) return undefined;
  const attributes = new Map(
    rest.map((part) => {
      const [name = '', ...value] = part.split('=');
      return [name.trim().toLowerCase(), value.join('=').trim()] as const;
    }),
  );
  const domain = attributes.get('domain')?.replace(/^\./, '').toLowerCase();
  if (domain && url.hostname !== domain && !url.hostname.endsWith(`.${domain}`)) return undefined;
  const path = attributes.get('path');
  return {
    name: pair.slice(0, at),
    value: pair.slice(at + 1),
    host: domain ?? url.hostname,
    hostOnly: !domain,
    path: path?.startsWith('/') ? path : url.pathname.replace(/\/[^/]*$/, '') || '/',
    secure: attributes.has('secure'),
    httpOnly: attributes.has('httponly'),
    sameSite: attributes.get('samesite')?.toLowerCase(),
    expiresAt: endOf(attributes, now),
  };
}

function endOf(attributes: ReadonlyMap<string, string>, now: Date): Date | null {
  const maxAge = attributes.get('max-age');
  if (maxAge !== undefined && /^-?\d{1,12}$/.test(maxAge))
    return new Date(now.getTime() + Number(maxAge) * 1_000);
  const expires = Date.parse(attributes.get('expires') ?? '');
  return Number.isNaN(expires) ? null : new Date(expires);
}

function goesTo(cookie: Cookie, url: URL): boolean {
  const host = url.hostname;
  if (host !== cookie.host && (cookie.hostOnly || !host.endsWith(`.${cookie.host}`))) return false;
  // Browsers count the machine itself as safe.
  if (cookie.secure && url.protocol !== 'https:' && !/^(localhost|127\.0\.0\.1|\[::1\])$/.test(host))
    return false;
  return (
    url.pathname === cookie.path ||
    url.pathname.startsWith(cookie.path.endsWith('/') ? cookie.path : `${cookie.path}/`)
  );
}

function keyOf({ host, name, path }: Cookie): string {
  return `${host} ${path} ${name}`;
}
