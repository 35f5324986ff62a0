import { randomUUID } from 'node:crypto';
import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import {
  createConsoleKit,
  memoryEndedSessionsStore,
  memoryLogoutTokenStore,
  memoryPlanStore,
  type ConsoleKit,
  type SignedIn,
} from '@hitokagi/console-kit';
import { registerConsoleKit } from '@hitokagi/console-kit/fastify';
import fastify from 'fastify';
import { freePort } from '../../journeys/free-port.ts';
import { openGate, type Gate } from './gate.ts';

/** A session of a console, with the moment at which it ended. */
export type ConsoleSession = SignedIn & { id: string; endedAt: number | null };

/** A small console on the kit's real code, whose sessions the drill can look at. */
export type DrillConsole = {
  readonly clientId: string;
  readonly secret: string;
  readonly name: string;
  readonly url: string;
  readonly gate: Gate;
  readonly kit: ConsoleKit;
  readonly sessions: Map<string, ConsoleSession>;
  /** Where the browser was last sent to log out. */
  lastSignOut: string | null;
  close(): Promise<void>;
};

export async function startConsole(issuer: string, number: number): Promise<DrillConsole> {
  const clientId = `drill${number}`;
  const secret = `sample-secret-of-console-${number}-0123456789`;
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const sessions = new Map<string, ConsoleSession>();
  const clock = () => new Date();
  const end = (those: (one: ConsoleSession) => boolean, startedBefore: Date): number => {
    const hit = [...sessions.values()].filter(
      (one) => one.endedAt === null && those(one) && one.startedAt < startedBefore,
    );
    for (const one of hit) one.endedAt = performance.now();
    return hit.length;
  };
  const kit = createConsoleKit({
    issuer,
    clientId,
    clientSecret: secret,
    consoleUrl: url,
    cookieKey: `sample-cookie-key-of-console-${number}-0123456789`,
    clock,
    sessions: {
      endBySid: async (sid, { startedBefore }) => end((one) => one.sid === sid, startedBefore),
      endBySub: async (sub, { startedBefore }) => end((one) => one.sub === sub, startedBefore),
    },
    logoutTokens: memoryLogoutTokenStore(clock),
    plan: memoryPlanStore(),
    endedSessions: memoryEndedSessionsStore(),
    // The drill says when is asked: only where the login server cannot reach the console, so that each line proves itself.
    endedSessionsIntervalMilliseconds: 0,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  const app = fastify();
  await app.register(cookie);
  await app.register(formbody);
  const name = `session-${clientId}`;
  await registerConsoleKit(app, {
    kit,
    onSignedIn: (_request, reply, identity) => {
      const id = randomUUID();
      sessions.set(id, { ...identity, id, endedAt: null });
      reply.setCookie(name, id, { path: '/', httpOnly: true });
    },
  });
  const live = (id: string | undefined): ConsoleSession | undefined => {
    const session = sessions.get(id ?? '');
    return session?.endedAt === null ? session : undefined;
  };
  app.get('/', async (request, reply) => {
    const session = live(request.cookies[name]);
    const form = '<form method="post" action="/leave"><button>ログアウト</button></form>';
    return reply.type('text/html').send(session ? `<p>${session.emailAddress ?? ''}</p>${form}` : '<p>—</p>');
  });
  app.post('/leave', async (request, reply) => {
    const session = live(request.cookies[name]);
    if (!session) return reply.redirect('/', 303);
    session.endedAt = performance.now();
    const out = await kit.signOutUrl({ idToken: session.idToken, locale: 'ja' });
    if (!out.ok) return reply.code(503).send(out.reason);
    console_.lastSignOut = out.redirectTo;
    return reply.redirect(out.redirectTo, 303);
  });
  const gate = await openGate(url);
  await app.listen({ port, host: 'localhost' });
  const console_: DrillConsole = {
    clientId,
    secret,
    name: `管理画面${number}`,
    url,
    gate,
    kit,
    sessions,
    lastSignOut: null,
    async close() {
      await gate.close();
      await app.close();
    },
  };
  return console_;
}
