import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SECOND } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import {
  authorizeUrl,
  basic,
  challengeOf,
  consolePost,
  enter,
  exchange,
  locationOf,
  PASSWORD,
  tokensOf,
  type Tokens,
} from '#test/steps.ts';
import { CONSOLE_SECRET, openWorld, type World } from '#test/world.ts';

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

describe('P2: an authorization code', () => {
  it('is exchanged once, by its console, with its verifier and redirect URI', async () => {
    const { callback, verifier } = await freshCode();
    const tokens = await tokensOf(world, 'sms', callback, verifier);
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 600, scope: 'openid email profile' });
    expect(tokens).not.toHaveProperty('refresh_token');
    expect((await userinfo(tokens.access_token)).statusCode).toBe(200);
  });

  it('sent again says invalid_grant and ends the tokens that it had brought', async () => {
    const { callback, verifier } = await freshCode();
    const tokens = await tokensOf(world, 'sms', callback, verifier);
    const again = await exchange(world, 'sms', callback, verifier);
    expect([again.statusCode, again.json<{ error: string }>().error]).toEqual([400, 'invalid_grant']);
    expect((await userinfo(tokens.access_token)).statusCode).toBe(401);
  });

  it('sent 20 times at once brings tokens once at most, and those are dead within a second', async () => {
    for (let round = 0; round < 5; round++) {
      const { callback, verifier } = await freshCode('sms', {
        scope: 'openid offline_access',
        prompt: 'consent',
      });
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => exchange(world, 'sms', callback, verifier)),
      );
      const successes = answers.filter((answer) => answer.statusCode === 200);
      expect(successes.length).toBeLessThanOrEqual(1);
      for (const answer of answers)
        if (answer.statusCode !== 200)
          expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([400, 'invalid_grant']);
      await new Promise((later) => setTimeout(later, 200));
      for (const answer of successes) {
        const tokens = answer.json<Tokens>();
        expect((await userinfo(tokens.access_token)).statusCode).toBe(401);
        if (tokens.refresh_token) expect((await refresh(tokens.refresh_token)).statusCode).toBe(400);
      }
    }
    // The session itself goes on: the person is not punished for a console's replay.
    const { callback, verifier } = await freshCode();
    expect((await userinfo((await tokensOf(world, 'sms', callback, verifier)).access_token)).statusCode).toBe(
      200,
    );
  });

  it.each<[string, (verifier: string) => Record<string, string>]>([
    ['no verifier', () => ({})],
    ['an empty one', () => ({ code_verifier: '' })],
    ['another one', () => ({ code_verifier: 'x'.repeat(43) })],
    ['a shortened one', (verifier) => ({ code_verifier: verifier.slice(0, -1) })],
    ['the challenge instead', (verifier) => ({ code_verifier: challengeOf(verifier) })],
    ['one that is too short', () => ({ code_verifier: 'x' })],
    ['other letters', (verifier) => ({ code_verifier: `${verifier}é` })],
  ])('with %s is refused, and still good for the right one', async (_name, form) => {
    const { callback, verifier, code } = await freshCode();
    const answer = await consolePost(world, 'sms', '/token', {
      grant_type: 'authorization_code',
      code,
      redirect_uri: callback.origin + callback.pathname,
      ...form(verifier),
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.body).not.toContain('access_token');
    await tokensOf(world, 'sms', callback, verifier);
  });

  it('by another console, with another secret, without any, or with both ways of authenticating is refused', async () => {
    const { callback, verifier, code } = await freshCode();
    const form = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: callback.origin + callback.pathname,
      code_verifier: verifier,
    };
    const answers = [
      await consolePost(world, 'mail', '/token', form),
      await consolePost(world, 'sms', '/token', form, { authorization: basic('sms', 'wrong') }),
      await consolePost(world, 'sms', '/token', form, { authorization: basic('nobody') }),
      await consolePost(world, 'sms', '/token', form, { authorization: '' }),
      await consolePost(world, 'sms', '/token', {
        ...form,
        client_id: 'sms',
        client_secret: CONSOLE_SECRET,
      }),
      await consolePost(world, 'sms', '/token', { ...form, client_id: 'mail' }),
      // What is stored is the hash of the secret; it is not the secret.
      await consolePost(world, 'sms', '/token', form, {
        authorization: basic(
          'sms',
          (
            await world.database.db
              .selectFrom('console')
              .select('client_secret_hash')
              .where('client_id', '=', 'sms')
              .executeTakeFirstOrThrow()
          ).client_secret_hash,
        ),
      }),
    ];
    for (const answer of answers) {
      expect([400, 401]).toContain(answer.statusCode);
      expect(answer.body).not.toContain('access_token');
    }
    await tokensOf(world, 'sms', callback, verifier);
  });

  it('with another redirect URI is refused', async () => {
    const { verifier, code } = await freshCode();
    for (const redirect_uri of [
      'http://sms.example.co.jp/',
      'http://mail.example.co.jp/auth/callback',
      'http://sms.example.co.jp/auth/callback/',
    ])
      expect(
        (
          await consolePost(world, 'sms', '/token', {
            grant_type: 'authorization_code',
            code,
            redirect_uri,
            code_verifier: verifier,
          })
        ).statusCode,
      ).toBe(400);
  });

  it('lives 60 seconds', async () => {
    const [early, late] = [await freshCode(), await freshCode()];
    world.pass(59 * SECOND);
    await tokensOf(world, 'sms', early.callback, early.verifier);
    world.pass(1 * SECOND);
    expect((await exchange(world, 'sms', late.callback, late.verifier)).statusCode).toBe(400);
  });

  it('of a session that ended in between is worth nothing', async () => {
    const other = new Browser(world);
    await enter(world, other, 'sms', { address: 'taro@example.co.jp' });
    const { url, verifier } = authorizeUrl('sms');
    const callback = locationOf(await other.open(url));
    await other.submit(await other.open('/'), '/sign-out', {});
    const answer = await exchange(world, 'sms', callback, verifier);
    expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([400, 'invalid_grant']);
  });

  it('of an account that was suspended in between is worth nothing', async () => {
    const id = await world.addPerson('short@example.co.jp', { sms: '2' }, { password: PASSWORD });
    const other = new Browser(world);
    await enter(world, other, 'sms', { address: 'short@example.co.jp' });
    const { url, verifier } = authorizeUrl('sms');
    const callback = locationOf(await other.open(url));
    await world.database.db.updateTable('account').set({ state: 'suspended' }).where('id', '=', id).execute();
    expect((await exchange(world, 'sms', callback, verifier)).statusCode).toBe(400);
  });
});

