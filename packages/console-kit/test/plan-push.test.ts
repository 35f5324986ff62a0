import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { memoryPlanStore } from '../src/index.ts';
import type { ConsoleKit, ConsoleKitOptions, Plan } from '../src/index.ts';
import { kitFor } from './console.ts';
import type { TestLoginServer } from './login-server.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

function plan(changes: Partial<Plan> = {}): Plan {
  return {
    consoleId: 'con_1',
    revision: 1,
    linkAt: '2026-11-21T13:00:00.000Z',
    announceAt: null,
    cutOverAt: null,
    allows: {
      prepared: { legacyLink: false, legacySignIn: true, reset: 'console', logout: 'console' },
      parallel: { legacyLink: true, legacySignIn: true, reset: 'unified', logout: 'by-session' },
      unified: { legacyLink: false, legacySignIn: false, reset: 'unified', logout: 'by-session' },
    },
    ...changes,
  };
}

/** A login server that tells plans, and holds who asks it to wait. */
type PlanServer = {
  issuer: string;
  /** Tells this plan from now on; answers those who wait. */
  tell(plan: Plan): void;
  /** How a request that may wait is answered; by default it is held. */
  onWait: (request: IncomingMessage, response: ServerResponse) => void;
  /** How every other is answered; by default with the plan, or 304. */
  onAsk: (request: IncomingMessage, response: ServerResponse) => void;
  answer(request: IncomingMessage, response: ServerResponse): void;
  asked: number;
  waited: number;
  held: Set<ServerResponse>;
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
};

async function startPlanServer(first: Plan): Promise<PlanServer> {
  let current = first;
  const etag = (): string => `"${current.revision}"`;
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const known = request.headers['if-none-match'] === etag();
    if (request.headers.prefer !== undefined) server.waited++;
    else server.asked++;
    if (known && request.headers.prefer !== undefined) server.onWait(request, response);
    else server.onAsk(request, response);
  };
  let http: Server = await listen(listener, 0);
  const { port } = http.address() as AddressInfo;
  const server: PlanServer = {
    issuer: `http://localhost:${port}`,
    asked: 0,
    waited: 0,
    held: new Set(),
    tell(next) {
      current = next;
      for (const response of server.held) {
        server.held.delete(response);
        give(response, { 'preference-applied': 'wait=20' });
      }
    },
    onWait: (_request, response) => {
      server.held.add(response);
      response.once('close', () => server.held.delete(response));
    },
    onAsk: (request, response) => server.answer(request, response),
    answer(request, response) {
      if (request.headers['if-none-match'] === etag()) response.writeHead(304, { etag: etag() }).end();
      else give(response);
    },
    async goDown() {
      http.closeAllConnections();
      await new Promise((done) => http.close(done));
    },
    async comeBack() {
      http = await listen(listener, port);
    },
  };
  return server;

  function give(response: ServerResponse, headers: Record<string, string> = {}): void {
    response.writeHead(200, { etag: etag(), 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ ...current, serverTime: new Date().toISOString() }));
  }
}

function listen(
  listener: (request: IncomingMessage, response: ServerResponse) => void,
  port: number,
): Promise<Server> {
  return new Promise((done) => {
    const http = createServer(listener).listen(port, 'localhost', () => done(http));
  });
}

let server: PlanServer;
const kits: ConsoleKit[] = [];
beforeEach(async () => {
  server = await startPlanServer(plan());
});
afterEach(async () => {
  await Promise.all(kits.splice(0).map((kit) => kit.plan.stop()));
  await server.goDown();
});

async function started(options: Partial<ConsoleKitOptions> = {}): Promise<ConsoleKit> {
  const kit = kitFor(server as unknown as TestLoginServer, {
    planIntervalMilliseconds: 60 * SECOND,
    ...options,
  });
  kits.push(kit);
  await kit.plan.start();
  return kit;
}

const revisionOf = (kit: ConsoleKit): number | undefined => kit.plan.current()?.revision;

