import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '#app/config.ts';
import { wipeCodeTexts } from '#domain/messages/codes.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import { buildCarrier } from '../../../../carrier-simulator/src/app.ts';
import { gatewayAt } from '../../../test/delivery.ts';
import { newKey } from '../../../test/machine.ts';
import { openWorld, type World } from '../../../test/world.ts';

const CODE = { to: '090-1234-5678', text: '検証コード: 1234 5678' };
let world: World;
beforeAll(async () => {
  world = await openWorld({ phase: 'parallel', queueIntervalMilliseconds: 60_000 });
});
afterAll(() => world.close());

function post(body: unknown, { key = world.config.codesKey ?? '', headers = {} } = {}) {
  return world.app.inject({
    method: 'POST',
    url: '/internal/v1/codes',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    payload: JSON.stringify(body),
  });
}
function status(id: string) {
  return world.app.inject({
    url: `/internal/v1/codes/${id}`,
    headers: { authorization: `Bearer ${world.config.codesKey}` },
  });
}

describe('R29: verification codes of the unified login', () => {
  test('a code goes before everything else, expires in minutes, and says how it stands', async () => {
    const answer = await post({ ...CODE, expiresInSeconds: 120 });
    expect(answer.statusCode).toBe(202);
    const { id, acceptedAt, expiresAt } = answer.json();
    expect(Date.parse(expiresAt) - Date.parse(acceptedAt)).toBe(120_000);
    const row = await world.db
      .selectFrom('message')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({ lane: 0, state: 'queued', recipient: '+819012345678', body: CODE.text });
    expect((await status(id)).json()).toEqual(answer.json());
    expect(answer.body).not.toContain('1234 5678');
  });

  test('only its own key opens it, and that key opens nothing else', async () => {
    const customers = await newKey(world, 'お客様のシステム', (await world.addPerson()).id);
    for (const key of ['', 'x', customers, `${world.config.codesKey}x`])
      expect((await post(CODE, { key })).statusCode).toBe(401);
    const { id } = (await post(CODE)).json();
    const asCustomer = (key: string) =>
      world.app.inject({ url: `/api/v1/messages/${id}`, headers: { authorization: `Bearer ${key}` } });
    expect((await asCustomer(customers)).statusCode).toBe(404);
    expect((await asCustomer(world.config.codesKey ?? '')).statusCode).toBe(401);
  });

  test('without a key in the configuration there is no such API; a short key stops the start', async () => {
    const alone = await openWorld({ phase: 'parallel' });
    Object.assign(alone.config, { codesKey: null });
    await alone.restart();
    const answer = await alone.app.inject({
      method: 'POST',
      url: '/internal/v1/codes',
      headers: { authorization: 'Bearer null' },
      payload: CODE,
    });
    expect(answer.statusCode).toBe(404);
    await alone.close();
    expect(() => readConfig({ CONSOLE_CODES_KEY: 'short' })).toThrow(/CONSOLE_CODES_KEY must be 32 to 200/);
  });

  test('what cannot be taken is refused and nothing is stored', async () => {
    const cases: [unknown, string][] = [
      [{ ...CODE, to: '03-1234-5678' }, 'number-not-mobile'],
      [{ ...CODE, text: '' }, 'text-empty'],
      [{ ...CODE, expiresInSeconds: 3_600 }, 'malformed'],
      [{ ...CODE, more: 1 }, 'malformed'],
      [[], 'malformed'],
    ];
    for (const [body, code] of cases) {
      const answer = await post(body);
      expect([answer.statusCode, answer.json().code]).toEqual([422, code]);
    }
    expect((await status('msg_none')).statusCode).toBe(404);
  });

  test('one idempotency key is one code, however often it is asked for', async () => {
    const headers = { 'idempotency-key': 'sign-in-1' };
    const first = (await post(CODE, { headers })).json();
    world.clock.advance(1_000);
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(CODE, { headers })));
    world.clock.reset();
    for (const answer of answers) expect(answer.json().id).toBe(first.id);
    expect((await post({ ...CODE, text: 'x' }, { headers })).json().code).toBe('idempotency-key-reused');
  });

  test('a code leaves as soon as it is taken, however rarely the queue is looked into', async () => {
    const carrier = buildCarrier({ port: 0, clock: () => new Date(), receiptDelayMs: 5 });
    await carrier.start();
    Object.assign(world.config, { gateways: [gatewayAt(carrier)] });
    await world.restart();
    const isBound = () => carrier.boundSystemIds().length > 0;
    await expect.poll(isBound, { timeout: 10_000, interval: 5 }).toBe(true);
    // Sometimes while the queue is being looked into for the one before, sometimes long after that.
    for (let n = 0; n < 20; n += 1) {
      const text = `検証コード: ${1_000 + n}`;
      expect((await post({ ...CODE, text })).statusCode).toBe(202);
      const arrived = () => carrier.messages().some((message) => message.text === text);
      if (n % 3 > 0) await expect.poll(arrived, { timeout: 5_000, interval: n % 3 }).toBe(true);
    }
    await expect
      .poll(() => carrier.messages().filter(({ text }) => /コード: 10\d\d/.test(text)).length, {
        timeout: 5_000,
      })
      .toBe(20);
    Object.assign(world.config, { gateways: [] });
    await world.restart();
    await carrier.stop();
  });

  test('V4: the text is in no log, and is wiped once the code is settled or has expired', async () => {
    const { id: delivered } = (await post({ ...CODE, text: '検証コード: 8765 4321' })).json();
    const { id: waiting } = (await post({ ...CODE, expiresInSeconds: 900 })).json();
    await world.db
      .updateTable('message')
      .set({ state: 'delivered', settled_at: world.clock.now() })
      .where('id', '=', delivered)
      .execute();
    const bodyOf = async (id: string) =>
      (await world.db.selectFrom('message').select('body').where('id', '=', id).executeTakeFirstOrThrow())
        .body;
    await wipeCodeTexts(world.db, world.clock.now());
    expect(await bodyOf(delivered)).toBe('');
    expect(await bodyOf(waiting)).toBe(CODE.text);
    await wipeCodeTexts(world.db, new Date(world.clock.now().getTime() + 16 * MINUTE));
    expect(await bodyOf(waiting)).toBe('');
    const logged = world.logLines.join('\n');
    for (const secret of ['1234 5678', '8765 4321', world.config.codesKey ?? 'none'])
      expect(logged).not.toContain(secret);
  });
});
