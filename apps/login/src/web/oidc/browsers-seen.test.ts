import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { statementsOf } from '#test/statements.ts';
import { authorizeUrl, enter, locationOf, PASSWORD, signIn, tokensOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36';

let world: World;
let accountId: string;
beforeAll(async () => {
  world = await openWorld({ environment: { HITOKAGI_TRUSTED_PROXIES: '10.9.9.9' } });
  await world.addConsole('sms');
  await world.addConsole('mail');
  accountId = await world.addPerson('taro@example.co.jp', { sms: '1', mail: '1' }, { password: PASSWORD });
});
afterAll(() => world.close());

const TARO = { address: 'taro@example.co.jp' };

async function newestSession() {
  return world.database.db
    .selectFrom('sso_session')
    .select(['client_ip', 'user_agent', 'seen_at'])
    .where('account_id', '=', accountId)
    .orderBy('created_at', 'desc')
    .executeTakeFirstOrThrow();
}

function browserWith(userAgent: string | undefined, ip?: string): Browser {
  const browser = new Browser(world);
  if (userAgent !== undefined) browser.headers['user-agent'] = userAgent;
  if (ip !== undefined) browser.ip = ip;
  return browser;
}

describe('R11: the browser of a session is noted', () => {
  it('with its address and what it calls itself, when a person signs in at a console', async () => {
    world.pass(MINUTE);
    await enter(world, browserWith(CHROME, '203.0.113.7'), 'sms', TARO);
    expect(await newestSession()).toEqual({
      client_ip: '203.0.113.7',
      user_agent: CHROME,
      seen_at: world.now,
    });
  });

  it('and when a person signs in without any console', async () => {
    world.pass(MINUTE);
    await signIn(browserWith('Sample/1.0', '203.0.113.8'), '/sign-in', TARO.address);
    expect(await newestSession()).toMatchObject({ client_ip: '203.0.113.8', user_agent: 'Sample/1.0' });
  });

  it('as it was seen last: another address, a newer browser', async () => {
    world.pass(MINUTE);
    const browser = browserWith(CHROME, '203.0.113.7');
    await enter(world, browser, 'sms', TARO);
    world.pass(10 * MINUTE);
    browser.ip = '2001:db8::1';
    browser.headers['user-agent'] = CHROME.replace('149', '150');
    await browser.open(authorizeUrl('mail').url);
    expect(await newestSession()).toEqual({
      client_ip: '2001:db8::1',
      user_agent: CHROME.replace('149', '150'),
      seen_at: world.now,
    });
  });

  it('by the address that a trusted proxy names, and by no header of a stranger', async () => {
    for (const [ip, noted] of [
      ['10.9.9.9', '198.51.100.4'],
      ['10.9.9.8', '10.9.9.8'],
    ] as const) {
      world.pass(MINUTE);
      const browser = browserWith(CHROME, ip);
      browser.headers['x-forwarded-for'] = '198.51.100.4';
      await enter(world, browser, 'sms', TARO);
      expect((await newestSession()).client_ip).toBe(noted);
    }
  });

  it('never with more than a page can show: long, odd and absent names', async () => {
    for (const [sent, noted] of [
      ['a'.repeat(5_000), 'a'.repeat(400)],
      ['odd\tname\u0085\u009b31m', 'odd name 31m'],
      ['   ', null],
    ] as const) {
      world.pass(MINUTE);
      await enter(world, browserWith(sent), 'sms', TARO);
      expect((await newestSession()).user_agent).toBe(noted);
    }
  });
});

describe('R11: what noting costs', () => {
  it('no statement and no commit more, in a full sign-in and in a silent one', async () => {
    let browser = browserWith(CHROME);
    const full = await fewest(async () => {
      browser = browserWith(CHROME);
      await enter(world, browser, 'sms', TARO);
    });
    const silent = await fewest(async () => {
      const { url, verifier } = authorizeUrl('mail');
      await tokensOf(world, 'mail', locationOf(await browser.open(url)), verifier);
    });
    expect(figures(silent)).toEqual({ statements: 4, writes: 2, ofSessions: 1 });
    // Of the writes: what the console began, the attempt, the answer with the success, session and code, tokens.
    expect(figures(full)).toEqual({ statements: 10, writes: 5, ofSessions: 1 });
  });
});

/** What the schedule does every few seconds may fall into one of them. */
async function fewest(act: () => Promise<void>): Promise<string[]> {
  const runs: string[][] = [];
  for (let i = 0; i < 5; i++) runs.push(await statementsOf(act));
  return runs.sort((a, b) => a.length - b.length)[0] ?? [];
}

/** Without the list of consoles, which is read anew every few seconds whoever signs in. */
function figures(all: readonly string[]) {
  const texts = all.filter((text) => !text.startsWith('select * from "console"'));
  const writes = texts.filter((text) => /\b(insert into|update|delete from)\b/i.test(text));
  return {
    statements: texts.length,
    writes: writes.length,
    ofSessions: writes.filter((text) => /(insert into|update) sso_session/.test(text)).length,
  };
}
