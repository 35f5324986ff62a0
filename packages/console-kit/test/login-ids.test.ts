import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ConsoleKit, type LoginIdStore, memoryLoginIdStore } from '../src/index.ts';
import { kitFor } from './console.ts';
import { loginIdServer, type LoginIdServer, movingClock, RIGHT_CODE, SENT } from './login-id-server.ts';
import { startLoginServer, type TestLoginServer } from './login-server.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let login: TestLoginServer;
beforeAll(async () => {
  login = await startLoginServer();
});
afterAll(() => login.goDown());

let there: LoginIdServer;
let store: ReturnType<typeof memoryLoginIdStore>;
let clock: ReturnType<typeof movingClock>;
let lines: string[];
const kits: ConsoleKit[] = [];
beforeEach(() => {
  there = loginIdServer({ '7': 'old@example.co.jp', '8': 'other@example.co.jp' });
  login.api = there.handler;
  clock = movingClock();
  lines = [];
  store = memoryLoginIdStore([
    { consoleUserId: '7', emailAddress: 'old@example.co.jp', version: null },
    { consoleUserId: '8', emailAddress: 'other@example.co.jp', version: null },
  ]);
});
afterEach(async () => {
  for (const one of kits.splice(0)) await one.loginIds.stop();
});

/** A node of the console; several share the store. */
function node(options: Parameters<typeof kitFor>[1] = {}, over: Partial<LoginIdStore> = {}): ConsoleKit {
  const note = (_fields: object, message: string) => void lines.push(message);
  const kit = kitFor(login, {
    clock: clock.now,
    loginIds: { ...store, ...over },
    loginIdIntervalMilliseconds: 20,
    log: { info: note, warn: note, error: note },
    ...options,
  });
  kits.push(kit);
  return kit;
}
const WISH = { consoleUserId: '7', newEmailAddress: 'new@example.co.jp', locale: 'ja' } as const;
const addressOf = (id: string) => store.people.get(id)?.emailAddress;
const states = (id = '7') =>
  [...store.changes.values()]
    .filter((one) => one.consoleUserId === id)
    .map((one) => [one.number, one.state, one.reason]);
/** Rests until what a dead node had in hand may be taken up. */
const leaseOver = () => clock.pass(60_000);

