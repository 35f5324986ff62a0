import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { Browser } from '#test/browser.ts';
import { PASSWORD } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
let token: string;
let taro: string;
const address = 'taro@example.co.jp';

beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
  taro = await world.addPerson(address, { sms: 'u-1' }, { password: PASSWORD });
  await world.addPerson('hanako@example.co.jp', { sms: 'u-2' }, { name: '見本 花子' });
  ({ token } = await createOperatorToken(
    world.database.db,
    { name: 'desk', role: 'support' },
    { actor: 'operator:cli', now: world.now },
  ));
});
afterAll(() => world.close());

async function call(method: 'GET' | 'POST', path: string, payload?: object) {
  const answer = await world.app.server.inject({
    method,
    url: `/api/operator/v1${path}`,
    headers: { host: 'login.example.co.jp', authorization: `Bearer ${token}` },
    ...(payload ? { payload } : {}),
  });
  return { status: answer.statusCode, headers: answer.headers, body: answer.json<Record<string, unknown>>() };
}

it('R26: finds accounts by any part, page by page, and by exactly one login ID', async () => {
  const found = await call('GET', `/accounts?q=${encodeURIComponent('花子')}`);
  expect(found).toMatchObject({
    status: 200,
    body: {
      items: [
        {
          emailAddress: 'hanako@example.co.jp',
          hasPassword: false,
          links: [{ clientId: 'sms', consoleUserId: 'u-2' }],
        },
      ],
      next: null,
    },
  });
  const first = (await call('GET', '/accounts?q=example&limit=1')).body as {
    items: { id: string }[];
    next: string;
  };
  const second = (await call('GET', `/accounts?q=example&limit=1&cursor=${first.next}`)).body as typeof first;
  expect(new Set([...first.items, ...second.items].map((one) => one.id)).size).toBe(2);
  expect((await call('GET', '/accounts')).body).toEqual({ items: [], next: null });
  expect((await call('GET', '/accounts?state=none')).status).toBe(422);
});

it('R26: one person with the step where they are stuck, in both languages; never a hash or a code', async () => {
  await sql`insert into sign_in_throttle (key, attempts, last_attempt_at, blocked_until)
    values (${`account:${address}`}, 9, ${world.now}, ${new Date(world.now.getTime() + 60_000)})`.execute(
    world.database.db,
  );
  const { status, body } = await call('GET', `/accounts/${taro}`);
  expect(status, JSON.stringify(body)).toBe(200);
  expect(body).toMatchObject({
    emailAddress: address,
    step: {
      kind: 'delayed',
      words: {
        ja: {
          sentence:
            'パスワードの間違いが9回続いたため、2026年11月22日(日) 10:01までログインを受け付けません。',
        },
        en: { sentence: expect.stringContaining('9 wrong passwords in a row') as string },
      },
      remedies: ['clear-delay', 'set-up-mail'],
    },
    signInDelay: { attempts: 9, onlyReset: false },
    links: [{ clientId: 'sms', consoleUserId: 'u-1', cutOverAt: null }],
  });
  expect(JSON.stringify(body)).not.toContain('argon2');
  expect(await call('GET', '/accounts/acc_none')).toMatchObject({
    status: 404,
    body: { code: 'account-unknown' },
  });
});

it('R26: the remedies, each refused where there is nothing to do', async () => {
  const act = (name: string, payload?: object) => call('POST', `/accounts/${taro}/${name}`, payload);
  expect((await act('clear-delay', {})).status).toBe(422);
  expect(await act('clear-delay', { reason: '本人確認済み（見本）' })).toMatchObject({
    status: 200,
    body: { done: true },
  });
  expect(await act('clear-delay', { reason: 'again' })).toMatchObject({
    status: 409,
    body: { code: 'nothing-to-clear' },
  });
  expect((await act('set-up-mail', {})).status).toBe(200);
  await world.nextMail(address);
  const soon = await act('set-up-mail', {});
  expect([soon.status, soon.body.code, Number(soon.headers['retry-after'])]).toEqual([429, 'too-soon', 60]);
  expect(await act('code')).toMatchObject({ status: 409, body: { code: 'no-open-request' } });
  const person = new Browser(world);
  await person.submit(await person.open('/reset'), '/reset', { email_address: address });
  expect((await act('code')).status).toBe(429);
  world.pass(61_000);
  expect((await act('code')).status).toBe(200);
  await sql`update account set state = 'suspended' where id = ${taro}`.execute(world.database.db);
  expect(await act('set-up-mail', {})).toMatchObject({ status: 409, body: { code: 'account-state-unfit' } });
});

it('R25: of twenty who clear a delay at once one does, and one event says so', async () => {
  await sql`update account set state = 'active' where id = ${taro}`.execute(world.database.db);
  await sql`insert into sign_in_throttle (key, attempts, last_attempt_at, blocked_until)
    values (${`account:${address}`}, 7, ${world.now}, ${world.now})`.execute(world.database.db);
  const all = await Promise.all(
    Array.from({ length: 20 }, () => call('POST', `/accounts/${taro}/clear-delay`, { reason: 'twenty' })),
  );
  expect(all.map((one) => one.status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 409)]);
  const { rows } =
    await sql`select 1 from audit_event where action = 'account.delay-cleared' and detail ->> 'reason' = 'twenty'`.execute(
      world.database.db,
    );
  expect(rows).toHaveLength(1);
});
