import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { keysCommand } from '../src/cli/commands/keys.ts';
import { buildLogin, type LoginApp } from '#app/app.ts';
import { SEALED_PLACES } from '#domain/master-key/places.ts';
import { rewrap } from '#domain/master-key/rewrap.ts';
import { addOperator } from '#domain/operators/operators.ts';
import { createPersonalToken } from '#domain/operators/tokens.ts';
import { rotateNow } from '#domain/signing-keys/rotate.ts';
import { sealEvents } from '#support/audit/seal.ts';
import { verifyAudit } from '#support/audit/verify.ts';
import { masterKeyStanding, MasterKeyMissing, opensWith } from '#support/keys/master-key.ts';
import { purposeKeys } from '#support/keys/purpose-keys.ts';
import { DAY } from '#support/primitives/durations.ts';
import { secretKeys } from '#support/primitives/secrets.ts';
import { Browser } from './browser.ts';
import { apiSteps, type Change } from './console-api.ts';
import { resetSteps } from './reset-steps.ts';
import { basic, codeIn, enter, PASSWORD, signIn, textOf } from './steps.ts';
import { MASTER_SECRET, openWorld, type World } from './world.ts';

const OLD = MASTER_SECRET;
const NEW = 'sample-master-secret-that-comes-next-9876543210';
const HEADER = 'Bearer sample-value-that-pushes-bear';
const TARO = { address: 'taro@example.co.jp' };

let world: World;
/** The same installation; each request goes to the next server. */
let house: World;
let nodes: LoginApp[] = [];
let operator: Browser;
let kept: Browser;
let keptHash: string;
let token: string;
/** Holds what the exchange waits for. */
let holder: pg.PoolClient | undefined;
const reset = resetSteps(() => house);
const api = apiSteps(() => house);

beforeAll(async () => {
  world = await openWorld({ work: false });
  let turn = 0;
  house = Object.create(world, { app: { get: () => nodes[turn++ % nodes.length] } }) as World;
  const { db } = world.database;
  for (const clientId of ['sms', 'mail'])
    await world.addConsole(clientId, { eventUri: `http://${clientId}.example.co.jp/auth/events` });
  await world.addPerson(TARO.address, { sms: 'taro-1', mail: 'taro-1' }, { password: PASSWORD });
  const hanako = await world.addPerson('hanako@example.co.jp', {}, { password: PASSWORD });
  await addOperator(
    db,
    { emailAddress: 'hanako@example.co.jp', role: 'administrator' },
    { actor: 'operator:cli', now: world.now },
  );
  const made = await createPersonalToken(
    db,
    { name: 'sample', role: 'administrator', accountId: hanako },
    { actor: 'operator:cli', now: world.now },
  );
  if (!made.ok) throw new Error(made.reason);
  ({ token } = made);
  await serve([OLD], [OLD]);
}, 60_000);
afterAll(async () => {
  holder?.release(true);
  for (const node of nodes.slice(1)) await node.close();
  await world.close();
});

/** Two servers, each with these master keys; those before them stop first. The first one works, too. */
async function serve(...keys: readonly (readonly [string, ...string[]])[]): Promise<void> {
  for (const node of [world.app, ...nodes.slice(1)]) await node.close();
  nodes = [];
  for (const [secret, ...previousSecrets] of keys)
    nodes.push(
      await buildLogin(
        { ...world.config, previousSecrets },
        world.database,
        world.databaseUrl,
        secret,
        () => world.now,
      ),
    );
  const [first] = nodes;
  if (!first) throw new Error('A server is wanted.');
  world.app = first;
  await first.startWork();
}

const signInAnew = () => enter(house, new Browser(house), 'sms', TARO);

/** A browser that was signed in before: its cookies hold, and its person is not asked for a password. */
async function stillSignedIn(): Promise<void> {
  const { claims } = await enter(house, kept, 'mail', { ...TARO, password: 'not this one' });
  expect(claims).toMatchObject({ console_user_id: 'taro-1' });
}

