import type { ConsoleRow } from '#support/db/schema.ts';
import type { Outbound, OutboundFailure, OutboundPage } from '#support/primitives/outbound.ts';
import { cookieJar, type CookieJar } from './cookie-jar.ts';
import type { PageForm } from './page.ts';

/** The login server, from inside: no address of it has to be reachable from itself. */
export type LoginServerDoor = {
  /** Makes an SSO session for a test account, as a sign-in would; the cookies of the browser that has it. */
  signIn(accountId: string): Promise<readonly string[]>;
  /** What a browser gets that asks an address of the login server. */
  visit(
    url: string,
    cookie: string,
  ): Promise<{ status: number; location: string | undefined; setCookies: readonly string[] }>;
};

/** Where a browser ended up. */
export type Place =
  /** A page of the console. */
  | { at: 'console'; url: string; page: Extract<OutboundPage, { ok: true }> }
  /** It did not redirect any further there, or the caller wanted to stop before asking it. */
  | { at: 'login-server'; url: string; status: number }
  | { at: 'stopped'; url: string }
  /** An address that is not registered: it was not asked. */
  | { at: 'elsewhere'; url: string }
  | { at: 'circle'; url: string }
  | { at: 'nowhere'; url: string; failure: OutboundFailure };

export type CheckBrowser = {
  readonly jar: CookieJar;
  /** Goes to an address, sends a form if one is given, and follows redirects. */
  go(url: string, options?: GoOptions): Promise<Place>;
};
export type GoOptions = {
  form?: PageForm;
  headers?: Readonly<Record<string, string>>;
  /** Whether to stop before this address is asked. */
  stopAt?(url: string): boolean;
  /** Told of each answer of the console on the way. */
  seen?(page: Extract<OutboundPage, { ok: true }>): void;
};

const TIME_LIMIT = 5_000;
/** Browsers give up after 20; a sign-in takes about six. */
const MOST_HOPS = 15;

/**
 * A browser of the test account: only registered addresses of the console, each with the guard of all outbound requests, and the login server by its own door.
 * @param loginServer its cookies there; all browsers of a check are in one SSO session
 */
export function checkBrowser(
  tools: {
    outbound: Outbound;
    door: LoginServerDoor;
    issuer: string;
    pagesUrl: string;
    clock: () => Date;
  },
  console: ConsoleRow,
  loginServer: CookieJar,
  jar: CookieJar = cookieJar(),
): CheckBrowser {
  const { outbound, door, clock } = tools;
  const origins = originsOf(console);
  const home = [tools.pagesUrl, tools.issuer];
  return {
    jar,
    async go(address, { form, headers = {}, stopAt, seen } = {}) {
      let url = address;
      for (let hop = 0; hop < MOST_HOPS; hop += 1) {
        const target = new URL(url);
        if (hop > 0 && stopAt?.(url)) return { at: 'stopped', url };
        if (home.includes(target.origin)) {
          const answer = await door.visit(url, loginServer.header(url));
          loginServer.keep(url, answer.setCookies, clock());
          const next = answer.status >= 300 && answer.status < 400 ? led(answer.location, url) : undefined;
          if (next === undefined) return { at: 'login-server', url, status: answer.status };
          url = next;
          continue;
        }
        if (!isRegistered(target, origins, console)) return { at: 'elsewhere', url };
        const sent = hop === 0 ? form : undefined;
        const cookie = jar.header(url);
        const page = await outbound.browse(url, {
          timeout: TIME_LIMIT,
          headers: {
            ...headers,
            ...(cookie === '' ? {} : { cookie }),
            ...(sent?.method === 'POST' ? { origin: target.origin } : {}),
          },
          ...(sent?.method === 'POST' ? { form: sent.fields } : {}),
        });
        if (!page.ok) return { at: 'nowhere', url, failure: page };
        seen?.(page);
        jar.keep(url, page.setCookies, clock());
        const next = page.status >= 300 && page.status < 400 ? led(page.location, url) : undefined;
        if (next === undefined) return { at: 'console', url, page };
        url = next;
      }
      return { at: 'circle', url };
    },
  };
}

function led(location: string | undefined, url: string): string | undefined {
  if (location === undefined || !URL.canParse(location, url)) return undefined;
  const { href, protocol } = new URL(location, url);
  return protocol === 'http:' || protocol === 'https:' ? href : undefined;
}

/** The origins of everything that is registered of a console. */
function originsOf(console: ConsoleRow): ReadonlySet<string> {
  return new Set(
    [
      console.home_url,
      console.initiate_login_uri,
      console.legacy_login_url,
      console.check_url,
      ...console.redirect_uris,
      ...console.post_logout_redirect_uris,
    ].flatMap((address) => (address === null ? [] : [new URL(address).origin])),
  );
}

function isRegistered(url: URL, origins: ReadonlySet<string>, console: ConsoleRow): boolean {
  return origins.has(url.origin) || (url.protocol === 'https:' && console.domains.includes(url.hostname));
}