describe('P2: PKCE is a matter of the console', () => {
  it.each([
    ['no challenge', { code_challenge: undefined, code_challenge_method: undefined }],
    ['an empty challenge', { code_challenge: '' }],
    ['the plain method', { code_challenge_method: 'plain' }],
    ['no method, which would mean plain', { code_challenge_method: undefined }],
    ['an unknown method', { code_challenge_method: 'S512' }],
  ])('%s is refused where it is required', async (_name, extra) => {
    const answer = await browser.open(authorizeUrl('sms', extra).url);
    const location =
      answer.headers.location === undefined ? undefined : new URL(String(answer.headers.location));
    expect(location?.searchParams.get('code') ?? null).toBeNull();
    if (location)
      expect([location.origin, location.searchParams.get('error')]).toEqual([
        'http://sms.example.co.jp',
        'invalid_request',
      ]);
  });

  it('a console that cannot do it works without, and is held to it when it begins with it', async () => {
    const without = { code_challenge: undefined, code_challenge_method: undefined };
    const plain = await freshCode('old', without);
    expect(
      (
        await consolePost(world, 'old', '/token', {
          grant_type: 'authorization_code',
          code: plain.code,
          redirect_uri: 'http://old.example.co.jp/auth/callback',
        })
      ).statusCode,
    ).toBe(200);
    const bound = await freshCode('old');
    expect(
      (
        await consolePost(world, 'old', '/token', {
          grant_type: 'authorization_code',
          code: bound.code,
          redirect_uri: 'http://old.example.co.jp/auth/callback',
        })
      ).statusCode,
    ).toBe(400);
    // Downgrade: a code that was asked for without a challenge takes no verifier.
    const downgraded = await freshCode('old', without);
    expect((await exchange(world, 'old', downgraded.callback, downgraded.verifier)).statusCode).toBe(400);
  });
});