const streamOf = async (clientId: string) => {
  const answer = await house.app.server.inject({
    url: '/ssf/stream',
    headers: { host: 'login.example.co.jp', authorization: basic(clientId) },
  });
  return answer.json<{ delivery: { authorization_header?: string } }[]>()[0]?.delivery.authorization_header;
};

/** A console has its stream told with a header of its own. */
async function hasStream(clientId: string): Promise<void> {
  const headers = { host: 'login.example.co.jp', authorization: basic(clientId) };
  const found = await house.app.server.inject({ url: '/ssf/stream', headers });
  const told = await house.app.server.inject({
    method: 'PATCH',
    url: '/ssf/stream',
    headers,
    payload: {
      stream_id: found.json<{ stream_id: string }[]>()[0]?.stream_id,
      delivery: {
        method: 'urn:ietf:rfc:8935',
        endpoint_url: `http://${clientId}.example.co.jp/auth/events`,
        authorization_header: HEADER,
      },
    },
  });
  expect(told.statusCode, told.body).toBe(200);
}

/** A write of the operator API whose answer is kept for whoever asks again with the same key. */
const keptAnswer = () =>
  house.app.server.inject({
    method: 'POST',
    url: '/api/operator/v1/operator-tokens',
    headers: {
      host: 'login.example.co.jp',
      authorization: `Bearer ${token}`,
      'idempotency-key': 'sample-key-of-a-program',
    },
    payload: { name: 'once', role: 'viewer', days: 30 },
  });

/** The audit log as a whole, sealed up to now by one who has these master keys. */
async function auditIsWhole(secret: string, ...previous: string[]): Promise<void> {
  const { db } = world.database;
  const { 'audit-seals': key } = await purposeKeys(db, secretKeys(secret, ...previous), world.now);
  // A server may be sealing at this moment, and does it alone.
  await expect
    .poll(async () => {
      await sealEvents(db, key, () => world.now);
      return verifyAudit(db, key, { now: world.now });
    })
    .toMatchObject({ ok: true, unsealed: 0 });
}

const sealedTexts = async (): Promise<{ table: string; purpose: string; sealed: string }[]> => {
  const found = SEALED_PLACES.map(async ({ table, column, purpose }) => {
    const { rows } = await world.database.pool.query<{ sealed: string }>(
      `select ${column} as sealed from ${table} where ${column} <> ''`,
    );
    return rows.map(({ sealed }) => ({ table, purpose, sealed }));
  });
  return (await Promise.all(found)).flat();
};

/** How many texts this master key opens, whatever they are sealed for. */
async function opened(secret: string): Promise<number> {
  const texts = await sealedTexts();
  expect(texts.length).toBeGreaterThanOrEqual(12);
  const purposes = [...new Set(SEALED_PLACES.map((place) => place.purpose))];
  let count = 0;
  for (const { sealed } of texts)
    for (const purpose of purposes)
      if ((await opensWith(secretKeys(secret), purpose, sealed)) !== undefined) count += 1;
  return count;
}

/** `hitokagi keys rewrap --json` as a process of its own. */
function startRewrap(): { child: ChildProcess; ended: Promise<{ code: number | null; out: string }> } {
  const args = ['--import', 'tsx', 'apps/login/src/cli/main.ts', 'keys', 'rewrap', '--json'];
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: world.databaseUrl,
    HITOKAGI_SECRET: NEW,
    HITOKAGI_SECRET_PREVIOUS: OLD,
    HITOKAGI_ISSUER: 'http://login.example.co.jp',
  };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, out })) };
}

