import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from '#test/world.ts';
import {
  consoleDirectory,
  consoleEntrance,
  isAddressOf,
  registerConsole,
  type ConsoleRegistration,
} from './consoles.ts';

const ISSUER = 'https://login.example.co.jp';

let world: World;
beforeAll(async () => {
  world = await openWorld({ work: false });
});
afterAll(() => world.close());

const registration = (extra: Partial<ConsoleRegistration> = {}): ConsoleRegistration => ({
  clientId: 'sample',
  clientSecret: 'secret',
  nameJa: '見本',
  nameEn: 'Sample',
  homeUrl: 'https://sample.example.co.jp/',
  redirectUris: ['https://sample.example.co.jp/callback'],
  ...extra,
});
const register = (extra: Partial<ConsoleRegistration> = {}) =>
  registerConsole(world.database.db, registration(extra), {
    actor: 'operator:cli',
    now: world.now,
    allowedInternalHosts: ['10.0.0.5', 'console.localhost'],
  });

describe('R19: registering a console', () => {
  it('keeps its id, its plan and its links when it is registered again', async () => {
    const first = await register();
    if (!first.ok) throw new Error(first.reason);
    const accountId = await world.addPerson('taro@example.co.jp', { sample: '7' });
    await world.database.db
      .updateTable('migration_plan')
      .set({ link_at: world.now, revision: 5 })
      .where('console_id', '=', first.consoleId)
      .execute();
    expect(await register({ nameJa: '改名', clientSecret: 'another' })).toEqual(first);
    const row = await world.database.db
      .selectFrom('console')
      .selectAll()
      .where('id', '=', first.consoleId)
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({ name_ja: '改名', require_pkce: true, id_token_alg: 'RS256' });
    expect(row.client_secret_hash).not.toContain('another');
    expect(
      await world.database.db
        .selectFrom('migration_plan')
        .select('revision')
        .where('console_id', '=', first.consoleId)
        .execute(),
    ).toEqual([{ revision: 5 }]);
    expect(
      await world.database.db
        .selectFrom('console_link')
        .select('account_id')
        .where('console_id', '=', first.consoleId)
        .execute(),
    ).toEqual([{ account_id: accountId }]);
  });

  it.each([
    ['a malformed client id', { clientId: 'Has Space' }, 'client-id-malformed'],
    ['an empty client id', { clientId: '' }, 'client-id-malformed'],
    ['a client id that could end a grant’s name', { clientId: 'a.b' }, 'client-id-malformed'],
    ['a home that is no URL', { homeUrl: 'sample' }, 'address-malformed'],
    ['a redirect to script', { redirectUris: ['javascript:alert(1)'] }, 'address-malformed'],
    [
      'a redirect with a fragment',
      { redirectUris: ['https://sample.example.co.jp/#x'] },
      'address-malformed',
    ],
    [
      'a redirect with credentials',
      { redirectUris: ['https://taro:x@sample.example.co.jp/'] },
      'address-malformed',
    ],
    [
      'a post-logout address of another kind',
      { postLogoutRedirectUris: ['ftp://sample.example.co.jp/'] },
      'address-malformed',
    ],
    ['a logout address that is a path', { backchannelLogoutUri: '/logout' }, 'address-malformed'],
    ['an entrance that is a path', { initiateLoginUri: '/start' }, 'address-malformed'],
  ])('refuses %s', async (_name, extra, reason) => {
    expect(await register({ clientId: 'refused', ...extra })).toMatchObject({ ok: false, reason });
    expect(
      await world.database.db.selectFrom('console').select('id').where('client_id', '=', 'refused').execute(),
    ).toEqual([]);
  });

  it.each([
    ['http://127.0.0.1:4200/auth/backchannel-logout', 'address-internal'],
    ['http://2130706433/', 'address-internal'],
    ['http://0x7f.1/', 'address-internal'],
    ['http://localhost:4200/', 'address-internal'],
    ['http://sms.localhost./', 'address-internal'],
    ['http://192.168.0.7/', 'address-internal'],
    ['http://169.254.169.254/latest/meta-data/', 'address-internal'],
    ['http://[fd00:ec2::254]/', 'address-internal'],
    ['http://[::ffff:10.0.0.5]/', 'address-internal'],
    ['https://taro:x@sample.example.co.jp/', 'address-malformed'],
    ['https://:x@sample.example.co.jp/', 'address-malformed'],
    ['https://sample.example.co.jp/#x', 'address-malformed'],
    ['gopher://sample.example.co.jp/', 'address-malformed'],
  ])('L4: refuses %s as a logout address (%s)', async (backchannelLogoutUri, reason) => {
    expect(await register({ clientId: 'refused', backchannelLogoutUri })).toEqual({
      ok: false,
      reason,
      detail: backchannelLogoutUri,
    });
  });

  it('L4: takes a logout address inside when the installation names its host', async () => {
    for (const backchannelLogoutUri of ['http://10.0.0.5/logout', 'http://console.localhost:8080/logout'])
      expect(await register({ clientId: 'inside', backchannelLogoutUri })).toMatchObject({ ok: true });
  });

  it('tells every node: a directory that had read before knows the new one by the notification', async () => {
    expect(
      (
        await world.app.server.inject({
          url: '/authorize?client_id=late',
          headers: { host: 'login.example.co.jp' },
        })
      ).statusCode,
    ).toBe(400);
    await register({ clientId: 'late' });
    for (let tries = 0; tries < 100; tries++) {
      const answer = await world.app.server.inject({
        url: '/authorize?client_id=late&response_type=code&scope=openid&redirect_uri=https://sample.example.co.jp/callback&code_challenge=x&code_challenge_method=S256',
        headers: { host: 'login.example.co.jp' },
      });
      if (answer.statusCode === 303) return;
      await new Promise((later) => setTimeout(later, 20));
    }
    throw new Error('The running server did not hear of the console within 2 s.');
  });
});

