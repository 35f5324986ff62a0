import { randomUUID } from 'node:crypto';
import { type ConsoleSettings, createConsoleKit, memoryStores } from '@hitokagi/console-kit';
import { registerConsoleKit } from '@hitokagi/console-kit/fastify';
import fastify, { type FastifyRequest } from 'fastify';

export async function startConsole(settings: ConsoleSettings) {
  const [app, clock] = [fastify(), () => new Date()];
  const stores = memoryStores(clock); // in production: postgresStores(pool, clock)
  const kit = createConsoleKit({ ...settings, ...stores, clock, log: app.log });
  const idOf = ({ headers }: FastifyRequest) => /\bsession=([\w-]+)/u.exec(headers.cookie ?? '')?.[1] ?? '';
  const secure = settings.consoleUrl.startsWith('https') ? '; Secure' : '';
  app.addContentTypeParser('application/x-www-form-urlencoded', (_request, _body, done) => done(null));
  await registerConsoleKit(app, {
    kit,
    onSignedIn: async (_request, reply, identity) => {
      if (identity.consoleUserId === null) return reply.code(403).send('ご利用になれません。');
      const id = randomUUID(); // always a new one
      await stores.sessions.bind(id, identity);
      return reply.header('set-cookie', `session=${id}; Path=/; HttpOnly; SameSite=Lax${secure}`);
    },
  });
  app.get('/', async (request, reply) => {
    const session = await stores.sessions.find(idOf(request));
    if (!session || session.endedAt) return reply.redirect('/login', 303);
    return `${session.consoleUserId} / POST /logout`;
  });
  app.get('/login', async (_request, reply) => {
    const gate = kit.gate(clock());
    if (!gate.legacySignIn) return reply.redirect('/auth/start', 303);
    return gate.legacyLink ? '統合認証画面はこちら: /auth/start' : 'ログイン';
  });
  app.post('/logout', async (request, reply) => {
    const session = await stores.sessions.release(idOf(request));
    const out = session && (await kit.signOutUrl(session));
    return reply.redirect(out?.ok ? out.redirectTo : '/login', 303);
  });
  app.addHook('onReady', () => kit.start()).addHook('onClose', () => kit.stop());
  await app.listen({ port: Number(new URL(settings.consoleUrl).port), host: 'localhost' });
  return { kit, server: app.server };
}
