import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type ConsoleKit,
  type ConsoleKitOptions,
  memoryEndedSessionsStore,
  type SignedIn,
} from '../src/index.ts';
import { kitFor, memorySessions, startConsole } from './console.ts';
import { startLoginServer, type TestLoginServer } from './login-server.ts';

const AT = new Date('2026-11-22T01:00:00Z');
const later = (seconds: number) => new Date(AT.getTime() + seconds * 1_000);

/** The login server's part: a list of ends of which each has its place. */
type Question = { after: string | null; ifNoneMatch: string | undefined; status: number };
let login: TestLoginServer;
let list: { sid: string; endedAt: string }[];
let page: number;
let questions: Question[];
let sessions: ReturnType<typeof memorySessions>;
let lines: { level: string; message: string }[];
const kits: ConsoleKit[] = [];

beforeAll(async () => {
  login = await startLoginServer();
});
afterAll(() => login.goDown());
beforeEach(() => {
  [list, page, questions, lines, sessions] = [[], 500, [], [], memorySessions()];
  login.api = (request) => {
    const after = new URL(request.url ?? '', login.issuer).searchParams.get('after');
    const from = Number(after ?? 0);
    const some = list.slice(from, from + page);
    const etag = `"${from + some.length}"`;
    const ifNoneMatch = request.headers['if-none-match'];
    const status = ifNoneMatch === etag ? 304 : 200;
    questions.push({ after, ifNoneMatch, status });
    return status === 304
      ? { status, headers: { etag } }
      : {
          status,
          headers: { etag },
          body: {
            sessions: some,
            next: String(from + some.length),
            more: from + some.length < list.length,
          },
        };
  };
});
afterEach(async () => {
  for (const one of kits.splice(0)) await one.endedSessions.stop();
});

function kit(options: Partial<ConsoleKitOptions> = {}): ConsoleKit {
  const note = (level: string) => (_fields: object, message: string) => void lines.push({ level, message });
  const made = kitFor(login, {
    sessions,
    log: { info: note('info'), warn: note('warn'), error: note('error') },
    ...options,
  });
  kits.push(made);
  return made;
}
function signIn(sid: string, startedAt = later(-60)): void {
  const identity = { ok: true, sub: 'acc_1', sid, startedAt } as SignedIn;
  sessions.all.set(`session-${sessions.all.size}`, { ...identity, ended: false });
}
const ended = (sid: string, endedAt = AT) => void list.push({ sid, endedAt: endedAt.toISOString() });
const alive = () => [...sessions.all.values()].filter((one) => !one.ended).map((one) => one.sid);

