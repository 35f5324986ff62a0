/** A form of a page: where it goes and what it sends without anybody typing. */
export type PageForm = { action: string; method: 'GET' | 'POST'; fields: Readonly<Record<string, string>> };

const LEAVING = /(log|sign)[-_]?(out|off)|ログアウト|サインアウト/i;

/**
 * How one leaves, as far as a page says it: the form, or else the link, whose address or words are those of signing out. Read with a few patterns: a page that is written unlike all others only
 * leaves the check without an answer.
 */
export function wayOut(html: string, url: string): PageForm | undefined {
  const forms = formsOf(html, url);
  const form = forms.find((one) => LEAVING.test(pathOf(one.action))) ?? forms.find((one) => one.leaves);
  if (form) return { action: form.action, method: form.method, fields: form.fields };
  const links = linksOf(html, url);
  const link =
    links.find((one) => LEAVING.test(pathOf(one.address))) ?? links.find((one) => LEAVING.test(one.words));
  return link && { action: link.address, method: 'GET', fields: {} };
}

/** The links of a page with their words. */
export function linksOf(html: string, url: string): readonly { address: string; words: string }[] {
  return [...html.matchAll(/<a\b([^>]*)>([\s\S]{0,2000}?)<\/a>/gi)].flatMap(([, tag = '', words = '']) => {
    const address = absolute(attribute(tag, 'href'), url);
    return address === undefined ? [] : [{ address, words: words.replaceAll(/<[^>]*>/g, '').trim() }];
  });
}

/** What an https page loads from, or sends to, addresses without encryption: browsers block it or warn. */
export function unencrypted(html: string, url: string): readonly string[] {
  if (!url.startsWith('https:')) return [];
  const found = [...html.matchAll(/<(?:script|img|iframe|form|link|source|video|audio)\b([^>]*)>/gi)].flatMap(
    ([, tag = '']) =>
      ['src', 'action', 'href']
        .map((name) => attribute(tag, name))
        .filter((value) => value !== undefined && /^http:\/\//i.test(value)),
  );
  return [...new Set(found as string[])];
}

function formsOf(html: string, url: string): readonly (PageForm & { leaves: boolean })[] {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].flatMap(([, tag = '', inside = '']) => {
    const action = absolute(attribute(tag, 'action') ?? '', url);
    if (action === undefined) return [];
    const fields = [...inside.matchAll(/<input\b([^>]*)>/gi)].flatMap(([, input = '']) => {
      const name = attribute(input, 'name');
      const isHidden = attribute(input, 'type')?.toLowerCase() === 'hidden';
      return name !== undefined && isHidden ? [[name, attribute(input, 'value') ?? ''] as const] : [];
    });
    const asksNothing = !/<input\b[^>]*type\s*=\s*["']?(?:text|password|email)/i.test(inside);
    return [
      {
        action,
        method: attribute(tag, 'method')?.toUpperCase() === 'POST' ? 'POST' : 'GET',
        fields: Object.fromEntries(fields),
        leaves: asksNothing && LEAVING.test(inside.replaceAll(/<[^>]*>/g, ' ')),
      },
    ];
  });
}

function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(tag);
  const value = found?.[1] ?? found?.[2] ?? found?.[3];
  return value === undefined ? undefined : unescaped(value);
}

function unescaped(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll(/&#(?:39|x27);/gi, "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

function absolute(address: string | undefined, url: string): string | undefined {
  if (address === undefined || !URL.canParse(address, url)) return undefined;
  const { href, protocol } = new URL(address, url);
  return protocol === 'http:' || protocol === 'https:' ? href : undefined;
}

function pathOf(address: string): string {
  return new URL(address).pathname;
}
