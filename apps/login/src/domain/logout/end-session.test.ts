import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTwoConsoles } from '#test/two-consoles.ts';
import { openJobs, type Jobs } from '#support/jobs/jobs.ts';
import { HOUR } from '#support/primitives/durations.ts';
import { endOtherSessions, endSession, type LogoutCause } from './end-session.ts';

type Consoles = Awaited<ReturnType<typeof openTwoConsoles>>;
let consoles: Consoles;
let jobs: Jobs;
let { world, accountId, inBoth, isOut, deliveries } = {} as Consoles;
beforeAll(async () => {
  consoles = await openTwoConsoles();
  ({ world, accountId, inBoth, isOut, deliveries } = consoles);
  jobs = await openJobs({ databaseUrl: world.databaseUrl, mailRetryAfter: 30, onError: () => undefined });
});
afterAll(async () => {
  await jobs.stop();
  await consoles.close();
});
beforeEach(async () => {
  world.pass(1 * HOUR);
  consoles.forget();
  await world.database.pool.query('delete from sso_session');
  await world.database.pool.query('delete from account_event');
});

const CAUSES: Record<LogoutCause, true> = {
  logout: true,
  'other-account': true,
  person: true,
  operator: true,
  suspended: true,
  closed: true,
  merged: true,
  'password-set': true,
  'login-id-changed': true,
  'login-id-undone': true,
  restored: true,
};
const causes = Object.keys(CAUSES) as LogoutCause[];
const sidsOf = (at: Awaited<ReturnType<Consoles['inBoth']>>) => [at.sms.claims.sid, at.mail.claims.sid];
const uids = async () =>
  (await world.database.db.selectFrom('sso_session').select('uid').execute()).map(({ uid }) => uid);
const revoked = () => world.database.db.selectFrom('account_event').selectAll().execute();

describe('R9: whatever ends a session, every console of it is told', () => {
  it.each(causes)('%s: one delivery per console session, queued with the end itself', async (cause) => {
    const at = await inBoth();
    const [uid = ''] = await uids();
    const { db } = world.database;
    // What is rolled back has told nobody and ended nothing.
    await expect(
      db.transaction().execute(async (trx) => {
        await endSession(trx, jobs, uid, cause, world.now);
        throw new Error('the caller failed');
      }),
    ).rejects.toThrow('the caller failed');
    expect([await isOut(at.browser), await deliveries()]).toEqual([false, []]);

    const id = await db
      .transaction()
      .execute((trx) => endSession(trx, jobs, uid, cause, world.now, { actor: 'operator:opt_1' }));
    expect(await isOut(at.browser)).toBe(true);
    expect((await deliveries()).map((row) => [row.client_id, row.sid, row.single_logout_id])).toEqual([
      ['mail', at.mail.claims.sid, id],
      ['sms', at.sms.claims.sid, id],
    ]);
    await Promise.all([consoles.sms.until(1), consoles.mail.until(1)]);
    expect(
      await db
        .selectFrom('audit_event')
        .select(['actor', 'detail'])
        .where('action', '=', 'session.ended')
        .where('at', '=', world.now)
        .executeTakeFirst(),
    ).toMatchObject({ actor: 'operator:opt_1', detail: { cause, singleLogoutId: id } });
    // A second end of the same session is none.
    expect(
      await db.transaction().execute((trx) => endSession(trx, jobs, uid, cause, world.now)),
    ).toBeUndefined();
  });

  it('R11: all other sessions of an account: each of their consoles is told, the one that stays is not', async () => {
    const [stays, ...others] = [await inBoth(), await inBoth(), await inBoth()];
    const { db } = world.database;
    const rows = await db.selectFrom('sso_session').select(['uid', 'payload']).execute();
    const except = rows.find((row) =>
      JSON.stringify(row.payload).includes(String(stays.sms.claims.sid)),
    )?.uid;
    const end = () =>
      db.transaction().execute((trx) =>
        endOtherSessions(trx, jobs, accountId, {
          ...(except ? { except } : {}),
          cause: 'person',
          now: world.now,
        }),
      );
    // Two who end the same ones at once share them and do not wait for each other.
    const counts = await Promise.all([end(), end(), end()]);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2);
    expect((await deliveries()).map((row) => row.sid).toSorted()).toEqual(
      others.flatMap(sidsOf).map(String).toSorted(),
    );
    expect(await isOut(stays.browser)).toBe(false);
    expect(await revoked()).toEqual([]);
  });

  it.each(causes)(
    'R24: %s of all sessions is an event of its own only where no other one tells of it',
    async (cause) => {
      await inBoth();
      const { db } = world.database;
      const end = () =>
        db.transaction().execute((trx) => endOtherSessions(trx, jobs, accountId, { cause, now: world.now }));
      expect([await end(), await end()]).toEqual([1, 0]);
      expect(await revoked()).toMatchObject(
        ['person', 'operator'].includes(cause)
          ? [{ kind: 'sessions-revoked', account_id: accountId, detail: { reason: cause } }]
          : [],
      );
    },
  );
});
