import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addOperator, listOperators, removeOperator } from '#domain/operators/operators.ts';
import type { OperatorRole } from '#support/db/schema.ts';
import { DAY, HOUR, MINUTE } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { PASSWORD, signIn } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
const accounts = {} as Record<OperatorRole | 'customer', string>;
beforeAll(async () => {
  world = await openWorld({ work: false });
  await world.addConsole('sms');
  for (const who of ['viewer', 'support', 'administrator', 'customer'] as const)
    accounts[who] = await world.addPerson(`${who}@example.co.jp`, {}, { password: PASSWORD });
});
afterAll(() => world.close());
beforeEach(async () => {
  for (const role of ['administrator', 'support', 'viewer'] as const) await make(role, role);
});

const by = () => ({ actor: 'operator:cli', now: world.now });
const make = (who: keyof typeof accounts, role: OperatorRole) =>
  addOperator(world.database.db, { emailAddress: `${who}@example.co.jp`, role }, by());

async function signedIn(who: keyof typeof accounts): Promise<Browser> {
  const browser = new Browser(world);
  await signIn(browser, '/sign-in', `${who}@example.co.jp`);
  return browser;
}

describe('R25: operators sign in through the unified login', () => {
  it('who is not signed in signs in and comes back to the page that they asked for', async () => {
    const browser = new Browser(world);
    const page = await browser.open('/operator');
    expect(page.path).toBe('/sign-in?return_path=%2Foperator');
    const there = await browser.submit(page, page.path, {
      email_address: 'viewer@example.co.jp',
      password: PASSWORD,
    });
    expect(there.path).toBe('/operator');
    expect(there.statusCode).toBe(200);
    expect(there.body).toContain('閲覧者');
  });

  it('for a customer the operator pages look like any page that does not exist', async () => {
    const browser = await signedIn('customer');
    const [operator, unknown] = [await browser.open('/operator'), await browser.open('/no-such-page')];
    expect(operator.statusCode).toBe(404);
    const mask = (text: string) =>
      text.replaceAll(/req_\w+/g, 'req').replaceAll('/no-such-page', '/operator');
    expect(mask(operator.body)).toBe(mask(unknown.body));
  });

  it('a role that is taken is gone with the next request: a page says so for a week, afterwards there is none', async () => {
    const browser = await signedIn('support');
    expect((await browser.open('/operator')).statusCode).toBe(200);
    expect(await removeOperator(world.database.db, accounts.support, by())).toEqual({ ok: true });
    const told = await browser.open('/operator');
    expect(told.statusCode).toBe(403);
    expect(told.body).toContain('担当者の権限がありません');
    const before = world.now;
    world.pass(8 * DAY);
    const later = await signedIn('support');
    expect((await later.open('/operator')).statusCode).toBe(404);
    world.now = before;
  });

  it('a suspended account is no operator from the next request on', async () => {
    const browser = await signedIn('viewer');
    const set = (state: 'active' | 'suspended') =>
      world.database.db.updateTable('account').set({ state }).where('id', '=', accounts.viewer).execute();
    await set('suspended');
    expect((await browser.open('/operator')).statusCode).toBe(404);
    await set('active');
    expect((await browser.open('/operator')).statusCode).toBe(200);
  });

  it('who reads pages stays signed in past the idle time, and after 12 hours signs in once more', async () => {
    const before = world.now;
    const browser = await signedIn('viewer');
    for (let minutes = 0; minutes < 11 * 60; minutes += 50) {
      world.pass(50 * MINUTE);
      expect((await browser.open('/operator')).statusCode, `after ${minutes} minutes`).toBe(200);
    }
    world.pass(1 * HOUR);
    expect((await browser.open('/operator')).path).toContain('/sign-in?');
    world.now = before;
  });
});

describe('R25: who is an operator', () => {
  it('the last administrator can be neither removed nor lowered, also not by two at once', async () => {
    const { db } = world.database;
    expect(await removeOperator(db, accounts.administrator, by())).toEqual({
      ok: false,
      reason: 'last-administrator',
    });
    expect(await make('administrator', 'viewer')).toEqual({ ok: false, reason: 'last-administrator' });
    await make('customer', 'administrator');
    const both = await Promise.all([
      removeOperator(db, accounts.administrator, by()),
      removeOperator(db, accounts.customer, by()),
    ]);
    expect(both.filter((one) => one.ok)).toHaveLength(1);
    const left = (await listOperators(db)).filter((one) => one.role === 'administrator');
    expect(left).toHaveLength(1);
    await make('administrator', 'administrator');
    await removeOperator(db, accounts.customer, by());
  });

  it('R27: each change is recorded once, with who did it', async () => {
    await make('customer', 'viewer');
    await make('customer', 'viewer');
    await make('customer', 'support');
    await removeOperator(world.database.db, accounts.customer, by());
    const events = await world.database.db
      .selectFrom('audit_event')
      .select(['action', 'actor', 'detail'])
      .where('account_id', '=', accounts.customer)
      .where('action', 'like', 'operator.%')
      .orderBy('id', 'desc')
      .limit(3)
      .execute();
    expect(events.toReversed()).toEqual([
      { action: 'operator.added', actor: 'operator:cli', detail: { role: 'viewer' } },
      {
        action: 'operator.role-changed',
        actor: 'operator:cli',
        detail: { role: 'support', before: 'viewer' },
      },
      { action: 'operator.removed', actor: 'operator:cli', detail: { role: 'support' } },
    ]);
  });

  it('says what is wrong with who is to be an operator', async () => {
    const add = (emailAddress: string) =>
      addOperator(world.database.db, { emailAddress, role: 'viewer' }, by());
    expect(await add('nobody@example.co.jp')).toEqual({ ok: false, reason: 'account-unknown' });
    expect(await add('nobody')).toEqual({ ok: false, reason: 'address-malformed' });
  });
});
