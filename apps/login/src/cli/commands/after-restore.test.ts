import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import pg from 'pg';
import { openJobs, type Jobs } from '#support/jobs/jobs.ts';
import { authorizeUrl, consolePost, enter, exchange, locationOf, PASSWORD } from '#test/steps.ts';
import { Browser } from '#test/browser.ts';
import { openReceiver, type Receiver } from '#test/receiver.ts';
import { openWorld, type World } from '#test/world.ts';
import { afterRestoreCommand } from './after-restore.ts';

let world: World;
let jobs: Jobs;
let console_: Receiver;
beforeAll(async () => {
  console_ = await openReceiver();
  world = await openWorld();
  await world.addConsole('sms', { backchannelLogoutUri: console_.url });
  await world.addPerson('taro@example.co.jp', { sms: '1' }, { password: PASSWORD });
  jobs = await openJobs({ databaseUrl: world.databaseUrl, mailRetryAfter: 1, onError: () => undefined });
});
afterAll(async () => {
  await jobs.stop();
  await world.close();
  await console_.close();
});

async function run(...words: string[]): Promise<Record<string, number>> {
  let out = '';
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  try {
    await afterRestoreCommand({
      openDatabase: async () => world.database,
      openJobs: async () => jobs,
      clock: () => world.now,
    }).parseAsync([...words, '--json'], { from: 'user' });
  } finally {
    spy.mockRestore();
  }
  return JSON.parse(out) as Record<string, number>;
}

/** The tables that a backup holds and a person's acts change afterwards. */
const TABLES = [
  'sso_session',
  'oidc_artifact',
  'verification_request',
  'verification_code',
  'single_logout',
  'logout_delivery',
  'password_credential',
  'operator_token',
  'message',
  'known_browser',
];

it('nothing that was used or ended after the backup comes back to life', async () => {
  const { db } = world.database;
  const browser = new Browser(world);
  const { tokens } = await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
  const { url, verifier } = authorizeUrl('sms');
  const unusedCode = locationOf(await browser.open(url));
  const asking = new Browser(world);
  const page = await asking.request('POST', '/reset', { email_address: 'taro@example.co.jp' });
  const mail = await world.nextMail('taro@example.co.jp');
  const code = /^ {4}(\d{4}) (\d{4})/m.exec(mail.text)?.slice(1).join('') ?? '';
  await db
    .insertInto('operator_token')
    .values({
      id: 'token',
      name: '見本',
      role: 'viewer',
      token_hash: 'hash',
      created_at: world.now,
      created_by: 'operator:cli',
      last_used_at: null,
      revoked_at: null,
    })
    .execute();
  await world.pass(1_000);

  // The backup: the tables as they are now.
  const admin = new pg.Client({ connectionString: world.databaseUrl });
  await admin.connect();
  for (const table of TABLES) await admin.query(`create table backup_${table} as table ${table}`);
  // And then: a code is used, the person leaves, a token is revoked.
  expect((await exchange(world, 'sms', unusedCode, verifier)).statusCode).toBe(200);
  const typed = { code, password: 'Yama-no-oto 42 desu', confirmation: 'Yama-no-oto 42 desu' };
  expect((await asking.request('POST', String(page.headers.location), typed)).statusCode).toBe(303);
  await browser.request('POST', '/sign-out', {});
  await db.updateTable('operator_token').set({ revoked_at: world.now }).execute();
  // The restore. References are for a moment nobody's matter, as in a restore.
  await admin.query('begin; set local session_replication_role = replica');
  for (const table of TABLES)
    await admin.query(`delete from ${table}; insert into ${table} select * from backup_${table}`);
  await admin.query('commit');
  const silent = async () =>
    String((await browser.request('GET', authorizeUrl('sms', { prompt: 'none' }).url)).headers.location);
  // Without the command it would all be back.
  expect(await silent()).toContain('code=');

  const done = await run();
  expect(done).toMatchObject({ sessions: 1, codeRequests: 1, operatorTokens: 1 });
  expect(done.artifacts).toBeGreaterThan(1);

  expect(await silent()).toContain('login_required');
  expect((await exchange(world, 'sms', unusedCode, verifier)).statusCode).toBe(400);
  expect((await consolePost(world, 'sms', '/introspect', { token: tokens.access_token })).json()).toEqual({
    active: false,
  });
  expect((await asking.request('POST', String(page.headers.location), typed)).statusCode).not.toBe(303);
  expect(await db.selectFrom('operator_token').select('revoked_at').executeTakeFirst()).not.toEqual({
    revoked_at: null,
  });
  const events = await db
    .selectFrom('audit_event')
    .select('detail')
    .where('action', '=', 'database.restored')
    .execute();
  expect(events).toEqual([{ detail: done }]);
  // Consoles are told of the sessions that came back, and a second run finds nothing.
  await vi.waitFor(async () => {
    const open = await db.selectFrom('logout_delivery').select('id').where('state', '=', 'waiting').execute();
    expect(open).toEqual([]);
  }, 10_000);
  expect(await run()).toMatchObject({
    sessions: 0,
    artifacts: 0,
    codeRequests: 0,
    mails: 0,
    operatorTokens: 0,
  });
  await enter(world, new Browser(world), 'sms', { address: 'taro@example.co.jp' });
  await admin.end();
}, 60_000);

it('mails that waited are given up, tokens stay where they are asked to stay', async () => {
  const { db } = world.database;
  await db.updateTable('message').set({ state: 'queued', handed_over_at: world.now }).execute();
  await db.updateTable('operator_token').set({ revoked_at: null }).execute();
  const waited = await db.selectFrom('message').select('id').execute();
  expect(await run('--keep-tokens')).toMatchObject({ mails: waited.length, operatorTokens: 0 });
  const left = await db.selectFrom('message').select('id').where('state', '=', 'queued').execute();
  expect(left).toEqual([]);
});
