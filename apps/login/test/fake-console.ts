import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A console on this machine, as right or as wrong as a test wants it. */
export type FakeConsole = {
  url: string;
  /** What is different from a console in order. */
  wrong: {
    request?: Record<string, string | undefined>;
    location?: string | null;
    cookie?: string | null;
    logout?: number;
    events?: number;
    legacy?: number;
    callback?: number;
    date?: Date;
  };
  /** Requests that came, as method and path. */
  asked: string[];
  close(): Promise<void>;
};

export async function openFakeConsole(clientId: string, issuer: string): Promise<FakeConsole> {
  const server = createServer((request, response) => void answer(request, response));
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', fake.url);
    fake.asked.push(`${request.method} ${pathname}`);
    const body = await textOf(request);
    const { wrong } = fake;
    if (wrong.date) response.sendDate = false;
    if (wrong.date) response.setHeader('date', wrong.date.toUTCString());
    const end = (status: number): void => void response.writeHead(status).end();
    switch (pathname) {
      case '/auth/start': {
        if (wrong.cookie !== null)
          response.setHeader('set-cookie', wrong.cookie ?? 'pending=x; Path=/; HttpOnly; SameSite=Lax');
        if (wrong.location === null) return end(200);
        response.setHeader('location', wrong.location ?? `${issuer}/authorize?${query(wrong.request)}`);
        return end(302);
      }
      case '/auth/callback':
        return end(wrong.callback ?? 400);
      case '/auth/backchannel-logout':
        return end(wrong.logout ?? 400);
      case '/auth/events':
        // It looks at no signature; what a token is it can tell.
        return end(wrong.events ?? (body.split('.').length === 3 ? 202 : 400));
      case '/login':
        return end(wrong.legacy ?? 200);
      default:
        return end(200);
    }
  };
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const fake: FakeConsole = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    wrong: {},
    asked: [],
    close() {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
  return fake;

  function query(changed: Record<string, string | undefined> = {}): string {
    const right = {
      client_id: clientId,
      response_type: 'code',
      scope: 'openid email profile',
      redirect_uri: `${fake.url}/auth/callback`,
      state: 'state',
      nonce: 'nonce',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
      ...changed,
    };
    const given = Object.entries(right).filter((one): one is [string, string] => one[1] !== undefined);
    return new URLSearchParams(given).toString();
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** What is registered of it. */
export function addressesOf(fake: FakeConsole) {
  return {
    homeUrl: `${fake.url}/`,
    initiateLoginUri: `${fake.url}/auth/start`,
    redirectUris: [`${fake.url}/auth/callback`],
    postLogoutRedirectUris: [`${fake.url}/`],
    backchannelLogoutUri: `${fake.url}/auth/backchannel-logout`,
    eventUri: `${fake.url}/auth/events`,
    legacyLoginUrl: `${fake.url}/login`,
  };
}
