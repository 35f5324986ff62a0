import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ConsoleKit, Registration, RegistrationOutcome, RegistrationStore } from '../src/index.ts';
import { kitFor } from './console.ts';
import { startLoginServer, type TestLoginServer } from './login-server.ts';

type User = { id: string; externalId: string; userName: string; active: boolean };

let login: TestLoginServer;
beforeAll(async () => {
  login = await startLoginServer();
});
afterAll(() => login.goDown());

let users: Map<string, User>;
let asked: string[];
let waiting: Registration[];
let settled: Map<string, RegistrationOutcome>;
let kit: ConsoleKit;
const store: RegistrationStore = {
  oldest: async (limit) => waiting.slice(0, limit),
  settle: async (key, outcome) => {
    settled.set(key, outcome);
    waiting = waiting.filter((one) => one.key !== key);
  },
};
beforeEach(() => {
  users = new Map();
  asked = [];
  waiting = [];
  settled = new Map();
  login.api = (request, body) => {
    const url = new URL(request.url ?? '', 'http://x');
    asked.push(`${request.method} ${url.pathname}`);
    if (!request.headers.authorization?.startsWith('Basic ')) return { status: 401, body: {} };
    if (request.method === 'GET') {
      const id = /^externalId eq "(.*)"$/.exec(url.searchParams.get('filter') ?? '')?.[1];
      const found = users.get(id ?? '');
      return { status: 200, body: { totalResults: found ? 1 : 0, Resources: found ? [found] : [] } };
    }
    const sent = JSON.parse(body) as {
      externalId: string;
      userName: string;
      Operations?: { value: boolean }[];
    };
    if (request.method === 'PATCH') {
      const user = [...users.values()].find(({ id }) => url.pathname.endsWith(`/${id}`));
      if (user) user.active = sent.Operations?.[0]?.value ?? user.active;
      return { status: 200, body: { ...user } };
    }
    if ([...users.values()].some(({ userName }) => userName === sent.userName))
      return { status: 409, body: { scimType: 'uniqueness' } };
    if (sent.userName.includes('broken')) return { status: 400, body: { scimType: 'invalidValue' } };
    users.set(sent.externalId, {
      id: `id-${sent.externalId}`,
      externalId: sent.externalId,
      userName: sent.userName,
      active: true,
    });
    return { status: 201, body: {} };
  };
  kit = kitFor(login, { registrations: store, registrationIntervalMilliseconds: 20 });
});
afterEach(() => kit.registrations.stop());

const person = (id: string, more: Partial<Registration> = {}): Registration => ({
  key: `${id}-1`,
  consoleUserId: id,
  emailAddress: `user${id}@example.co.jp`,
  name: '見本 太郎',
  company: '見本商事',
  locale: 'ja',
  active: true,
  ...more,
});

describe('R11: people of the console are registered at the login server', () => {
  test('who is added is created once, also when the answer was lost and the wish is sent again', async () => {
    waiting = [person('7')];
    expect(await kit.registrations.flush()).toEqual({ ok: true, more: false });
    expect(users.get('7')).toMatchObject({ userName: 'user7@example.co.jp', active: true });
    expect(settled.get('7-1')).toEqual({ state: 'registered' });
    waiting = [person('7', { key: '7-2' })];
    await kit.registrations.flush();
    expect(settled.get('7-2')).toEqual({ state: 'registered' });
    expect(asked.filter((one) => one.startsWith('POST'))).toHaveLength(1);
  });

  test('who leaves is shut out there, who comes back is let in; who never was there needs nothing', async () => {
    waiting = [person('7')];
    await kit.registrations.flush();
    waiting = [person('7', { key: '7-2', active: false }), person('8', { active: false })];
    await kit.registrations.flush();
    expect([users.get('7')?.active, users.has('8')]).toEqual([false, false]);
    waiting = [person('7', { key: '7-3' })];
    await kit.registrations.flush();
    expect(users.get('7')?.active).toBe(true);
  });

  test('who is refused does not hold up the next one', async () => {
    waiting = [
      person('1'),
      person('2', { emailAddress: 'user1@example.co.jp' }),
      person('3', { emailAddress: 'broken@example.co.jp' }),
      person('4'),
    ];
    await kit.registrations.flush();
    expect([...settled.values()]).toEqual([
      { state: 'registered' },
      { state: 'refused', reason: 'address-taken' },
      { state: 'refused', reason: 'invalidValue' },
      { state: 'registered' },
    ]);
  });

  test('while the login server is down, or refuses this console, the outbox keeps everybody', async () => {
    waiting = [person('9')];
    const works = login.api;
    login.api = () => ({ status: 403, body: {} });
    expect(await kit.registrations.flush()).toEqual({ ok: false });
    login.api = works;
    await login.goDown();
    kit.registrations.start();
    expect(await kit.registrations.flush()).toEqual({ ok: false });
    expect([waiting.length, settled.size]).toEqual([1, 0]);
    await login.comeBack();
    await vi.waitFor(() => expect(settled.get('9-1')).toEqual({ state: 'registered' }), { timeout: 5_000 });
  });

  test('without an outbox nothing is asked', async () => {
    expect(await kitFor(login, {}).registrations.flush()).toEqual({ ok: true, more: false });
    expect(asked).toEqual([]);
  });
});