describe('R9: sessions whose logout request never arrived', () => {
  test('end at the next question, and only those; then it is asked once more, which says that they are out', async () => {
    ['sid-1', 'sid-2', 'sid-3'].forEach((sid) => signIn(sid));
    const store = memoryEndedSessionsStore();
    const one = kit({ endedSessions: store });
    ended('sid-2');
    ended('sid-of-nobody-here');
    expect(await one.endedSessions.ask()).toEqual({ ok: true, ended: 1 });
    expect(alive()).toEqual(['sid-1', 'sid-3']);
    expect(questions.map(({ after }) => after)).toEqual([null, '2']);
    expect(await store.load()).toBe('2');
  });

  test('what ended by the logout request already costs one question and no second one', async () => {
    ended('sid-1');
    expect(await kit().endedSessions.ask()).toEqual({ ok: true, ended: 0 });
    expect(questions).toHaveLength(1);
  });

  test('when nothing is new the same question is asked with its ETag, and answered 304', async () => {
    const one = kit();
    ended('sid-1');
    for (let i = 0; i < 4; i++) await one.endedSessions.ask();
    expect(questions).toEqual([
      { after: null, ifNoneMatch: undefined, status: 200 },
      { after: '1', ifNoneMatch: undefined, status: 200 },
      { after: '1', ifNoneMatch: '"1"', status: 304 },
      { after: '1', ifNoneMatch: '"1"', status: 304 },
    ]);
    ended('sid-2');
    signIn('sid-2');
    expect(await one.endedSessions.ask()).toEqual({ ok: true, ended: 1 });
  });

  test('a session that began after the end goes on, to the second, as with a logout token', async () => {
    signIn('sid-1', later(0));
    signIn('sid-1', later(1));
    ended('sid-1', later(0));
    await kit().endedSessions.ask();
    expect([...sessions.all.values()].map((one) => one.ended)).toEqual([true, false]);
  });

  test('a console session that was stored just after its end was told ends in the next round', async () => {
    const one = kit();
    ended('sid-1');
    await one.endedSessions.ask();
    signIn('sid-1', later(0));
    expect(await one.endedSessions.ask()).toEqual({ ok: true, ended: 1 });
    expect(alive()).toEqual([]);
  });

  test('more than a page is fetched in one round, every end once', async () => {
    page = 10;
    for (let i = 0; i < 95; i++) {
      signIn(`sid-${i}`);
      ended(`sid-${i}`);
    }
    signIn('goes-on');
    expect(await kit().endedSessions.ask()).toEqual({ ok: true, ended: 95 });
    expect(alive()).toEqual(['goes-on']);
  });

  test('a store that fails in the middle leaves nothing out: the place moves only when all have ended', async () => {
    ['sid-1', 'sid-2'].forEach((sid) => {
      signIn(sid);
      ended(sid);
    });
    const store = memoryEndedSessionsStore();
    let failing = true;
    const one = kit({
      endedSessions: store,
      sessions: {
        ...sessions,
        endBySid: (sid, limit) => {
          if (sid === 'sid-2' && failing) throw new Error('the database is away');
          return sessions.endBySid(sid, limit);
        },
      },
    });
    expect(await one.endedSessions.ask()).toEqual({ ok: false });
    expect(await store.load()).toBeNull();
    failing = false;
    expect(await one.endedSessions.ask()).toEqual({ ok: true, ended: 1 });
    expect(alive()).toEqual([]);
  });

  test('an outage of any length is made up for, and logged once', async () => {
    const one = kit({ timeoutMilliseconds: 500 });
    await one.endedSessions.ask();
    signIn('sid-1');
    const answer = login.api;
    for (const broken of [
      { status: 500 },
      { status: 302, headers: { location: '/' } },
      { status: 404, body: { code: 'not-found' } },
      { status: 200, body: { sessions: 'x' } },
      { status: 200, body: { sessions: [{ sid: 'sid-1', endedAt: 'rubbish' }], next: '7' } },
      { status: 200, body: { sessions: [{ sid: 1, endedAt: AT.toISOString() }], next: '7' } },
      { status: 401, body: { code: 'unauthenticated' } },
    ]) {
      login.api = () => broken;
      expect(await one.endedSessions.ask()).toEqual({ ok: false });
      expect(await one.endedSessions.ask()).toEqual({ ok: false });
    }
    expect(alive()).toEqual(['sid-1']);
    ended('sid-1');
    login.api = answer;
    expect(await one.endedSessions.ask()).toEqual({ ok: true, ended: 1 });
    const warnings = lines.filter(({ level }) => level === 'warn');
    expect(warnings.length).toBeLessThanOrEqual(7);
    expect(lines.filter(({ message }) => message.includes('tells them again'))).toHaveLength(1);
  });
});

describe('R9: how often is asked', () => {
  test('by itself from the start of the application on, until it closes; at most once a minute by default', async () => {
    const console = await startConsole(login, 'sms');
    await expect.poll(() => questions.length, { timeout: 5_000 }).toBe(1);
    await new Promise((done) => setTimeout(done, 300));
    expect(questions).toHaveLength(1);
    await console.app.close();
  });

  test('every so often as configured, and never with 0', async () => {
    kit({ endedSessionsIntervalMilliseconds: 0 }).endedSessions.start();
    await new Promise((done) => setTimeout(done, 100));
    expect(questions).toHaveLength(0);
    const often = kit({ endedSessionsIntervalMilliseconds: 20 });
    often.endedSessions.start();
    often.endedSessions.start();
    await expect.poll(() => questions.length).toBeGreaterThan(5);
    await often.endedSessions.stop();
    const asked = questions.length;
    await new Promise((done) => setTimeout(done, 100));
    expect(questions).toHaveLength(asked);
    expect(() => kit({ endedSessionsIntervalMilliseconds: -1 })).toThrow('endedSessionsIntervalMilliseconds');
  });

  test('two nodes with one place: each end once more at most, and no place goes lost', async () => {
    const store = memoryEndedSessionsStore();
    const [one, two] = [kit({ endedSessions: store }), kit({ endedSessions: store })];
    for (let i = 0; i < 20; i++) {
      signIn(`sid-${i}`);
      ended(`sid-${i}`);
      await Promise.all([one.endedSessions.ask(), two.endedSessions.ask()]);
    }
    expect(alive()).toEqual([]);
    expect(await store.load()).toBe('20');
  });
});
