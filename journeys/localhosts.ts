import dns from 'node:dns';

let isNamed = false;

/** Has programs of this process find `*.localhost` on this machine (RFC 6761 §6.3), as browsers do by themselves; the C library does not. */
export function nameLocalhosts(): void {
  if (isNamed) return;
  isNamed = true;
  const lookup = dns.lookup as (hostname: string, ...others: unknown[]) => void;
  Object.assign(dns, {
    lookup: (hostname: string, ...others: unknown[]) =>
      lookup(hostname.endsWith('.localhost') ? 'localhost' : hostname, ...others),
  });
}
