import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import cookieParser from '@fastify/cookie';
import formbody from '@fastify/formbody';
import express from 'express';
import fastify from 'fastify';
import { consoleKit } from '../src/adapters/express.ts';
import { registerConsoleKit } from '../src/adapters/fastify.ts';
import { consoleKitListener } from '../src/adapters/node.ts';
import {
  type ConsoleKit,
  createConsoleKit,
  memoryLoginIdStore,
  memoryStores,
  type ConsoleKitOptions,
  type SignedIn,
} from '../src/index.ts';
import { COOKIE_KEY, silent } from './console.ts';
import { CLIENT_SECRET, type TestLoginServer } from './login-server.ts';

export type AdapterConsole = {
  origin: string;
  kit: ConsoleKit;
  stores: ReturnType<typeof memoryStores>;
  users: ReturnType<typeof memoryLoginIdStore>['people'];
  /** Kinds of events that the console acted on. */
  events: string[];
  stop(): Promise<void>;
};

type Page = { status: number; location?: string; body?: string };
type Asked = { method: string; path: string; session: string; form: URLSearchParams };

/** The console's own pages, the same behind each adapter: start page, legacy login, logout, reset, a change of the address. */
function ownPages({ kit, stores }: Pick<AdapterConsole, 'kit' | 'stores'>, clock: () => Date) {
  return async ({ method, path, session, form }: Asked): Promise<Page> => {
    const binding = await stores.sessions.find(session);
    const person = binding === null || binding.endedAt !== null ? null : binding.consoleUserId;
    const gate = kit.gate(clock());
    switch (`${method} ${path.split('?')[0]}`) {
      case 'GET /':
      case 'GET /settings':
        return { status: 200, body: JSON.stringify({ path, person }) };
      case 'GET /login':
        return { status: 200, body: gate.legacyLink ? '統合認証画面はこちら' : 'ログイン' };
      case 'POST /login':
        if (!gate.legacySignIn) return { status: 303, location: '/auth/start' };
        await kit.recordLegacySignIn({ consoleUserId: form.get('user') ?? '', at: clock() });
        return { status: 303, location: '/' };
      case 'GET /reset':
        return gate.reset === 'console'
          ? { status: 200, body: 'own reset' }
          : {
              status: 303,
              location: kit.resetUrl({ loginHint: 'a@example.co.jp', returnPath: '/settings' }),
            };
      case 'POST /logout': {
        const released = await stores.sessions.release(session);
        const out = released && (await kit.signOutUrl({ ...released, returnToConsole: true }));
        return { status: 303, location: out?.ok ? out.redirectTo : '/' };
      }
      case 'POST /address': {
        const consoleUserId = person ?? '';
        const code = form.get('code');
        const done =
          code === null
            ? await kit.loginIds.request({
                consoleUserId,
                newEmailAddress: form.get('new') ?? '',
                locale: 'ja',
              })
            : await kit.loginIds.confirm(consoleUserId, code);
        return { status: done.ok ? 200 : 422, body: JSON.stringify(done) };
      }
      default:
        return { status: 404, body: 'own 404' };
    }
  };
}

type Mounted = { server: Server; close(): Promise<unknown> };
type Mount = (
  port: number,
  kit: ConsoleKit,
  onSignedIn: (identity: SignedIn) => Promise<string>,
  pages: (asked: Asked) => Promise<Page>,
) => Promise<Mounted>;

