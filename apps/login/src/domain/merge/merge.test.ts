import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addOperator } from '#domain/operators/operators.ts';
import { changeAccountState } from '#domain/suspension/change-state.ts';
import { openJobs, type Jobs } from '#support/jobs/jobs.ts';
import { DAY } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { enter, PASSWORD } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';
import { foreseeMerge } from './foresee.ts';
import { mergeAccounts, mergedInto } from './merge.ts';

let world: World;
let jobs: Jobs;
let kept: string;
let absorbed: string;
let people = 0;
const OTHER = 'Yama-no-oto 41 desu';
beforeAll(async () => {
  world = await openWorld();
  for (const clientId of ['sms', 'mail', 'fax'])
    await world.addConsole(clientId, { eventUri: `http://${clientId}.example.co.jp/auth/events` });
  jobs = await openJobs({ databaseUrl: world.databaseUrl, mailRetryAfter: 30, onError: () => undefined });
});
afterAll(async () => {
  await jobs.stop();
  await world.close();
});
beforeEach(async () => {
  world.pass(DAY);
  const nth = ++people;
  kept = await world.addPerson(`k${nth}@example.co.jp`, { sms: `k-${nth}` }, { password: PASSWORD });
  absorbed = await world.addPerson(
    `a${nth}@example.co.jp`,
    { mail: `m-${nth}`, fax: `f-${nth}` },
    { password: OTHER },
  );
});

const by = () => ({ actor: 'operator:cli', now: world.now });
const deps = () => ({ db: world.database.db, jobs });
const merge = (more: object = {}) =>
  mergeAccounts(deps(), { keptId: kept, absorbedId: absorbed, reason: 'asked by phone', ...more }, by());
const account = (id: string) =>
  world.database.db.selectFrom('account').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

