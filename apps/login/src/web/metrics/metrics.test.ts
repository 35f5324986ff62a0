import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '#test/browser.ts';
import { authorizeUrl, enter, PASSWORD, setPassword } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';
import { serveMetrics } from './serve.ts';

let world: World;
let served: Awaited<ReturnType<typeof serveMetrics>>;
beforeAll(async () => {
  world = await openWorld();
  served = await serveMetrics(world.app.metrics, { host: '127.0.0.1', port: 0 });
  await world.addConsole('sms');
  await world.addPerson('taro@example.co.jp', { sms: '1' }, { password: PASSWORD });
});
afterAll(async () => {
  await served.close();
  await world.close();
});

/** The figures as Prometheus reads them, by name and labels. */
async function scrape(): Promise<{ text: string; figures: Map<string, number> }> {
  const answer = await fetch(`http://127.0.0.1:${served.port}/metrics`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('text/plain');
  const text = await answer.text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const figures = lines.map((line): [string, number] => {
    const at = line.lastIndexOf(' ');
    return [line.slice(0, at), Number(line.slice(at + 1))];
  });
  return { text, figures: new Map(figures) };
}

describe('metrics for Prometheus', () => {
  it('count sign-ins by result, requests by route, passwords, statements, waiting work and the event loop', async () => {
    const before = (await scrape()).figures;
    const grown = async (): Promise<(name: string) => number> => {
      const after = (await scrape()).figures;
      return (name) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
    };
    await enter(world, new Browser(world), 'sms', { address: 'taro@example.co.jp' });
    for (let i = 0; i < 6; i++)
      await new Browser(world).request('POST', '/sign-in', {
        email_address: 'taro@example.co.jp',
        password: 'wrong',
      });
    await new Browser(world).request('POST', '/sign-in', { email_address: '', password: '' });
    const by = await grown();
    expect(by('hitokagi_sign_ins_total{result="signed-in"}')).toBe(1);
    expect(by('hitokagi_sign_ins_total{result="refused"}')).toBe(5);
    expect(by('hitokagi_sign_ins_total{result="delayed"}')).toBe(1);
    expect(by('hitokagi_sign_ins_total{result="incomplete"}')).toBe(1);
    expect(by('hitokagi_http_request_seconds_count{method="POST",route="/token",status="200"}')).toBe(1);
    expect(by('hitokagi_http_request_seconds_count{method="POST",route="/sign-in/:uid",status="303"}')).toBe(
      1,
    );
    expect(by('hitokagi_password_wait_seconds_count')).toBe(6);
    expect(by('hitokagi_database_statements_total')).toBeGreaterThan(10);
    const { figures } = await scrape();
    expect(figures.get('hitokagi_database_up')).toBe(1);
    expect(figures.get('hitokagi_waiting{work="mails"}')).toBe(0);
    expect(figures.get('hitokagi_passwords{state="running"}')).toBe(0);
    expect(figures.has('nodejs_eventloop_lag_p99_seconds')).toBe(true);
  });

  it('V4: hold no address, secret or code, whatever was asked for', async () => {
    await new Browser(world).open(authorizeUrl('sms', { login_hint: 'taro@example.co.jp' }).url);
    await new Browser(world).open('/reset/req_01/some-secret-path?token=secret-in-a-query');
    await setPassword(world, new Browser(world), '/sign-in', 'taro@example.co.jp', 'Yama-no-oto 42 desu');
    const { text } = await scrape();
    expect(text).not.toMatch(/taro|secret-|Yama|req_01/);
    expect(text).toContain('route="/reset/:request"');
  });

  it('are not on the port of the pages, and nothing else is on theirs', async () => {
    expect(
      (await world.app.server.inject({ url: '/metrics', headers: { host: 'login.example.co.jp' } }))
        .statusCode,
    ).toBe(404);
    for (const [method, path] of [
      ['GET', '/'],
      ['POST', '/metrics'],
      ['GET', '/healthz'],
    ] as const)
      expect((await fetch(`http://127.0.0.1:${served.port}${path}`, { method })).status).toBe(404);
  });

  it('S2: say that the database is gone', async () => {
    const { pool } = world.database;
    const { connectionString } = pool.options;
    pool.options.connectionString = 'postgresql://nobody@localhost/none?host=/no-such-folder';
    const admin = new pg.Client({ connectionString: world.databaseUrl });
    await admin.connect();
    await admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'hitokagi'",
    );
    await admin.end();
    for (let tries = 0; pool.totalCount > 0 && tries < 500; tries++)
      await new Promise((later) => setTimeout(later, 10));
    expect((await scrape()).figures.get('hitokagi_database_up')).toBe(0);
    pool.options.connectionString = connectionString;
    expect((await scrape()).figures.get('hitokagi_database_up')).toBe(1);
  });

  it('R17: a node that is to stop is not ready, and asks for no further requests on its connections', async () => {
    world.app.drain();
    const ready = await world.app.server.inject({ url: '/readyz' });
    expect([ready.statusCode, ready.headers.connection]).toEqual([503, 'close']);
    const page = await world.app.server.inject({ url: '/sign-in', headers: { host: 'login.example.co.jp' } });
    expect([page.statusCode, page.headers.connection]).toEqual([200, 'close']);
  });
});