describe('the directory of consoles', () => {
  it('reads once, until it is told to forget or its memory is too old, and never remembers a failure', async () => {
    let elapsed = 0;
    let reads = 0;
    let down = false;
    const counted = world.database.db.withPlugin({
      transformQuery({ node }) {
        reads++;
        if (down) throw new Error('down');
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    const directory = consoleDirectory(counted, () => elapsed, 5_000);
    await Promise.all([directory.all(), directory.byClientId('sample'), directory.byId('none')]);
    expect(reads).toBe(1);
    elapsed = 4_999;
    await directory.all();
    expect(reads).toBe(1);
    elapsed = 5_000;
    await directory.all();
    expect(reads).toBe(2);
    directory.forget();
    await directory.all();
    expect(reads).toBe(3);
    directory.forget();
    down = true;
    await expect(directory.all()).rejects.toThrow('down');
    down = false;
    expect((await directory.all()).length).toBeGreaterThan(0);
  });
});

describe('the way into a console', () => {
  const console_ = {
    home_url: 'https://sample.example.co.jp/',
    initiate_login_uri: 'https://sample.example.co.jp/start?x=1',
  } as Parameters<typeof consoleEntrance>[0];

  it('is its entrance with what it needs, or its home page when it has none', () => {
    expect(
      consoleEntrance(console_, ISSUER, {
        loginHint: 'a b@example.co.jp',
        targetLinkUri: 'https://sample.example.co.jp/settings',
      }),
    ).toBe(
      'https://sample.example.co.jp/start?x=1&iss=https%3A%2F%2Flogin.example.co.jp&login_hint=a+b%40example.co.jp&target_link_uri=https%3A%2F%2Fsample.example.co.jp%2Fsettings',
    );
    expect(
      consoleEntrance({ ...console_, initiate_login_uri: null }, ISSUER, {
        targetLinkUri: 'https://sample.example.co.jp/settings',
      }),
    ).toBe('https://sample.example.co.jp/');
  });

  it('P1: never carries an address of another origin along', () => {
    for (const address of [
      'https://evil.example/',
      'http://sample.example.co.jp/',
      'https://sample.example.co.jp.evil.example/',
      'https://sample.example.co.jp:444/',
      '/settings',
      'javascript:x',
      '',
    ])
      expect(consoleEntrance(console_, ISSUER, { targetLinkUri: address })).not.toContain('target_link_uri');
    expect(isAddressOf(console_, 'https://SAMPLE.example.co.jp:443/x')).toBe(true);
    expect(isAddressOf(console_, 'https://taro@sample.example.co.jp/x')).toBe(false);
  });
});
