import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SECOND } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import {
  authorizeUrl,
  consolePost,
  enter,
  locationOf,
  PASSWORD,
  tokensOf,
  type Tokens,
} from '#test/steps.ts';
import { whileHeld } from '#test/while-held.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
let browser: Browser;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
  await world.addConsole('mail');
  await world.addConsole('old', { requirePkce: false });
  await world.addPerson('taro@example.co.jp', { sms: '1', mail: '1', old: '1' }, { password: PASSWORD });
  browser = new Browser(world);
  await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
});
afterAll(() => world.close());

/** A fresh code, by the way of someone who is signed in. */
async function freshCode(
  clientId = 'sms',
  extra: Record<string, string | undefined> = {},
): Promise<{ callback: URL; verifier: string; code: string }> {
  const { url, verifier } = authorizeUrl(clientId, extra);
  const callback = locationOf(await browser.open(url));
  return { callback, verifier, code: callback.searchParams.get('code') as string };
}

const userinfo = (token: string) =>
  world.app.server.inject({
    url: '/userinfo',
    headers: { host: 'login.example.co.jp', authorization: `Bearer ${token}` },
  });
const refresh = (token: string, clientId = 'sms', extra: Record<string, string> = {}) =>
  consolePost(world, clientId, '/token', { grant_type: 'refresh_token', refresh_token: token, ...extra });

describe('P2: refresh tokens', () => {
  const OFFLINE = { scope: 'openid email offline_access', prompt: 'consent' };
  async function family(): Promise<Tokens & { refresh_token: string }> {
    const { callback, verifier } = await freshCode('sms', OFFLINE);
    const tokens = await tokensOf(world, 'sms', callback, verifier);
    return { ...tokens, refresh_token: tokens.refresh_token as string };
  }

  it('rotate with each use, and each brings a living access token', async () => {
    const first = await family();
    const second = (await refresh(first.refresh_token)).json<Tokens>();
    expect(second.refresh_token).not.toBe(first.refresh_token);
    const third = (await refresh(second.refresh_token as string)).json<Tokens>();
    expect((await userinfo(third.access_token)).statusCode).toBe(200);
  });

  it('used twice end the whole family', async () => {
    const first = await family();
    const second = (await refresh(first.refresh_token)).json<Tokens>();
    const reused = await refresh(first.refresh_token);
    expect([reused.statusCode, reused.json<{ error: string }>().error]).toEqual([400, 'invalid_grant']);
    expect((await refresh(second.refresh_token as string)).statusCode).toBe(400);
    for (const token of [first.access_token, second.access_token])
      expect((await userinfo(token)).statusCode).toBe(401);
  });

  it('used 20 times at once succeed once at most and end the family', async () => {
    for (let round = 0; round < 3; round++) {
      const first = await family();
      const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(first.refresh_token)));
      const successes = answers.filter((answer) => answer.statusCode === 200);
      expect(successes.length).toBeLessThanOrEqual(1);
      await new Promise((later) => setTimeout(later, 200));
      for (const token of [
        first.access_token,
        ...successes.map((answer) => answer.json<Tokens>().access_token),
      ])
        expect((await userinfo(token)).statusCode).toBe(401);
      for (const answer of successes)
        expect((await refresh(answer.json<Tokens>().refresh_token as string)).statusCode).toBe(400);
    }
  });

  it('end with their access tokens or not at all, so that a server that dies in between leaves no half', async () => {
    const { pool } = world.database;
    const first = await family();
    const second = (await refresh(first.refresh_token)).json<Tokens>();
    // For the database a server that dies between two statements is one that fails there.
    await pool.query(`
      create function sample_death() returns trigger language plpgsql as $$ begin raise exception 'sample'; end $$;
      create trigger sample_death before delete on oidc_artifact for each row when (old.kind = 'AccessToken') execute function sample_death()`);
    expect((await refresh(first.refresh_token)).statusCode).toBe(500);
    await pool.query('drop trigger sample_death on oidc_artifact');
    expect((await userinfo(second.access_token)).statusCode).toBe(200);
    // So whoever comes with it again ends everything.
    expect((await refresh(first.refresh_token)).statusCode).toBe(400);
    expect((await userinfo(second.access_token)).statusCode).toBe(401);
    expect((await refresh(second.refresh_token as string)).statusCode).toBe(400);
  });

  it('serve only their own console, and never more than was asked for', async () => {
    const first = await family();
    expect((await refresh(first.refresh_token, 'mail')).statusCode).toBe(400);
    expect((await refresh(first.refresh_token, 'sms', { scope: 'openid email profile' })).statusCode).toBe(
      400,
    );
    expect((await refresh(first.refresh_token)).statusCode).toBe(200);
  });

  it('end with the session, with its account, and after an hour without use', async () => {
    const other = new Browser(world);
    const id = await world.addPerson('offline@example.co.jp', { sms: '3' }, { password: PASSWORD });
    const mine = await enter(world, other, 'sms', { address: 'offline@example.co.jp' }, OFFLINE);
    await world.database.db.updateTable('account').set({ state: 'suspended' }).where('id', '=', id).execute();
    expect((await refresh(mine.tokens.refresh_token as string)).statusCode).toBe(400);
    await world.database.db.updateTable('account').set({ state: 'active' }).where('id', '=', id).execute();
    await other.submit(await other.open('/'), '/sign-out', {});
    expect((await refresh(mine.tokens.refresh_token as string)).statusCode).toBe(400);
    expect((await userinfo(mine.tokens.access_token)).statusCode).toBe(401);

    const first = await family();
    world.pass(3_600 * SECOND);
    expect((await refresh(first.refresh_token)).statusCode).toBe(400);
  });

  it('R9: what is given out beside the end of the session is worth nothing, also where that end has to wait in the middle', async () => {
    const other = new Browser(world);
    const id = await world.addPerson('leaving@example.co.jp', { sms: '4' }, { password: PASSWORD });
    const mine = await enter(world, other, 'sms', { address: 'leaving@example.co.jp' }, OFFLINE);
    const held = `select from oidc_artifact where account_id = $1 and kind = 'AccessToken' for update`;
    const page = await other.open('/');
    const given: Tokens[] = [];
    let beside = Promise.resolve();
    await whileHeld(
      world,
      [held, id],
      () => other.submit(page, '/sign-out', {}),
      async () => {
        beside = refresh(mine.tokens.refresh_token as string).then((answer) => {
          if (answer.statusCode === 200) given.push(answer.json<Tokens>());
        });
        await Promise.race([beside, new Promise((later) => setTimeout(later, 300))]);
      },
    );
    await beside;
    for (const { access_token: access, refresh_token: next } of given) {
      expect((await userinfo(access)).statusCode).toBe(401);
      expect((await refresh(next as string)).statusCode).toBe(400);
      for (const token of [access, next as string])
        expect((await consolePost(world, 'sms', '/introspect', { token })).json()).toEqual({ active: false });
    }
    expect((await refresh(mine.tokens.refresh_token as string)).statusCode).toBe(400);
    const { rows } = await world.database.pool.query(
      `select kind from oidc_artifact where account_id = $1 and kind <> 'Interaction'`,
      [id],
    );
    expect(rows).toEqual([]);
  });
});
