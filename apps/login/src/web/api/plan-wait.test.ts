import { request as httpRequest } from 'node:http';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildLogin, type LoginApp } from '#app/app.ts';
import { setLinkTime } from '#domain/migration/plans.ts';
import { basic } from '#test/steps.ts';
import { MASTER_SECRET, openWorld, type World } from '#test/world.ts';

let world: World;
let consoleId: string;
let otherId: string;
/** Another node on the same database. */
let node: LoginApp;
beforeAll(async () => {
  world = await openWorld({ work: false });
  consoleId = await world.addConsole('sms');
  otherId = await world.addConsole('mail');
  node = await buildLogin(world.config, world.database, world.databaseUrl, MASTER_SECRET, () => world.now);
});
afterAll(async () => {
  await node.close();
  await world.close();
});

const under: Promise<unknown>[] = [];
afterEach(async () => {
  // Whatever a test left waiting is answered by a change.
  await change();
  await Promise.all(under.splice(0));
});

let links = 0;
const change = (id = consoleId) =>
  setLinkTime(world.database.db, id, new Date(Date.UTC(2027, 0, 1, 0, (links += 1))), {
    actor: 'system',
    now: world.now,
  });

function ask(headers: Record<string, string>, app: LoginApp = world.app) {
  const answer = app.server.inject({
    url: '/api/console/v1/plan',
    headers: { host: 'login.example.co.jp', authorization: basic('sms'), ...headers },
  });
  under.push(answer);
  return answer;
}
const etagNow = async (): Promise<string> => String((await ask({})).headers.etag);

async function timed<T>(promise: Promise<T>): Promise<{ answer: T; took: number }> {
  const began = performance.now();
  const answer = await promise;
  return { answer, took: performance.now() - began };
}

