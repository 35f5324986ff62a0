import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, type Answer } from './browser.ts';
import { justBefore } from './between-statements.ts';
import { authorizeUrl, basic, consolePost, enter, exchange, locationOf, PASSWORD, textOf } from './steps.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let browser: Browser;
let accessToken: string;
beforeAll(async () => {
  const environment = { HITOKAGI_LOG_LEVEL: 'info', HITOKAGI_DATABASE_WAIT_MS: '900' };
  world = await openWorld({ work: false, environment });
  await world.addConsole('sms');
  await world.addPerson('taro@example.co.jp', { sms: '1' }, { password: PASSWORD });
  browser = new Browser(world);
  accessToken = (await enter(world, browser, 'sms', { address: 'taro@example.co.jp' })).tokens.access_token;
});
afterAll(() => world.close());

/** The database is gone while `during` runs: connections break, and no new one can be made. */
async function withoutDatabase<T>(during: () => Promise<T>): Promise<T> {
  const { pool } = world.database;
  const { connectionString } = pool.options;
  pool.options.connectionString = 'postgresql://nobody@localhost/none?host=/no-such-folder';
  const admin = new pg.Client({ connectionString: world.databaseUrl });
  await admin.connect();
  await admin.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'hitokagi'",
  );
  // The pool hears of it one connection after the other.
  for (let tries = 0; pool.totalCount > 0 && tries < 500; tries++)
    await new Promise((later) => setTimeout(later, 10));
  try {
    return await during();
  } finally {
    pool.options.connectionString = connectionString;
    await admin.end();
  }
}

/** Every connection breaks. */
async function cut(): Promise<void> {
  const admin = new pg.Client({ connectionString: world.databaseUrl });
  await admin.connect();
  await admin.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'hitokagi'",
  );
  await admin.end();
}

