import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addOperator } from '#domain/operators/operators.ts';
import { createOperatorToken, createPersonalToken } from '#domain/operators/tokens.ts';
import { DAY, MINUTE } from '#support/primitives/durations.ts';
import { basic } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';
import { claimKey, forgetOldKeys, noteAct, settleKey } from './keys.ts';

let world: World;
let token: string;
let other: string;
let person: string;
beforeAll(async () => {
  world = await openWorld({ work: false });
  await world.addConsole('sms');
  const accountId = await world.addPerson('chief@example.co.jp');
  person = await world.addPerson('taro@example.co.jp', { sms: '1' });
  const by = { actor: 'operator:cli', now: world.now };
  await addOperator(world.database.db, { emailAddress: 'chief@example.co.jp', role: 'administrator' }, by);
  const made = await createPersonalToken(
    world.database.db,
    { name: 'sample', role: 'administrator', accountId },
    by,
  );
  if (!made.ok) throw new Error(made.reason);
  token = made.token;
  other = (await createOperatorToken(world.database.db, { name: 'other', role: 'administrator' }, by)).token;
});
afterAll(() => world.close());

let used = 0;
const newKey = () => `sample-key-${++used}`;

function post(
  path: string,
  payload: object | undefined,
  key: string | undefined,
  authorization = `Bearer ${token}`,
) {
  return world.app.server.inject({
    method: 'POST',
    url: path,
    headers: {
      host: 'login.example.co.jp',
      authorization,
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(payload === undefined ? {} : { payload }),
  });
}

const TOKENS = '/api/operator/v1/operator-tokens';
const wanted = (name: string) => ({ name, role: 'viewer', days: 30 });

async function tokensNamed(name: string): Promise<number> {
  const rows = await world.database.db
    .selectFrom('operator_token')
    .select('id')
    .where('name', '=', name)
    .execute();
  return rows.length;
}

describe('R26: Idempotency-Key on every write', () => {
  it('the same request again is answered with the same answer, and done once', async () => {
    const key = newKey();
    const first = await post(TOKENS, wanted('once'), key);
    const again = await post(TOKENS, wanted('once'), key);
    expect([first.statusCode, again.statusCode]).toEqual([201, 201]);
    expect(again.body).toBe(first.body);
    expect(again.headers['content-type']).toBe(first.headers['content-type']);
    expect(again.headers['cache-control']).toBe('no-store');
    expect([first.headers['idempotency-replayed'], again.headers['idempotency-replayed']]).toEqual([
      undefined,
      'true',
    ]);
    expect(await tokensNamed('once')).toBe(1);
  });

  it('the same key with other content, or for another call: 422, and nothing is done', async () => {
    const key = newKey();
    await post(TOKENS, wanted('first'), key);
    for (const answer of [
      await post(TOKENS, wanted('second'), key),
      await post(`/api/operator/v1/accounts/${person}/suspend`, { reason: 'sample' }, key),
    ]) {
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([
        422,
        'idempotency-key-reused',
      ]);
    }
    expect(await tokensNamed('second')).toBe(0);
  });

  it('many at once: one is done, the others come again and get its answer', async () => {
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(TOKENS, wanted('race'), key)));
    expect(await tokensNamed('race')).toBe(1);
    for (const answer of answers) {
      if (answer.statusCode === 201) continue;
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([
        409,
        'idempotency-under-way',
      ]);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
    const made = answers.filter((one) => one.statusCode === 201).map((one) => one.body);
    expect(new Set([...made, (await post(TOKENS, wanted('race'), key)).body]).size).toBe(1);
  });

  it('another caller has keys of its own', async () => {
    const key = newKey();
    const path = `/api/operator/v1/accounts/${person}/suspend`;
    expect((await post(path, { reason: 'sample' }, key)).statusCode).toBe(200);
    expect((await post(path, { reason: 'sample' }, key)).statusCode).toBe(200);
    expect((await post(path, { reason: 'sample' }, key, `Bearer ${other}`)).statusCode).toBe(409);
  });

  it('a refusal uses no key up: the request can be mended and sent again', async () => {
    const key = newKey();
    const path = `/api/operator/v1/accounts/${person}/reinstate`;
    expect(
      (await post('/api/operator/v1/accounts/acc_none/reinstate', { reason: 'sample' }, key)).statusCode,
    ).toBe(404);
    expect((await post(path, { reason: '' }, key)).statusCode).toBe(422);
    expect((await post(path, { reason: 'sample' }, key)).statusCode).toBe(200);
  });

  it('a key that is no key is refused', async () => {
    for (const key of ['見本', 'a b', 'x'.repeat(201)]) {
      const answer = await world.app.server.inject({
        method: 'POST',
        url: TOKENS,
        headers: {
          host: 'login.example.co.jp',
          authorization: `Bearer ${token}`,
          'idempotency-key': Buffer.from(key).toString('latin1'),
        },
        payload: wanted('never'),
      });
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([422, 'malformed']);
    }
    expect(await tokensNamed('never')).toBe(0);
  });

  it('a failure of ours gives the key back where nothing was done', async () => {
    const key = newKey();
    const claim = { caller: 'operator:x', key, attempt: 'req_1' };
    const answerKey = Buffer.alloc(32, 1);
    const { db } = world.database;
    expect(await claimKey(db, answerKey, claim, 'content', world.now)).toEqual({ state: 'ours' });
    await settleKey(db, answerKey, claim, { status: 503, headers: {}, body: '' }, world.now);
    expect(await claimKey(db, answerKey, { ...claim, attempt: 'req_2' }, 'content', world.now)).toEqual({
      state: 'ours',
    });
  });

  it('S1: a server that dies before the act leaves the key to the next; after the act it is never done again', async () => {
    const { db } = world.database;
    const answerKey = Buffer.alloc(32, 1);
    const claim = { caller: 'operator:y', key: newKey(), attempt: 'req_1' };
    const next = { ...claim, attempt: 'req_2' };
    const last = { ...claim, attempt: 'req_3' };
    await claimKey(db, answerKey, claim, 'content', world.now);
    expect((await claimKey(db, answerKey, next, 'content', world.now)).state).toBe('under-way');
    world.pass(6 * MINUTE);
    expect((await claimKey(db, answerKey, next, 'content', world.now)).state).toBe('ours');
    // The first one was only slow: its act does not come to be.
    await expect(noteAct(db, claim)).rejects.toThrow('taken this Idempotency-Key over');
    await noteAct(db, next);
    expect((await claimKey(db, answerKey, last, 'content', world.now)).state).toBe('under-way');
    world.pass(6 * MINUTE);
    expect((await claimKey(db, answerKey, last, 'content', world.now)).state).toBe('answer-lost');
    expect((await claimKey(db, answerKey, last, 'other content', world.now)).state).toBe('reused');
  });

  it('the console API obeys it too', async () => {
    const key = newKey();
    const path = '/api/console/v1/legacy-sign-ins';
    const signIns = [{ id: 'e1', consoleUserId: '1', at: world.now.toISOString() }];
    const first = await post(path, { signIns }, key, basic('sms'));
    const again = await post(path, { signIns }, key, basic('sms'));
    expect([first.statusCode, again.body, again.headers['idempotency-replayed']]).toEqual([
      200,
      first.body,
      'true',
    ]);
    expect((await post(path, { signIns: [] }, key, basic('sms'))).statusCode).toBe(422);
  });

  it('V4: neither the key nor a secret that an answer shows is kept in clear', async () => {
    const key = newKey();
    const made = (await post(TOKENS, wanted('secret'), key)).json<{ token: string }>();
    const rows = JSON.stringify(await world.database.db.selectFrom('idempotency_key').selectAll().execute());
    expect(rows).toContain('answer');
    expect(rows).not.toContain(made.token);
    expect(rows).not.toContain(key);
  });

  it('after a day a key is forgotten', async () => {
    const key = newKey();
    await post(TOKENS, wanted('yesterday'), key);
    world.pass(1 * DAY + 1 * MINUTE);
    expect((await post(TOKENS, wanted('today'), key)).statusCode).toBe(201);
    world.pass(2 * DAY);
    await forgetOldKeys(world.database.db, world.now);
    expect(await world.database.db.selectFrom('idempotency_key').select('caller').execute()).toEqual([]);
  });

  it('every call that changes something says so in the document', async () => {
    const document = await world.app.server.inject({
      url: '/api/openapi.json',
      headers: { host: 'login.example.co.jp' },
    });
    const { paths } = document.json<{
      paths: Record<string, Record<string, { parameters?: { name: string }[] }>>;
    }>();
    for (const [path, operations] of Object.entries(paths))
      for (const [method, { parameters = [] }] of Object.entries(operations)) {
        if (!path.startsWith('/api/')) continue;
        const named = parameters.some(({ name }) => name === 'idempotency-key');
        expect(named, `${method} ${path}`).toBe(method !== 'get');
      }
  });
});
