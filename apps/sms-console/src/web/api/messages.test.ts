import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GOOD, machineOf, newKey, personOfAnotherCompany, type Sent } from '../../../test/machine.ts';
import { openWorld, type World } from '../../../test/world.ts';

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

describe('R30: handing a message over', () => {
  test('it is stored as queued with its number in E.164, and can be asked for', async () => {
    const answer = await send(GOOD);
    expect(answer.statusCode).toBe(202);
    const message = answer.json();
    expect(message).toEqual({
      id: expect.stringMatching(/^msg_[0-9a-z]{26}$/),
      to: '+819012345678',
      text: GOOD.text,
      state: 'queued',
      parts: 1,
      bulkId: null,
      acceptedAt: expect.stringMatching(/Z$/),
      sendAt: message.acceptedAt,
      expiresAt: expect.stringMatching(/Z$/),
      sentAt: null,
      settledAt: null,
      cancelledAt: null,
      fault: null,
    });
    expect(answer.headers['location']).toBe(`/api/v1/messages/${message.id}`);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers['set-cookie']).toBeUndefined();
    const again = await call('GET', `/api/v1/messages/${message.id}`);
    expect(again.statusCode).toBe(200);
    expect(again.json()).toEqual(message);
  });

  test('a message is cancelled once, and saying it again changes nothing', async () => {
    const { id } = (await send(GOOD)).json();
    const cancelled = await call('POST', `/api/v1/messages/${id}/cancel`);
    expect(cancelled.statusCode).toBe(200);
    expect(cancelled.json()).toMatchObject({ id, state: 'cancelled', cancelledAt: expect.any(String) });
    const again = await call('POST', `/api/v1/messages/${id}/cancel`, { body: {} });
    expect(again.json()).toEqual(cancelled.json());
    expect((await call('GET', `/api/v1/messages/${id}`)).json().state).toBe('cancelled');
  });

  for (const to of ['09012345678', '+81 90 1234 5678', '０９０－１２３４－５６７８', '090 1234 5678']) {
    test(`${to} is the mobile number +819012345678`, async () => {
      expect((await send({ ...GOOD, to })).json().to).toBe('+819012345678');
    });
  }

  const refused: [string, unknown, string][] = [
    ['a fixed line', { ...GOOD, to: '03-1234-5678' }, 'number-not-mobile'],
    ['a pager or machine number', { ...GOOD, to: '02012345678' }, 'number-not-mobile'],
    ['a number abroad', { ...GOOD, to: '+1 202 456 1111' }, 'number-not-mobile'],
    ['nine digits', { ...GOOD, to: '090-1234-567' }, 'number-malformed'],
    ['an extension', { ...GOOD, to: '090-1234-5678 ext. 5' }, 'number-malformed'],
    ['words around a number', { ...GOOD, to: 'call 090-1234-5678' }, 'number-malformed'],
    ['two numbers', { ...GOOD, to: '090-1234-5678,090-1234-5679' }, 'number-malformed'],
    ['an empty number', { ...GOOD, to: '' }, 'number-malformed'],
    ['NUL in the number', { ...GOOD, to: '090-1234-5678\u0000' }, 'number-malformed'],
    ['an empty text', { ...GOOD, text: ' \n ' }, 'text-empty'],
    ['661 characters', { ...GOOD, text: 'あ'.repeat(661) }, 'text-too-long'],
    ['NUL in the text', { ...GOOD, text: 'a\u0000b' }, 'text-unreadable'],
    ['half a character', { ...GOOD, text: 'a\ud83d' }, 'text-unreadable'],
    ['a field more', { ...GOOD, from: 'x' }, 'malformed'],
    ['__proto__', JSON.parse('{"to":"09012345678","text":"x","__proto__":{}}'), 'malformed'],
    ['a number as a number', { ...GOOD, to: 9012345678 }, 'malformed'],
    ['a list', [GOOD], 'malformed'],
    ['nothing', undefined, 'malformed'],
  ];
  for (const [what, body, code] of refused) {
    test(`${what} is refused as ${code} with what to do, and nothing is stored`, async () => {
      const before = await messageCount();
      const answer = await send(body);
      expect(answer.statusCode).toBe(422);
      expect(answer.headers['content-type']).toContain('application/problem+json');
      expect(answer.json()).toMatchObject({
        code,
        status: 422,
        requestId: expect.stringMatching(/^[0-9A-F]{8}$/),
      });
      expect(answer.json().detail.length).toBeGreaterThan(5);
      expect(await messageCount()).toBe(before);
    });
  }

  test('660 characters and line breaks are taken', async () => {
    expect((await send({ ...GOOD, text: `あ\r\n${'い'.repeat(657)}` })).statusCode).toBe(202);
  });

  test('what cannot be read is said with its own status', async () => {
    const cases: [Sent, number, string][] = [
      [{ raw: '{"to":' }, 400, 'unreadable'],
      [{ raw: Buffer.from([0x22, 0xff, 0xfe, 0x22]) }, 400, 'unreadable'],
      [{ raw: 'to=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415, 'not-json'],
      [{ raw: 'x', headers: { 'content-type': 'text/plain' } }, 415, 'not-json'],
      [{ raw: JSON.stringify({ ...GOOD, text: 'x'.repeat(66_000) }) }, 413, 'too-large'],
    ];
    for (const [sent, status, code] of cases) {
      const answer = await call('POST', '/api/v1/messages', sent);
      expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    }
    const deep = await call('POST', '/api/v1/messages', { raw: '['.repeat(30_000) + ']'.repeat(30_000) });
    expect(deep.json().code).toBe('malformed');
  });

  test('problems are in the language that the program likes, Japanese otherwise', async () => {
    expect((await send({})).json().detail).toBe('本文が決められた形ではありません。');
    const english = await send({}, { headers: { 'accept-language': 'en' } });
    expect(english.json().detail).toBe('The body does not have the documented form.');
    expect(english.headers['content-language']).toBe('en');
  });

  test('an address that is none answers a problem too', async () => {
    for (const [method, url] of [
      ['GET', '/api/v1/nope'],
      ['GET', '/api/v1/message'],
      ['POST', '/api'],
    ] as const) {
      const answer = await call(method, url);
      expect([answer.statusCode, answer.json().code]).toEqual([404, 'not-found']);
    }
    for (const url of ['/api/v1/messages/%zz', `/api/v1/messages/${'x'.repeat(500)}`]) {
      const answer = await call('GET', url);
      expect([answer.statusCode, answer.json().code]).toEqual([404, 'not-found']);
    }
    for (const id of ['msg_x', '%00', 'msg_00000000000000000000000000', `msg_${'U'.repeat(26)}`]) {
      const answer = await call('GET', `/api/v1/messages/${id}`);
      expect([answer.statusCode, answer.json().code]).toEqual([404, 'message-unknown']);
      expect((await call('POST', `/api/v1/messages/${id}/cancel`)).statusCode).toBe(404);
    }
  });
});

describe('R30: the idempotency key', () => {
  test('twenty requests at once with one key are one message', async () => {
    const headers = { 'idempotency-key': 'order-1' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(GOOD, { headers })));
    expect(new Set(answers.map((answer) => answer.statusCode))).toEqual(new Set([202]));
    expect(new Set(answers.map((answer) => answer.json().id)).size).toBe(1);
  });

  test('another message under a used key is refused; keys of another company are their own', async () => {
    const headers = { 'idempotency-key': 'order-2' };
    const first = (await send(GOOD, { headers })).json();
    const other = await send({ ...GOOD, text: '別のお知らせ' }, { headers });
    expect([other.statusCode, other.json().code]).toEqual([422, 'idempotency-key-reused']);
    const stranger = await send(GOOD, {
      headers,
      key: await newKey(world, '別会社', await personOfAnotherCompany(world)),
    });
    expect(stranger.statusCode).toBe(202);
    expect(stranger.json().id).not.toBe(first.id);
  });

  test('a key that is too long or not ASCII is refused', async () => {
    for (const value of ['', 'x'.repeat(201), 'caf\u00e9']) {
      const answer = await send(GOOD, { headers: { 'idempotency-key': value } });
      expect(answer.json().code, value).toBe('idempotency-key-malformed');
    }
  });
});

async function messageCount(): Promise<number> {
  const { count } = await world.db
    .selectFrom('message')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}