describe('R12: a change of plan reaches the console at once', () => {
  test('through a request that the login server holds open, one after the other', async () => {
    const kit = await started();
    for (let revision = 2; revision < 5; revision++) {
      await vi.waitFor(() => expect(server.held.size).toBe(1));
      // Of changes in the same moment only the first comes at once.
      await pause(1_050);
      const began = performance.now();
      server.tell(plan({ revision }));
      await vi.waitFor(() => expect(revisionOf(kit)).toBe(revision), { timeout: 1_000, interval: 5 });
      expect(performance.now() - began).toBeLessThan(SECOND);
    }
    expect(server.asked).toBe(1);
  });

  test('and is stored, so that it survives a restart', async () => {
    const store = memoryPlanStore();
    const kit = await started({ plan: store });
    await vi.waitFor(() => expect(server.held.size).toBe(1));
    server.tell(plan({ revision: 2 }));
    await vi.waitFor(() => expect(revisionOf(kit)).toBe(2));
    expect(await store.load()).toEqual(plan({ revision: 2 }));
  });

  test('a wait that ends without a change is followed by the next one', async () => {
    server.onWait = (_request, response) => {
      setTimeout(() => response.writeHead(304, { 'preference-applied': 'wait=20' }).end(), 1_050);
    };
    await started();
    await pause(2_600);
    expect(server.waited).toBe(3);
  });

  test('0 seconds: the console only asks every few seconds', async () => {
    const kit = await started({ planWaitSeconds: 0, planIntervalMilliseconds: 50 });
    await vi.waitFor(() => expect(server.asked).toBeGreaterThan(2));
    server.tell(plan({ revision: 2 }));
    await vi.waitFor(() => expect(revisionOf(kit)).toBe(2));
    expect(server.waited).toBe(0);
  });
});

describe('R12: the net below', () => {
  test('a login server that ignores the preference is asked every few seconds, and seldom to wait', async () => {
    server.onWait = (request, response) => server.answer(request, response);
    const kit = await started({ planIntervalMilliseconds: 50 });
    await vi.waitFor(() => expect(server.asked).toBeGreaterThan(6));
    expect(server.waited).toBe(1);
    server.tell(plan({ revision: 2 }));
    await vi.waitFor(() => expect(revisionOf(kit)).toBe(2));
  });

  test('a request that is held for ever, by a node that died without a word, keeps no change from the console', async () => {
    const kit = await started({ planIntervalMilliseconds: 100 });
    await vi.waitFor(() => expect(server.held.size).toBe(1));
    server.held.clear();
    server.tell(plan({ revision: 2 }));
    await vi.waitFor(() => expect(revisionOf(kit)).toBe(2), { timeout: 500 });
  });

  test.each<[string, PlanServer['onWait']]>([
    [
      'says 304 at once, as if it had waited',
      (_request, response) => {
        response.writeHead(304, { 'preference-applied': 'wait=20' }).end();
      },
    ],
    [
      'says 200 with the same plan at once',
      (_request, response) => {
        response.writeHead(200).end(JSON.stringify(plan()));
      },
    ],
    [
      'fails',
      (_request, response) => {
        response.writeHead(500).end();
      },
    ],
    [
      'says rubbish',
      (_request, response) => {
        response.writeHead(200).end('<html>');
      },
    ],
    [
      'hangs up',
      (_request, response) => {
        response.destroy();
      },
    ],
  ])('a login server that %s is not asked in a circle', async (_name, onWait) => {
    server.onWait = onWait;
    const kit = await started({ planIntervalMilliseconds: 200 });
    await pause(700);
    expect(server.waited).toBeLessThanOrEqual(4);
    server.tell(plan({ revision: 2 }));
    await vi.waitFor(() => expect(revisionOf(kit)).toBe(2), { timeout: 2_000 });
  });

  test('nor is one that has another plan each time', async () => {
    let revision = 1;
    server.onAsk = (_request, response) => {
      revision++;
      response.writeHead(200, { etag: `"x${revision}"` }).end(JSON.stringify(plan({ revision })));
    };
    await started({ planIntervalMilliseconds: 200 });
    await pause(700);
    expect(server.waited).toBeLessThanOrEqual(8);
  });

  test('an answer that was long on its way does not put an older plan in the place of a newer', async () => {
    const late: ServerResponse[] = [];
    const kit = await started({ planIntervalMilliseconds: 100 });
    await vi.waitFor(() => expect(server.held.size).toBe(1));
    server.onAsk = (_request, response) => void late.push(response);
    await vi.waitFor(() => expect(late).toHaveLength(1));
    server.tell(plan({ revision: 3 }));
    await vi.waitFor(() => expect(revisionOf(kit)).toBe(3));
    for (const response of late)
      response.writeHead(200, { etag: '"2"' }).end(JSON.stringify(plan({ revision: 2 })));
    await pause(50);
    expect(revisionOf(kit)).toBe(3);
    // A login server that really is at an older revision, restored from a backup, is believed.
    server.onAsk = (request, response) => server.answer(request, response);
    server.tell(plan({ revision: 1 }));
    await vi.waitFor(() => expect(revisionOf(kit)).toBe(1));
  });

  test('stopping ends the request that is held, at once', async () => {
    const kit = await started();
    await vi.waitFor(() => expect(server.held.size).toBe(1));
    const began = performance.now();
    await kit.plan.stop();
    expect(performance.now() - began).toBeLessThan(500);
    await vi.waitFor(() => expect(server.held.size).toBe(0));
  });
});