export const adapters: Record<'Fastify' | 'Express' | 'node:http', Mount> = {
  Fastify: async (port, kit, onSignedIn, pages) => {
    const app = fastify();
    await app.register(cookieParser);
    await app.register(formbody);
    await registerConsoleKit(app, {
      kit,
      onSignedIn: async (_request, reply, identity) =>
        reply.setCookie(`own-${port}`, await onSignedIn(identity), { path: '/' }),
    });
    app.all('/*', async (request, reply) => {
      const form = new URLSearchParams((request.body ?? {}) as Record<string, string>);
      const page = await pages({
        method: request.method,
        path: request.url,
        session: request.cookies[`own-${port}`] ?? '',
        form,
      });
      if (page.location !== undefined) return reply.redirect(page.location, page.status);
      return reply.code(page.status).send(page.body);
    });
    await app.listen({ port, host: 'localhost' });
    return { server: app.server, close: () => app.close() };
  },
  Express: async (port, kit, onSignedIn, pages) => {
    const app = express();
    app.use(
      consoleKit<express.Request, express.Response>({
        kit,
        onSignedIn: async (_request, response, identity) =>
          response.cookie(`own-${port}`, await onSignedIn(identity)),
      }),
    );
    app.use(express.urlencoded());
    app.use(async (request, response) => {
      const form = new URLSearchParams((request.body ?? {}) as Record<string, string>);
      const session = sessionIn(request.headers.cookie, port);
      const page = await pages({ method: request.method, path: request.url, session, form });
      if (page.location !== undefined) return response.redirect(page.status, page.location);
      return response.status(page.status).send(page.body);
    });
    return listening(createServer(app), port);
  },
  'node:http': async (port, kit, onSignedIn, pages) => {
    const listener = consoleKitListener({
      kit,
      // Replaces whatever stands there, as people do with node:http.
      onSignedIn: async (_request, response, identity) =>
        response.setHeader('set-cookie', `own-${port}=${await onSignedIn(identity)}; Path=/`),
    });
    const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      if (await listener(request, response)) return;
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const asked = {
        method: request.method ?? '',
        path: request.url ?? '',
        form: new URLSearchParams(body),
      };
      const page = await pages({ ...asked, session: sessionIn(request.headers.cookie, port) });
      response.writeHead(page.status, page.location === undefined ? {} : { location: page.location });
      response.end(page.body);
    };
    return listening(
      createServer((request, response) => void answer(request, response)),
      port,
    );
  },
};

/** A console behind one of the adapters, registered at the test login server as `clientId`. */
export async function startAdapterConsole(
  mount: Mount,
  login: TestLoginServer,
  clientId: string,
  clock: () => Date,
  options: Partial<ConsoleKitOptions> = {},
): Promise<AdapterConsole> {
  const stores = memoryStores(clock);
  const loginIds = memoryLoginIdStore([
    { consoleUserId: 'user-of-acc_1', emailAddress: 'acc_1@example.co.jp', version: null },
  ]);
  const events: string[] = [];
  // The kit wants to know its origin before the port is known.
  const probe = await listening(createServer(), 0);
  const { port } = probe.server.address() as AddressInfo;
  await probe.close();
  const origin = `http://localhost:${port}`;
  const kit = createConsoleKit({
    issuer: login.issuer,
    clientId,
    clientSecret: CLIENT_SECRET,
    consoleUrl: origin,
    cookieKey: COOKIE_KEY,
    clock,
    ...stores,
    loginIds,
    accountEvents: {
      received: stores.receivedEvents,
      handlers: { suspended: async ({ kind }) => void events.push(kind) },
    },
    legacyPasswords: {
      check: async ({ password }) =>
        password === 'right' ? { matches: true, consoleUserId: '7' } : { matches: false },
    },
    log: silent,
    timeoutMilliseconds: 20_000,
    endedSessionsIntervalMilliseconds: 0,
    ...options,
  });
  let count = 0;
  const onSignedIn = async (identity: SignedIn): Promise<string> => {
    const id = `${clientId}-session-${(count += 1)}`;
    await stores.sessions.bind(id, identity);
    return id;
  };
  const mounted = await mount(port, kit, onSignedIn, ownPages({ kit, stores }, clock));
  login.addConsole({ clientId, origin });
  const stop = async (): Promise<void> => {
    await kit.stop();
    await mounted.close();
  };
  return { origin, kit, stores, users: loginIds.people, events, stop };
}

async function listening(server: Server, port: number): Promise<Mounted> {
  await new Promise<void>((done) => server.listen(port, 'localhost', done));
  return {
    server,
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

function sessionIn(header: string | undefined, port: number): string {
  return new RegExp(`own-${port}=([\\w-]+)`, 'u').exec(header ?? '')?.[1] ?? '';
}
