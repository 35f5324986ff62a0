import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addOperator, removeOperator } from '#domain/operators/operators.ts';
import { createOperatorToken, createPersonalToken } from '#domain/operators/tokens.ts';
import { changeAccountState, type StateChange } from '#domain/suspension/change-state.ts';
import type { OperatorRole } from '#support/db/schema.ts';
import { openJobs, type Jobs } from '#support/jobs/jobs.ts';
import { DAY, MINUTE } from '#support/primitives/durations.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
let jobs: Jobs;
beforeAll(async () => {
  world = await openWorld();
  jobs = await openJobs({ databaseUrl: world.databaseUrl, mailRetryAfter: 30, onError: () => undefined });
  // Somebody stays who can make operators.
  await operator('administrator', 'last@example.co.jp');
});
beforeEach(() => world.pass(1 * MINUTE));
afterAll(async () => {
  await jobs.stop();
  await world.close();
});

type Somebody = { accountId: string; emailAddress: string };
type Listed = {
  id: string;
  operator: Somebody | null;
  createdBy: string;
  lastUsedAt: string | null;
  expiresAt: string;
  state: string;
};
let people = 0;
const by = () => ({ actor: 'operator:cli', now: world.now });

async function operator(
  role: OperatorRole,
  emailAddress = `operator${++people}@example.co.jp`,
): Promise<Somebody> {
  const accountId = await world.addPerson(emailAddress);
  await addOperator(world.database.db, { emailAddress, role }, by());
  return { accountId, emailAddress };
}

async function tokenFor({ accountId }: Somebody, role: OperatorRole, days?: number) {
  const wanted = { name: 'sample', role, accountId, ...(days === undefined ? {} : { days }) };
  const made = await createPersonalToken(world.database.db, wanted, by());
  if (!made.ok) throw new Error(made.reason);
  return made;
}

