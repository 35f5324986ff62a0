import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ConsoleKit, memoryLoginIdStore } from '../src/index.ts';
import { kitFor } from './console.ts';
import { loginIdServer, type LoginIdServer, movingClock, RIGHT_CODE } from './login-id-server.ts';
import { startLoginServer, type TestLoginServer } from './login-server.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const WISH = { consoleUserId: '7', newEmailAddress: 'new@example.co.jp', locale: 'ja' } as const;
const CONFIRMED_AWAITED = { ok: false, reason: 'login-server-unreachable' };

let login: TestLoginServer;
let there: LoginIdServer;
let store: ReturnType<typeof memoryLoginIdStore>;
let clock: ReturnType<typeof movingClock>;
let requests: number;
let kit: ConsoleKit;
beforeAll(async () => {
  login = await startLoginServer();
});
afterAll(() => login.goDown());
beforeEach(() => {
  there = loginIdServer({ '7': 'old@example.co.jp', '8': 'other@example.co.jp' });
  requests = 0;
  login.api = (...call) => {
    requests += 1;
    return there.handler(...call);
  };
  clock = movingClock();
  store = memoryLoginIdStore(
    ['7', '8'].map((id) => ({ consoleUserId: id, emailAddress: `old${id}@example.co.jp`, version: null })),
  );
  kit = node();
});
afterEach(() => kit.loginIds.stop());

function node(): ConsoleKit {
  return kitFor(login, { clock: clock.now, loginIds: store });
}

/** The background tries and tries, so that its pauses grow as long as they get. */
async function longOutage(): Promise<void> {
  there.down = true;
  for (let tries = 0; tries < 12; tries += 1) {
    clock.pass(2 * MINUTE);
    await kit.loginIds.flush();
  }
  there.down = false;
}

async function lostAnswer(): Promise<void> {
  await kit.loginIds.request(WISH);
  there.failNext = ['after'];
  expect(await kit.loginIds.confirm('7', RIGHT_CODE)).toEqual(CONFIRMED_AWAITED);
}

describe('R18: whoever looks at a change that goes on by itself has it tried at once', () => {
  test('the answer to the code was lost in an outage: the first look after it has the result', async () => {
    await lostAnswer();
    await longOutage();
    expect(await kit.loginIds.look('7')).toMatchObject({
      state: 'applied',
      newEmailAddress: 'new@example.co.jp',
    });
    expect(store.people.get('7')).toMatchObject({ emailAddress: 'new@example.co.jp', version: 1 });
    expect(await kit.loginIds.look('7')).toBeNull();
  });

  test('the wish was noted in an outage, or its answer lost though the code is in the mailbox: the first look after it asks for the code', async () => {
    for (const failing of ['before', 'after'] as const) {
      there.failNext = [failing];
      expect(await kit.loginIds.request(WISH)).toMatchObject({ change: { state: 'noted' } });
      await longOutage();
      expect(await kit.loginIds.look('7')).toMatchObject({ state: 'code-sent' });
      await kit.loginIds.cancel('7');
    }
    expect(there.mails).toHaveLength(2);
  });

  test('the result of an earlier change comes with the code of the newest', async () => {
    await lostAnswer();
    await kit.loginIds.request({ ...WISH, newEmailAddress: 'second@example.co.jp' });
    await longOutage();
    expect(await kit.loginIds.look('7')).toMatchObject({ number: 2, state: 'code-sent' });
    expect(store.people.get('7')?.emailAddress).toBe('new@example.co.jp');
  });

  test('a code that never arrived: nobody asks while it may be on its way, then it can be entered again', async () => {
    await kit.loginIds.request(WISH);
    there.failNext = ['before'];
    await kit.loginIds.confirm('7', RIGHT_CODE);
    expect(await kit.loginIds.look('7')).toMatchObject({ state: 'confirming' });
    const asked = requests;
    clock.pass(4 * SECOND);
    expect(await kit.loginIds.look('7')).toMatchObject({ state: 'confirming' });
    expect(requests).toBe(asked);
    clock.pass(2 * SECOND);
    expect(await kit.loginIds.look('7')).toMatchObject({ state: 'code-sent' });
    expect(await kit.loginIds.confirm('7', RIGHT_CODE)).toMatchObject({ ok: true });
  });

  test('no storm: 200 looks of a second, on two nodes, are a try per node; the row is in one hand at a time', async () => {
    await lostAnswer();
    there.down = true;
    const other = node();
    requests = 0;
    for (const until of [2, 4]) {
      await Promise.all(
        Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? kit : other).loginIds.look('7')),
      );
      for (let index = 0; index < 50; index += 1) await kit.loginIds.look('7');
      expect(requests).toBeGreaterThan(0);
      expect(requests).toBeLessThanOrEqual(until);
      clock.pass(SECOND);
    }
    await other.loginIds.stop();
  });

  test('what the login server wants waited for is waited for, also by who looks', async () => {
    there.down = true;
    await kit.loginIds.request(WISH);
    there.down = false;
    there.answerNext = { status: 429, headers: { 'retry-after': '600' }, body: { code: 'too-many' } };
    clock.pass(MINUTE);
    await kit.loginIds.look('7');
    requests = 0;
    for (let seconds = 0; seconds < 590; seconds += 10) {
      expect(await kit.loginIds.look('7')).toMatchObject({ state: 'noted' });
      clock.pass(10 * SECOND);
    }
    expect(requests).toBe(0);
    clock.pass(MINUTE);
    expect(await kit.loginIds.look('7')).toMatchObject({ state: 'code-sent' });
  });

  test('a login server that hangs: the page has its answer within two seconds, others’ changes go on, stop waits', async () => {
    await lostAnswer();
    there.down = true;
    await kit.loginIds.request({ ...WISH, consoleUserId: '8', newEmailAddress: 'eight@example.co.jp' });
    there.down = false;
    const answer = there.handler;
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    login.api = async (...call) => {
      if (call[0].method === 'GET') await held;
      return answer(...call);
    };
    clock.pass(MINUTE);
    const begun = performance.now();
    expect(await kit.loginIds.look('7')).toMatchObject({ state: 'confirming' });
    expect(performance.now() - begun).toBeLessThan(2_300);
    await kit.loginIds.flush();
    expect(await kit.loginIds.open('8')).toMatchObject({ state: 'code-sent' });
    const stopped = vi.fn();
    const stopping = kit.loginIds.stop().then(stopped);
    expect(stopped).not.toHaveBeenCalled();
    goOn();
    await stopping;
    expect(store.people.get('7')?.emailAddress).toBe('new@example.co.jp');
  });

  test('a store that fails is said to the caller, and the next look tries again', async () => {
    await lostAnswer();
    const { find } = store;
    store.find = () => Promise.reject(new Error('the database is away'));
    await expect(kit.loginIds.look('7')).rejects.toThrow('the database is away');
    store.find = find;
    expect(await kit.loginIds.look('7')).toMatchObject({ state: 'applied' });
  });

  test('a pause of the background, too, is never longer than 18 seconds', async () => {
    await lostAnswer();
    await longOutage();
    clock.pass(18 * SECOND);
    await kit.loginIds.flush();
    expect(store.people.get('7')?.emailAddress).toBe('new@example.co.jp');
  });
});
