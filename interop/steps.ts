import { once } from 'node:events';
import { lookup } from 'node:dns/promises';
import { createServer, request as ask, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkEntrance } from '../apps/login/src/domain/consoles/check-entrance.ts';
import { createOutbound } from '../apps/login/src/support/primitives/outbound.ts';
import { PASSWORD } from '../apps/login/test/steps.ts';
import { openWorld, type World } from '../apps/login/test/world.ts';
import { TestBrowser } from '../packages/console-kit/test/browser.ts';

export type Page = { url: string; text: string };

/** A login server that programs of others can call: at an address of this machine, by the machine's clock, which `pass` and `now` set ahead. */
export async function openReachableWorld(): Promise<World> {
  const port = await freePort();
  const world = await openWorld({
    now: new Date(),
    environment: { HITOKAGI_ISSUER: `http://localhost:${port}` },
  });
  let ahead = 0;
  Object.defineProperty(world, 'now', {
    get: () => new Date(Date.now() + ahead),
    set: (moment: Date) => (ahead = moment.getTime() - Date.now()),
  });
  await world.app.server.listen({ port, host: 'localhost' });
  return world;
}

export const submitSignIn = (browser: TestBrowser, page: Page, email_address: string): Promise<Page> =>
  submit(browser, page, { email_address, password: PASSWORD });

/** Sends the form of a page of ours, with what it hides, and follows where it leads. */
export async function submit(browser: TestBrowser, page: Page, typed: Record<string, string>): Promise<Page> {
  const form = [...page.text.matchAll(/<form[^>]*action="([^"]+)"[^>]*>(.*?)<\/form>/gs)].find(
    ([, action]) => !action?.includes('/language'),
  );
  if (!form) throw new Error(`No form at ${page.url}: ${page.text.slice(0, 300)}`);
  const hidden = [...(form[2] ?? '').matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
  const fields = Object.fromEntries(
    hidden.map(([, name = '', value = '']): [string, string] => [name, value]),
  );
  const answer = await browser.request(new URL(form[1] ?? '', page.url).href, {
    method: 'POST',
    headers: { origin: new URL(page.url).origin },
    body: new URLSearchParams({ ...fields, ...typed }),
  });
  const location = answer.headers.get('location');
  if (location === null) return { url: page.url, text: await answer.text() };
  return browser.open(new URL(location, page.url).href);
}

/** A browser whose requests are those of a person who opens pages; Node's fetch calls each of its own a request of a script. */
export class NavigatingBrowser extends TestBrowser {
  protected override async send(url: string, init: RequestInit): Promise<Response> {
    const body = init.body === undefined ? undefined : new Response(init.body);
    const type = body?.headers.get('content-type');
    const sent = ask(url, {
      method: init.method ?? 'GET',
      agent: false,
      headers: {
        ...{ accept: 'text/html', 'sec-fetch-mode': 'navigate' },
        ...(type === null || type === undefined ? {} : { 'content-type': type }),
        ...(init.headers as Record<string, string>),
      },
    });
    // A server may say more than its answer (mod_auth_openidc sends its error pages twice): nobody hears it.
    sent.on('error', () => undefined);
    sent.end(body === undefined ? undefined : await body.text());
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    const { statusCode: status = 0, rawHeaders } = answer;
    const headers = new Headers();
    for (let at = 0; at < rawHeaders.length; at += 2)
      headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
    return new Response([204, 304].includes(status) ? null : Buffer.concat(chunks), { status, headers });
  }
}

/** What the readiness check of operators says of the address that a console's sign-ins begin at; empty when all is right. */
export async function entranceFaults(world: World, clientId: string): Promise<readonly unknown[]> {
  const console = await world.database.db
    .selectFrom('console')
    .selectAll()
    .where('client_id', '=', clientId)
    .executeTakeFirstOrThrow();
  const outbound = createOutbound({ allowedInternalHosts: ['localhost'] });
  const findings = await checkEntrance({ outbound, issuer: world.config.issuer }, console, world.now);
  return findings.filter(({ result }) => result !== 'pass');
}

/** What an application behind a proxy was asked. */
export type Asked = { method: string; url: string; headers: Record<string, string> };
export type Application = { port: number; asked: Asked[]; close(): Promise<void> };

/** An application that knows nothing of sign-ins: it answers with what it was asked. */
export async function startApplication(): Promise<Application> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const one = askedBy(request);
    asked.push(one);
    response.setHeader('content-type', 'application/json').end(JSON.stringify(one));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, asked, close: () => closed(server) };
}

function askedBy({ method = '', url = '', headers }: IncomingMessage): Asked {
  // Node reads header values as Latin-1; what was sent is UTF-8.
  const values = Object.entries(headers).map(([name, value]) => [
    name,
    Buffer.from(String(value), 'latin1').toString('utf8'),
  ]);
  return { method, url, headers: Object.fromEntries(values) as Record<string, string> };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((done) => void server.close(() => done()));
}

/** The address of `localhost` that everybody here takes, as a server's configuration writes it. */
export async function localAddress(): Promise<string> {
  const { address, family } = await lookup('localhost');
  return family === 6 ? `[${address}]` : address;
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, 'localhost');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return port;
}
