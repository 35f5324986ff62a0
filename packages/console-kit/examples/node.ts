import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type ConsoleSettings, createConsoleKit, memoryStores } from '@hitokagi/console-kit';
import { consoleKitListener } from '@hitokagi/console-kit/node';

export async function startConsole(settings: ConsoleSettings) {
  const clock = () => new Date();
  const stores = memoryStores(clock); // in production: postgresStores(pool, clock)
  const kit = createConsoleKit({ ...settings, ...stores, clock, log: console });
  const idOf = ({ headers }: IncomingMessage) => /\bsession=([\w-]+)/u.exec(headers.cookie ?? '')?.[1] ?? '';
  const secure = settings.consoleUrl.startsWith('https') ? '; Secure' : '';
  const joined = consoleKitListener({
    kit,
    onSignedIn: async (_request, response, identity) => {
      if (identity.consoleUserId === null) return response.writeHead(403).end('Not for you.');
      const id = randomUUID(); // always a new one
      await stores.sessions.bind(id, identity);
      return response.appendHeader('set-cookie', `session=${id}; Path=/; HttpOnly; SameSite=Lax${secure}`);
    },
  });
  const goTo = (response: ServerResponse, url: string) => response.writeHead(303, { location: url }).end();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (await joined(request, response)) return response;
    const session = await stores.sessions.find(idOf(request));
    if (request.method === 'POST' && request.url === '/logout') {
      const out = session && (await kit.signOutUrl(session));
      await stores.sessions.release(idOf(request));
      return goTo(response, out?.ok ? out.redirectTo : '/login');
    }
    const { legacySignIn, legacyLink } = kit.gate(clock());
    response.setHeader('content-type', 'text/html; charset=utf-8');
    if (request.url === '/' && session && !session.endedAt) return response.end(session.consoleUserId);
    if (request.url === '/') return goTo(response, '/login');
    if (!legacySignIn) return goTo(response, '/auth/start');
    return response.end(legacyLink ? '<a href="/auth/start">統合認証画面はこちら</a>' : 'ログイン');
  };
  await kit.start();
  const server = createServer((request, response) => void answer(request, response).catch(console.error));
  return { kit, server: server.listen(Number(new URL(settings.consoleUrl).port), 'localhost') };
}
