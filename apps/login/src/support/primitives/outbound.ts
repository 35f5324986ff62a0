import { lookup as systemLookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP } from 'node:net';
import { TLSSocket } from 'node:tls';

/** The only way out of this server for HTTP. */
export type Outbound = {
  /**
   * POSTs a form to a registered address. Redirects are not followed, the answer's body is not read.
   * `ok: false` says why there was no answer; an answer of any status is `ok: true`.
   */
  postForm(
    url: string,
    form: Readonly<Record<string, string>>,
    options: { timeout: number },
  ): Promise<OutboundResult>;
  /**
   * POSTs JSON with a bearer token to a registered address and reads the JSON of the answer, `undefined` where it is none or longer than 16 KiB. What it carries is secret: plain http goes only to
   * hosts among the allowed internal ones.
   */
  postJson(
    url: string,
    body: string,
    options: { timeout: number; bearer: string },
  ): Promise<OutboundJsonResult>;
  /**
   * POSTs a security event token to a registered address (RFC 8935 §2) and reads the JSON of the answer as `postJson` does. It tells of people, so plain http goes only to
   * hosts among the allowed internal ones.
   * @param options.authorization value of the Authorization header, where the console asked for one
   */
  postToken(
    url: string,
    token: string,
    options: { timeout: number; authorization?: string },
  ): Promise<OutboundTokenResult>;
  /** GETs a registered address and reads only what stands before the body: where it leads, which cookies it sets, what time it is there, until when its certificate holds. */
  look(url: string, options: { timeout: number }): Promise<OutboundLook>;
  /** Asks a registered address as a browser would, with the cookies and headers that are given, and reads the page, its first 256 KiB. Redirects are not followed. */
  browse(url: string, options: BrowseOptions): Promise<OutboundPage>;
};

export type BrowseOptions = {
  timeout: number;
  headers?: Readonly<Record<string, string>>;
  /** POSTed; without it the address is asked by GET. */
  form?: Readonly<Record<string, string>>;
};

export type OutboundPage =
  | {
      ok: true;
      status: number;
      location: string | undefined;
      setCookies: readonly string[];
      headers: Readonly<Record<string, string | readonly string[] | undefined>>;
      body: string;
    }
  | OutboundFailure;

export type OutboundLook =
  | {
      ok: true;
      status: number;
      location: string | undefined;
      setCookies: readonly string[];
      /** The header Date; undefined where there is none that can be read. */
      date: Date | undefined;
      certificateEndsAt: Date | undefined;
    }
  | OutboundFailure;

export type OutboundJsonResult = { ok: true; status: number; json: unknown } | OutboundFailure;

export type OutboundTokenResult =
  { ok: true; status: number; retryAfter: string | undefined; json: unknown } | OutboundFailure;

export type OutboundResult = { ok: true; status: number; retryAfter: string | undefined } | OutboundFailure;

export type OutboundFailure = {
  ok: false;
  reason: 'address-not-allowed' | 'timed-out' | 'unreachable';
  detail: string;
};

/** In bytes. */
const LONGEST_ANSWER = 16 * 1024;
const LONGEST_PAGE = 256 * 1024;

