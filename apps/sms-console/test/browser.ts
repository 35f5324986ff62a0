import type { FastifyInstance } from 'fastify';

type Cookie = { host: string; path: string; name: string; value: string };
export type Page = {
  status: number;
  url: URL;
  html: string;
  text: string;
  headers: Record<string, string | string[] | undefined>;
};

/** As much of a browser as these tests need: cookies by host and path, redirects between console and login server, forms with their hidden fields. */
export class TestBrowser {
  cookies: Cookie[] = [];
  page: Page | null = null;
  headers: Record<string, string>;
  private readonly console: { app: FastifyInstance; origin: string };

  constructor(console: { app: FastifyInstance; origin: string }, headers: Record<string, string> = {}) {
    this.console = console;
    this.headers = { 'accept-language': 'ja', ...headers };
  }

  /** Goes to a page and follows all redirects. */
  async open(url: string): Promise<Page> {
    return this.follow(new URL(url, this.page?.url ?? this.console.origin), 'GET');
  }

  /** Fills in and sends the form of the open page that leads to `action`, with its hidden fields. */
  async send(action: string, fields: Record<string, string> = {}): Promise<Page> {
    if (this.page === null) throw new Error('no page is open');
    const form = [...this.page.html.matchAll(/<form\b[^>]*>.*?<\/form>/gs)].find(([html]) =>
      html.includes(`action="${action}"`),
    )?.[0];
    if (form === undefined) throw new Error(`no form leads to ${action} on ${this.page.url.pathname}`);
    return this.post(action, { ...hiddenFields(form), ...fields });
  }

  async post(action: string, fields: Record<string, string>): Promise<Page> {
    return this.follow(
      new URL(action, this.page?.url ?? this.console.origin),
      'POST',
      new URLSearchParams(fields).toString(),
    );
  }

  /** Sends the form of the open page that leads to `action` with a file, as a browser does: the fields first. */
  async upload(
    action: string,
    file: { name: string; fileName: string; bytes: Buffer },
    fields: Record<string, string> = {},
  ): Promise<Page> {
    const form = [...(this.page?.html ?? '').matchAll(/<form\b[^>]*>.*?<\/form>/gs)].find(([html]) =>
      html.includes(`action="${action}"`),
    )?.[0];
    if (form === undefined) throw new Error(`no form leads to ${action}`);
    const boundary = 'form-boundary-0123456789';
    const head = (disposition: string) =>
      `--${boundary}\r\ncontent-disposition: form-data; ${disposition}\r\n`;
    const parts = Object.entries({ ...hiddenFields(form), ...fields }).map(
      ([name, value]) => `${head(`name="${name}"`)}\r\n${value}\r\n`,
    );
    const body = Buffer.concat([
      Buffer.from(parts.join('')),
      Buffer.from(
        `${head(`name="${file.name}"; filename="${file.fileName}"`)}content-type: text/csv\r\n\r\n`,
      ),
      file.bytes,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]);
    const url = new URL(action, this.page?.url ?? this.console.origin);
    return this.follow(url, 'POST', body, `multipart/form-data; boundary=${boundary}`);
  }

  /** One request to the console, without following redirects. */
  async request(
    method: 'GET' | 'POST',
    url: URL,
    body?: string | Buffer,
    type = 'application/x-www-form-urlencoded',
  ): Promise<Page> {
    const cookie = this.cookies
      .filter(({ host, path }) => host === url.hostname && url.pathname.startsWith(path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const headers = {
      ...this.headers,
      ...(cookie === '' ? {} : { cookie }),
      ...(body === undefined ? {} : { 'content-type': type }),
    };
    const answer =
      url.origin === this.console.origin
        ? await this.inject(method, url, headers, body)
        : await overNetwork(method, url, headers, body);
    for (const line of answer.setCookies) this.take(url.hostname, line);
    const { status, html, headers: answered } = answer;
    return { status, url, html, text: textOf(html), headers: answered };
  }

  cookie(name: string): string | undefined {
    return this.cookies.find((one) => one.name === name)?.value;
  }

  private async follow(
    url: URL,
    method: 'GET' | 'POST',
    body?: string | Buffer,
    type?: string,
  ): Promise<Page> {
    let page = await this.request(method, url, body, type);
    for (let hops = 0; page.headers['location'] !== undefined; hops += 1) {
      if (hops === 15) throw new Error(`too many redirects at ${page.url}`);
      page = await this.request('GET', new URL(String(page.headers['location']), page.url));
    }
    this.page = page;
    return page;
  }

  private async inject(
    method: 'GET' | 'POST',
    url: URL,
    headers: Record<string, string>,
    body?: string | Buffer,
  ) {
    const answer = await this.console.app.inject({
      method,
      url: url.pathname + url.search,
      headers: { host: url.host, ...headers },
      ...(body === undefined ? {} : { payload: body }),
    });
    const setCookies = [answer.headers['set-cookie'] ?? []].flat();
    return {
      status: answer.statusCode,
      html: answer.body,
      headers: answer.headers as Page['headers'],
      setCookies,
    };
  }

  private take(host: string, line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    const name = pair.slice(0, at);
    const attribute = (wanted: string) =>
      attributes.find((one) => one.toLowerCase().startsWith(`${wanted}=`))?.split('=')[1];
    const path = attribute('path') ?? '/';
    const expires = attribute('expires');
    const gone = attribute('max-age') === '0' || (expires !== undefined && Date.parse(expires) < Date.now());
    this.cookies = this.cookies.filter((one) => one.host !== host || one.path !== path || one.name !== name);
    if (!gone) this.cookies.push({ host, path, name, value: pair.slice(at + 1) });
  }
}

async function overNetwork(
  method: string,
  url: URL,
  headers: Record<string, string>,
  body?: string | Buffer,
) {
  const answer = await fetch(url, {
    method,
    headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body: new Uint8Array(Buffer.from(body)) }),
  });
  return {
    status: answer.status,
    html: await answer.text(),
    headers: Object.fromEntries(answer.headers),
    setCookies: answer.headers.getSetCookie(),
  };
}

function hiddenFields(form: string): Record<string, string> {
  const inputs = [...form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
  return Object.fromEntries(inputs.map(([, name, value]) => [name ?? '', decoded(value ?? '')]));
}

/** What a reader sees of a page, roughly: no tags, no head, spaces folded. */
function textOf(html: string): string {
  const body = html
    .replace(/<head\b.*?<\/head>/s, '')
    .replace(/<wbr\/?>/g, '')
    .replace(/<span class="ui-literal[^>]*>(.*?)<\/span>/g, '$1')
    .replace(/<[^>]+>/g, ' ');
  return decoded(body).replace(/\s+/g, ' ').trim();
}

function decoded(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