/** The same in this process, of any words. */
async function run(word: string, secret: string, ...previous: string[]) {
  const said = { code: 0, out: '', err: '' };
  const out = vi
    .spyOn(process.stdout, 'write')
    .mockImplementation((text) => ((said.out += String(text)), true));
  const err = vi
    .spyOn(process.stderr, 'write')
    .mockImplementation((text) => ((said.err += String(text)), true));
  try {
    await keysCommand({
      openDatabase: async () => world.database,
      secrets: async () => secretKeys(secret, ...previous),
      clock: () => world.now,
    }).parseAsync([word], { from: 'user' });
    return { ...said, code: process.exitCode ?? 0 };
  } finally {
    out.mockRestore();
    err.mockRestore();
    process.exitCode = undefined;
  }
}

it('every column that holds something sealed is sealed anew', async () => {
  const { rows } = await world.database.pool.query<{ place: string }>(
    `select table_name || '.' || column_name as place from information_schema.columns
     where table_schema = 'public' and data_type = 'text' and column_name like 'sealed%' order by 1`,
  );
  expect(rows.map((row) => row.place)).toEqual(
    SEALED_PLACES.map(({ table, column }) => `${table}.${column}`).sort(),
  );
});

it('nothing but the sealing asks for keys that are derived from it: another one would be another key', async () => {
  const root = new URL('../src/', import.meta.url);
  const files = (await readdir(root, { recursive: true })).filter((file) => /(?<!\.test)\.tsx?$/.test(file));
  const asking: string[] = [];
  for (const file of files)
    if (/\.derive\(/.test(await readFile(new URL(file, root), 'utf8'))) asking.push(file);
  expect(asking.sort()).toEqual([
    'domain/master-key/rewrap.ts',
    'support/keys/master-key.ts',
    'support/keys/purpose-keys.ts',
  ]);
});

describe('R17: another master key takes the place of the one before, on two servers', () => {
  let code: Awaited<ReturnType<typeof reset.atCodePage>> & { address: string };
  let undo: string;
  let change: { id: string; code: string };
  let answer: string;

  it('beforehand there are sessions, codes, links, answers, streams and a sealed log', async () => {
    kept = new Browser(house);
    await enter(house, kept, 'sms', TARO);
    operator = new Browser(house);
    await signIn(operator, '/sign-in', 'hanako@example.co.jp');
    await hasStream('sms');
    await hasStream('mail');
    const one = await reset.person();
    code = { ...(await reset.atCodePage(one.address)), address: one.address };
    const moved = await api.person({ password: PASSWORD });
    const begun = (await api.begin(moved.userId, 'moved@example.co.jp')).json<Change>();
    await api.confirm(begun.id, codeIn((await world.nextMail('moved@example.co.jp')).text));
    undo = /^http\S+$/m.exec((await world.nextMail(moved.address)).text)?.[0] ?? '';
    const other = await api.person({ password: PASSWORD });
    const waiting = (await api.begin(other.userId, 'waits@example.co.jp')).json<Change>();
    change = {
      id: waiting.id,
      code: codeIn((await world.nextMail('waits@example.co.jp')).text),
    };
    answer = (await keptAnswer()).body;
    keptHash = await hashOf();
    await auditIsWhole(OLD);
  });

  it('is refused while a server runs that was not given it, by name, and where the former one is not given', async () => {
    await serve([NEW, OLD], [OLD]);
    const { db } = world.database;
    const by = { actor: 'operator:cli', clock: () => world.now };
    const refused = await rewrap(db, secretKeys(NEW, OLD), by);
    expect(refused).toMatchObject({ ok: false, reason: 'servers-without-key' });
    expect(!refused.ok && refused.reason === 'servers-without-key' && refused.servers).toHaveLength(1);
    const said = await run('rewrap', NEW);
    expect(said).toMatchObject({ code: 1, out: '' });
    expect(said.err).toContain(`fingerprint ${secretKeys(OLD).fingerprint}, which was not given`);
    expect(said.err).toContain('HITOKAGI_SECRET_PREVIOUS');
    expect(await masterKeyStanding(db)).toMatchObject({
      fingerprint: secretKeys(OLD).fingerprint,
      leaving: null,
    });
    const page = textOf(await operator.open('/operator/keys'));
    expect(page).toContain('足りません');
    expect(page).toContain('HITOKAGI_SECRET_PREVIOUS を設定して再起動');
    expect(textOf(await operator.open('/operator'))).toContain('マスターキーが足りません');
  });

  it('until then servers that have both seal with the former one, so that the others read it', async () => {
    const { db } = world.database;
    world.pass(DAY);
    const made = await rotateNow(
      db,
      secretKeys(NEW, OLD),
      { urgent: true },
      { actor: 'system', now: world.now },
    );
    expect(made.ok).toBe(true);
    const texts = await sealedTexts();
    expect(texts.filter(({ table }) => table === 'signing_key')).toHaveLength(4);
    expect(await opened(OLD)).toBe(texts.length);
    expect(await opened(NEW)).toBe(0);
    world.pass(-DAY);
    await serve([NEW, OLD], [NEW, OLD]);
    await stillSignedIn();
  });

  it('is killed in the middle and run again, while people sign in: not one of 20 fails', async () => {
    const { db, pool } = world.database;
    holder = await pool.connect();
    await holder.query('begin');
    await holder.query('select 1 from event_stream for update');
    const { child } = startRewrap();
    let signIns = 0;
    // One after the other: many at once of one person are slowed down.
    const some = async (count: number) => {
      for (const until = signIns + count; signIns < until; signIns += 1) await signInAnew();
    };
    while (!(await isStuck())) {
      if (child.exitCode !== null) throw new Error('It ended, and was to be held up.');
      await pause(50);
    }
    await some(7);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await holder.query('rollback');
    holder.release();
    holder = undefined;
    expect(await masterKeyStanding(db)).toMatchObject({
      fingerprint: secretKeys(NEW).fingerprint,
      leaving: secretKeys(OLD).fingerprint,
    });
    // The one that it was waiting for may have been written; the other one was not.
    await expect.poll(() => isStuck()).toBe(false);
    expect(await opened(OLD)).toBeGreaterThan(0);
    expect(await opened(NEW)).toBeGreaterThan(0);
    await stillSignedIn();
    expect([await streamOf('sms'), await streamOf('mail')]).toEqual([HEADER, HEADER]);
    expect(textOf(await operator.open('/operator/keys'))).toContain('keys rewrap をもう一度実行');
    expect(textOf(await operator.open('/operator'))).toContain('マスターキーの交換が途中で止まっています');
    // Nobody who lacks one of the two may serve now, and no third one may come between.
    for (const secret of [OLD, NEW])
      await expect(
        buildLogin(world.config, world.database, world.databaseUrl, secret, () => world.now),
      ).rejects.toBeInstanceOf(MasterKeyMissing);
    const third = secretKeys('sample-master-secret-that-is-the-third-1234567890', NEW, OLD);
    expect(await rewrap(db, third, { actor: 'operator:cli', clock: () => world.now })).toMatchObject({
      reason: 'change-unfinished',
    });

    const [again] = await Promise.all([startRewrap().ended, some(7)]);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.out)).toMatchObject({ ok: true, from: secretKeys(OLD).fingerprint });
    await some(6);
    expect(signIns).toBe(20);

    async function isStuck(): Promise<boolean> {
      const { rowCount } = await pool.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query ilike '%update "event_stream"%'`,
      );
      return (rowCount ?? 0) > 0;
    }
  }, 60_000);

  it('nothing is left that the former one opens; twice more changes nothing, and it is recorded once', async () => {
    const { db } = world.database;
    expect(await masterKeyStanding(db)).toMatchObject({
      fingerprint: secretKeys(NEW).fingerprint,
      leaving: null,
    });
    expect(await opened(OLD)).toBe(0);
    expect(await opened(NEW)).toBe((await sealedTexts()).length);
    const before = await sealedTexts();
    const by = { actor: 'operator:cli', clock: () => world.now };
    const twice = await Promise.all([1, 2].map(() => rewrap(db, secretKeys(NEW, OLD), by)));
    for (const one of twice) expect(one).toMatchObject({ ok: true, resealed: 0 });
    expect(await sealedTexts()).toEqual(before);
    const events = await db
      .selectFrom('audit_event')
      .select(['action', 'actor', 'detail'])
      .where('action', 'like', 'master-key.%')
      .orderBy('id')
      .execute();
    const detail = { from: secretKeys(OLD).fingerprint, to: secretKeys(NEW).fingerprint };
    expect(events).toEqual([
      { action: 'master-key.change-started', actor: 'operator:cli', detail },
      { action: 'master-key.changed', actor: 'operator:cli', detail },
    ]);
    expect(textOf(await operator.open('/operator/keys'))).toContain('HITOKAGI_SECRET_PREVIOUS を外して');
  });

  it('afterwards servers need the new one alone, refuse without it, and everything from before still works', async () => {
    await expect(
      buildLogin(world.config, world.database, world.databaseUrl, OLD, () => world.now),
    ).rejects.toMatchObject({ fingerprint: secretKeys(NEW).fingerprint });
    await serve([NEW], [NEW]);
    await stillSignedIn();
    expect((await signInAnew()).claims).toMatchObject({ console_user_id: 'taro-1' });
    expect([await streamOf('sms'), await streamOf('mail')]).toEqual([HEADER, HEADER]);
    // The browser is known as its person's, and its password's hash was not touched.
    expect(await hashOf()).toBe(keptHash);
    await world.database.db
      .insertInto('sign_in_throttle')
      .values({
        key: `account:${TARO.address}`,
        attempts: 50,
        last_attempt_at: world.now,
        blocked_until: new Date(world.now.getTime() + DAY),
      })
      .execute();
    const stranger = new Browser(house);
    expect((await signIn(stranger, '/sign-in', TARO.address)).statusCode).toBe(429);
    const form = { email_address: TARO.address, password: PASSWORD };
    expect((await kept.request('POST', '/sign-in', form)).statusCode).toBe(303);
    // A code that was mailed, a link that was mailed, a change that waits, an answer that was given.
    expect((await reset.finish(code, code.code)).path).toBe('/reset/done');
    const token = new URL(undo).searchParams.get('token') ?? '';
    const page = await new Browser(house).open(undo);
    expect(page.statusCode).toBe(200);
    expect(textOf(await new Browser(house).submit(page, '/login-id/undo', { token }))).toContain(
      '取り消しました',
    );
    expect((await api.confirm(change.id, change.code)).statusCode).toBe(200);
    const again = await keptAnswer();
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.body).toBe(answer);
    await auditIsWhole(NEW);
    expect(textOf(await operator.open('/operator/keys'))).not.toContain('交換が終わっていません');
  });

  it('and the way back is the same, with the two in each other’s place', async () => {
    await serve([OLD, NEW], [OLD, NEW]);
    const back = await run('rewrap', OLD, NEW);
    expect(back, back.err).toMatchObject({ code: 0 });
    expect(back.out).toContain(
      `${secretKeys(OLD).fingerprint} has taken the place of ${secretKeys(NEW).fingerprint}`,
    );
    expect(await opened(NEW)).toBe(0);
    await stillSignedIn();
    const listed = await run('list', OLD, NEW);
    expect(listed.out).toContain(`Master key: ${secretKeys(OLD).fingerprint}`);
    expect(listed.out).toContain('take HITOKAGI_SECRET_PREVIOUS away');
    expect(listed.out).not.toContain(OLD);
    await auditIsWhole(OLD, NEW);
  });
});

async function hashOf(): Promise<string> {
  const row = await world.database.db
    .selectFrom('password_credential')
    .innerJoin('account', 'account.id', 'password_credential.account_id')
    .select('password_hash')
    .where('email_key', '=', TARO.address)
    .executeTakeFirstOrThrow();
  return row.password_hash;
}
