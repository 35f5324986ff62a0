import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY, MINUTE } from '#support/primitives/durations.ts';
import { GOOD, machineOf, newKey, personOfAnotherCompany } from '../../../test/machine.ts';
import { openWorld, type World } from '../../../test/world.ts';

let world: World;
let personId: string;
let companyId: string;
let machine: ReturnType<typeof machineOf>;
beforeAll(async () => {
  world = await openWorld({ phase: 'parallel' });
  ({ id: personId, companyId } = await world.addPerson());
  machine = machineOf(world, await newKey(world, '受注システム', personId));
});
afterAll(() => world.close());

const BULKS = '/api/v1/bulks';
const some = (count: number, from = 10_000_000) =>
  Array.from({ length: count }, (_, n) => ({ to: `080${from + n}`, text: `見本のお知らせ ${n}` }));
const bulk = (messages: unknown, more: object = {}, headers = {}) =>
  machine.call('POST', BULKS, { body: { messages, ...more }, headers });

describe('R30: many messages in one call', () => {
  test('a thousand are taken at once; each has its id in the order of the request', async () => {
    const answer = await bulk(some(1_000), { name: '秋の見本市' });
    expect(answer.statusCode).toBe(202);
    const taken = answer.json();
    expect(taken).toMatchObject({
      name: '秋の見本市',
      accepted: 1_000,
      refused: 0,
      counts: { queued: 1_000 },
    });
    expect(answer.headers['location']).toBe(`${BULKS}/${taken.id}`);
    const { id } = taken.results[700];
    expect((await machine.call('GET', `/api/v1/messages/${id}`)).json()).toMatchObject({
      to: '+818010000700',
      text: '見本のお知らせ 700',
      bulkId: taken.id,
    });
  });

  test('what cannot be sent says why, and does not hold up the others', async () => {
    await world.db
      .insertInto('opt_out')
      .values({
        company_id: companyId,
        number: '+818077770000',
        reason: 'by-hand',
        added_at: world.clock.now(),
        added_by: null,
      })
      .execute();
    const taken = (
      await bulk([
        { to: '03-1234-5678', text: 'x' },
        { to: '080-7777-0000', text: 'x' },
        { to: '080-7777-0001', text: ' ' },
        { to: '080-7777-0002', text: 'x' },
      ])
    ).json();
    expect(taken).toMatchObject({ accepted: 1, refused: 3, counts: { queued: 1 } });
    expect(taken.results.map((one: { code?: string }) => one.code ?? 'taken')).toEqual([
      'number-not-mobile',
      'opted-out',
      'text-empty',
      'taken',
    ]);
  });

  test('a bulk of none, of 1,001, or with a field more is refused as a whole', async () => {
    for (const messages of [[], some(1_001), [{ ...GOOD, from: 'x' }], 'x', [GOOD, null]]) {
      const answer = await bulk(messages);
      expect([answer.statusCode, answer.json().code]).toEqual([422, 'malformed']);
      expect(answer.json().field).toContain(JSON.stringify(messages).includes('from') ? 'from' : 'messages');
    }
  });

  test('twenty at once with one idempotency key are one bulk; another content under it is refused', async () => {
    const headers = { 'idempotency-key': 'bulk-1' };
    const messages = some(5, 20_000_000);
    const answers = await Promise.all(Array.from({ length: 20 }, () => bulk(messages, {}, headers)));
    expect(new Set(answers.map((answer) => answer.body)).size).toBe(1);
    expect(answers[0]?.statusCode).toBe(202);
    const { count } = await world.db
      .selectFrom('message')
      .where('recipient', 'like', '+81802000000%')
      .select((eb) => eb.fn.countAll<string>().as('count'))
      .executeTakeFirstOrThrow();
    expect(Number(count)).toBe(5);
    const other = await bulk(some(4, 20_000_000), {}, headers);
    expect([other.statusCode, other.json().code]).toEqual([422, 'idempotency-key-reused']);
  });

  test('a bulk for later waits, and cancelling it leaves what is on its way', async () => {
    const sendAt = new Date(world.clock.now().getTime() + DAY).toISOString();
    const taken = (await bulk(some(3, 30_000_000), { sendAt })).json();
    expect(taken.state).toBe('scheduled');
    await world.db
      .updateTable('message')
      .set({ state: 'sending' })
      .where('id', '=', taken.results[0].id)
      .execute();
    const cancelled = (await machine.call('POST', `${BULKS}/${taken.id}/cancel`)).json();
    expect(cancelled).toMatchObject({ state: 'cancelled', counts: { sending: 1, cancelled: 2 } });
    expect((await machine.call('POST', `${BULKS}/${taken.id}/cancel`)).json()).toEqual(cancelled);
    const stranger = await newKey(world, 'よそ', await personOfAnotherCompany(world));
    for (const url of [`${BULKS}/${taken.id}`, `${BULKS}/none`, `${BULKS}/%00`])
      expect((await machine.call('GET', url, { key: stranger })).json().code).toBe('bulk-unknown');
    expect((await machine.call('POST', `${BULKS}/${taken.id}/cancel`, { key: stranger })).statusCode).toBe(
      404,
    );
  });
});

