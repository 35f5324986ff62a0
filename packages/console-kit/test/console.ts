import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import fastify, { type FastifyInstance } from 'fastify';
import { registerConsoleKit, type UnifiedSignInFailure } from '../src/adapters/fastify.ts';
import {
  type ConsoleKit,
  createConsoleKit,
  memoryLogoutTokenStore,
  memoryPlanStore,
  type SessionStore,
} from '../src/index.ts';
import type { ConsoleKitOptions, SignedIn } from '../src/index.ts';
import { CLIENT_SECRET, type TestLoginServer } from './login-server.ts';

export const COOKIE_KEY = 'sample-cookie-key-of-32-characters-or-more';
export const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

export type ConsoleSession = SignedIn & { ended: boolean };

/** Sessions in memory, as a console's own table would keep them. */
export function memorySessions(): SessionStore & { all: Map<string, ConsoleSession> } {
  const all = new Map<string, ConsoleSession>();
  const end = (matches: (session: ConsoleSession) => boolean, startedBefore: Date): number => {
    const hit = [...all.values()].filter(
      (one) => !one.ended && matches(one) && one.startedAt < startedBefore,
    );
    for (const one of hit) one.ended = true;
    return hit.length;
  };
  return {
    all,
    endBySid: async (sid, { startedBefore }) => end((one) => one.sid === sid, startedBefore),
    endBySub: async (sub, { startedBefore }) => end((one) => one.sub === sub, startedBefore),
  };
}

export function kitFor(login: TestLoginServer, options: Partial<ConsoleKitOptions> = {}): ConsoleKit {
  const clock = options.clock ?? (() => new Date());
  return createConsoleKit({
    issuer: login.issuer,
    clientId: 'sms',
    clientSecret: CLIENT_SECRET,
    consoleUrl: 'http://localhost:5650',
    cookieKey: COOKIE_KEY,
    clock,
    sessions: memorySessions(),
    logoutTokens: memoryLogoutTokenStore(clock),
    plan: memoryPlanStore(),
    log: silent,
    timeoutMilliseconds: 20_000, // a busy machine is no outage; the default is tested in outage.test.ts
    ...options,
  });
}

export type RunningConsole = {
  origin: string;
  kit: ConsoleKit;
  sessions: ReturnType<typeof memorySessions>;
  app: FastifyInstance;
  failures: UnifiedSignInFailure[];
};

/** A console of the kind that the kit is for: own forms, own cookies, own sessions. */
export async function startConsole(
  login: TestLoginServer,
  clientId: string,
  options: Partial<ConsoleKitOptions> = {},
): Promise<RunningConsole> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const sessions = memorySessions();
  const failures: UnifiedSignInFailure[] = [];
  const kit = kitFor(login, { clientId, consoleUrl: origin, sessions, ...options });
  const app = fastify();
  await app.register(cookie);
  await app.register(formbody);
  await registerConsoleKit(app, {
    kit,
    onSignedIn: (_request, reply, identity) => {
      const id = randomUUID();
      sessions.all.set(id, { ...identity, ended: false });
      reply.setCookie(`session-${clientId}`, id, { path: '/', httpOnly: true });
    },
    onSignInFailed: (_request, _reply, failure) => void failures.push(failure),
  });
  app.post('/own-form', (request) => request.body);
  app.get('/*', (request) => {
    const session = sessions.all.get(request.cookies[`session-${clientId}`] ?? '');
    return {
      path: request.url,
      person: session !== undefined && !session.ended ? session.consoleUserId : null,
    };
  });
  await app.listen({ port, host: 'localhost' });
  login.addConsole({ clientId, origin });
  return { origin, sessions, app, kit, failures };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, 'localhost');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return port;
}
