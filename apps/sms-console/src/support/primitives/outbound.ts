import { lookup as systemLookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP } from 'node:net';

export type OutboundResult =
  | { ok: true; status: number; retryAfter: string | undefined }
  | { ok: false; reason: 'address-not-allowed' | 'timed-out' | 'unreachable'; detail: string };

/** The only way out of the console to addresses that customers name. */
export type Outbound = (
  url: string,
  body: string,
  options: { timeout: number; headers: Readonly<Record<string, string>> },
) => Promise<OutboundResult>;

/** How a name becomes addresses; the machine's own way unless a test says otherwise. */
export type Lookup = (
  name: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * POSTs JSON. Redirects are not followed and the answer's body is not read. Special-use addresses (loopback, private, link-local, metadata;
 * RFC 6890) and plain http are refused unless the host name is in `allowedInternalHosts`; the address that was checked is the one that is
 * connected to, so a name cannot change its meaning in between (DNS rebinding; OWASP SSRF Prevention).
 */
export function createOutbound({
  allowedInternalHosts,
  lookup = systemLookup,
}: {
  allowedInternalHosts: readonly string[];
  lookup?: Lookup;
}): Outbound {
  return (url, body, { timeout, headers }) =>
    new Promise((resolve) => {
      const target = parseHttpUrl(url);
      const refusal = outboundRefusal(url, allowedInternalHosts);
      if (!target || refusal !== undefined)
        return resolve({ ok: false, reason: 'address-not-allowed', detail: refusal ?? 'address-malformed' });
      const internalAllowed = isAllowedInternal(target, allowedInternalHosts);
      const failed = (error: Error): void => {
        if (error instanceof NotAllowed)
          resolve({ ok: false, reason: 'address-not-allowed', detail: 'address-internal' });
        else if (error.name === 'TimeoutError' || error.name === 'AbortError')
          resolve({ ok: false, reason: 'timed-out', detail: `${timeout} ms` });
        else
          resolve({
            ok: false,
            reason: 'unreachable',
            detail: (error as NodeJS.ErrnoException).code ?? error.name,
          });
      };
      const begin = target.protocol === 'https:' ? requestHttps : requestHttp;
      const request = begin(
        target,
        {
          method: 'POST',
          headers: {
            ...headers,
            'content-type': 'application/json',
            'content-length': String(Buffer.byteLength(body)),
            connection: 'close',
          },
          agent: false,
          signal: AbortSignal.timeout(timeout),
          lookup: (name, lookupOptions, callback) =>
            lookup(name, { ...lookupOptions, all: true }, (error, addresses) => {
              if (error) return callback(error, [] as LookupAddress[]);
              const usable = internalAllowed ? addresses : addresses.filter((a) => !isSpecialUse(a.address));
              if (usable.length === 0) return callback(new NotAllowed(name), [] as LookupAddress[]);
              if (lookupOptions.all) callback(null, usable);
              else callback(null, usable[0]?.address ?? '', usable[0]?.family);
            }),
        },
        (response) => {
          resolve({
            ok: true,
            status: response.statusCode ?? 0,
            retryAfter: response.headers['retry-after'],
          });
          response.destroy();
        },
      );
      request.on('error', failed);
      request.end(body);
    });
}

class NotAllowed extends Error {}

export type OutboundRefusal = 'address-malformed' | 'address-not-https' | 'address-internal';

/**
 * Whether the console would ever send a request to an address, as far as the address itself says: for a clear refusal at the moment of registration. A name that
 * leads inside only by its DNS entries is found out when a request is sent, each time anew.
 */
export function outboundRefusal(
  url: string,
  allowedInternalHosts: readonly string[],
): OutboundRefusal | undefined {
  const target = parseHttpUrl(url);
  if (!target || target.hash !== '') return 'address-malformed';
  if (isInside(target, allowedInternalHosts)) return 'address-internal';
  return target.protocol === 'https:' || isAllowedInternal(target, allowedInternalHosts)
    ? undefined
    : 'address-not-https';
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