describe('R18: a change of the login ID by the outbox', () => {
  test('is noted first, then told with its key; the code changes the record with the version', async () => {
    const kit = node();
    const asked = await kit.loginIds.request({ ...WISH, sid: 'sid-1' });
    expect(asked).toMatchObject({
      ok: true,
      change: { state: 'code-sent', number: 1, sid: 'sid-1', sent: { id: 'lic_1', ...SENT } },
    });
    expect(there.keys).toEqual([...store.changes.keys()]);
    expect(addressOf('7')).toBe('old@example.co.jp');
    expect(await kit.loginIds.confirm('7', '00000000')).toEqual({
      ok: false,
      reason: 'code-wrong',
      triesLeft: 4,
    });
    expect(await kit.loginIds.confirm('7', RIGHT_CODE)).toEqual({
      ok: true,
      emailAddress: 'new@example.co.jp',
    });
    expect(store.people.get('7')).toMatchObject({ emailAddress: 'new@example.co.jp', version: 1 });
    expect(states()).toEqual([[1, 'applied', null]]);
    expect(await kit.loginIds.open('7')).toBeNull();
  });

  test('a login server that is away: noted, kept over a restart, delivered when it is back, one mail', async () => {
    there.down = true;
    expect(await node().loginIds.request(WISH)).toMatchObject({ ok: true, change: { state: 'noted' } });
    const later = node();
    expect(await later.loginIds.flush()).toEqual({ ok: true });
    for (let hour = 0; hour < 48; hour += 1) {
      clock.pass(HOUR);
      expect(await later.loginIds.flush()).toEqual({ ok: false });
    }
    expect(lines.filter((line) => line.includes('cannot be delivered'))).toHaveLength(1);
    expect(await later.loginIds.confirm('7', RIGHT_CODE)).toEqual({ ok: false, reason: 'not-yet' });
    expect(await later.loginIds.resend('7')).toEqual({ ok: false, reason: 'not-yet' });
    there.down = false;
    clock.pass(2 * MINUTE);
    expect(await later.loginIds.flush()).toEqual({ ok: true });
    expect(there.mails).toEqual(['new@example.co.jp']);
    expect(await later.loginIds.confirm('7', RIGHT_CODE)).toMatchObject({ ok: true });
    expect(lines).toContain('login-ID changes: delivered again');
  });

  test('the answer to the wish is lost: asked again with the same key, one change and one mail', async () => {
    const kit = node();
    there.failNext = ['after'];
    expect(await kit.loginIds.request(WISH)).toMatchObject({ ok: true, change: { state: 'noted' } });
    clock.pass(2 * MINUTE);
    await kit.loginIds.flush();
    expect(await kit.loginIds.open('7')).toMatchObject({ state: 'code-sent', sent: { id: 'lic_1' } });
    expect(there.mails).toHaveLength(1);
    expect(new Set(there.keys).size).toBe(1);
  });

  test('the answer to the code is lost: the login server is asked, no code is stored, the address is taken over once', async () => {
    const kit = node();
    await kit.loginIds.request(WISH);
    there.failNext = ['after'];
    expect(await kit.loginIds.confirm('7', RIGHT_CODE)).toEqual({
      ok: false,
      reason: 'login-server-unreachable',
    });
    expect(await kit.loginIds.open('7')).toMatchObject({ state: 'confirming' });
    expect(await kit.loginIds.cancel('7')).toEqual({ ok: false, reason: 'confirming' });
    expect(JSON.stringify([...store.changes.values()])).not.toContain(RIGHT_CODE);
    there.down = true;
    clock.pass(HOUR);
    await kit.loginIds.flush();
    there.down = false;
    clock.pass(2 * MINUTE);
    await kit.loginIds.flush();
    expect(store.people.get('7')).toMatchObject({ emailAddress: 'new@example.co.jp', version: 1 });
    expect(states()).toEqual([[1, 'applied', null]]);
  });

  test('the code never arrived: after asking twice the change waits for its code again', async () => {
    const kit = node();
    await kit.loginIds.request(WISH);
    there.failNext = ['before'];
    await kit.loginIds.confirm('7', RIGHT_CODE);
    await kit.loginIds.flush();
    expect(await kit.loginIds.open('7')).toMatchObject({ state: 'confirming' });
    clock.pass(MINUTE);
    await kit.loginIds.flush();
    expect(await kit.loginIds.open('7')).toMatchObject({ state: 'code-sent' });
    expect(await kit.loginIds.confirm('7', RIGHT_CODE)).toMatchObject({ ok: true });
  });

  test('a node dies at any step: another one finishes', async () => {
    for (const [dies, mails] of [
      ['before the wish is told', 1],
      ['after the wish is told', 1],
    ] as const) {
      const doomed = node({}, { write: () => new Promise(() => undefined) });
      there.failNext = dies.startsWith('before') ? ['before'] : [];
      void doomed.loginIds.request(WISH);
      await vi.waitFor(() => expect(there.keys.length + (dies.startsWith('before') ? 1 : 0)).toBe(1));
      const other = node();
      await other.loginIds.flush();
      expect(await other.loginIds.open('7')).toMatchObject({ state: 'noted' });
      leaseOver();
      await other.loginIds.flush();
      expect(await other.loginIds.open('7'), dies).toMatchObject({ state: 'code-sent' });
      expect(there.mails).toHaveLength(mails);
      await other.loginIds.cancel('7');
      Object.assign(there, loginIdServer({ '7': 'old@example.co.jp' }));
      login.api = there.handler;
      store.changes.clear();
    }
    await node().loginIds.request(WISH);
    const doomed = node({}, { apply: () => new Promise(() => undefined) });
    void doomed.loginIds.confirm('7', RIGHT_CODE);
    await vi.waitFor(() => expect(there.accounts.get('7')?.version).toBe(1));
    expect(addressOf('7')).toBe('old@example.co.jp');
    leaseOver();
    await node().loginIds.flush();
    expect(store.people.get('7')).toMatchObject({ emailAddress: 'new@example.co.jp', version: 1 });
  });

  test('a node that wakes up long after writes nothing over what another one did', async () => {
    let goOn: () => void = () => undefined;
    const slow = node(
      {},
      {
        write: async (change, fields) => {
          await new Promise<void>((resolve) => (goOn = resolve));
          return store.write(change, fields);
        },
      },
    );
    const asked = slow.loginIds.request(WISH);
    await vi.waitFor(() => expect(there.mails).toHaveLength(1));
    leaseOver();
    const other = node();
    await other.loginIds.flush();
    await other.loginIds.confirm('7', RIGHT_CODE);
    goOn();
    await asked;
    expect(states()).toEqual([[1, 'applied', null]]);
  });

  test('a later wish replaces one that was not told yet; the order holds', async () => {
    there.down = true;
    const kit = node();
    await kit.loginIds.request({ ...WISH, newEmailAddress: 'first@example.co.jp' });
    await kit.loginIds.request({ ...WISH, newEmailAddress: 'second@example.co.jp' });
    there.down = false;
    clock.pass(MINUTE);
    await kit.loginIds.flush();
    expect(there.mails).toEqual(['second@example.co.jp']);
    expect(states()).toEqual([
      [1, 'cancelled', 'replaced'],
      [2, 'code-sent', null],
    ]);
  });

  test('a wish waits for the outcome of an earlier one whose answer is lost', async () => {
    const kit = node();
    await kit.loginIds.request({ ...WISH, newEmailAddress: 'first@example.co.jp' });
    there.failNext = ['after'];
    await kit.loginIds.confirm('7', RIGHT_CODE);
    expect(await kit.loginIds.request({ ...WISH, newEmailAddress: 'second@example.co.jp' })).toMatchObject({
      ok: true,
      change: { state: 'noted', busyUntil: null },
    });
    clock.pass(MINUTE);
    await kit.loginIds.flush();
    expect(addressOf('7')).toBe('first@example.co.jp');
    expect(states()).toEqual([
      [1, 'applied', null],
      [2, 'code-sent', null],
    ]);
  });

  test('a wish that is refused leaves the open change usable; one that is taken replaces it', async () => {
    const kit = node();
    await kit.loginIds.request(WISH);
    there.answerNext = { status: 429, headers: { 'retry-after': '42' }, body: { code: 'too-soon' } };
    expect(await kit.loginIds.request(WISH)).toEqual({
      ok: false,
      reason: 'too-many',
      retryAfterSeconds: 42,
    });
    expect(await kit.loginIds.open('7')).toMatchObject({ number: 1, state: 'code-sent' });
    await kit.loginIds.request({ ...WISH, newEmailAddress: 'second@example.co.jp' });
    expect(states().map(([, state]) => state)).toEqual(['cancelled', 'refused', 'code-sent']);
  });

  test('each refusal of a wish has its own name, and nothing stays open', async () => {
    const kit = node();
    for (const reason of [
      'user-unknown',
      'address-malformed',
      'address-unchanged',
      'kept-by-administrators',
    ] as const) {
      there.answerNext = { status: 422, body: { code: reason } };
      expect(await kit.loginIds.request(WISH)).toEqual({ ok: false, reason });
      expect(await kit.loginIds.open('7')).toBeNull();
    }
  });

  test('told to wait in the background, it waits as long as it was told', async () => {
    there.down = true;
    const kit = node();
    await kit.loginIds.request(WISH);
    there.down = false;
    there.answerNext = { status: 429, headers: { 'retry-after': '600' }, body: { code: 'too-many' } };
    clock.pass(MINUTE);
    expect(await kit.loginIds.flush()).toEqual({ ok: true });
    clock.pass(9 * MINUTE);
    await kit.loginIds.flush();
    expect(there.keys).toHaveLength(0);
    clock.pass(3 * MINUTE);
    await kit.loginIds.flush();
    expect(there.keys).toHaveLength(1);
  });

  test('a wrong secret or a row that the login server chokes on holds nothing else up, and nothing is lost', async () => {
    there.down = true;
    const kit = node();
    await kit.loginIds.request(WISH);
    clock.pass(1);
    await kit.loginIds.request({ ...WISH, consoleUserId: '8', newEmailAddress: 'eight@example.co.jp' });
    there.down = false;
    clock.pass(MINUTE);
    there.answerNext = { status: 401, body: { code: 'unauthenticated' } };
    expect(await kit.loginIds.flush()).toEqual({ ok: false });
    await kit.loginIds.flush();
    expect(there.mails).toHaveLength(1);
    clock.pass(2 * MINUTE);
    await kit.loginIds.flush();
    expect(there.mails).toHaveLength(2);
  });

  test('the conflicts have names and end the change', async () => {
    for (const reason of [
      'address-taken',
      'address-reserved',
      'changed-meanwhile',
      'kept-by-administrators',
    ] as const) {
      const kit = node();
      await kit.loginIds.request(WISH);
      there.answerNext = { status: 409, body: { code: reason } };
      expect(await kit.loginIds.confirm('7', RIGHT_CODE)).toEqual({ ok: false, reason });
      expect(await kit.loginIds.open('7')).toBeNull();
      expect(states().at(-1)).toEqual([expect.any(Number), 'refused', reason]);
    }
    expect(addressOf('7')).toBe('old@example.co.jp');
  });

  test('each refusal of a code has its own name, and the change stays open', async () => {
    const kit = node();
    await kit.loginIds.request(WISH);
    const cases: [number, object, object][] = [
      [422, { code: 'code-wrong', triesLeft: 3 }, { reason: 'code-wrong', triesLeft: 3 }],
      [422, { code: 'code-malformed' }, { reason: 'code-wrong', triesLeft: null }],
      [429, { code: 'too-many-tries' }, { reason: 'code-wrong', triesLeft: 0 }],
      [422, { code: 'code-expired' }, { reason: 'code-expired' }],
      [422, { code: 'code-superseded' }, { reason: 'code-superseded' }],
      [429, { code: 'too-many-guesses' }, { reason: 'too-many', retryAfterSeconds: null }],
    ];
    for (const [status, body, expected] of cases) {
      there.answerNext = { status, body };
      expect(await kit.loginIds.confirm('7', '12345678')).toEqual({ ok: false, ...expected });
      expect(await kit.loginIds.open('7')).toMatchObject({ state: 'code-sent' });
    }
  });

  test('the same code in two tabs at once: one change, both are told that it is done', async () => {
    const [one, other] = [node(), node()];
    await one.loginIds.request(WISH);
    const results = await Promise.all([
      one.loginIds.confirm('7', RIGHT_CODE),
      other.loginIds.confirm('7', RIGHT_CODE),
    ]);
    expect(results).toEqual([
      { ok: true, emailAddress: 'new@example.co.jp' },
      { ok: true, emailAddress: 'new@example.co.jp' },
    ]);
    expect(there.accounts.get('7')?.version).toBe(1);
  });

  test('resending tells the new times; the change of another day ends by itself', async () => {
    const kit = node();
    await kit.loginIds.request(WISH);
    expect(await kit.loginIds.resend('7')).toMatchObject({ ok: true, change: { sent: SENT } });
    there.answerNext = { status: 429, headers: { 'retry-after': '30' }, body: { code: 'too-soon' } };
    expect(await kit.loginIds.resend('7')).toEqual({ ok: false, reason: 'too-soon', retryAfterSeconds: 30 });
    for (const change of there.changes.values()) change.state = 'ended';
    clock.pass(25 * HOUR);
    await kit.loginIds.flush();
    expect(states()).toEqual([[1, 'ended', 'change-ended']]);
    expect(await kit.loginIds.resend('7')).toEqual({ ok: false, reason: 'no-open-change' });
  });

  test('cancelled: no code is taken any more', async () => {
    const kit = node();
    await kit.loginIds.request(WISH);
    expect(await kit.loginIds.cancel('7')).toEqual({ ok: true });
    expect(await kit.loginIds.confirm('7', RIGHT_CODE)).toEqual({ ok: false, reason: 'no-open-change' });
    expect(addressOf('7')).toBe('old@example.co.jp');
  });

  test('changed elsewhere: newer versions only, in any order, and open changes end', async () => {
    const kit = node();
    await kit.loginIds.request(WISH);
    const apply = (emailAddress: string, version: number) =>
      store.apply({ consoleUserId: '7', emailAddress, version });
    expect(await apply('elsewhere@example.co.jp', 2)).toBe('applied');
    expect(await apply('elsewhere@example.co.jp', 2)).toBe('known');
    expect(await apply('before@example.co.jp', 1)).toBe('known');
    expect(addressOf('7')).toBe('elsewhere@example.co.jp');
    expect(states()).toEqual([[1, 'ended', 'changed-meanwhile']]);
    expect(await apply('other@example.co.jp', 3)).toBe('address-in-use');
    expect(await store.apply({ consoleUserId: '9', emailAddress: 'x@example.co.jp', version: 1 })).toBe(
      'user-unknown',
    );
  });

  test('without the option every call says what is missing; start and stop do nothing', async () => {
    const kit = kitFor(login);
    kit.loginIds.start();
    await kit.loginIds.stop();
    expect(() => kit.loginIds.open('7')).toThrow('option loginIds is missing');
  });

  test('in the background: what a person asked for during an outage goes out soon after it, from one of two nodes', async () => {
    there.down = true;
    const [one, other] = [node({ clock: () => new Date() }), node({ clock: () => new Date() })];
    one.loginIds.start();
    other.loginIds.start();
    await one.loginIds.request(WISH);
    there.down = false;
    await vi.waitFor(() => expect(there.mails).toHaveLength(1), 10_000);
    await vi.waitFor(async () =>
      expect(await other.loginIds.open('7')).toMatchObject({ state: 'code-sent' }),
    );
    expect(there.keys).toHaveLength(1);
  });
});

