import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from './browser.ts';
import { authorizeUrl, basic, enter, PASSWORD } from './steps.ts';
import { encoded, hostileRequests } from './hostile-requests.ts';
import { openWorld, type World } from './world.ts';

/** The small size of QUALITY.md's P4; 12,000 take a minute. `HITOKAGI_FULL_CAMPAIGN=1`: a million, or as many as HITOKAGI_HOSTILE_REQUESTS says. */
const REQUESTS = Number(
  process.env.HITOKAGI_HOSTILE_REQUESTS ?? (process.env.HITOKAGI_FULL_CAMPAIGN === '1' ? 1_000_000 : 700),
);
/** Another one at each run, unless it is given. */
const SEED = Number(process.env.HITOKAGI_SEED ?? Date.now() % 2 ** 31);
/** Until then code is compiled and dictionaries are read. */
const WARM = 100;

let world: World;
let browser: Browser;
const real: Record<string, string> = {};
beforeAll(async () => {
  process.stdout.write(`hostile requests: HITOKAGI_SEED=${SEED}\n`);
  world = await openWorld();
  await world.addConsole('sms', { backchannelLogoutUri: 'http://sms.example.co.jp/auth/backchannel-logout' });
  await world.addPerson('taro@example.co.jp', { sms: '1' }, { password: PASSWORD });
  const left = new Browser(world);
  await enter(world, left, 'sms', { address: 'taro@example.co.jp' });
  real.logout = (await left.submit(await left.open('/'), '/sign-out', {})).path.split('/')[2] ?? '';
  browser = new Browser(world);
  const { tokens } = await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
  const pending = await browser.open(authorizeUrl('sms', { prompt: 'login' }).url);
  real.uid = pending.path.split('/')[2] ?? '';
  const code = await browser.submit(await browser.open('/reset'), '/reset', {
    email_address: 'taro@example.co.jp',
  });
  Object.assign(real, {
    request: code.path.split('/')[2] ?? '',
    idToken: tokens.id_token,
    accessToken: tokens.access_token,
  });
  const change = await world.app.server.inject({
    method: 'POST',
    url: '/api/console/v1/login-id-changes',
    headers: { host: 'login.example.co.jp', authorization: basic('sms') },
    payload: { consoleUserId: '1', newEmailAddress: 'new@example.co.jp', locale: 'ja' },
  });
  real.change = change.json<{ id: string }>().id;
});
afterAll(() => world.close());

describe('P4: no request makes the server fail', () => {
  it(
    'whatever the method, path, query, form, JSON, cookies and headers: an answer below 500',
    async () => {
      let seen = 0;
      let longest = { milliseconds: 0, what: '' };
      await fc.assert(
        fc.asyncProperty(hostileRequests(real), async (asked) => {
          const path = asked.path.replace(/:(\w+)/g, (_, name: string) =>
            asked.odd === undefined ? (real[name] ?? 'x') : encodeURIComponent(asked.odd.toWellFormed()),
          );
          const query = encoded(asked.query, real).slice(0, 14_000);
          const before = process.threadCpuUsage();
          const answer = await world.app.server.inject({
            method: asked.method as 'GET',
            remoteAddress: `10.9.${(++seen >> 8) & 255}.${seen & 255}`,
            url: `${path}${query === '' ? '' : `?${query}`}`,
            headers: {
              host: 'login.example.co.jp',
              accept: 'text/html',
              origin: world.config.issuer,
              ...(asked.authorization === 'none'
                ? {}
                : {
                    authorization:
                      asked.authorization === 'console'
                        ? basic('sms')
                        : asked.authorization === 'bearer'
                          ? `Bearer ${real.accessToken}`
                          : asked.authorization,
                  }),
              ...(asked.language === undefined ? {} : { 'accept-language': asked.language }),
              cookie:
                asked.cookie ??
                (asked.own
                  ? [...browser.cookies]
                      .map(([name, cookie]) => `${name.split(';')[0]}=${cookie.value}`)
                      .join('; ')
                  : ''),
              ...(asked.method === 'GET' || asked.method === 'HEAD'
                ? {}
                : { 'content-type': asked.body.type }),
            },
            ...(asked.method === 'GET' || asked.method === 'HEAD' ? {} : { payload: asked.body.text }),
          });
          expect(answer.statusCode, answer.body.slice(0, 300)).toBeLessThan(500);
          // Of this thread alone, in which nothing else is answered meanwhile.
          const { user, system } = process.threadCpuUsage(before);
          const milliseconds = (user + system) / 1_000;
          if (seen > WARM && milliseconds > longest.milliseconds)
            longest = { milliseconds, what: `${asked.method} ${asked.path}` };
        }),
        { numRuns: REQUESTS, seed: SEED, endOnFailure: true },
      );
      expect(seen).toBeGreaterThanOrEqual(REQUESTS);
      // No request holds up the others.
      expect(longest.milliseconds, longest.what).toBeLessThan(100);
      console.info(`${seen} requests, the longest ${longest.milliseconds.toFixed(0)} ms: ${longest.what}`);
    },
    Math.max(120_000, REQUESTS * 20),
  );

  it('and it still works afterwards', async () => {
    await world.addPerson('after@example.co.jp', { sms: '2' }, { password: PASSWORD });
    expect(
      (await enter(world, new Browser(world), 'sms', { address: 'after@example.co.jp' })).claims
        .console_user_id,
    ).toBe('2');
  });
});
