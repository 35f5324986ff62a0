import { request, type IncomingMessage } from 'node:http';
import type { Traffic } from './traffic.ts';

export type Page = { status: number; url: URL; html: string };

/** A step of a person did not end as it does for people; the message says where. */
export class BrokenWalk extends Error {}

const MOST_REDIRECTS = 15;

/**
 * One person's browser as far as servers can tell: keeps cookies by host and path, follows redirects between console and login server, and
 * sends the forms of the open page with their hidden fields and their origin. An answer of 500 or above, or none, counts as a failed request.
 */
export class PersonsBrowser {
  page: Page | null = null;
  private readonly traffic: Traffic;
  /** As the proxy in front would tell it: everybody comes from an address of their own. */
  private readonly clientAddress: string;
  private readonly cookies = new Map<string, { name: string; value: string; path: string }>();

  constructor(traffic: Traffic, clientAddress: string) {
    this.traffic = traffic;
    this.clientAddress = clientAddress;
  }

  /** Another browser of the same person, in which they are signed in too. */
  copy(): PersonsBrowser {
    const other = new PersonsBrowser(this.traffic, this.clientAddress);
    for (const [key, cookie] of this.cookies) other.cookies.set(key, { ...cookie });
    return other;
  }

  /** Goes to a page, relative to the open one, and follows redirects. */
  open(url: string): Promise<Page> {
    return this.follow('GET', new URL(url, this.page?.url));
  }

  /** Fills in and sends the form of the open page that has all these fields. */
  submit(fields: Record<string, string>): Promise<Page> {
    const { url, html } = this.openPage();
    const form = [...html.matchAll(/<form\b[^]*?<\/form>/g)].find(([one]) =>
      Object.keys(fields).every((name) => one.includes(`name="${name}"`)),
    )?.[0];
    if (form === undefined) throw this.broken(`no form with ${Object.keys(fields).join(', ')}`);
    const action = decoded(/<form[^>]*\baction="([^"]*)"/.exec(form)?.[1] ?? url.pathname);
    const body = new URLSearchParams({ ...hiddenFields(form), ...fields }).toString();
    return this.follow('POST', new URL(action, url), body);
  }

  /** Presses the button of the form that leads to this path. */
  press(path: string): Promise<Page> {
    const { url, html } = this.openPage();
    const form = [...html.matchAll(/<form\b[^]*?<\/form>/g)].find(([one]) =>
      one.includes(`action="${path}"`),
    )?.[0];
    if (form === undefined) throw this.broken(`no form that leads to ${path}`);
    return this.follow('POST', new URL(path, url), new URLSearchParams(hiddenFields(form)).toString());
  }

  /** Follows the first link of the open page whose address fits. */
  followLink(address: RegExp): Promise<Page> {
    const { html } = this.openPage();
    const link = [...html.matchAll(/<a\b[^>]*\bhref="([^"]*)"/g)].find(([, href]) =>
      address.test(decoded(href ?? '')),
    )?.[1];
    if (link === undefined) throw this.broken(`no link like ${String(address)}`);
    return this.open(decoded(link));
  }

  /** The error for a page that is not the one that should have come. */
  broken(what: string): BrokenWalk {
    const text = (this.page?.html ?? '').replace(/<head\b[^]*?<\/head>/, '').replace(/<[^>]+>/g, ' ');
    const where = `${this.page?.status ?? 0} ${this.page?.url.href ?? ''}`;
    return new BrokenWalk(`${what}; at ${where}: ${text.replace(/\s+/g, ' ').slice(0, 300)}`);
  }

  private openPage(): Page {
    if (this.page === null) throw new BrokenWalk('no page is open');
    return this.page;
  }

  private async follow(method: 'GET' | 'POST', url: URL, body?: string): Promise<Page> {
    let answer = await this.send(method, url, body);
    let at = url;
    for (let hops = 0; answer.headers.location !== undefined; hops += 1) {
      if (hops === MOST_REDIRECTS) throw new BrokenWalk(`too many redirects at ${at.href}`);
      at = new URL(answer.headers.location, at);
      answer = await this.send('GET', at);
    }
    this.page = { status: answer.statusCode ?? 0, url: at, html: answer.html };
    return this.page;
  }

  private async send(method: string, url: URL, body?: string) {
    this.traffic.requests += 1;
    const cookie = this.cookieHeader(url.pathname);
    const form = {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': Buffer.byteLength(body ?? ''),
      origin: this.page?.url.origin ?? url.origin,
      'sec-fetch-site': 'same-origin',
    };
    try {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const sent = request(
          url,
          {
            method,
            agent: this.traffic.agent,
            headers: {
              accept: 'text/html',
              'accept-language': 'ja',
              'x-forwarded-for': this.clientAddress,
              ...(cookie === '' ? {} : { cookie }),
              ...(body === undefined ? {} : form),
            },
          },
          resolve,
        );
        sent.on('error', reject);
        sent.end(body);
      });
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk as Buffer);
      const html = Buffer.concat(chunks).toString();
      if ((answer.statusCode ?? 0) >= 500)
        throw new BrokenWalk(`answered ${answer.statusCode}: ${html.slice(0, 200)}`);
      for (const line of answer.headers['set-cookie'] ?? []) this.keep(line, url.pathname);
      return { statusCode: answer.statusCode, headers: answer.headers, html };
    } catch (error) {
      const what = `${method} ${url.origin}${url.pathname}: ${(error as Error).message}`;
      this.traffic.fail(what);
      throw new BrokenWalk(what, { cause: error });
    }
  }

  /** Everything runs on localhost, and cookies know no ports (RFC 6265 §8.5): the names keep the programs apart. */
  private cookieHeader(path: string): string {
    const sent = [...this.cookies.values()].filter((cookie) => path.startsWith(cookie.path));
    return sent.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  private keep(line: string, requestPath: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(name.length + 1);
    const path = attributes.find((one) => /^path=/i.test(one))?.slice(5) ?? requestPath;
    const gone = value === '' || attributes.some((one) => /^max-age=0$|^expires=thu, 01 jan 1970/i.test(one));
    if (gone) this.cookies.delete(`${name} ${path}`);
    else this.cookies.set(`${name} ${path}`, { name, value, path });
  }
}

function hiddenFields(form: string): Record<string, string> {
  const inputs = [...form.matchAll(/<input type="hidden" name="([^"]*)"[^>]* value="([^"]*)"/g)];
  return Object.fromEntries(inputs.map(([, name, value]) => [name ?? '', decoded(value ?? '')]));
}

function decoded(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
