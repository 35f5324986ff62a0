import type { ConsoleRow } from '#support/db/schema.ts';

/** `pages` and `api` are ours; `mail`: the domain that our mails come from, which mail filters must let through. */
export type DomainPurpose = 'pages' | 'api' | 'console' | 'mail';

export type DomainEntry = {
  readonly host: string;
  /** Null for the domain of a sender of mails. */
  readonly port: number | null;
  readonly purpose: DomainPurpose;
};

/** What is ours of a list. */
export type OwnAddresses = {
  readonly pagesUrl: string;
  readonly issuer: string;
  readonly brand: { readonly senderAddress: string };
};

export type DomainChanges = { added: readonly DomainEntry[]; removed: readonly DomainEntry[] };

type Addresses = Pick<
  ConsoleRow,
  | 'home_url'
  | 'initiate_login_uri'
  | 'legacy_login_url'
  | 'redirect_uris'
  | 'post_logout_redirect_uris'
  | 'domains'
>;

/** Every domain that the people of a console must be able to reach today, in a stable order, each once. */
export function requiredDomains(own: OwnAddresses, console: Addresses): readonly DomainEntry[] {
  const addresses = [
    console.home_url,
    console.initiate_login_uri,
    console.legacy_login_url,
    ...console.redirect_uris,
    ...console.post_logout_redirect_uris,
  ].flatMap((address) => (address === null ? [] : [entryOf(address, 'console')]));
  const known = new Set(addresses.map((one) => one.host));
  const more = console.domains
    .filter((host) => !known.has(host))
    .map((host) => ({ host, port: 443, purpose: 'console' as const }));
  const senderDomain = own.brand.senderAddress.split('@').at(-1) ?? '';
  return unique([
    entryOf(own.pagesUrl, 'pages'),
    entryOf(own.issuer, 'api'),
    ...[...addresses, ...more].toSorted(byName),
    { host: senderDomain, port: null, purpose: 'mail' },
  ]);
}

/** What a later list has more and less than an earlier one. */
export function domainChanges(before: readonly DomainEntry[], after: readonly DomainEntry[]): DomainChanges {
  const [had, has] = [new Set(before.map(keyOf)), new Set(after.map(keyOf))];
  return {
    added: after.filter((one) => !had.has(keyOf(one))),
    removed: before.filter((one) => !has.has(keyOf(one))),
  };
}

export function isSame(before: readonly DomainEntry[], after: readonly DomainEntry[]): boolean {
  const { added, removed } = domainChanges(before, after);
  return added.length === 0 && removed.length === 0;
}

/** As administrators write it: host and port, or the domain of mails. */
export function entryText({ host, port }: Pick<DomainEntry, 'host' | 'port'>): string {
  return port === null ? host : `${host}:${port}`;
}

function entryOf(address: string, purpose: DomainPurpose): DomainEntry {
  const { hostname, port, protocol } = new URL(address);
  return { host: hostname, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port), purpose };
}

/** A console on one of our own hosts needs no second line; mails and pages may well share a domain. */
function unique(entries: readonly DomainEntry[]): readonly DomainEntry[] {
  const seen = new Set<string>();
  return entries.filter((entry) => !seen.has(entryText(entry)) && seen.add(entryText(entry)));
}

function keyOf({ host, port, purpose }: DomainEntry): string {
  return `${purpose === 'mail' ? 'mail' : 'web'} ${entryText({ host, port })}`;
}

function byName(one: DomainEntry, other: DomainEntry): number {
  return one.host.localeCompare(other.host, 'en') || (one.port ?? 0) - (other.port ?? 0);
}