async function call(token: string, method: 'GET' | 'POST', path: string, payload?: object) {
  const answer = await world.app.server.inject({
    method,
    url: `/api/operator/v1${path}`,
    headers: { host: 'login.example.co.jp', authorization: `Bearer ${token}` },
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: answer.statusCode, headers: answer.headers, body: answer.json<Record<string, unknown>>() };
}
const make = (token: string, more: object = {}) =>
  call(token, 'POST', '/operator-tokens', { name: 'made', role: 'administrator', ...more });
/** A call for every role, one for support, one for administrators. */
const CALLS = { viewer: '/consoles', support: '/login-id-drift', administrator: '/operator-tokens' };
const may = async (token: string): Promise<number[]> =>
  Promise.all(Object.values(CALLS).map(async (path) => (await call(token, 'GET', path)).status));
const changeState = (accountId: string, change: StateChange) =>
  changeAccountState(
    { db: world.database.db, jobs },
    accountId,
    { change, reason: '見本' },
    { ...by(), administrator: true },
  );
async function listed(id: string): Promise<Listed | undefined> {
  const { token } = await createOperatorToken(
    world.database.db,
    { name: 'looking', role: 'administrator' },
    by(),
  );
  return ((await call(token, 'GET', '/operator-tokens?limit=500')).body.items as Listed[]).find(
    (one) => one.id === id,
  );
}

describe('R26: a token belongs to its operator', () => {
  it('lives 90 days unless it is said, a year at the longest, and the list shows whose it is, who made it, when it was used and when it ends', async () => {
    const who = await operator('administrator');
    const { id: first, token } = await tokenFor(who, 'administrator');
    const made = await make(token, { role: 'support' });
    expect([made.status, made.headers['cache-control']]).toEqual([201, 'no-store']);
    expect(made.body.expiresAt).toBe(new Date(world.now.getTime() + 90 * DAY).toISOString());
    expect(await listed(String(made.body.id))).toMatchObject({
      operator: who,
      role: 'support',
      createdBy: `operator:${first}`,
      lastUsedAt: null,
      expiresAt: made.body.expiresAt,
      state: 'in-force',
    });
    await call(String(made.body.token), 'GET', '/consoles');
    expect((await listed(String(made.body.id)))?.lastUsedAt).toBe(world.now.toISOString());
    const year = await make(token, { days: 365 });
    expect(year.body.expiresAt).toBe(new Date(world.now.getTime() + 365 * DAY).toISOString());
    for (const days of [0, -1, 366, 1.5, '90', null])
      expect((await make(token, { days })).status, String(days)).toBe(422);
    for (const more of [{ accountId: who.accountId }, { expiresAt: '2099-01-01T00:00:00Z' }])
      expect((await make(token, more)).status).toBe(422);
  });

  it('once expired it is refused to the millisecond, and the answer says what to do', async () => {
    const { id, token, expiresAt } = await tokenFor(await operator('viewer'), 'viewer', 1);
    world.pass(1 * DAY - 1);
    expect((await call(token, 'GET', '/consoles')).status).toBe(200);
    world.pass(1);
    const refused = await call(token, 'GET', '/consoles');
    expect([refused.status, refused.body.code]).toEqual([401, 'token-expired']);
    expect(refused.headers['www-authenticate']).toContain('error="invalid_token"');
    expect(refused.body.detail).toContain(expiresAt.toISOString());
    expect(refused.body.detail).toContain('hitokagi operator token create');
    expect((await listed(id))?.state).toBe('expired');
  });

  it('A1: it never does more than its operator may now, nor more than its own role', async () => {
    const who = await operator('administrator');
    const { token } = await tokenFor(who, 'administrator');
    const { token: small } = await tokenFor(who, 'viewer');
    expect([await may(token), await may(small)]).toEqual([
      [200, 200, 200],
      [200, 403, 403],
    ]);
    const give = (role: OperatorRole) =>
      addOperator(world.database.db, { emailAddress: who.emailAddress, role }, by());
    await give('support');
    expect(await may(token)).toEqual([200, 200, 403]);
    await give('viewer');
    expect(await may(token)).toEqual([200, 403, 403]);
    expect((await make(token)).status).toBe(403);
    await give('administrator');
    expect([await may(token), await may(small)]).toEqual([
      [200, 200, 200],
      [200, 403, 403],
    ]);
    await give('support');
    expect(
      await createPersonalToken(
        world.database.db,
        { name: 'more', role: 'administrator', accountId: who.accountId },
        by(),
      ),
    ).toEqual({ ok: false, reason: 'role-too-high' });
  });

  it('is worth nothing as soon as the account is suspended or closed', async () => {
    const who = await operator('support');
    const { id, token } = await tokenFor(who, 'support');
    for (const change of ['suspend', 'close'] as const) {
      expect(await changeState(who.accountId, change)).toMatchObject({ ok: true });
      const refused = await call(token, 'GET', '/consoles');
      expect([refused.status, refused.body.code]).toEqual([401, 'token-missing']);
      expect((await listed(id))?.state).toBe('resting');
      const more = { name: 'more', role: 'viewer' as const, accountId: who.accountId };
      expect(await createPersonalToken(world.database.db, more, by())).toEqual({
        ok: false,
        reason: 'operator-unknown',
      });
      await changeState(who.accountId, 'reinstate');
      expect((await call(token, 'GET', '/consoles')).status).toBe(200);
    }
  });

  it('ends for good when the role is taken, also if it is given again', async () => {
    const who = await operator('support');
    const { id, token } = await tokenFor(who, 'support');
    await removeOperator(world.database.db, who.accountId, by());
    expect((await call(token, 'GET', '/consoles')).status).toBe(401);
    await addOperator(world.database.db, { emailAddress: who.emailAddress, role: 'support' }, by());
    expect((await call(token, 'GET', '/consoles')).status).toBe(401);
    expect((await listed(id))?.state).toBe('revoked');
    const ended = await world.database.db
      .selectFrom('audit_event')
      .select(['actor', 'detail'])
      .where('account_id', '=', who.accountId)
      .where('action', '=', 'operator-token.revoked')
      .execute();
    expect(ended).toEqual([{ actor: 'operator:cli', detail: { id, operatorRemoved: who.accountId } }]);
  });

  it('a role that a node of the previous release took is gone for the tokens too', async () => {
    const who = await operator('support');
    const { token } = await tokenFor(who, 'support');
    await world.database.db
      .updateTable('operator')
      .set({ revoked_at: world.now, revoked_by: 'operator:cli' })
      .where('account_id', '=', who.accountId)
      .execute();
    expect((await call(token, 'GET', '/consoles')).status).toBe(401);
  });

  it('of twenty tokens that are made while the role is taken none outlives it', async () => {
    const who = await operator('administrator');
    const { token } = await tokenFor(who, 'administrator');
    const answers = await Promise.all([
      ...Array.from({ length: 10 }, () => make(token)),
      removeOperator(world.database.db, who.accountId, by()).then(() => ({ status: 200 })),
      ...Array.from({ length: 10 }, () => make(token)),
    ]);
    expect(answers.filter((one) => ![200, 201, 401].includes(one.status))).toEqual([]);
    const left = await world.database.db
      .selectFrom('operator_token')
      .select('id')
      .where('account_id', '=', who.accountId)
      .where('revoked_at', 'is', null)
      .execute();
    expect(left).toEqual([]);
  });
});

describe('R26: a token that belongs to nobody', () => {
  it('works as it did, and makes none', async () => {
    const { token } = await createOperatorToken(
      world.database.db,
      { name: 'nightly', role: 'administrator' },
      by(),
    );
    expect(await may(token)).toEqual([200, 200, 200]);
    const refused = await make(token);
    expect([refused.status, refused.body.code]).toEqual([409, 'token-unowned']);
  });

  it('of the previous release ends a year after the upgrade, and so does one that an old node makes meanwhile', async () => {
    const { rows } = await world.database.pool.query<{ days: number }>(
      `insert into operator_token (id, name, role, token_hash, created_at, created_by)
       values ('opt_old', 'old', 'viewer', 'none', now(), 'operator:cli')
       returning extract(day from expires_at - now())::int as days`,
    );
    expect(rows[0]?.days).toBeGreaterThanOrEqual(365);
    expect(rows[0]?.days).toBeLessThanOrEqual(366);
    expect(await listed('opt_old')).toMatchObject({ operator: null, state: 'in-force' });
  });
});

describe('R26: tokens that were made with a token', () => {
  /** A token, one that was made with it, and one that was made with that. */
  async function family() {
    const chief = await tokenFor(await operator('administrator'), 'administrator');
    world.pass(1);
    const child = (await make(chief.token)).body as { id: string; token: string };
    world.pass(1);
    const grandchild = (await make(child.token)).body as { id: string; token: string };
    return { chief, child, grandchild, all: [chief, child, grandchild] };
  }
  const good = async (tokens: { token: string }[]) =>
    Promise.all(tokens.map(async ({ token }) => (await call(token, 'GET', '/consoles')).status));
  const revoke = async (id: string, payload?: object) => {
    const { token } = await createOperatorToken(
      world.database.db,
      { name: 'revoking', role: 'administrator' },
      by(),
    );
    return call(token, 'POST', `/operator-tokens/${id}/revoke`, payload);
  };

  it('are named when it is revoked, and end with it on demand, also afterwards', async () => {
    const { chief, child, grandchild, all } = await family();
    const shown = await revoke(chief.id);
    expect([shown.status, shown.body]).toEqual([
      200,
      {
        revoked: [chief.id],
        inForce: [child, grandchild].map(({ id }) => ({ id, name: 'made' })),
      },
    ]);
    expect(await good(all)).toEqual([401, 200, 200]);
    expect((await revoke(chief.id)).body.code).toBe('token-revoked');
    const ended = await revoke(chief.id, { withMade: true });
    expect([ended.status, ended.body]).toEqual([200, { revoked: [child.id, grandchild.id], inForce: [] }]);
    expect(await good(all)).toEqual([401, 401, 401]);
    expect((await revoke(chief.id, { withMade: true })).body.code).toBe('token-revoked');
    expect((await revoke(chief.id, { all: true })).status).toBe(422);
  });

  it('of twenty that are made while it is revoked with all of them none is left', async () => {
    const { chief, child, grandchild } = await family();
    const answers = await Promise.all([
      ...Array.from({ length: 20 }, (_, n) => make([chief, child, grandchild][n % 3]?.token ?? '')),
      revoke(chief.id, { withMade: true }),
      revoke(child.id, { withMade: true }),
    ]);
    expect(answers.filter((one) => ![200, 201, 401, 409].includes(one.status))).toEqual([]);
    const left = await world.database.db
      .selectFrom('operator_token')
      .select('id')
      .where(
        'created_by',
        'in',
        [chief, child, grandchild].map(({ id }) => `operator:${id}`),
      )
      .where('revoked_at', 'is', null)
      .execute();
    expect(left).toEqual([]);
  });
});
