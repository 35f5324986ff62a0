import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { apiSteps, expectProblem } from '#test/console-api.ts';
import { basic, enter, PASSWORD } from '#test/steps.ts';
import { CONSOLE_SECRET, openWorld, type World } from '#test/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms', { backchannelLogoutUri: 'http://sms.example.co.jp/auth/backchannel-logout' });
  await world.addConsole('mail', { clientSecret: 'another secret: with/odd+characters%' });
});
afterAll(() => world.close());
beforeEach(() => world.pass(2 * DAY));

const { call, person } = apiSteps(() => world);

describe('who may ask', () => {
  it.each<[string, () => Record<string, string>]>([
    ['nobody', () => ({ authorization: '' })],
    ['a wrong secret', () => ({ authorization: basic('sms', 'wrong') })],
    ['no secret', () => ({ authorization: basic('sms', '') })],
    ['an unknown client', () => ({ authorization: basic('nobody') })],
    ['another console’s secret', () => ({ authorization: basic('mail') })],
    ['a bearer token', () => ({ authorization: `Bearer ${CONSOLE_SECRET}` })],
    ['something that is not base64', () => ({ authorization: 'Basic ???' })],
    [
      'credentials without a colon',
      () => ({ authorization: `Basic ${Buffer.from('sms').toString('base64')}` }),
    ],
    ['a broken escape', () => ({ authorization: `Basic ${Buffer.from('%zz:%zz').toString('base64')}` })],
    ['no client and no secret', () => ({ authorization: `Basic ${Buffer.from(':').toString('base64')}` })],
  ])('%s: 401 on every route, with a challenge', async (_name, headers) => {
    const answers = [
      await call('GET', '/plan', undefined, headers()),
      await call('POST', '/login-id-changes', {}, headers()),
      await call('POST', '/login-id-changes/x/resend', undefined, headers()),
      await call('POST', '/login-id-changes/x/confirm', { code: '1' }, headers()),
    ];
    for (const answer of answers) {
      expectProblem(answer, 401, 'unauthenticated');
      expect(answer.headers['www-authenticate']).toBe('Basic realm="console"');
    }
  });

  it('a console with odd characters in its secret, form-encoded inside Basic (RFC 6749 §2.3.1)', async () => {
    const encoded = `mail:${encodeURIComponent('another secret: with/odd+characters%').replaceAll('%20', '+')}`;
    expect(
      (
        await call('GET', '/plan', undefined, {
          authorization: `Basic ${Buffer.from(encoded).toString('base64')}`,
        })
      ).statusCode,
    ).toBe(200);
  });

  it('no person: a session’s cookie opens nothing here', async () => {
    const { address } = await person({ password: PASSWORD });
    const browser = new Browser(world);
    await enter(world, browser, 'sms', { address });
    expect((await browser.request('GET', '/api/console/v1/plan')).statusCode).toBe(401);
  });
});

describe('R12: GET /plan', () => {
  it('says the three moments, what each phase allows, and the server’s time', async () => {
    const answer = await call('GET', '/plan');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      consoleId: expect.stringMatching(/^con_/) as string,
      revision: 1,
      linkAt: null,
      announceAt: null,
      cutOverAt: null,
      serverTime: world.now.toISOString(),
      allows: {
        prepared: { legacyLink: false, legacySignIn: true, reset: 'console', logout: 'by-session' },
        parallel: { legacyLink: true, legacySignIn: true, reset: 'unified', logout: 'by-session' },
        unified: { legacyLink: false, legacySignIn: false, reset: 'unified', logout: 'by-session' },
      },
    });
  });

  it('answers 304 while nothing has changed, also when time passes, and 200 as soon as a moment is set', async () => {
    const etag = String((await call('GET', '/plan')).headers.etag);
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    world.pass(1 * HOUR);
    const same = await call('GET', '/plan', undefined, { 'if-none-match': etag });
    expect([same.statusCode, same.body, same.headers.etag]).toEqual([304, '', etag]);
    expect((await call('GET', '/plan', undefined, { 'if-none-match': '"other"' })).statusCode).toBe(200);
    await world.database.db
      .updateTable('migration_plan')
      .set({ link_at: new Date('2026-11-21T13:00:00Z'), revision: 2 })
      .execute();
    const changed = await call('GET', '/plan', undefined, { 'if-none-match': etag });
    expect(changed.statusCode).toBe(200);
    expect(changed.json()).toMatchObject({ revision: 2, linkAt: '2026-11-21T13:00:00.000Z' });
  });

  it('tells each console its own', async () => {
    const mine = (await call('GET', '/plan')).json<{ consoleId: string }>().consoleId;
    const theirs = (
      await call('GET', '/plan', undefined, {
        authorization: `Basic ${Buffer.from(`mail:${encodeURIComponent('another secret: with/odd+characters%')}`).toString('base64')}`,
      })
    ).json<{ consoleId: string }>().consoleId;
    expect(theirs).not.toBe(mine);
  });
});

describe('what is not as documented', () => {
  it.each<[string, string, number]>([
    ['broken JSON', '{"consoleUserId":', 400],
    ['an empty body', '', 400],
    ['a text', '"text"', 422],
    ['null', 'null', 422],
    ['a list', '[{"consoleUserId":"user-1"}]', 422],
    [
      'a poisoned prototype',
      '{"__proto__":{"consoleUserId":"user-1"},"newEmailAddress":"a@example.co.jp","locale":"ja"}',
      400,
    ],
    ['very deep JSON', '['.repeat(5_000) + ']'.repeat(5_000), 422],
    ['more than 64 KiB', JSON.stringify({ consoleUserId: 'x'.repeat(70_000) }), 413],
  ])('%s is refused as a problem', async (_name, body, status) => {
    const answer = await call('POST', '/login-id-changes', body);
    expect(answer.statusCode, answer.body.slice(0, 200)).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ status, requestId: answer.headers['x-request-id'] });
  });

  it('an unknown route and another method are a 404 problem', async () => {
    for (const answer of [
      await call('GET', '/nothing'),
      await call('GET', '/login-id-changes'),
      await call('POST', '/plan'),
    ]) {
      expect(answer.statusCode).toBe(404);
      expect(answer.headers['content-type']).toContain('application/problem+json');
    }
  });
});