describe('R12: with the login server away the phase moves by the clock, never too early and never back', () => {
  const linkAt = '2027-01-10T01:00:00.000Z';
  const cutOverAt = '2027-03-31T13:00:00.000Z';
  let now: Date;
  const at = (text: string, milliseconds = 0): void => {
    now = new Date(Date.parse(text) + milliseconds);
  };
  const quick = { planIntervalMilliseconds: 50, clock: () => now, timeoutMilliseconds: 500 };
  const phase = (kit: ConsoleKit): string => kit.gate(now).phase;

  test('over link time and over cut-over, and over a restart in between', async () => {
    at(linkAt, -HOUR);
    server.tell(plan({ linkAt, cutOverAt }));
    const store = memoryPlanStore();
    let kit = await started({ ...quick, plan: store });
    await vi.waitFor(async () => expect(await store.load()).not.toBeNull());
    await server.goDown();
    const seen: string[] = [];
    for (const [moment, offset] of [
      [linkAt, -1],
      [linkAt, 0],
      [cutOverAt, -1],
      [cutOverAt, 0],
      [cutOverAt, 1_000 * HOUR],
    ] as const) {
      at(moment, offset);
      seen.push(phase(kit));
      await kit.plan.stop();
      kit = await started({ ...quick, plan: store });
      await pause(120);
      seen.push(phase(kit));
    }
    expect(seen).toEqual(
      ['prepared', 'parallel', 'parallel', 'unified', 'unified'].flatMap((one) => [one, one]),
    );
    await server.comeBack();
  });

  test('answers with rubbish change nothing, before and after the cut-over', async () => {
    at(cutOverAt, -HOUR);
    server.tell(plan({ linkAt, cutOverAt }));
    const kit = await started(quick);
    await vi.waitFor(() => expect(phase(kit)).toBe('parallel'));
    const rubbish = [
      '',
      'null',
      '{}',
      '<html>busy</html>',
      JSON.stringify({ ...plan(), cutOverAt: 'soon' }),
      JSON.stringify({ ...plan(), allows: {} }),
    ];
    for (const status of [200, 201, 204, 302, 401, 404, 429, 500, 503]) {
      const answer = (_request: IncomingMessage, response: ServerResponse): void => {
        response.writeHead(status, { etag: '"1"', location: 'http://localhost:1/' });
        response.end(status === 204 ? undefined : rubbish[Math.floor(Math.random() * rubbish.length)]);
      };
      Object.assign(server, { onAsk: answer, onWait: answer });
      for (const [offset, expected] of [
        [-1, 'parallel'],
        [0, 'unified'],
      ] as const) {
        at(cutOverAt, offset);
        await kit.plan.refresh();
        expect([status, phase(kit), kit.gate(now).legacySignIn]).toEqual([
          status,
          expected,
          expected === 'parallel',
        ]);
      }
    }
  });

  test('M2: a clock that is set back takes the phase back as far, and forward again: what the clock says holds, nothing is remembered', async () => {
    at(cutOverAt, 1);
    server.tell(plan({ linkAt, cutOverAt }));
    const kit = await started(quick);
    await vi.waitFor(() => expect(phase(kit)).toBe('unified'));
    at(cutOverAt, -HOUR);
    expect(phase(kit)).toBe('parallel');
    at(cutOverAt);
    expect(phase(kit)).toBe('unified');
  });

  test('R16: a cut-over taken back during the outage is in force as soon as the login server is back', async () => {
    at(cutOverAt, HOUR);
    server.tell(plan({ linkAt, cutOverAt }));
    const kit = await started(quick);
    await vi.waitFor(() => expect(phase(kit)).toBe('unified'));
    await server.goDown();
    server.tell(plan({ revision: 2, linkAt, cutOverAt: null }));
    await pause(200);
    expect(phase(kit)).toBe('unified');
    await server.comeBack();
    await vi.waitFor(() => expect(phase(kit)).toBe('parallel'));
  });
});