describe('R12: GET /plan with Prefer: wait (RFC 7240)', () => {
  it('answers within a second of a change that another node makes', async () => {
    const etag = await etagNow();
    const waiting = ask({ 'if-none-match': etag, prefer: 'wait=20' }, node);
    await pause(300);
    const { answer, took } = await timed(change().then(() => waiting));
    expect(took).toBeLessThan(1_000);
    expect([answer.statusCode, answer.headers['preference-applied']]).toEqual([200, 'wait=20']);
    expect(answer.json()).toMatchObject({ consoleId, linkAt: expect.any(String) as string });
  });

  it('answers 304 when the time is over and nothing has changed, also though another console’s plan has', async () => {
    const etag = await etagNow();
    const waiting = timed(ask({ 'if-none-match': etag, prefer: 'respond-async, wait=1' }));
    await pause(200);
    await change(otherId);
    const { answer, took } = await waiting;
    expect([answer.statusCode, answer.body, answer.headers.etag]).toEqual([304, '', etag]);
    expect(took).toBeGreaterThan(950);
    expect(took).toBeLessThan(3_000);
  });

  it.each([
    ['the console has another plan', { 'if-none-match': '"other"', prefer: 'wait=20' }],
    ['it names none', { prefer: 'wait=20' }],
  ])('answers at once when %s', async (_name, headers) => {
    const { answer, took } = await timed(ask(headers));
    expect(answer.statusCode).toBe(200);
    expect(took).toBeLessThan(1_000);
  });

  it.each([
    '',
    'wait',
    'wait=',
    'wait=0',
    'wait=-5',
    'wait=soon',
    'respond-async',
    'wait=soon, wait=20',
    'xwait=20',
  ])('answers at once where 「%s」 asks for no wait that can be read', async (prefer) => {
    const { answer, took } = await timed(ask({ 'if-none-match': await etagNow(), prefer }));
    expect(answer.statusCode).toBe(304);
    expect(answer.headers['preference-applied']).toBeUndefined();
    expect(took).toBeLessThan(1_000);
  });

  it.each([
    ['wait=3600', 'wait=25'],
    ['Wait = "7"; foo=bar', 'wait=7'],
    ['wait=9, wait=2', 'wait=9'],
  ])('reads 「%s」 as %s', async (prefer, applied) => {
    const waiting = ask({ 'if-none-match': await etagNow(), prefer });
    await pause(100);
    await change();
    expect((await waiting).headers['preference-applied']).toBe(applied);
  });

  it('misses no change, however close it falls to the beginning of the wait', async () => {
    for (let round = 0; round < 20; round++) {
      const etag = await etagNow();
      const { answer, took } = await timed(
        Promise.all([ask({ 'if-none-match': etag, prefer: 'wait=20' }, node), change()]).then(([one]) => one),
      );
      expect(answer.statusCode).toBe(200);
      expect(took).toBeLessThan(2_000);
    }
  });

  it('notices a change whose notification was lost within seconds', async () => {
    const etag = await etagNow();
    const waiting = timed(ask({ 'if-none-match': etag, prefer: 'wait=20' }));
    await pause(100);
    await world.database.db
      .updateTable('migration_plan')
      .set((eb) => ({ revision: eb('revision', '+', 1), link_at: null }))
      .where('console_id', '=', consoleId)
      .execute();
    const { answer, took } = await waiting;
    expect(answer.statusCode).toBe(200);
    expect(took).toBeLessThan(6_500);
  });

  it('hears of changes again after its connection for notifications was cut', async () => {
    const cut = await world.database.pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'hitokagi-notifications' and datname = current_database()",
    );
    expect(cut.rowCount).toBe(2);
    await pause(1_500);
    const waiting = ask({ 'if-none-match': await etagNow(), prefer: 'wait=20' }, node);
    await pause(100);
    const { answer, took } = await timed(change().then(() => waiting));
    expect(answer.statusCode).toBe(200);
    expect(took).toBeLessThan(1_000);
  });

  it('O1: so many of one console may wait; further ones are answered at once, other consoles wait as ever', async () => {
    const etag = await etagNow();
    const waiting = Array.from({ length: 32 }, () => ask({ 'if-none-match': etag, prefer: 'wait=20' }));
    await pause(300);
    const { answer, took } = await timed(ask({ 'if-none-match': etag, prefer: 'wait=20' }));
    expect([answer.statusCode, answer.headers['preference-applied']]).toEqual([304, undefined]);
    expect(took).toBeLessThan(1_000);
    const theirs = await ask({ authorization: basic('mail') });
    const other = await timed(
      ask({ authorization: basic('mail'), 'if-none-match': String(theirs.headers.etag), prefer: 'wait=1' }),
    );
    expect(other.answer.headers['preference-applied']).toBe('wait=1');
    await change();
    expect((await Promise.all(waiting)).map((one) => one.statusCode)).toEqual(Array(32).fill(200));
  });

  it('O1: who goes away gives the place back', async () => {
    const listening = await buildLogin(
      world.config,
      world.database,
      world.databaseUrl,
      MASTER_SECRET,
      () => world.now,
    );
    await listening.server.listen({ port: 0, host: '127.0.0.1' });
    const { port } = listening.server.server.address() as AddressInfo;
    const etag = await etagNow();
    const headers = {
      host: 'login.example.co.jp',
      authorization: basic('sms'),
      'if-none-match': etag,
      prefer: 'wait=20',
    };
    for (let round = 0; round < 3; round++) {
      const gone = Array.from({ length: 32 }, () => {
        const one = httpRequest({ port, host: '127.0.0.1', path: '/api/console/v1/plan', headers });
        one.on('error', () => undefined);
        one.end();
        return one;
      });
      await pause(400);
      expect(
        (await ask({ 'if-none-match': etag, prefer: 'wait=20' }, listening)).headers['preference-applied'],
      ).toBe(undefined);
      for (const one of gone) one.destroy();
      await pause(300);
    }
    const waiting = ask({ 'if-none-match': etag, prefer: 'wait=20' }, listening);
    await pause(200);
    // HTTP clients open connections in advance; one that carries nothing must not hold the node up.
    const unused = connect(port, '127.0.0.1').on('error', () => undefined);
    await once(unused, 'connect');
    // A node that closes answers at once.
    const { answer, took } = await timed(listening.close().then(() => waiting));
    expect([answer.statusCode, answer.headers['preference-applied']]).toEqual([304, 'wait=20']);
    expect(took).toBeLessThan(2_000);
  });
});