/** How a name becomes addresses; the machine's own way unless a test says otherwise. */
export type Lookup = (
  name: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Makes the outbound client. Special-use addresses (loopback, private, link-local, metadata; RFC 6890) are refused unless their
 * host name is in `allowedInternalHosts`; the address that was checked is the one that is connected to, so a
 * name cannot change its meaning in between (DNS rebinding; OWASP SSRF Prevention).
 */
export function createOutbound(options: {
  allowedInternalHosts: readonly string[];
  lookup?: Lookup;
}): Outbound {
  const { allowedInternalHosts, lookup = systemLookup } = options;
  return {
    postForm: (url, form, { timeout }) =>
      post(
        url,
        new URLSearchParams(form).toString(),
        { timeout, headers: { 'content-type': 'application/x-www-form-urlencoded' }, secret: false },
        async (response) => {
          ignoreBody(response);
          return {
            ok: true,
            status: response.statusCode ?? 0,
            retryAfter: response.headers['retry-after'],
          } as const;
        },
      ),
    postJson: (url, body, { timeout, bearer }) =>
      post(
        url,
        body,
        {
          timeout,
          headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
          secret: true,
        },
        async (response) =>
          ({ ok: true, status: response.statusCode ?? 0, json: await jsonOf(response) }) as const,
      ),
    postToken: (url, token, { timeout, authorization }) =>
      post(
        url,
        token,
        {
          timeout,
          headers: {
            'content-type': 'application/secevent+jwt',
            accept: 'application/json',
            ...(authorization === undefined ? {} : { authorization }),
          },
          secret: true,
        },
        async (response) =>
          ({
            ok: true,
            status: response.statusCode ?? 0,
            retryAfter: response.headers['retry-after'],
            json: await jsonOf(response),
          }) as const,
      ),
    look: (url, { timeout }) =>
      send(
        'GET',
        url,
        undefined,
        { timeout, headers: { accept: 'text/html,*/*;q=0.5' }, secret: false },
        async (response) => {
          const certificateEndsAt =
            response.socket instanceof TLSSocket
              ? dateIn(response.socket.getPeerCertificate().valid_to)
              : undefined;
          response.destroy();
          return {
            ok: true,
            status: response.statusCode ?? 0,
            location: response.headers.location,
            setCookies: response.headers['set-cookie'] ?? [],
            date: dateIn(response.headers.date),
            certificateEndsAt,
          } as const;
        },
      ),
    browse: (url, { timeout, headers = {}, form }) => {
      const read = async (response: IncomingMessage) =>
        ({
          ok: true,
          status: response.statusCode ?? 0,
          location: response.headers.location,
          setCookies: response.headers['set-cookie'] ?? [],
          headers: response.headers,
          body: await pageOf(response),
        }) as const;
      const all = { accept: 'text/html,*/*;q=0.5', 'accept-language': 'ja,en;q=0.5', ...headers };
      return form === undefined
        ? send('GET', url, undefined, { timeout, headers: all, secret: false }, read)
        : post(
            url,
            new URLSearchParams(form).toString(),
            {
              timeout,
              headers: { ...all, 'content-type': 'application/x-www-form-urlencoded' },
              secret: false,
            },
            read,
          );
    },
  };

  function post<Answer>(
    url: string,
    body: string,
    how: { timeout: number; headers: Record<string, string>; secret: boolean },
    read: (response: IncomingMessage) => Promise<Answer>,
  ): Promise<Answer | OutboundFailure> {
    const headers = { ...how.headers, 'content-length': String(Buffer.byteLength(body)) };
    return send('POST', url, body, { ...how, headers }, read);
  }

  function send<Answer>(
    method: 'GET' | 'POST',
    url: string,
    body: string | undefined,
    how: { timeout: number; headers: Record<string, string>; secret: boolean },
    read: (response: IncomingMessage) => Promise<Answer>,
  ): Promise<Answer | OutboundFailure> {
    return new Promise((resolve) => {
      const target = parseHttpUrl(url);
      if (!target) return resolve({ ok: false, reason: 'address-not-allowed', detail: 'not an http(s) URL' });
      if (isInside(target, allowedInternalHosts))
        return resolve({ ok: false, reason: 'address-not-allowed', detail: hostOf(target) });
      const internalAllowed = isAllowedInternal(target, allowedInternalHosts);
      if (how.secret && target.protocol !== 'https:' && !internalAllowed)
        return resolve({ ok: false, reason: 'address-not-allowed', detail: 'not https' });
      const failed = (error: Error): void => {
        if (error instanceof NotAllowed)
          resolve({ ok: false, reason: 'address-not-allowed', detail: error.message });
        else if (error.name === 'TimeoutError' || error.name === 'AbortError')
          resolve({ ok: false, reason: 'timed-out', detail: `${how.timeout} ms` });
        else
          resolve({
            ok: false,
            reason: 'unreachable',
            detail: (error as NodeJS.ErrnoException).code ?? error.message,
          });
      };
      const begin = target.protocol === 'https:' ? requestHttps : requestHttp;
      const request = begin(
        target,
        {
          method,
          headers: { ...how.headers, connection: 'close' },
          agent: false,
          signal: AbortSignal.timeout(how.timeout),
          lookup: (name, lookupOptions, callback) =>
            lookup(name, { ...lookupOptions, all: true }, (error, addresses) => {
              if (error) return callback(error, [] as LookupAddress[]);
              const usable = internalAllowed ? addresses : addresses.filter((a) => !isSpecialUse(a.address));
              if (usable.length === 0) return callback(new NotAllowed(name), [] as LookupAddress[]);
              if (lookupOptions.all) callback(null, usable);
              else callback(null, usable[0]?.address ?? '', usable[0]?.family);
            }),
        },
        (response: IncomingMessage) => void read(response).then(resolve, failed),
      );
      request.on('error', failed);
      request.end(body);
    });
  }
}

function dateIn(text: string | undefined): Date | undefined {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? undefined : new Date(at);
}

/** Lets a short body pass, so that whoever sends it can do so; one without end is cut off. */
function ignoreBody(response: IncomingMessage): void {
  let length = 0;
  response.on('error', () => undefined);
  response.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > LONGEST_ANSWER) response.destroy();
  });
}

