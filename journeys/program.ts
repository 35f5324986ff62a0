/** What a program got at last, after all redirects. */
export type Arrived = { status: number; url: URL; body: string };

/** A browser without a screen: cookies, redirects, forms. Many of them are cheap. */
export class Program {
  private readonly cookies = new Map<string, { value: string; path: string }>();
  private readonly address: string;

  /** @param address on the network, as the proxy in front would tell it */
  constructor(address: string) {
    this.address = address;
  }

  open(url: string): Promise<Arrived> {
    return this.follow(new URL(url), undefined);
  }

  /** Fills in the form of a page that has this field, and sends it. */
  submit(page: Arrived, field: string, fields: Record<string, string>): Promise<Arrived> {
    return this.send(page, `name="${field}"`, fields);
  }

  /** Presses the button of the form of a page that leads to this path. */
  press(page: Arrived, path: string): Promise<Arrived> {
    return this.send(page, `action="${path}"`, {});
  }

  private send(page: Arrived, mark: string, fields: Record<string, string>): Promise<Arrived> {
    const form = [...page.body.matchAll(/<form\b[^>]*>.*?<\/form>/gs)]
      .map(([html]) => html)
      .find((html) => html.includes(mark));
    if (form === undefined) throw new Error(`No form with ${mark} on ${page.url.href} (${page.status})`);
    const hidden = [...form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
    const action = /action="([^"]*)"/.exec(form)?.[1] ?? page.url.href;
    const all = Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, unescaped(value)]));
    return this.follow(new URL(unescaped(action), page.url), new URLSearchParams({ ...all, ...fields }));
  }

  private async follow(url: URL, form: URLSearchParams | undefined): Promise<Arrived> {
    let answer = await this.request(url, form);
    let at = url;
    for (let hops = 0; answer.headers.has('location'); hops += 1) {
      if (hops > 15) throw new Error(`Redirected in circles, lastly at ${at.href}`);
      await answer.body?.cancel();
      at = new URL(answer.headers.get('location') ?? '', at);
      answer = await this.request(at, undefined);
    }
    return { status: answer.status, url: at, body: await answer.text() };
  }

  private async request(url: URL, form: URLSearchParams | undefined): Promise<Response> {
    const cookie = [...this.cookies]
      .filter(([, one]) => url.pathname.startsWith(one.path))
      .map(([key, one]) => `${key.split(';')[0]}=${one.value}`)
      .join('; ');
    const answer = await fetch(url, {
      method: form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        'accept-language': 'ja',
        'x-forwarded-for': this.address,
        ...(form ? { origin: url.origin, 'sec-fetch-site': 'same-origin' } : {}),
        ...(cookie ? { cookie } : {}),
      },
      ...(form ? { body: form } : {}),
    });
    for (const line of answer.headers.getSetCookie()) this.keep(line, url.pathname);
    return answer;
  }

  private keep(line: string, requestPath: string): void {
    const [pair = ''] = line.split(';');
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(name.length + 1);
    const path = /; ?path=([^;]*)/i.exec(line)?.[1] ?? (requestPath.replace(/\/[^/]*$/, '') || '/');
    if (value === '' || /; ?max-age=0\b/i.test(line)) this.cookies.delete(`${name};${path}`);
    else this.cookies.set(`${name};${path}`, { value, path });
  }
}

function unescaped(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
