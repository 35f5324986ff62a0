import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DriftEntry } from '#domain/login-id/drift.ts';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { DAY, MINUTE } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { apiSteps, expectProblem, type Change } from '#test/console-api.ts';
import { codeIn, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
const tokens = { viewer: '', support: '' };
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
  await world.addConsole('mail');
  const by = { actor: 'operator:cli', now: world.now };
  for (const role of ['viewer', 'support'] as const)
    tokens[role] = (await createOperatorToken(world.database.db, { name: role, role }, by)).token;
});
afterAll(() => world.close());
beforeEach(() => world.pass(4 * DAY));

const { call, person, begin, confirm, addressOf } = apiSteps(() => world);
type Person = { consoleUserId: string; emailAddress: string; version: number | null };

async function compare(people: readonly Person[], round: string = randomUUID(), last = false) {
  const answer = await call('POST', '/login-ids/compare', { round, last, people });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<{ differences: unknown[] }>().differences;
}

function operator(
  method: 'GET' | 'POST',
  path: string,
  payload?: Record<string, unknown>,
  role: 'viewer' | 'support' = 'support',
) {
  return world.app.server.inject({
    method,
    url: `/api/operator/v1${path}`,
    headers: { host: 'login.example.co.jp', authorization: `Bearer ${tokens[role]}` },
    ...(payload ? { payload } : {}),
  });
}

async function drift(query = ''): Promise<DriftEntry[]> {
  return (await operator('GET', `/login-id-drift${query}`)).json<{ items: DriftEntry[] }>().items;
}

it('P4: half a character in an id, an address or a reason is refused', async () => {
  for (const half of [{ consoleUserId: 'a\ud800' }, { emailAddress: '\udc00@example.co.jp' }]) {
    const answer = await call('POST', '/login-ids/compare', {
      round: randomUUID(),
      last: false,
      people: [{ consoleUserId: 'a', emailAddress: 'a@example.co.jp', version: null, ...half }],
    });
    expectProblem(answer, 422, 'malformed');
  }
  const { address } = await person();
  for (const reason of ['\ud800', 'x\udc00x']) {
    const answer = await operator('POST', `/accounts/${address}/login-id-changes`, {
      newEmailAddress: 'half@example.co.jp',
      locale: 'ja',
      reason,
    });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([422, 'malformed']);
  }
});

/** Somebody whose login ID moved `times` times in the SMS console; the addresses in order. */
async function moved(times: number) {
  const one = await person();
  const addresses = [one.address];
  for (let i = 1; i <= times; i++) {
    const to = `${one.userId}-at-${i}@example.co.jp`;
    const { id } = (await begin(one.userId, to)).json<Change>();
    expect((await confirm(id, codeIn((await world.nextMail(to)).text))).statusCode).toBe(200);
    addresses.push(to);
    world.pass(1 * MINUTE);
  }
  return { ...one, addresses };
}

