type Cookie = { host: string; path: string; name: string; value: string };

/** As much of a browser as a sign-in needs: cookies by host and path, redirects across origins, the one form of the logout page. */
export class TestBrowser {
  cookies: Cookie[] = [];

  /** Goes to `url` and follows redirects up to `stopAt` (a path that is not requested any more). */
  async open(url: string, stopAt?: string): Promise<{ status: number; url: string; text: string }> {
    let at = url;
    for (let hops = 0; hops < 15; hops++) {
      if (stopAt !== undefined && new URL(at).pathname === stopAt) return { status: 0, url: at, text: '' };
      const response = await this.request(at);
      const location = response.headers.get('location');
      if (location === null) return { status: response.status, url: at, text: await response.text() };
      at = new URL(location, at).href;
    }
    throw new Error(`too many redirects at ${at}`);
  }

  async request(url: string, init: RequestInit = {}): Promise<Response> {
    const { hostname, pathname } = new URL(url);
    const cookie = this.cookies
      .filter(({ host, path }) => host === hostname && pathname.startsWith(path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const headers = {
      ...(cookie === '' ? {} : { cookie }),
      ...(init.headers as Record<string, string> | undefined),
    };
    const response = await this.send(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.take(hostname, line);
    return response;
  }

  /** Confirms the provider's logout page. */
  async confirmLogout(page: { url: string; text: string }): Promise<Response> {
    const action = /action="([^"]+)"/u.exec(page.text)?.[1];
    const xsrf = /name="xsrf" value="([^"]+)"/u.exec(page.text)?.[1];
    if (action === undefined || xsrf === undefined) throw new Error(`not a logout page: ${page.text}`);
    return this.request(new URL(action, page.url).href, {
      method: 'POST',
      body: new URLSearchParams({ xsrf, logout: 'yes' }),
    });
  }

  protected send(url: string, init: RequestInit): Promise<Response> {
    return fetch(url, init);
  }

  private take(host: string, line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    const name = pair.slice(0, at);
    const value = pair.slice(at + 1);
    const attribute = (wanted: string): string | undefined =>
      attributes.find((one) => one.toLowerCase().startsWith(`${wanted}=`))?.split('=')[1];
    const path = attribute('path') ?? '/';
    const expires = attribute('expires');
    const gone = attribute('max-age') === '0' || (expires !== undefined && Date.parse(expires) < Date.now());
    this.cookies = this.cookies.filter((one) => one.host !== host || one.path !== path || one.name !== name);
    if (!gone) this.cookies.push({ host, path, name, value });
  }
}
