import { isIPv6 } from 'node:net';

/** The network that limits count by: the address itself for IPv4, the /64 for IPv6 (one subscriber holds a whole one). */
export function clientNetwork(ip: string): string {
  if (!isIPv6(ip)) return ip;
  // The URL parser knows every notation of IPv6 and has one of its own: compressed, lower case, no dots.
  const canonical = new URL(`http://[${ip.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(canonical);
  if (mapped)
    return mapped
      .slice(1)
      .flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255])
      .join('.');
  const [head = '', tail = ''] = canonical.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail.split(':').filter(Boolean);
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