describe('R30: the list of messages', () => {
  test('pages by cursor give every message of a bulk once, newest first; filters narrow it', async () => {
    const { id } = (await bulk(some(23, 40_000_000))).json();
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = `bulkId=${id}&limit=10${cursor === null ? '' : `&cursor=${cursor}`}`;
      const page = (await machine.call('GET', `/api/v1/messages?${query}`)).json();
      seen.push(...page.messages.map((one: { id: string }) => one.id));
      cursor = page.next;
    } while (cursor !== null);
    expect(new Set(seen).size).toBe(23);
    expect(seen).toEqual([...seen].sort().reverse());
    const list = async (query: string) =>
      (await machine.call('GET', `/api/v1/messages?${query}`)).json().messages;
    expect(await list('to=080-4000-0007')).toMatchObject([{ to: '+818040000007' }]);
    expect(await list(`bulkId=${id}&state=delivered`)).toEqual([]);
    const now = world.clock.now();
    const at = (milliseconds: number) =>
      encodeURIComponent(new Date(now.getTime() + milliseconds).toISOString());
    expect(await list(`bulkId=${id}&acceptedFrom=${at(MINUTE)}`)).toEqual([]);
    expect(
      await list(`bulkId=${id}&acceptedFrom=${at(-10 * MINUTE)}&acceptedUntil=${at(MINUTE)}`),
    ).toHaveLength(23);
  });

  test('a filter that cannot be is refused', async () => {
    for (const query of ['state=odd', 'limit=0', 'limit=201', 'cursor=x', 'acceptedFrom=yesterday', 'x=1']) {
      const answer = await machine.call('GET', `/api/v1/messages?${query}`);
      expect([answer.statusCode, answer.json().code], query).toEqual([422, 'query-malformed']);
    }
  });
});

describe('R30: usage, limits and what a key may do', () => {
  test('the month counts short messages; over its limit nothing is taken, however many ask at once', async () => {
    const owner = await world.addPerson({ company: '見本通信' });
    const key = await newKey(world, '上限', owner.id);
    const usage = async () => (await machine.call('GET', '/api/v1/usage', { key })).json();
    expect(await usage()).toMatchObject({ messages: 0, parts: 0, limit: null, left: null });
    await machine.send({ ...GOOD, text: 'あ'.repeat(71) }, { key });
    expect(await usage()).toMatchObject({ messages: 1, parts: 2, delivered: 0 });
    await world.db
      .insertInto('sending_rules')
      .values({
        company_id: owner.companyId,
        quiet_from: null,
        quiet_until: null,
        long_messages: true,
        monthly_parts: 6,
        changed_at: world.clock.now(),
        changed_by: null,
      })
      .execute();
    const answers = await Promise.all(Array.from({ length: 12 }, () => machine.send(GOOD, { key })));
    expect(answers.filter((answer) => answer.statusCode === 202)).toHaveLength(4);
    expect(answers.find((answer) => answer.statusCode !== 202)?.json().code).toBe('quota-exceeded');
    const whole = await machine.call('POST', BULKS, { key, body: { messages: [GOOD] } });
    expect([whole.statusCode, whole.json().code]).toEqual([422, 'quota-exceeded']);
    expect(await usage()).toMatchObject({ messages: 5, parts: 6, limit: 6, left: 0 });
    expect((await usage()).month).toMatch(/^\d{4}-\d{2}$/);
  });

  test('a key that may only read sends nothing; one that may only send reads nothing', async () => {
    const reader = await newKey(world, '読むだけ', personId, ['read']);
    const sender = await newKey(world, '送るだけ', personId, ['send']);
    const { id } = (await machine.send(GOOD, { key: sender })).json();
    const cases = [
      [await machine.send(GOOD, { key: reader }), 403],
      [await machine.call('POST', `/api/v1/messages/${id}/cancel`, { key: reader }), 403],
      [await machine.call('POST', BULKS, { key: reader, body: { messages: [GOOD] } }), 403],
      [await machine.call('GET', `/api/v1/messages/${id}`, { key: reader }), 200],
      [await machine.call('GET', `/api/v1/messages/${id}`, { key: sender }), 403],
      [await machine.call('GET', '/api/v1/usage', { key: sender }), 403],
    ] as const;
    for (const [answer, status] of cases) expect(answer.statusCode).toBe(status);
  });

  test('a key that ended opens nothing', async () => {
    const key = await newKey(world, '期限つき', personId);
    await world.db
      .updateTable('api_key')
      .set({ expires_at: new Date(world.clock.now().getTime() + MINUTE) })
      .where('name', '=', '期限つき')
      .execute();
    expect((await machine.send(GOOD, { key })).statusCode).toBe(202);
    world.clock.advance(MINUTE);
    expect((await machine.send(GOOD, { key })).json().code).toBe('key-unknown');
    world.clock.reset();
  });

  test('each answer says how much the key may still ask', async () => {
    const key = await newKey(world, '数える', personId);
    world.clock.stop();
    for (const left of [599, 598]) {
      const { headers } = await machine.call('GET', '/api/v1/usage', { key });
      expect(headers['ratelimit-policy']).toBe('"minute";q=600;w=60');
      expect(headers['ratelimit']).toBe(`"minute";r=${left};t=60`);
    }
    world.clock.reset();
  });
});
