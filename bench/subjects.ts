import { Agent } from 'node:http';
import { Browser, type Address } from './browser.ts';
import {
  document,
  fullSignIn,
  introspect,
  refresh,
  resetPassword,
  signInForTokens,
  silentSignIn,
  userinfo,
  type Tokens,
} from './flows.ts';
import type { Mailbox } from './mailbox.ts';
import type { Subject } from './measure.ts';
import { addressOf, clientAddressOf, CONSOLE, PASSWORD, PEOPLE } from './sample.ts';

/** What the flows are called in the report. */
export const FLOW_TITLES = {
  full: 'full sign-in',
  silent: 'silent sign-in',
  reset: 'password reset',
  refresh: 'refresh',
  userinfo: 'userinfo',
  introspection: 'introspection',
  discovery: 'discovery document',
  keys: 'key set',
} as const;

/** Browsers that work at once. */
export const CLIENTS = 16;
/** Browsers that are signed in and take turns. */
const SIGNED_IN = 128;

type Server = { pid: number; address: Address };

/** Gives each sign-in a person and each reset another one who has not asked before: limits count by person and day. */
export type Queue = { nextPerson(): string; nextForReset(): string; nextClientAddress(): string };

export function queueOfPeople(): Queue {
  let signIns = 0;
  let resets = 0;
  let addresses = 0;
  return {
    nextPerson: () => addressOf(signIns++ % (PEOPLE / 2)),
    nextForReset() {
      if (resets >= PEOPLE / 2) throw new Error(`More than ${PEOPLE / 2} resets; ask for fewer seconds.`);
      return addressOf(PEOPLE / 2 + resets++);
    },
    nextClientAddress: () => clientAddressOf(addresses++),
  };
}

/** Every flow in a new browser. */
export function fullSignIns(server: Server, queue: Queue, postmaster?: number): Subject {
  const agent = keepAlive();
  return {
    pids: [server.pid],
    clients: CLIENTS,
    ...(postmaster === undefined ? {} : { postmaster }),
    work: () =>
      fullSignIn(newBrowser(server, agent, queue), CONSOLE, {
        emailAddress: queue.nextPerson(),
        password: PASSWORD,
      }),
  };
}

/** The flows of browsers that have signed in before, each at one of these servers. */
export async function silentSignIns(
  servers: readonly Server[],
  queue: Queue,
  postmaster?: number,
): Promise<Subject> {
  const agent = keepAlive();
  const browsers: Browser[] = [];
  for (let i = 0; i < SIGNED_IN; i++) {
    const browser = newBrowser(servers[i % servers.length] as Server, agent, queue);
    await fullSignIn(browser, CONSOLE, { emailAddress: queue.nextPerson(), password: PASSWORD });
    browsers.push(browser);
  }
  const turns = Array.from({ length: CLIENTS }, () => 0);
  return {
    pids: servers.map(({ pid }) => pid),
    clients: CLIENTS,
    ...(postmaster === undefined ? {} : { postmaster }),
    work(client) {
      const turn = (turns[client] = (turns[client] ?? 0) + 1);
      return silentSignIn(browsers[(client + turn * CLIENTS) % SIGNED_IN] as Browser, CONSOLE);
    },
  };
}

/** @param mailTimes gets the milliseconds from each request for a code to its arrival at the mail server */
export function resets(
  server: Server,
  queue: Queue,
  mailbox: Mailbox,
  mailTimes: number[],
  postmaster?: number,
): Subject {
  const agent = keepAlive();
  return {
    pids: [server.pid],
    clients: CLIENTS,
    ...(postmaster === undefined ? {} : { postmaster }),
    async work() {
      const browser = newBrowser(server, agent, queue);
      mailTimes.push(
        await resetPassword(browser, CONSOLE, mailbox, {
          emailAddress: queue.nextForReset(),
          password: PASSWORD,
        }),
      );
    },
  };
}

/** What consoles ask with the tokens that they hold; each client holds those of one person. */
export async function tokenRequests(
  server: Server,
  queue: Queue,
  postmaster?: number,
): Promise<Record<'refresh' | 'userinfo' | 'introspection' | 'discovery' | 'keys', Subject>> {
  const agent = keepAlive();
  const browsers: Browser[] = [];
  const held: Tokens[] = [];
  for (let i = 0; i < CLIENTS; i++) {
    const browser = newBrowser(server, agent, queue);
    browsers.push(browser);
    held.push(
      await signInForTokens(browser, CONSOLE, { emailAddress: queue.nextPerson(), password: PASSWORD }),
    );
  }
  const subject = (ask: (browser: Browser, client: number) => Promise<void>): Subject => ({
    pids: [server.pid],
    clients: CLIENTS,
    ...(postmaster === undefined ? {} : { postmaster }),
    work: (client) => ask(browsers[client] as Browser, client),
  });
  return {
    refresh: subject(async (browser, client) => {
      held[client] = await refresh(browser, CONSOLE, held[client] as Tokens);
    }),
    userinfo: subject((browser, client) => userinfo(browser, held[client] as Tokens)),
    introspection: subject((browser, client) => introspect(browser, CONSOLE, held[client] as Tokens)),
    discovery: subject((browser) => document(browser, '/.well-known/openid-configuration')),
    keys: subject((browser) => document(browser, '/jwks')),
  };
}

/** Plain requests to a server that does nothing: what the load generator and HTTP alone allow. */
export function plainRequests(server: Server): Subject {
  const browser = new Browser(server.address, keepAlive());
  return { pids: [server.pid], clients: CLIENTS, work: async () => void (await browser.get('/')) };
}

function newBrowser(server: Server, agent: Agent, queue: Queue): Browser {
  const browser = new Browser(server.address, agent);
  browser.clientAddress = queue.nextClientAddress();
  return browser;
}

function keepAlive(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 2 * CLIENTS });
}