/** The answer as JSON; undefined when it is none, or too long to be one of ours. */
async function jsonOf(response: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST_ANSWER) {
      response.destroy();
      return undefined;
    }
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
  } catch {
    return undefined;
  }
}

/** The beginning of a page. */
async function pageOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= LONGEST_PAGE) break;
  }
  return Buffer.concat(chunks).subarray(0, LONGEST_PAGE).toString();
}

class NotAllowed extends Error {}

export type OutboundRefusal = 'address-malformed' | 'address-internal';

/**
 * Whether this server would ever send a request to an address, as far as the address itself says: for a clear refusal at the moment of registration. A name that
 * leads inside only by its DNS entries is found out when a request is sent, each time anew.
 */
export function outboundRefusal(
  url: string,
  allowedInternalHosts: readonly string[],
): OutboundRefusal | undefined {
  const target = parseHttpUrl(url);
  if (!target || target.hash !== '') return 'address-malformed';
  return isInside(target, allowedInternalHosts) ? 'address-internal' : undefined;
}

/** An internal address, or a name that is one on every machine (RFC 6761 §6.3), unless it is allowed by name. */
function isInside(target: URL, allowedInternalHosts: readonly string[]): boolean {
  if (isAllowedInternal(target, allowedInternalHosts)) return false;
  const host = hostOf(target);
  return isIP(host) ? isSpecialUse(host) : /(^|\.)localhost\.?$/.test(host);
}

function isAllowedInternal(target: URL, allowedInternalHosts: readonly string[]): boolean {
  return allowedInternalHosts.some((host) => host.toLowerCase() === hostOf(target));
}

function hostOf(target: URL): string {
  return target.hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

function parseHttpUrl(text: string): URL | undefined {
  // What one reader of URLs takes for the host is for another a user name, a path or nothing at all.
  if (/[\s\\\p{Cc}]/u.test(text)) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url &&
    (url.protocol === 'https:' || url.protocol === 'http:') &&
    url.username === '' &&
    url.password === ''
    ? url
    : undefined;
}

/** The only addresses of IPv6 that lead outside (RFC 4291 §2.4): whatever else there is or will be stays closed, IPv4 in the clothes of IPv6 too. */
const GLOBAL_UNICAST = new BlockList();
GLOBAL_UNICAST.addSubnet('2000::', 3, 'ipv6');

const SPECIAL = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  // The former 6to4 relays (RFC 7526).
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  SPECIAL.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  SPECIAL.addSubnet(network, prefix, 'ipv6');

function isSpecialUse(addressWithZone: string): boolean {
  // A zone (RFC 4007) names a card of this machine; the address before it says where it leads.
  const address = addressWithZone.split('%')[0] ?? '';
  switch (isIP(address)) {
    case 4:
      return SPECIAL.check(address, 'ipv4');
    case 6:
      return !GLOBAL_UNICAST.check(address, 'ipv6') || SPECIAL.check(address, 'ipv6');
    default:
      return true;
  }
}
