import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type ConsoleKit,
  type LegacySignIn,
  type LegacySignInStore,
  memoryLegacySignInStore,
} from '../src/index.ts';
import { kitFor } from './console.ts';
import { type ApiHandler, startLoginServer, type TestLoginServer } from './login-server.ts';

/** The login server's part: takes each id once and keeps count. */
function takes(
  counted: Map<string, LegacySignIn>,
  seen: (rows: LegacySignIn[]) => unknown = () => undefined,
): ApiHandler {
  return (_request, body) => {
    const rows = (JSON.parse(body) as { signIns: LegacySignIn[] }).signIns;
    for (const row of rows) counted.set(row.id, row);
    seen(rows);
    return { status: 200, body: { taken: rows.map((row) => row.id), refused: [] } };
  };
}

let login: TestLoginServer;
beforeAll(async () => {
  login = await startLoginServer();
});
afterAll(() => login.goDown());

let counted: Map<string, LegacySignIn>;
let store: LegacySignInStore;
let lines: { level: string; fields: Record<string, unknown>; message: string }[];
const kits: ConsoleKit[] = [];
beforeEach(() => {
  counted = new Map();
  lines = [];
  store = memoryLegacySignInStore();
  login.api = takes(counted);
});
afterEach(async () => {
  for (const one of kits.splice(0)) await one.legacySignIns.stop();
});

const note = (level: string) => (fields: object, message: string) =>
  void lines.push({ level, fields: fields as Record<string, unknown>, message });
function kit(options: Partial<Parameters<typeof kitFor>[1]> = {}): ConsoleKit {
  const made = kitFor(login, {
    legacySignIns: store,
    legacySignInIntervalMilliseconds: 20,
    log: { info: note('info'), warn: note('warn'), error: note('error') },
    ...options,
  });
  kits.push(made);
  return made;
}
const AT = new Date('2026-11-22T01:00:00Z');
async function fill(count: number, to = store): Promise<void> {
  for (let i = 0; i < count; i++) await to.add({ id: `id-${i}`, consoleUserId: `user-${i}`, at: AT });
}
const left = async (of = store) => (await of.oldest(100_000)).length;

describe('R15: legacy sign-ins are reported to the login server', () => {
  test('noted in the outbox at the sign-in, reported in the background, then gone from the outbox', async () => {
    const one = kit();
    one.legacySignIns.start();
    await one.recordLegacySignIn({ consoleUserId: '42', at: AT });
    await vi.waitFor(() =>
      expect([...counted.values()]).toMatchObject([{ consoleUserId: '42', at: AT.toISOString() }]),
    );
    await vi.waitFor(async () => expect(await left()).toBe(0));
    expect(lines).toEqual([]);
  });

  test('in batches of 500 at most, without a pause while more is waiting', async () => {
    await fill(1_234);
    const sizes: number[] = [];
    login.api = takes(counted, (rows) => sizes.push(rows.length));
    const one = kit();
    for (let i = 0; i < 3; i++) await one.legacySignIns.flush();
    expect(sizes).toEqual([500, 500, 234]);
    expect([counted.size, await left()]).toEqual([1_234, 0]);
  });

  test('what is in the outbox when the console stops is reported after its next start', async () => {
    await login.goDown();
    const before = kit();
    before.legacySignIns.start();
    await before.recordLegacySignIn({ consoleUserId: '1', at: AT });
    await before.legacySignIns.stop();
    await login.comeBack();
    expect(counted.size).toBe(0);
    const after = kit();
    after.legacySignIns.start();
    await vi.waitFor(() => expect(counted.size).toBe(1));
  });

  test('an answer that was lost: reported again under the same ids, so that the server counts once', async () => {
    await fill(10);
    const reported: string[][] = [];
    login.api = (_request, body) => {
      reported.push((JSON.parse(body) as { signIns: LegacySignIn[] }).signIns.map((row) => row.id));
      return reported.length === 1 ? { status: 502 } : takes(counted)(_request, body);
    };
    const one = kit();
    expect(await one.legacySignIns.flush()).toEqual({ ok: false });
    expect(await left()).toBe(10);
    expect(await one.legacySignIns.flush()).toMatchObject({ ok: true });
    expect(reported[0]).toEqual(reported[1]);
    expect([counted.size, await left()]).toEqual([10, 0]);
  });

  test('several nodes on one outbox: all is told, nothing is left, nothing fails', async () => {
    await fill(3_000);
    const nodes = [kit(), kit(), kit()];
    await Promise.all(
      nodes.map(async (node) => {
        for (let more = true; more;) {
          const result = await node.legacySignIns.flush();
          more = result.ok && result.more;
        }
      }),
    );
    expect([counted.size, await left(), lines.length]).toEqual([3_000, 0, 0]);
  });
});