describe('R18: what got lost between a console and the login server is found', () => {
  it('people who are the same are not named: same address and version, other spelling, never changed', async () => {
    const [still, twice] = [await moved(0), await moved(2)];
    expect(
      await compare([
        { consoleUserId: still.userId, emailAddress: still.address, version: null },
        { consoleUserId: still.userId, emailAddress: still.address.toUpperCase(), version: 0 },
        { consoleUserId: twice.userId, emailAddress: twice.addresses[2] ?? '', version: 2 },
      ]),
    ).toEqual([]);
  });

  it.each<[string, number, number | null]>([
    ['one change', 1, 1],
    ['two changes', 0, 0],
    ['all of them, and never knew a version', 0, null],
    ['its own first change back to the old address', 0, 1],
  ])('a console that missed %s takes ours over', async (_name, hasAddress, version) => {
    const at = await moved(2);
    expect(
      await compare([{ consoleUserId: at.userId, emailAddress: at.addresses[hasAddress] ?? '', version }]),
    ).toEqual([{ consoleUserId: at.userId, action: 'take', emailAddress: at.addresses[2], version: 2 }]);
    expect((await drift()).filter((one) => one.accountId === at.accountId)).toEqual([]);
  });

  it('a console with the right address and an old version takes the version', async () => {
    const at = await moved(1);
    const emailAddress = at.addresses[1] ?? '';
    expect(await compare([{ consoleUserId: at.userId, emailAddress, version: null }])).toEqual([
      { consoleUserId: at.userId, action: 'take', emailAddress, version: 1 },
    ]);
  });

  it('a user whom the console did not link, or whose account is closed, is unknown', async () => {
    const closed = await moved(0);
    await world.database.db
      .updateTable('account')
      .set({ state: 'closed' })
      .where('id', '=', closed.accountId)
      .execute();
    expect(
      await compare([
        { consoleUserId: 'nobody', emailAddress: 'nobody@example.co.jp', version: null },
        { consoleUserId: closed.userId, emailAddress: closed.address, version: null },
      ]),
    ).toEqual([
      { consoleUserId: 'nobody', action: 'unknown-user' },
      { consoleUserId: closed.userId, action: 'unknown-user' },
    ]);
  });

  it('what only people can decide is listed with a proposal, once, and goes when it is gone', async () => {
    const [owner, changed, wrong, ahead, broken] = [
      await moved(0),
      await moved(1),
      await moved(0),
      await moved(0),
      await moved(0),
    ];
    const people: Person[] = [
      { consoleUserId: changed.userId, emailAddress: 'by-hand@example.co.jp', version: 1 },
      { consoleUserId: wrong.userId, emailAddress: owner.address, version: null },
      { consoleUserId: ahead.userId, emailAddress: ahead.address, version: 7 },
      { consoleUserId: broken.userId, emailAddress: 'not an address', version: null },
    ];
    for (let times = 0; times < 2; times++)
      expect(await compare(people)).toEqual(
        people.map(({ consoleUserId }) => ({ consoleUserId, action: 'listed' })),
      );
    const listed = (await drift('?clientId=sms')).filter((one) =>
      people.some(({ consoleUserId }) => consoleUserId === one.consoleUserId),
    );
    expect(
      listed.map(({ kind, proposed, state, consoleAddress }) => [kind, proposed, state, consoleAddress]),
    ).toEqual(
      expect.arrayContaining([
        ['console-changed', 'ask-person', 'open', 'by-hand@example.co.jp'],
        ['address-of-another', 'console-takes-ours', 'open', owner.address],
        ['console-ahead', 'console-takes-ours', 'open', ahead.address],
        ['address-malformed', 'console-takes-ours', 'open', 'not an address'],
      ]),
    );
    expect(listed).toHaveLength(4);
    // One is put right in the console; the next round does not name another any more.
    const round = randomUUID();
    await compare(
      [{ consoleUserId: changed.userId, emailAddress: changed.addresses[1] ?? '', version: 1 }],
      round,
    );
    await compare(people.slice(1, 3), round, true);
    expect((await drift()).map(({ consoleUserId }) => consoleUserId).sort()).toEqual(
      [wrong.userId, ahead.userId].sort(),
    );
    await compare([], randomUUID(), true);
    expect(await drift()).toEqual([]);
  });

  it('never changes a login ID by itself, and takes 500 people in one call', async () => {
    const at = await moved(0);
    const people = Array.from({ length: 499 }, (_, n) => ({
      consoleUserId: `many-${n}`,
      emailAddress: `many-${n}@example.co.jp`,
      version: null,
    }));
    people.push({ consoleUserId: at.userId, emailAddress: 'other@example.co.jp', version: null });
    expect(await compare(people)).toHaveLength(500);
    expect(await addressOf(at.accountId)).toBe(at.address);
    expectProblem(
      await call('POST', '/login-ids/compare', {
        round: randomUUID(),
        last: false,
        people: [...people, ...people],
      }),
      422,
      'malformed',
    );
  });

  it.each<[string, object]>([
    ['a round that is no UUID', { round: 'x', last: true, people: [] }],
    [
      'a version that is no whole number',
      {
        round: randomUUID(),
        last: true,
        people: [{ consoleUserId: '1', emailAddress: 'a@b.jp', version: 1.5 }],
      },
    ],
    [
      'a negative version',
      {
        round: randomUUID(),
        last: true,
        people: [{ consoleUserId: '1', emailAddress: 'a@b.jp', version: -1 }],
      },
    ],
    [
      'a control character',
      {
        round: randomUUID(),
        last: true,
        people: [{ consoleUserId: '1\u0000', emailAddress: 'a@b.jp', version: 1 }],
      },
    ],
    [
      'half of a surrogate pair',
      {
        round: randomUUID(),
        last: true,
        people: [{ consoleUserId: '1', emailAddress: '\ud800@b.jp', version: 1 }],
      },
    ],
  ])('refuses %s', async (_name, body) => {
    expectProblem(await call('POST', '/login-ids/compare', body), 422, 'malformed');
  });
});

