import { entryText, type DomainEntry } from '#domain/domain-lists/entries.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { WebContext } from '#web/http/context.ts';
import { isSplit } from '#web/http/hosts.ts';
import { REACHABLE_PATH } from '#web/http/other-host.tsx';
import { MARK_PATH } from './mark.ts';

/** One host that the browser tries. */
export type HostTest = {
  purpose: DomainEntry['purpose'];
  /** Host and port, as administrators write it. */
  name: string;
  origin: string;
  url: string;
  /** A console may be any program: whatever answers here has been reached. */
  elseAny?: string;
  /** Seen where no script runs. */
  mark?: string;
};

/** Our own hosts. */
export function ownTests(context: WebContext): readonly HostTest[] {
  const own = (purpose: 'pages' | 'api', origin: string): HostTest => ({
    purpose,
    name: nameOf(origin),
    origin,
    url: `${origin}${REACHABLE_PATH}`,
    mark: `${origin}${MARK_PATH}`,
  });
  return [own('pages', context.pagesUrl), ...(isSplit(context) ? [own('api', context.issuer)] : [])];
}

/** Our own hosts and what else a console needs. Where the kit runs it answers us; elsewhere any answer will do. */
export function testsOf(
  context: WebContext,
  console: ConsoleRow,
  entries: readonly DomainEntry[],
): readonly HostTest[] {
  const own = ownTests(context);
  const named = new Set(own.map(({ name }) => name));
  const origins = originsOf(console);
  const others: HostTest[] = [];
  for (const entry of entries) {
    const name = entryText(entry);
    if (entry.port === null || named.has(name)) continue;
    named.add(name);
    const origin = origins.get(name) ?? `https://${entry.port === 443 ? entry.host : name}`;
    if (!URL.canParse(origin)) continue;
    others.push({
      purpose: entry.purpose,
      name,
      origin,
      url: `${origin}/auth/reachable`,
      elseAny: `${origin}/favicon.ico`,
    });
  }
  return [...own, ...others];
}

/** By host and port: a list does not say http or https. */
function originsOf(console: ConsoleRow): ReadonlyMap<string, string> {
  const addresses = [
    console.home_url,
    console.initiate_login_uri,
    console.legacy_login_url,
    ...console.redirect_uris,
    ...console.post_logout_redirect_uris,
  ].filter((address) => address !== null);
  return new Map(
    addresses.map((address) => new URL(address).origin).map((origin) => [nameOf(origin), origin]),
  );
}

function nameOf(origin: string): string {
  const { hostname, port, protocol } = new URL(origin);
  return `${hostname}:${port === '' ? (protocol === 'https:' ? 443 : 80) : port}`;
}
