import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NODE_ENVIRONMENT, NODE_FLAGS } from '../apps/login/src/node-flags.ts';
import type { Address } from './browser.ts';
import type { StatementCount } from './count-statements.ts';
import { freePort, startProgram, untilReady, type Program } from './processes.ts';
import type { World } from './world.ts';

export type LoginServer = Program & { address: Address };

/**
 * Starts the login server as an installation does: a process of its own, given database, log level `warn`, and a proxy in front whose
 * X-Forwarded-For it believes, so that each simulated client has an address of its own.
 * @param host by which browsers call it; another server's for a further node of the same installation
 */
export async function startLoginServer(
  world: Pick<World, 'databaseUrl' | 'dataFolder' | 'secret'>,
  smtpUrl: string,
  nodeOptions: readonly string[] = [],
  host?: string,
): Promise<LoginServer> {
  const port = await freePort();
  const called = host ?? `localhost:${port}`;
  const program = startProgram(
    'apps/login/bin/serve.js',
    {
      HITOKAGI_HOST: '127.0.0.1',
      HITOKAGI_PORT: String(port),
      HITOKAGI_ISSUER: `http://${called}`,
      DATABASE_URL: world.databaseUrl,
      HITOKAGI_DATA_DIR: join(world.dataFolder, 'login'),
      HITOKAGI_SECRET: world.secret,
      HITOKAGI_SMTP_URL: smtpUrl,
      HITOKAGI_LOG_LEVEL: 'warn',
      HITOKAGI_TRUSTED_PROXIES: '127.0.0.1',
      ...NODE_ENVIRONMENT,
    },
    [...NODE_FLAGS, ...nodeOptions],
  );
  await untilReady(program);
  return { ...program, address: { port, host: called } };
}

/** Milliseconds from starting the process to the first 200 of /readyz. */
export async function startUpTime(world: World, smtpUrl: string): Promise<number> {
  const begun = performance.now();
  const starting = startLoginServer(world, smtpUrl);
  const server = await starting;
  while (!(await isReady(server.address.port))) await sleep(5);
  const time = performance.now() - begun;
  await server.stop();
  return time;
}

/** What the server's statements were since the last question; it must have been started with count-statements.ts. */
export async function statementsOf(server: LoginServer): Promise<StatementCount> {
  const answered = once(server.child, 'message');
  server.child.send('statements?');
  const [answer] = (await answered) as [StatementCount];
  return answer;
}

async function isReady(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/readyz`).then(
    ({ status }) => status === 200,
    () => false,
  );
}