describe('R18: operators repair a difference', () => {
  async function listed(
    emailAddress: string,
    version: number | null = null,
    of?: Awaited<ReturnType<typeof moved>>,
  ) {
    const at = of ?? (await moved(0));
    const people = [{ consoleUserId: at.userId, emailAddress, version }];
    await compare(people);
    const entry = (await drift()).find((one) => one.accountId === at.accountId);
    if (!entry) throw new Error('It is not listed.');
    return { ...at, entry, people };
  }
  const repair = (id: string, body: Record<string, unknown>) =>
    operator('POST', `/login-id-drift/${id}/repair`, body);

  it('console-takes-ours: all consoles are told once more, as newer than what any of them has; then nothing is different', async () => {
    const at = await listed('stray@example.co.jp', 7, await moved(1));
    const done = await repair(at.entry.id, { repair: 'console-takes-ours', reason: '電話で確認' });
    expect([done.statusCode, done.json()]).toEqual([202, { state: 'told' }]);
    const event = await world.database.db
      .selectFrom('account_event')
      .select(['kind', 'from_console_id', 'detail'])
      .where('account_id', '=', at.accountId)
      .orderBy('number', 'desc')
      .executeTakeFirstOrThrow();
    expect(event).toMatchObject({
      kind: 'login-id-changed',
      from_console_id: null,
      // What the one console claims, perhaps another person's address, is told to nobody.
      detail: { emailAddress: at.addresses[1], previousEmailAddress: at.addresses[1], version: 8 },
    });
    expect(
      await compare([{ consoleUserId: at.userId, emailAddress: at.addresses[1] ?? '', version: 8 }]),
    ).toEqual([]);
    expect((await drift()).filter((one) => one.accountId === at.accountId)).toEqual([]);
    expect(
      await world.database.db
        .selectFrom('audit_event')
        .select(['action', 'detail'])
        .where('account_id', '=', at.accountId)
        .where('action', '=', 'login-id.drift-repaired')
        .execute(),
    ).toMatchObject([{ detail: { reason: '電話で確認', repair: 'console-takes-ours' } }]);
  });

  it('ask-person: only with the code that the console’s address got does it become the login ID', async () => {
    const at = await listed('theirs-by-hand@example.co.jp');
    expect((await repair(at.entry.id, { repair: 'ask-person', reason: '差異の確認' })).json()).toEqual({
      state: 'asked',
    });
    expect(await addressOf(at.accountId)).toBe(at.address);
    const mail = await world.nextMail('theirs-by-hand@example.co.jp');
    const page = /^http\S+$/m.exec(mail.text)?.[0] ?? '';
    const browser = new Browser(world);
    const done = await browser.submit(await browser.open(page), new URL(page).pathname, {
      code: codeIn(mail.text),
    });
    expect(textOf(done)).toContain('ログインIDを変更しました');
    expect(await addressOf(at.accountId)).toBe('theirs-by-hand@example.co.jp');
    expect(await compare(at.people)).toMatchObject([{ action: 'take', version: 1 }]);
  });

  it('ask-person cannot be done where the address is nobody’s to prove', async () => {
    const owner = await moved(0);
    for (const address of [owner.address, 'not an address']) {
      const at = await listed(address);
      expectProblem(
        await repair(at.entry.id, { repair: 'ask-person', reason: 'x' }),
        409,
        'drift-address-unfit',
      );
      expect(await addressOf(at.accountId)).toBe(at.address);
    }
  });

  it('dismissed it stays so while the facts are the same, and comes back when they change', async () => {
    const at = await listed('dismissed@example.co.jp');
    const dismiss = (body: Record<string, unknown>) =>
      operator('POST', `/login-id-drift/${at.entry.id}/dismiss`, body);
    expectProblem(await dismiss({ reason: ' ' }), 422, 'reason-missing');
    expect((await dismiss({ reason: '退職予定' })).statusCode).toBe(204);
    await compare(at.people);
    const state = async () => (await drift()).find((one) => one.accountId === at.accountId)?.state;
    expect(await state()).toBe('dismissed');
    await compare([{ consoleUserId: at.userId, emailAddress: 'dismissed-2@example.co.jp', version: null }]);
    expect(await state()).toBe('open');
  });

  it('a version that no login ID can have come to is listed and never taken over', async () => {
    for (const version of [10_001, 2_147_483_646, 2_147_483_647]) {
      const at = await listed(`claims-${version}@example.co.jp`, version);
      expect(at.entry.kind).toBe('console-ahead');
      expectProblem(
        await repair(at.entry.id, { repair: 'console-takes-ours', reason: 'x' }),
        409,
        'drift-version-unfit',
      );
      const account = await world.database.db
        .selectFrom('account')
        .select('login_id_version')
        .where('id', '=', at.accountId)
        .executeTakeFirstOrThrow();
      expect(account.login_id_version).toBe(0);
      expect((await drift()).find((one) => one.id === at.entry.id)?.state).toBe('open');
    }
    const at = await listed('claims-least@example.co.jp', 10_000);
    expect((await repair(at.entry.id, { repair: 'console-takes-ours', reason: 'x' })).statusCode).toBe(202);
  });

  it('wants a reason, a listed difference and the support role', async () => {
    const at = await listed('roles@example.co.jp');
    expectProblem(
      await repair(at.entry.id, { repair: 'console-takes-ours', reason: '' }),
      422,
      'reason-missing',
    );
    expectProblem(await repair('drf_never', { repair: 'ask-person', reason: 'x' }), 404, 'drift-unknown');
    for (const [method, path] of [
      ['GET', '/login-id-drift'],
      ['POST', `/login-id-drift/${at.entry.id}/repair`],
      ['POST', `/login-id-drift/${at.entry.id}/dismiss`],
      ['POST', `/accounts/${at.accountId}/login-id-changes`],
    ] as const)
      expectProblem(
        await operator(method, path, method === 'POST' ? {} : undefined, 'viewer'),
        403,
        'role-missing',
      );
  });
});
