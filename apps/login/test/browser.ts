import type { LightMyRequestResponse } from 'fastify';
import { multipart, type FormFile } from './multipart.ts';
import type { World } from './world.ts';

export type Answer = LightMyRequestResponse & { path: string; origin?: string };

let browsers = 0;

/** A browser without script that knocks on the front door: keeps cookies by path, sends forms with their hidden fields, follows redirects inside. */
export class Browser {
  /** Of the host of the pages; browsers keep those of each host apart. */
  readonly cookies = new Map<string, { value: string; path: string }>();
  private readonly otherCookies = new Map<string, { value: string; path: string }>();
  readonly headers: Record<string, string> = { accept: 'text/html', 'accept-language': 'ja' };
  /** Limits count by address, so every browser of a test sits in a network of its own. */
  ip = `10.${++browsers >> 16}.${(browsers >> 8) & 255}.${browsers & 255}`;
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  /** Opens an address and follows redirects while they stay on the login server; the last answer may be a redirect elsewhere. */
  async open(url: string): Promise<Answer> {
    return this.follow(await this.request('GET', url));
  }

  /** Sends a form of the page: its hidden fields and what was typed. */
  async submit(page: Answer, action: string, typed: Record<string, string>): Promise<Answer> {
    return this.follow(await this.request('POST', action, { ...hiddenFields(page.body, action), ...typed }));
  }

  /** Sends a form with a file. */
  async submitFile(
    action: string,
    fields: Record<string, string>,
    ...files: readonly FormFile[]
  ): Promise<Answer> {
    const { payload, headers } = multipart(fields, ...files);
    return this.follow(await this.request('POST', action, payload, headers));
  }

  async request(
    method: 'GET' | 'POST',
    url: string,
    form?: Record<string, string> | Buffer,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const target = new URL(url, this.world.config.pagesUrl);
    const jar = target.origin === this.world.config.pagesUrl ? this.cookies : this.otherCookies;
    const answer = await this.world.app.server.inject({
      method,
      remoteAddress: this.ip,
      url: target.pathname + target.search,
      headers: {
        host: target.host,
        ...this.headers,
        ...(method === 'POST'
          ? { origin: target.origin, 'content-type': 'application/x-www-form-urlencoded' }
          : {}),
        cookie: cookieHeader(jar, target.pathname),
        ...headers,
      },
      ...(form ? { payload: Buffer.isBuffer(form) ? form : new URLSearchParams(form).toString() } : {}),
    });
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) keep(jar, line, target.pathname);
    return Object.assign(answer, { path: target.pathname + target.search, origin: target.origin });
  }

  private async follow(answer: Answer, hops = 0): Promise<Answer> {
    const { location } = answer.headers;
    if (answer.statusCode < 300 || answer.statusCode >= 400 || !location) return answer;
    if (hops > 8) throw new Error(`Redirected in circles, lastly to ${String(location)}.`);
    const { issuer, pagesUrl } = this.world.config;
    const target = new URL(String(location), answer.origin ?? pagesUrl);
    if (![issuer, pagesUrl].includes(target.origin)) return answer;
    return this.follow(await this.request('GET', target.href), hops + 1);
  }
}

type Jar = Map<string, { value: string; path: string }>;

function cookieHeader(jar: Jar, path: string): string {
  return [...jar]
    .filter(
      ([, cookie]) =>
        path === cookie.path || path.startsWith(cookie.path.endsWith('/') ? cookie.path : `${cookie.path}/`),
    )
    .map(([key, cookie]) => `${key.split(';')[0]}=${cookie.value}`)
    .join('; ');
}

function keep(jar: Jar, line: string, requestPath: string): void {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
  const at = pair.indexOf('=');
  const name = pair.slice(0, at);
  const value = pair.slice(at + 1);
  const attribute = (key: string) =>
    attributes.find((one) => one.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1);
  const path = attribute('path') ?? (requestPath.replace(/\/[^/]*$/, '') || '/');
  const expires = attribute('expires');
  if (
    value === '' ||
    attribute('max-age') === '0' ||
    (expires && new Date(expires) < new Date(0 + 86_400_000))
  )
    jar.delete(`${name};${path}`);
  else jar.set(`${name};${path}`, { value, path });
}

export function hiddenFields(html: string, action: string): Record<string, string> {
  const form = html.split('<form').find((part) => part.includes(`action="${action}"`)) ?? '';
  const fields: Record<string, string> = {};
  for (const [input] of (form.split('</form>')[0] ?? '').matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(input)?.[1];
    if (name) fields[name] = unescapeHtml(/value="([^"]*)"/.exec(input)?.[1] ?? '');
  }
  return fields;
}

function unescapeHtml(text: string): string {
  return text
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}