describe('R25: two accounts of one person become one', () => {
  it('links go over with the consoles’ own ids; the login ID and the password of the one that stays hold', async () => {
    const result = await merge();
    expect(result).toMatchObject({
      ok: true,
      preview: {
        kept: { id: kept, hasPassword: true },
        absorbed: { id: absorbed },
        links: [
          { clientId: 'fax', consoleUserId: `f-${people}`, active: true },
          { clientId: 'mail', consoleUserId: `m-${people}`, active: true },
        ],
      },
    });
    expect(await account(absorbed)).toMatchObject({ state: 'closed' });
    expect(await mergedInto(world.database.db, absorbed)).toBe(kept);
    const browser = new Browser(world);
    const { claims } = await enter(world, browser, 'mail', { address: `k${people}@example.co.jp` });
    expect(claims).toMatchObject({
      sub: kept,
      console_user_id: `m-${people}`,
      email: `k${people}@example.co.jp`,
    });
    const former = await new Browser(world).request('POST', '/sign-in', {
      email_address: `a${people}@example.co.jp`,
      password: OTHER,
    });
    expect(former.statusCode).toBe(401);
    expect((await world.nextMail(`a${people}@example.co.jp`)).text).toContain(`k${people}@example.co.jp`);
  });

  it('sessions of the absorbed account end with their deliveries; those of the other live', async () => {
    const gone = new Browser(world);
    await enter(world, gone, 'mail', { address: `a${people}@example.co.jp`, password: OTHER });
    const stays = new Browser(world);
    await enter(world, stays, 'sms', { address: `k${people}@example.co.jp` });
    const { db } = world.database;
    expect(await foreseeMerge(db, kept, absorbed, world.now)).toMatchObject({ preview: { sessionsEnd: 1 } });
    await merge();
    const sessions = await db
      .selectFrom('sso_session')
      .select('account_id')
      .where('account_id', 'in', [kept, absorbed])
      .execute();
    expect(sessions.map((one) => one.account_id)).toEqual([kept]);
    const ended = await db
      .selectFrom('single_logout')
      .select('cause')
      .where('account_id', '=', absorbed)
      .execute();
    expect(ended).toEqual([{ cause: 'merged' }]);
  });

  it('the consoles that come along are told the login ID and the sub of now, by a version that both take', async () => {
    const { db } = world.database;
    await db.updateTable('account').set({ login_id_version: 7 }).where('id', '=', absorbed).execute();
    await merge();
    expect((await account(kept)).login_id_version).toBe(8);
    const told = await db
      .selectFrom('event_delivery')
      .innerJoin('console', 'console.id', 'console_id')
      .select(['client_id', 'event'])
      .where('account_id', '=', kept)
      .orderBy('client_id')
      .execute();
    expect(told).toMatchObject([
      { client_id: 'fax', event: { console_user_id: `f-${people}`, version: 8, previous_sub: absorbed } },
      {
        client_id: 'mail',
        event: {
          console_user_id: `m-${people}`,
          'new-value': `k${people}@example.co.jp`,
          previous_sub: absorbed,
        },
      },
    ]);
  });

  it('both accounts’ audit trails tell of it, with the reason', async () => {
    await merge();
    const events = await world.database.db
      .selectFrom('audit_event')
      .select(['action', 'account_id', 'detail'])
      .where('action', 'in', ['account.merged', 'account.absorbed'])
      .where('account_id', 'in', [kept, absorbed])
      .orderBy('id')
      .execute();
    expect(events).toMatchObject([
      { action: 'account.merged', account_id: kept, detail: { absorbed, reason: 'asked by phone' } },
      { action: 'account.absorbed', account_id: absorbed, detail: { into: kept } },
    ]);
  });

  it('asked for many times at once, and the other way round, it happens once', async () => {
    const results = await Promise.all([
      ...Array.from({ length: 6 }, () => merge()),
      ...Array.from({ length: 6 }, () =>
        mergeAccounts(deps(), { keptId: absorbed, absorbedId: kept, reason: 'r' }, by()),
      ),
    ]);
    expect(results.filter((one) => one.ok)).toHaveLength(1);
    const links = await world.database.db
      .selectFrom('console_link')
      .select('account_id')
      .where('account_id', 'in', [kept, absorbed])
      .execute();
    expect(new Set(links.map((one) => one.account_id)).size).toBe(1);
    expect(links).toHaveLength(3);
  });

  it('is refused where it cannot be right: the same, unknown, suspended, an operator, two users in one console', async () => {
    const { db } = world.database;
    const refusal = async (keptId: string, absorbedId: string) => {
      const result = await mergeAccounts(deps(), { keptId, absorbedId, reason: 'r' }, by());
      const foreseen = await foreseeMerge(db, keptId, absorbedId, world.now);
      expect(foreseen).toEqual(result);
      return result;
    };
    expect(await merge({ reason: ' ' })).toEqual({ ok: false, reason: 'reason-missing' });
    expect(await refusal(kept, kept)).toMatchObject({ reason: 'same-account' });
    expect(await refusal(kept, 'acc_none')).toMatchObject({ reason: 'account-unknown' });
    const twin = await world.addPerson(`twin${people}@example.co.jp`, { sms: `t-${people}` });
    expect(await refusal(kept, twin)).toMatchObject({ reason: 'linked-twice', clientIds: ['sms'] });
    const as = { ...by(), administrator: true };
    await changeAccountState(deps(), twin, { change: 'suspend', reason: 'r' }, as);
    expect(await refusal(absorbed, twin)).toMatchObject({ reason: 'account-state-unfit', accountId: twin });
    await addOperator(db, { emailAddress: `k${people}@example.co.jp`, role: 'viewer' }, by());
    expect(await refusal(absorbed, kept)).toMatchObject({ reason: 'account-is-operators', accountId: kept });
    expect(await refusal(kept, absorbed)).toMatchObject({ reason: 'account-is-operators' });
  });

  it('what was confirmed is what is done: a preview that is out of date is refused', async () => {
    const { db } = world.database;
    const foreseen = await foreseeMerge(db, kept, absorbed, world.now);
    if (!foreseen.ok) throw new Error(foreseen.reason);
    await db
      .deleteFrom('console_link')
      .where('account_id', '=', absorbed)
      .where('console_user_id', '=', `f-${people}`)
      .execute();
    expect(await merge({ seen: foreseen.preview.seen })).toEqual({ ok: false, reason: 'preview-outdated' });
    const anew = await foreseeMerge(db, kept, absorbed, world.now);
    expect(await merge({ seen: anew.ok ? anew.preview.seen : '' })).toMatchObject({ ok: true });
  });

  it('cannot be undone: the absorbed account is not opened again', async () => {
    await merge();
    const as = { ...by(), administrator: true };
    expect(await changeAccountState(deps(), absorbed, { change: 'reinstate', reason: 'r' }, as)).toEqual({
      ok: false,
      reason: 'account-state-unfit',
      state: 'closed',
    });
  });
});
