import { request, type Agent, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';

export type Answer = { status: number; location: string; body: string };

/** Where a server listens, and the host name by which it is called. */
export type Address = { port: number; host: string };

/** A browser as the server sees one: keeps its connections and cookies, sends forms with their origin, follows nothing by itself. */
export class Browser {
  /** The client's address, as the proxy in front of the server would tell it. */
  clientAddress = '192.0.2.1';
  /** Says of each request when its browser loses patience with it, or its connection breaks; undefined: never. */
  patience: (() => AbortSignal) | undefined;
  private readonly address: Address;
  private readonly agent: Agent;
  private readonly cookies = new Map<string, { value: string; path: string }>();

  constructor(address: Address, agent: Agent) {
    this.address = address;
    this.agent = agent;
  }

  /** Another window of this browser, which has the same cookies at first. */
  twin(): Browser {
    return this.at(this.address.port);
  }

  /** The same, whose requests another server answers. */
  at(port: number): Browser {
    const twin = new Browser({ ...this.address, port }, this.agent);
    twin.clientAddress = this.clientAddress;
    twin.patience = this.patience;
    for (const [name, cookie] of this.cookies) twin.cookies.set(name, cookie);
    return twin;
  }

  /** What it has kept, by name. */
  kept(): ReadonlyMap<string, string> {
    return new Map([...this.cookies].map(([name, { value }]) => [name, value]));
  }

  get(path: string, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
    return this.send('GET', path, headers);
  }

  /** Sends a form of one of the server's own pages, as a browser does. */
  submit(path: string, form: Record<string, string>): Promise<Answer> {
    return this.post(path, form, {
      accept: 'text/html',
      origin: `http://${this.address.host}`,
      'sec-fetch-site': 'same-origin',
    });
  }

  /** Sends a form as a program does. */
  post(path: string, form: Record<string, string>, headers: OutgoingHttpHeaders): Promise<Answer> {
    const body = new URLSearchParams(form).toString();
    const described = {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': Buffer.byteLength(body),
    };
    return this.send('POST', path, { ...described, ...headers }, body);
  }

  /** Sends a request as it is given; cookies come and go with it. */
  async send(method: string, path: string, headers: OutgoingHttpHeaders, body?: string): Promise<Answer> {
    const cookie = this.cookieHeader(path);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: this.address.port,
          agent: this.agent,
          method,
          path,
          ...(this.patience ? { signal: this.patience() } : {}),
          headers: {
            host: this.address.host,
            accept: 'text/html',
            'accept-language': 'ja',
            'x-forwarded-for': this.clientAddress,
            ...(cookie ? { cookie } : {}),
            ...headers,
          },
        },
        resolve,
      );
      sent.on('error', reject);
      sent.end(body);
    });
    for (const line of answer.headers['set-cookie'] ?? []) this.keep(line, path);
    return {
      status: answer.statusCode ?? 0,
      location: answer.headers.location ?? '',
      body: await textOf(answer),
    };
  }

  private cookieHeader(path: string): string {
    const sent: string[] = [];
    for (const [name, cookie] of this.cookies)
      if (path.startsWith(cookie.path)) sent.push(`${name}=${cookie.value}`);
    return sent.join('; ');
  }

  private keep(line: string, requestPath: string): void {
    const end = line.indexOf(';');
    const pair = end < 0 ? line : line.slice(0, end);
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(name.length + 1);
    if (value === '') this.cookies.delete(name);
    else this.cookies.set(name, { value, path: /; ?path=([^;]*)/i.exec(line)?.[1] ?? requestPath });
  }
}

/** By events: an iterator over the stream costs the load generator, who shares the server's processors, several times as much. */
function textOf(answer: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    answer.setEncoding('utf8');
    answer.on('data', (chunk: string) => (text += chunk));
    answer.on('end', () => resolve(text));
    answer.on('error', reject);
  });
}