describe('R15: a report never stands in the way of a sign-in', () => {
  test('an outbox that fails, and one that hangs, are logged; the call ends within about a second', async () => {
    const broken = kit({
      legacySignIns: { ...store, add: () => Promise.reject(new Error('disk full')) },
    });
    await broken.recordLegacySignIn({ consoleUserId: '1', at: AT });
    expect(lines).toMatchObject([
      { level: 'error', message: expect.stringContaining('could not be noted') as string },
    ]);
    lines.length = 0;
    const hanging = kit({ legacySignIns: { ...store, add: () => new Promise(() => undefined) } });
    const began = performance.now();
    await hanging.recordLegacySignIn({ consoleUserId: '1', at: AT });
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(lines).toMatchObject([{ level: 'warn' }]);
  });

  test('without an outbox nothing is noted and nothing is asked', async () => {
    const { legacySignIns: _, ...without } = { legacySignIns: store };
    const one = kitFor(login, without);
    const before = login.requests.length;
    one.legacySignIns.start();
    await one.recordLegacySignIn({ consoleUserId: '1', at: AT });
    await one.legacySignIns.stop();
    expect([await left(), login.requests.length - before]).toEqual([0, 0]);
  });

  test('during an outage the pauses grow, the trouble is logged once, and the end of it is noticed', async () => {
    await fill(3);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      let tries = 0;
      let down = true;
      const one = kit({
        legacySignInIntervalMilliseconds: 10_000,
        fetch: async (_url, init) => {
          tries++;
          if (down) throw new TypeError('fetch failed');
          const rows = (JSON.parse(String(init?.body)) as { signIns: LegacySignIn[] }).signIns;
          return Response.json({ taken: rows.map((row) => row.id), refused: [] });
        },
      });
      one.legacySignIns.start();
      await vi.advanceTimersByTimeAsync(60 * 60_000);
      // 1 s, then 20, 40, 80 … at most 600 s apart: an hour is about ten tries, not 360.
      expect(tries).toBeGreaterThanOrEqual(8);
      expect(tries).toBeLessThanOrEqual(16);
      expect(lines.filter((line) => line.level === 'warn')).toHaveLength(1);
      down = false;
      await vi.advanceTimersByTimeAsync(13 * 60_000);
      expect(await left()).toBe(0);
      expect(lines.at(-1)).toMatchObject({ level: 'info' });
      tries = 0;
      await fill(1);
      await vi.advanceTimersByTimeAsync(13_000);
      expect(tries).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('R15: rows that the login server will not take', () => {
  test('are dropped with a line in the log, and not tried for ever', async () => {
    await fill(3);
    login.api = (_request, body) => {
      const [bad, ...rest] = (JSON.parse(body) as { signIns: LegacySignIn[] }).signIns.map((row) => row.id);
      return {
        status: 200,
        body: {
          taken: rest,
          refused: [
            { index: 0, id: bad, reason: 'too-old' },
            { index: 9, id: 'foreign', reason: 'x' },
          ],
        },
      };
    };
    expect(await kit().legacySignIns.flush()).toEqual({ ok: true, more: false });
    expect(await left()).toBe(0);
    expect(lines).toMatchObject([{ level: 'error', fields: { id: 'id-0', reason: 'too-old' } }]);
  });

  test('a batch that is refused as a whole is halved until the row is found; the others arrive', async () => {
    await fill(40);
    login.api = (request, body) =>
      body.includes('"id-17"') ? { status: 422, body: { code: 'malformed' } } : takes(counted)(request, body);
    const one = kit();
    one.legacySignIns.start();
    await vi.waitFor(async () => expect(await left()).toBe(0), { timeout: 10_000 });
    expect(counted.size).toBe(39);
    expect(lines.filter((line) => line.level === 'error')).toMatchObject([{ fields: { id: 'id-17' } }]);
  });

  test.each([401, 403, 404, 429])('an answer %i says nothing of the rows: they stay', async (status) => {
    await fill(2);
    login.api = () => ({ status, body: { code: 'some-code' } });
    const one = kit();
    expect(await one.legacySignIns.flush()).toEqual({ ok: false });
    expect(await left()).toBe(2);
  });

  test('an answer that names no row, or is none at all, takes nothing from the outbox', async () => {
    await fill(2);
    for (const body of [{}, { taken: 'all' }, { taken: [1], refused: [null, 'x', {}] }, []]) {
      login.api = () => ({ status: 200, body });
      expect(await kit().legacySignIns.flush()).toEqual({ ok: false });
    }
    expect(await left()).toBe(2);
  });
});
