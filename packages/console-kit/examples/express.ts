import { randomUUID } from 'node:crypto';
import { type ConsoleSettings, createConsoleKit, memoryStores, type SignedIn } from '@hitokagi/console-kit';
import { consoleKit } from '@hitokagi/console-kit/express';
import express, { type Request, type Response } from 'express';

export async function startConsole(settings: ConsoleSettings) {
  const clock = () => new Date();
  const stores = memoryStores(clock); // in production: postgresStores(pool, clock)
  const kit = createConsoleKit({ ...settings, ...stores, clock, log: console });
  const idOf = (request: Request) => /\bsession=([\w-]+)/u.exec(request.headers.cookie ?? '')?.[1] ?? '';
  const secure = settings.consoleUrl.startsWith('https');
  const onSignedIn = async (_request: Request, response: Response, identity: SignedIn) => {
    if (identity.consoleUserId === null) return response.status(403).send('ご利用になれません。');
    const id = randomUUID(); // always a new one
    await stores.sessions.bind(id, identity);
    return response.cookie('session', id, { httpOnly: true, sameSite: 'lax', secure });
  };
  const app = express();
  app.use(consoleKit({ kit, onSignedIn })); // before body parsers
  app.get('/', async (request, response) => {
    const session = await stores.sessions.find(idOf(request));
    if (!session || session.endedAt) return response.redirect(303, '/login');
    return response.send(`${session.consoleUserId}<form method="post" action="/logout"><button>ログアウト`);
  });
  app.get('/login', (_request, response) => {
    const gate = kit.gate(clock());
    if (!gate.legacySignIn) return response.redirect(303, '/auth/start');
    return response.send(gate.legacyLink ? '<a href="/auth/start">統合認証画面はこちら</a>' : 'ログイン');
  });
  app.post('/logout', async (request, response) => {
    const session = await stores.sessions.release(idOf(request));
    const out = session && (await kit.signOutUrl(session));
    response.redirect(303, out?.ok ? out.redirectTo : '/login');
  });
  await kit.start();
  return { kit, server: app.listen(Number(new URL(settings.consoleUrl).port), 'localhost') };
}
