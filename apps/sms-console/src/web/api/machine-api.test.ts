import { randomUUID } from 'node:crypto';
import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { revokeApiKey } from '#domain/api-keys/api-keys.ts';
import { openDatabase } from '#support/db/database.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import { GOOD, machineOf, newKey, personOfAnotherCompany, type Sent } from '../../../test/machine.ts';
import { openWorld, PASSWORD, type World } from '../../../test/world.ts';
import { machineApi } from './machine-api.ts';

let world: World;
let personId: string;
let machine: ReturnType<typeof machineOf>;
beforeAll(async () => {
  world = await openWorld({ phase: 'parallel' });
  personId = (await world.addPerson()).id;
  machine = machineOf(world, await newKey(world, '受注システム', personId));
});
afterAll(() => world.close());

const call = (...args: Parameters<typeof machine.call>) => machine.call(...args);
const send = (...args: Parameters<typeof machine.send>) => machine.send(...args);

describe('R30: who may call', () => {
  test('without a key, with a wrong one, with a revoked one: 401, and the answer does not tell which', async () => {
    const revoked = await newKey(world, '古いシステム', personId);
    const { id } = await world.db
      .selectFrom('api_key')
      .select('id')
      .where('name', '=', '古いシステム')
      .executeTakeFirstOrThrow();
    await revokeApiKey(world.db, { personId, id }, world.clock.now());
    const cases: [Sent, string][] = [
      [{ key: null }, 'key-missing'],
      [{ key: null, headers: { authorization: 'Basic enJzOng=' } }, 'key-missing'],
      [{ key: 'zrs_wrong' }, 'key-unknown'],
      [{ key: revoked }, 'key-unknown'],
      [{ key: 'zrs_' + 'A'.repeat(43) }, 'key-unknown'],
    ];
    for (const [sent, code] of cases) {
      const answer = await send(GOOD, sent);
      expect([answer.statusCode, answer.json().code]).toEqual([401, code]);
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="api"');
    }
  });

  test('the session cookie of a signed-in person is worth nothing here', async () => {
    const person = await world.addPerson();
    const browser = world.browser();
    await browser.open('/login');
    await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
    const session = browser.cookie('reach-sms-session') ?? '';
    expect(session).not.toBe('');
    const answer = await send(GOOD, { key: null, headers: { cookie: `reach-sms-session=${session}` } });
    expect(answer.statusCode).toBe(401);
    expect((await send(GOOD, { key: session })).statusCode).toBe(401);
  });

  test('a message of another company is not there', async () => {
    const { id } = (await send(GOOD)).json();
    const stranger = await newKey(world, 'よそのシステム', await personOfAnotherCompany(world));
    expect((await call('GET', `/api/v1/messages/${id}`, { key: stranger })).statusCode).toBe(404);
    expect((await call('POST', `/api/v1/messages/${id}/cancel`, { key: stranger })).statusCode).toBe(404);
    expect((await call('GET', `/api/v1/messages/${id}`)).json().state).toBe('queued');
    const colleague = await newKey(world, '同じ会社のシステム', personId);
    expect((await call('GET', `/api/v1/messages/${id}`, { key: colleague })).statusCode).toBe(200);
  });

  test('a key may call 600 times a minute; the next minute is a new one, and other keys are not concerned', async () => {
    const busy = await newKey(world, `せっかちなシステム ${randomUUID()}`, personId);
    world.clock.stop();
    const statuses: number[] = [];
    for (let round = 0; round < 31; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => call('GET', '/api/v1/messages/msg_x', { key: busy })),
      );
      statuses.push(...answers.map((answer) => answer.statusCode));
    }
    expect(statuses.filter((status) => status === 404)).toHaveLength(600);
    expect(statuses.filter((status) => status === 429)).toHaveLength(20);
    const refused = await call('GET', '/api/v1/messages/msg_x', { key: busy });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect((await send(GOOD)).statusCode).toBe(202);
    world.clock.advance(MINUTE);
    expect((await call('GET', '/api/v1/messages/msg_x', { key: busy })).statusCode).toBe(404);
    world.clock.reset();
    expect((await call('GET', '/api/v1/messages/msg_x', { key: busy })).statusCode).toBe(404);
  });

  test('when the database is away the answer is 503 and says when to come again', async () => {
    const db = openDatabase('postgres://nobody@127.0.0.1:1/none', () => undefined);
    const app = fastify({ genReqId: () => 'ABCD0123' });
    await machineApi(app, { db, clock: world.clock.now, requestsPerMinute: 600, url: 'http://localhost' });
    const headers = { authorization: 'Bearer zrs_x', 'accept-language': 'en' };
    const answer = await app.inject({ url: '/api/v1/messages/msg_x', headers });
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('5');
    expect(answer.json()).toMatchObject({ code: 'unavailable', requestId: 'ABCD0123' });
    expect(answer.json().detail).toContain('same Idempotency-Key');
    await app.close();
    await db.destroy();
  });
});

describe('R30: nothing of the migration reaches the machine API', () => {
  test('R12: every phase, forward and back: the same answers', async () => {
    for (const phase of ['prepared', 'parallel', 'unified', 'parallel'] as const) {
      await world.setPhase(phase);
      expect((await send(GOOD)).statusCode).toBe(202);
    }
  });

  test('R9: after the person who made the key has signed out everywhere it works on', async () => {
    const person = await world.addPerson();
    const browser = world.browser();
    world.login.atTheKeyboard = world.accountOf(person);
    await browser.open('/auth/start');
    world.login.atTheKeyboard = null;
    await browser.open('/settings/api-keys');
    const page = await browser.send('/settings/api-keys', { name: 'ログアウト後も使うシステム' });
    const secret = /zrs_[\w-]{43}/.exec(page.text)?.[0] ?? '';
    await browser.send('/logout');
    expect((await browser.open(`${world.config.url}/settings`)).text).not.toContain('自動ログアウト');
    expect((await send(GOOD, { key: secret })).statusCode).toBe(202);
  });

  test('with the login server down, also from a cold start, all three calls work', async () => {
    const alone = await openWorld({ phase: 'unified' });
    const key = await newKey(alone, '孤島', (await alone.addPerson()).id);
    await alone.login.close();
    await alone.db.deleteFrom('last_known_plan').execute();
    await alone.restart();
    const headers = { authorization: `Bearer ${key}` };
    const sent = await alone.app.inject({ method: 'POST', url: '/api/v1/messages', headers, payload: GOOD });
    expect(sent.statusCode).toBe(202);
    const { id } = sent.json();
    expect((await alone.app.inject({ url: `/api/v1/messages/${id}`, headers })).statusCode).toBe(200);
    const cancelled = await alone.app.inject({
      method: 'POST',
      url: `/api/v1/messages/${id}/cancel`,
      headers,
    });
    expect(cancelled.statusCode).toBe(200);
    await alone.close().catch(() => undefined);
  });

  test('the second console sends no short messages and has no such API', async () => {
    const second = await openWorld({ brand: 'second' });
    expect((await second.app.inject({ url: '/api/v1/messages/msg_x' })).statusCode).toBe(404);
    expect((await second.app.inject({ url: '/settings/api-keys' })).statusCode).toBe(404);
    await second.close();
  });
});