describe('R18: login IDs are compared', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      consoleUserId: String(index).padStart(5, '0'),
      emailAddress: `user${index}@example.co.jp`,
      version: null,
    }));

  test('in pages of 500, the last one marked; what the login server says to take is taken', async () => {
    store = memoryLoginIdStore(many(1_000));
    there.differences = (people) =>
      people.flatMap(({ consoleUserId }) =>
        consoleUserId === '00007'
          ? [{ consoleUserId, action: 'take', emailAddress: 'seven@example.co.jp', version: 3 }]
          : consoleUserId === '00999'
            ? [
                { consoleUserId, action: 'listed' },
                { consoleUserId: '00001', action: 'take', emailAddress: 'not-asked@x.jp', version: 9 },
              ]
            : [],
      );
    expect(await node().loginIds.compareAll()).toEqual({
      ok: true,
      compared: 1_000,
      taken: 1,
      listed: 1,
      unknown: 0,
      inUse: 0,
    });
    expect(there.compared.map(({ last, people }) => [last, people.length])).toEqual([
      [false, 500],
      [true, 500],
    ]);
    expect(new Set(there.compared.map(({ round }) => round)).size).toBe(1);
    expect(addressOf('00007')).toBe('seven@example.co.jp');
    expect(addressOf('00001')).toBe('user1@example.co.jp');
  });

  test('once a day by one node of several, and sooner again after an outage', async () => {
    const clockNow = { loginIdCompareIntervalMilliseconds: 24 * HOUR };
    expect(
      await store.takeCompareTurn({ now: clock.now(), until: new Date(clock.now().getTime() + HOUR) }),
    ).toBe(true);
    expect(await store.takeCompareTurn({ now: clock.now(), until: clock.now() })).toBe(false);
    await store.setNextCompare(clock.now());
    const nodes = [node(clockNow), node(clockNow), node(clockNow)];
    for (const one of nodes) one.loginIds.start();
    await vi.waitFor(() => expect(there.compared).toHaveLength(1), 5_000);
    await new Promise((done) => setTimeout(done, 1_500));
    expect(there.compared).toHaveLength(1);
  });

  test('switched off with 0', async () => {
    const kit = node({ loginIdCompareIntervalMilliseconds: 0 });
    kit.loginIds.start();
    await new Promise((done) => setTimeout(done, 1_500));
    expect(there.compared).toHaveLength(0);
  });

  test('one person after a sign-in; an outage is no error and takes nobody more than a second', async () => {
    const kit = node();
    const known = { consoleUserId: '7', emailAddress: 'old@example.co.jp', version: null };
    there.differences = () => [
      { consoleUserId: '7', action: 'take', emailAddress: 'new@example.co.jp', version: 1 },
    ];
    there.down = true;
    await kit.loginIds.compareOne(known);
    expect(addressOf('7')).toBe('old@example.co.jp');
    there.down = false;
    await kit.loginIds.compareOne(known);
    expect(addressOf('7')).toBe('new@example.co.jp');
    expect(there.compared).toMatchObject([{ last: false, people: [known] }]);
  });
});