describe('S2: without the database', () => {
  it('pages say that trying again helps, with 503 and their number, within a second', async () => {
    const fresh = new Browser(world);
    const page = await fresh.open(authorizeUrl('sms').url);
    const asks: [string, () => Promise<Answer>][] = [
      [
        'a sign-in',
        () => fresh.request('POST', page.path, { email_address: 'taro@example.co.jp', password: PASSWORD }),
      ],
      ['the sign-in page', () => fresh.request('GET', page.path)],
      ['a reset', () => fresh.request('POST', '/reset', { email_address: 'taro@example.co.jp' })],
      ['a code page', () => fresh.request('GET', '/signed-out/slo_x')],
      ['the list of consoles', () => browser.request('GET', '/')],
      ['leaving', () => browser.request('POST', '/sign-out', {})],
      ['a console’s request', () => browser.request('GET', authorizeUrl('sms').url)],
      [
        'a console’s request from a new browser',
        () => new Browser(world).request('GET', authorizeUrl('sms').url),
      ],
      ['a console’s logout', () => browser.request('GET', '/logout?client_id=sms')],
    ];
    await withoutDatabase(async () => {
      for (const [name, ask] of asks) {
        const begin = performance.now();
        const answer = await ask();
        expect(performance.now() - begin, name).toBeLessThan(1_000);
        expect(answer.statusCode, name).toBe(503);
        expect(textOf(answer), name).toContain('ただいま混み合っています');
        expect(textOf(answer), name).toContain(String(answer.headers['x-request-id']));
      }
    });
    const done = await fresh.submit(page, page.path, {
      email_address: 'taro@example.co.jp',
      password: PASSWORD,
    });
    expect(locationOf(done).host).toBe('sms.example.co.jp');
  });

  it('and within a second where others hold all connections, whatever an answer asks on its way out', async () => {
    const { pool } = world.database;
    const held = await Promise.all(Array.from({ length: pool.options.max ?? 0 }, () => pool.connect()));
    try {
      for (const ask of [
        () => new Browser(world).request('GET', authorizeUrl('sms').url),
        () => browser.request('GET', authorizeUrl('sms').url),
        () => browser.request('GET', '/account'),
        () => browser.request('GET', '/logout?client_id=sms'),
      ]) {
        const begin = performance.now();
        const answer = await ask();
        // The pool alone would wait for five seconds here, each time that it is asked.
        expect(performance.now() - begin).toBeLessThan(1_500);
        expect(answer.statusCode).toBe(503);
      }
    } finally {
      held.forEach((client) => client.release());
    }
    expect((await browser.request('GET', '/account')).statusCode).toBe(200);
  });

  it('consoles are told the same in JSON, and nothing half done is left', async () => {
    const { url, verifier } = authorizeUrl('sms');
    const callback = locationOf(await browser.open(url));
    const api = () =>
      world.app.server.inject({
        url: '/api/console/v1/plan',
        headers: { host: 'login.example.co.jp', authorization: basic('sms') },
      });
    const userinfo = () =>
      world.app.server.inject({
        url: '/userinfo',
        headers: { host: 'login.example.co.jp', authorization: `Bearer ${accessToken}` },
      });
    await withoutDatabase(async () => {
      world.app.forgetCaches();
      for (const answer of [
        await exchange(world, 'sms', callback, verifier),
        await api(),
        await userinfo(),
        await consolePost(world, 'sms', '/introspect', { token: accessToken }),
      ]) {
        expect(answer.statusCode, answer.body).toBe(503);
        expect(String(answer.headers['content-type'])).toContain('json');
      }
    });
    expect((await exchange(world, 'sms', callback, verifier)).statusCode).toBe(200);
    expect((await api()).statusCode).toBe(200);
    expect((await userinfo()).statusCode).toBe(200);
  });

  it('health says so: alive, but not ready', async () => {
    const health = async (url: string) => (await world.app.server.inject({ url })).statusCode;
    expect(await withoutDatabase(async () => [await health('/healthz'), await health('/readyz')])).toEqual([
      200, 503,
    ]);
    expect([await health('/healthz'), await health('/readyz')]).toEqual([200, 200]);
  });

  it.each([
    ['the session is written', 'sso_session', 'html'],
    ['what a code is exchanged for is written', 'oidc_artifact', 'json'],
  ])(
    'a connection that breaks while %s is told as such, not as a fault of the server',
    async (_, table, format) => {
      const { url, verifier } = authorizeUrl('sms');
      const callback = format === 'json' ? locationOf(await browser.open(url)) : undefined;
      const admin = new pg.Client({ connectionString: world.databaseUrl });
      await admin.connect();
      await admin.query(`begin; lock table ${table} in exclusive mode`);
      const asked = callback ? exchange(world, 'sms', callback, verifier) : browser.request('GET', url);
      const blocked = async () =>
        (
          await admin.query<{ pid: number }>(
            `select pid from pg_locks where relation = '${table}'::regclass and not granted`,
          )
        ).rows[0]?.pid;
      await expect.poll(blocked, { timeout: 10_000 }).toBeDefined();
      await admin.query('select pg_terminate_backend($1)', [await blocked()]);
      const answer = await asked;
      await admin.query('rollback');
      await admin.end();
      expect(answer.statusCode, answer.body).toBe(503);
      expect(answer.headers.location).toBeUndefined();
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
      if (callback) {
        expect(answer.json()).toMatchObject({ error: 'server_error' });
        expect((await exchange(world, 'sms', callback, verifier)).statusCode).toBe(200);
      } else {
        expect(textOf(answer as Answer)).toContain('ただいま混み合っています');
        expect(locationOf(await browser.request('GET', url)).host).toBe('sms.example.co.jp');
      }
    },
  );

  it.each([
    ['58030', 'whose disk fails'],
    ['53100', 'whose disk is full'],
  ])('an error %s of a PostgreSQL %s is told as such too', async (code) => {
    const { pool } = world.database;
    await pool.query(`
      create function fails() returns trigger language plpgsql as $$ begin raise exception using errcode = '${code}'; end $$;
      create trigger fails before insert on oidc_artifact execute function fails()`);
    const answer = await new Browser(world).request('GET', authorizeUrl('sms').url);
    await pool.query('drop function fails cascade');
    expect(answer.statusCode).toBe(503);
    expect(textOf(answer)).toContain('ただいま混み合っています');
  });

  it('a pending sign-in that could not be read is not taken for somebody else’s', async () => {
    const fresh = new Browser(world);
    const page = await fresh.open(authorizeUrl('sms').url);
    const admin = new pg.Client({ connectionString: world.databaseUrl });
    await admin.connect();
    await admin.query('begin; lock table oidc_artifact in access exclusive mode');
    const asked = fresh.request('GET', page.path);
    const blocked = async () =>
      (
        await admin.query<{ pid: number }>(
          "select pid from pg_locks where relation = 'oidc_artifact'::regclass and not granted",
        )
      ).rows[0]?.pid;
    await expect.poll(blocked, { timeout: 10_000 }).toBeDefined();
    await admin.query('select pg_terminate_backend($1)', [await blocked()]);
    await admin.query('rollback');
    await admin.end();
    expect((await asked).statusCode).toBe(503);
    expect((await fresh.request('GET', page.path)).statusCode).toBe(200);
  });

  it('a connection that breaks in the middle of a statement is one failed request, not a failed server', async () => {
    const admin = new pg.Client({ connectionString: world.databaseUrl });
    await admin.connect();
    await admin.query('begin; lock table sign_in_throttle in exclusive mode');
    const waiting = new Browser(world).request('POST', '/sign-in', {
      email_address: 'taro@example.co.jp',
      password: PASSWORD,
    });
    const blocked = async () =>
      (
        await admin.query(
          "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        )
      ).rows as { pid: number }[];
    for (let tries = 0; (await blocked()).length === 0 && tries < 500; tries++)
      await new Promise((later) => setTimeout(later, 20));
    await admin.query('select pg_terminate_backend($1)', [(await blocked())[0]?.pid]);
    expect((await waiting).statusCode).toBe(503);
    await admin.query('rollback');
    await admin.end();
    expect(
      (
        await new Browser(world).request('POST', '/sign-in', {
          email_address: 'taro@example.co.jp',
          password: PASSWORD,
        })
      ).statusCode,
    ).toBe(303);
  });

  it('whichever statement of a request it breaks at, the person gets the page that says so, and nobody is sent on with a code that is not there', async () => {
    const statuses: number[] = [];
    for (let number = 1; statuses.at(-1) !== 303; number += 1) {
      expect(number).toBeLessThan(10);
      let seen = 0;
      const nth = Object.assign(/^/, { test: () => ++seen === number });
      const answer = await justBefore(nth, cut, () => browser.request('GET', authorizeUrl('sms').url)).catch(
        (error: unknown) => {
          // It has fewer statements than that.
          if (String(error).includes('No statement matched')) return undefined;
          throw error;
        },
      );
      if (!answer) break;
      statuses.push(answer.statusCode);
      if (answer.statusCode === 303) continue;
      expect([answer.statusCode, answer.headers.location], String(number)).toEqual([503, undefined]);
      expect(textOf(answer)).toContain('ただいま混み合っています');
      expect(answer.headers['content-security-policy']).toBeDefined();
    }
    expect(statuses.filter((one) => one === 503).length).toBeGreaterThan(1);
    expect(locationOf(await browser.open(authorizeUrl('sms').url)).searchParams.get('code')).toBeTruthy();
  });

  it('who opens the page of a sign-in that has begun is not told to begin anew', async () => {
    const person = new Browser(world);
    const page = await person.open(authorizeUrl('sms').url);
    const answer = await justBefore(/oidc_artifact/, cut, () => person.request('GET', page.path));
    expect(answer.statusCode).toBe(503);
    expect(textOf(answer)).toContain('ただいま混み合っています');
    expect((await person.request('GET', page.path)).statusCode).toBe(200);
  });

  it('the log says what happened, with the number, and never the address of the database with its password', async () => {
    const failed = world.logLines.filter((line) => line.includes('"level":50'));
    expect(failed.length).toBeGreaterThan(5);
    expect(failed.every((line) => /req_[0-9a-z]{26}/.test(line))).toBe(true);
    expect(world.logLines.join('')).not.toMatch(/postgres(ql)?:\/\//);
  });
});
