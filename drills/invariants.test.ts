import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../apps/login/test/browser.ts';
import { enter, PASSWORD, setPassword } from '../apps/login/test/steps.ts';
import { MASTER_SECRET, openWorld, type World } from '../apps/login/test/world.ts';
import { brokenIn, brokenInvariants, INVARIANTS } from './invariants.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms', { backchannelLogoutUri: 'http://localhost:9/logout' });
  await world.addPerson('taro@example.co.jp', { sms: '1' }, { password: PASSWORD });
  const browser = new Browser(world);
  await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
  await browser.request('POST', '/sign-out', {});
  await setPassword(world, new Browser(world), '/sign-in', 'taro@example.co.jp', 'Yama-no-oto 42 desu');
  await enter(world, new Browser(world), 'sms', {
    address: 'taro@example.co.jp',
    password: 'Yama-no-oto 42 desu',
  });
});
afterAll(() => world.close());

const LATER = `timestamptz '2000-01-01'`;

/** How each invariant is broken on purpose, in a transaction that is taken back. */
const SABOTAGE: Readonly<Record<string, string>> = {
  'requests of which two codes were used': `insert into verification_code (id, request_id, message_id, code_hash, issued_at, expires_at, consumed_at)
    select 'again', request_id, 'again', code_hash, issued_at, expires_at, consumed_at from verification_code where consumed_at is not null`,
  'used codes of which the request goes on': `update verification_request set ended_at = null`,
  'requests with more wrong tries than there are': `update verification_request set failed_tries = 6`,
  'live tokens and sign-ins of ended sessions': `insert into single_logout (id, session_uid, account_id, cause, at)
    select 'lost', session_uid, account_id, 'logout', now() from oidc_artifact where kind = 'AccessToken' and session_uid is not null limit 1`,
  'sessions that have ended and are there': `insert into single_logout (id, session_uid, account_id, cause, at)
    select 'lost', uid, account_id, 'logout', now() from sso_session where account_id is not null limit 1`,
  'sessions of accounts that may not sign in': `update account set state = 'suspended'`,
  'logouts of which a console was forgotten': `delete from logout_delivery`,
  'logout deliveries that are due and that nobody works at': `update logout_delivery set state = 'waiting', ended_at = null, next_try_at = ${LATER}, claimed_until = null;
    delete from jobs.job where name = 'logout.deliver'`,
  'events that are due and that nobody works at': `insert into event_stream (id, console_id, method, endpoint_url, status, created_at, updated_at)
      select 'stream', id, 'push', 'https://x', 'enabled', now(), now() from console;
    insert into event_delivery (id, console_id, stream_id, account_id, type, event, state, next_try_at, created_at)
      select 'event', c.id, 'stream', a.id, 'x', '{}', 'waiting', ${LATER}, now() from console c, account a`,
  'mails that wait and that nobody works at': `update message set state = 'queued', ended_at = null, created_at = ${LATER};
    delete from jobs.job where name = 'mail.send'`,
  'login IDs that two accounts have': `alter table account drop constraint account_email_key;
    insert into account select (jsonb_populate_record(a, '{"id": "acc_again"}')).* from account a`,
  'console users with two accounts': `alter table console_link drop constraint console_link_pkey cascade;
    insert into account select (jsonb_populate_record(a, '{"id": "acc_again", "email_key": "other@example.co.jp"}')).* from account a;
    insert into console_link select (jsonb_populate_record(l, '{"account_id": "acc_again"}')).* from console_link l`,
  'accounts with two users of one console': `alter table console_link drop constraint console_link_account;
    insert into console_link select (jsonb_populate_record(l, '{"console_user_id": "again"}')).* from console_link l`,
  'versions of login IDs that no change made': `insert into login_id_change (id, request_id, account_id, old_address, new_address, new_key, requested_at, version)
    select 'change', r.id, a.id, 'x', 'y', 'y', now(), 7 from verification_request r, account a limit 1`,
  'plans that their history does not end in': `update migration_plan set cut_over_at = now()`,
  'algorithms without a signing key in use': `delete from signing_key where alg = 'ES256'`,
};

describe('the invariants', () => {
  it('hold after sign-ins, a logout and a reset', async () => {
    const broken = await brokenInvariants(world.database, { masterSecret: MASTER_SECRET, now: world.now });
    expect(broken.filter(({ count }) => count > 0)).toEqual([]);
    expect(broken).toHaveLength(INVARIANTS.length + 1);
  });

  it.each(INVARIANTS.map(({ what, statement }) => [what, statement]))('find %s', async (what, statement) => {
    const client = await world.database.pool.connect();
    try {
      await client.query('begin');
      expect(await brokenIn(client, statement, world.now)).toEqual([]);
      await client.query(SABOTAGE[what] ?? 'no such sabotage');
      expect((await brokenIn(client, statement, world.now)).length).toBeGreaterThan(0);
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  it('find an audit event that was altered', async () => {
    await world.database.pool.query(
      `update audit_event set actor = 'nobody' where id = (select min(id) from audit_event)`,
    );
    const broken = await brokenInvariants(world.database, { masterSecret: MASTER_SECRET, now: world.now });
    expect(broken.filter(({ count }) => count > 0).map(({ what }) => what)).toEqual([
      'faults of the audit chain',
    ]);
  });
});
