import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildLogin, type LoginApp } from '#app/app.ts';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { DAY, HOUR } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { statementsOf } from '#test/statements.ts';
import { authorizeUrl, basic, enter, locationOf, PASSWORD, signIn } from '#test/steps.ts';
import { CONSOLE_SECRET, MASTER_SECRET, openWorld, type World } from '#test/world.ts';

let world: World;
let otherNode: LoginApp;
let token: string;
beforeAll(async () => {
  // Not before the machine's own clock, by which the engine judges sessions.
  world = await openWorld({ work: false, now: new Date('2027-02-01T03:00:00Z') });
  otherNode = await buildLogin(
    world.config,
    world.database,
    world.databaseUrl,
    MASTER_SECRET,
    () => world.now,
  );
  await world.addConsole('sms');
  await world.addPerson('taro@example.co.jp', { sms: '1' }, { password: PASSWORD });
  const by = { actor: 'operator:cli', now: world.now };
  ({ token } = await createOperatorToken(world.database.db, { name: 'test', role: 'administrator' }, by));
});
afterAll(async () => {
  await otherNode.close();
  await world.close();
});

const call = (method: 'GET' | 'POST' | 'DELETE', path: string) =>
  world.app.server.inject({
    method,
    url: `/api/operator/v1/consoles/sms${path}`,
    headers: { host: 'login.example.co.jp', authorization: `Bearer ${token}` },
  });
type Secret = { id: string; madeAt: string; lastUsedAt: string | null };
const secrets = async () => (await call('GET', '')).json<{ secrets: Secret[] }>().secrets;
const knock = (node: LoginApp, path: string, secret: string) =>
  node.server.inject({
    url: path,
    headers: { host: 'login.example.co.jp', authorization: basic('sms', secret) },
  });
/** What each of the three doors of a console says to a secret. */
async function doors(node: LoginApp, secret: string): Promise<number[]> {
  const [api, ssf, engine] = await Promise.all([
    knock(node, '/api/console/v1/plan', secret),
    knock(node, '/ssf/stream', secret),
    node.server.inject({
      method: 'POST',
      url: '/introspect',
      headers: {
        host: 'login.example.co.jp',
        authorization: basic('sms', secret),
        'content-type': 'application/x-www-form-urlencoded',
      },
      payload: 'token=nothing',
    }),
  ]);
  return [api, ssf, engine].map((one) => one.statusCode);
}
async function untilOpen(node: LoginApp, secret: string, wanted: number[]): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (String(await doors(node, secret)) === String(wanted)) return;
    await new Promise((later) => setTimeout(later, 20));
  }
  expect(await doors(node, secret)).toEqual(wanted);
}
const OPEN = [200, 200, 200];
const SHUT = [401, 401, 401];

describe('R19: a console’s secret is changed with two valid ones', () => {
  it('twenty who ask at once make one second secret; both open every door, on every node', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => call('POST', '/secrets')));
    const made = answers.filter((one) => one.statusCode === 201);
    expect(made).toHaveLength(1);
    expect(answers.filter((one) => one.json<{ code?: string }>().code === 'two-secrets')).toHaveLength(19);
    const second = made[0]?.json<{ clientSecret: string }>().clientSecret ?? '';
    for (const node of [world.app, otherNode]) {
      await untilOpen(node, second, OPEN);
      expect(await doors(node, CONSOLE_SECRET)).toEqual(OPEN);
      expect(await doors(node, 'neither')).toEqual(SHUT);
    }
    expect(await secrets()).toHaveLength(2);
    expect((await call('GET', '')).body).not.toContain(second);

    // The one that the console used a moment ago is not ended by mistake.
    const [older, newer] = await secrets();
    expect(older?.lastUsedAt).toBe(world.now.toISOString());
    const refused = await call('DELETE', `/secrets/${older?.id}`);
    expect(refused.json()).toMatchObject({ status: 409, code: 'secret-in-use' });
    expect(refused.body).toContain(world.now.toISOString());

    world.pass(1 * DAY + 1 * HOUR);
    await doors(world.app, second);
    const ended = await Promise.all(
      Array.from({ length: 10 }, () => call('DELETE', `/secrets/${older?.id}`)),
    );
    expect(ended.map((one) => one.statusCode).toSorted()).toEqual([
      204,
      ...Array.from({ length: 9 }, () => 404),
    ]);
    for (const node of [world.app, otherNode]) {
      await untilOpen(node, CONSOLE_SECRET, SHUT);
      expect(await doors(node, second)).toEqual(OPEN);
    }
    expect(await secrets()).toMatchObject([{ id: newer?.id, lastUsedAt: world.now.toISOString() }]);
    expect((await call('DELETE', `/secrets/${newer?.id}`)).json()).toMatchObject({ code: 'last-secret' });
    expect((await call('DELETE', '/secrets/none')).json()).toMatchObject({ code: 'secret-unknown' });
  });

  it('the newer one can be ended too, and even while it is in use when that is said', async () => {
    const before = await secrets();
    const third = (await call('POST', '/secrets')).json<{ clientSecret: string; secretId: string }>();
    await doors(world.app, third.clientSecret);
    expect((await call('DELETE', `/secrets/${third.secretId}`)).json()).toMatchObject({
      code: 'secret-in-use',
    });
    expect((await call('DELETE', `/secrets/${third.secretId}?evenIfUsed=true`)).statusCode).toBe(204);
    expect((await secrets()).map((one) => one.id)).toEqual(before.map((one) => one.id));
    expect(await doors(world.app, third.clientSecret)).toEqual(SHUT);
  });

  it('the audit log tells of each, and of no secret', async () => {
    const events = await world.database.db
      .selectFrom('audit_event')
      .select(['action', 'detail'])
      .where('action', 'in', ['console.secret-added', 'console.secret-ended'])
      .orderBy('id')
      .execute();
    expect(events.map((one) => one.action)).toEqual([
      'console.secret-added',
      'console.secret-ended',
      'console.secret-added',
      'console.secret-ended',
    ]);
    for (const { detail } of events) expect(JSON.stringify(detail)).not.toMatch(/[\w-]{43}/);
  });

  it('a silent sign-in needs no statement more while there are two, and a use is written afterwards', async () => {
    // The sample secret again, so that the steps of the tests hold.
    await world.addConsole('mail');
    await world.addPerson('hanako@example.co.jp', { mail: '2' }, { password: PASSWORD });
    const browser = new Browser(world);
    await signIn(browser, '/sign-in', 'hanako@example.co.jp');
    await enter(world, browser, 'mail', { address: 'hanako@example.co.jp' });
    const silent = () =>
      statementsOf(async () => {
        await enter(world, browser, 'mail', { address: 'hanako@example.co.jp' });
      });
    const alone = await silent();
    const made = await world.app.server.inject({
      method: 'POST',
      url: '/api/operator/v1/consoles/mail/secrets',
      headers: { host: 'login.example.co.jp', authorization: `Bearer ${token}` },
    });
    expect(made.statusCode).toBe(201);
    expect(locationOf(await browser.open(authorizeUrl('mail').url)).searchParams.get('code')).toBeTruthy();
    const beside = (await silent()).filter((one) => !one.includes('from "console"'));
    expect(beside.length).toBe(alone.length);
    expect([...alone, ...beside].filter((one) => one.includes('into console_use '))).toEqual([]);
  });
});
