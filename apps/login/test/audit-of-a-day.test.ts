import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addOperator } from '#domain/operators/operators.ts';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { sealEvents } from '#support/audit/seal.ts';
import { verifyAudit } from '#support/audit/verify.ts';
import { MINUTE, SECOND } from '#support/primitives/durations.ts';
import { secretKeys } from '#support/primitives/secrets.ts';
import { Browser } from '#test/browser.ts';
import { PASSWORD, signIn } from '#test/steps.ts';
import { statementsOf } from '#test/statements.ts';
import { MASTER_SECRET, openWorld, type World } from '#test/world.ts';

const KEY = secretKeys(MASTER_SECRET).derive('audit-seals');

let world: World;
let token = '';
let account = '';
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
  account = await world.addPerson('taro@example.co.jp', { sms: '1' }, { password: PASSWORD });
  await world.addPerson('hanako@example.co.jp', {}, { password: PASSWORD });
  const by = { actor: 'operator:cli', now: world.now };
  await addOperator(world.database.db, { emailAddress: 'hanako@example.co.jp', role: 'administrator' }, by);
  token = (await createOperatorToken(world.database.db, { name: 'day', role: 'administrator' }, by)).token;
}, 60_000);
afterAll(() => world.close());

async function act(path: string, payload: object): Promise<number> {
  world.pass(MINUTE);
  const answer = await world.app.server.inject({
    method: 'POST',
    url: `/api/operator/v1${path}`,
    headers: { host: 'login.example.co.jp', authorization: `Bearer ${token}`, 'if-match': '*' },
    payload,
  });
  return answer.statusCode;
}

describe('A3: a scripted day', () => {
  it('is in the audit log, every event once and in order, sealed by itself; one altered row is found', async () => {
    const before = (await events()).length;
    const browser = new Browser(world);
    await browser.request('POST', '/sign-in', {
      email_address: 'taro@example.co.jp',
      password: 'Wrong-pass-1!',
    });
    world.pass(MINUTE);
    await signIn(browser, '/sign-in', 'taro@example.co.jp');
    world.pass(MINUTE);
    await browser.request('POST', '/sign-out');
    expect(await act(`/accounts/${account}/suspend`, { reason: 'lost notebook' })).toBe(200);
    expect(await act(`/accounts/${account}/suspend`, { reason: 'twice' })).toBe(409);
    expect(await act(`/accounts/${account}/reinstate`, { reason: 'found again' })).toBe(200);
    expect(await act(`/accounts/${account}/close`, { reason: 'left' })).toBe(200);
    expect(await act('/consoles/sms/plan/link-time', { linkAt: '2026-12-01T00:00:00Z' })).toBe(200);

    const day = (await events()).slice(before);
    expect(day).toMatchObject([
      { action: 'account.sign-in-refused', actor: 'anonymous', account_id: account },
      { action: 'account.signed-in', actor: account, account_id: account },
      { action: 'session.ended', actor: account, account_id: account },
      {
        action: 'account.suspended',
        actor: expect.stringMatching(/^operator:opt_/) as string,
        account_id: account,
      },
      { action: 'account.reinstated' },
      { action: 'account.closed' },
      { action: 'plan.changed', account_id: null },
    ]);
    for (const event of day.slice(0, 6)) expect(event.request_id).toMatch(/^req_/);

    // The schedule of the node seals within ten seconds.
    const began = performance.now();
    while ((await unsealed()) > 0 && performance.now() - began < 20 * SECOND)
      await new Promise((pause) => setTimeout(pause, 200));
    expect(performance.now() - began).toBeLessThan(10 * SECOND);
    const { db } = world.database;
    expect(await verifyAudit(db, KEY, { now: world.now })).toMatchObject({ ok: true, unsealed: 0 });
    await sql`update audit_event set detail = detail || '{"reason": "nothing"}' where action = 'account.suspended'`.execute(
      db,
    );
    expect(await verifyAudit(db, KEY, { now: world.now })).toMatchObject({
      ok: false,
      fault: 'event-altered',
      eventId: day[3]?.id,
    });
  }, 60_000);

  it('a sign-in writes its event by the statements that it has anyway, and seals nothing', async () => {
    const browser = new Browser(world);
    const texts = await statementsOf(() =>
      signIn(browser, '/sign-in', 'hanako@example.co.jp').then(() => undefined),
    );
    expect(texts.filter((text) => text.includes('audit_event'))).toHaveLength(1);
    const sealing = /audit_(seal|batch|unsealed|chain)/;
    const inSignIn = texts.filter(
      (text) => sealing.test(text) && !/pg_try_advisory|audit_chain|audit_unsealed/.test(text),
    );
    expect(inSignIn).toEqual([]);
    expect(await sealEvents(world.database.db, KEY, () => world.now)).toBeGreaterThanOrEqual(0);
  });
});

async function events() {
  return world.database.db.selectFrom('audit_event').selectAll().orderBy('id').execute();
}

async function unsealed(): Promise<number> {
  return (await world.database.db.selectFrom('audit_unsealed').selectAll().execute()).length;
}
