import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { lastKnown } from './last-known.ts';
import { linkNow } from './link-texts.ts';
import { openWorld, type World } from '#test/world.ts';

const LINK_AT = new Date('2026-11-21T13:00:00Z');
const CUT_OVER_AT = new Date('2027-03-31T13:00:00Z');
const LABEL = '統合認証画面はこちら';

let world: World;
let consoles = 0;
let clientId: string;
beforeAll(async () => {
  world = await openWorld({ work: false, now: new Date('2026-11-21T12:00:00Z') });
});
afterAll(() => world.close());
beforeEach(async () => {
  // Plans are kept for some seconds, so each test has a console of its own.
  clientId = `shop${++consoles}`;
  await plan(await world.addConsole(clientId));
  world.now = after(0);
});

const after = (milliseconds: number): Date => new Date(LINK_AT.getTime() + milliseconds);
const plan = (consoleId: string) =>
  world.database.db
    .updateTable('migration_plan')
    .set({ link_at: LINK_AT, cut_over_at: CUT_OVER_AT })
    .where('console_id', '=', consoleId)
    .execute();
const ask = (file: string, headers: Record<string, string> = {}) =>
  world.app.server.inject({
    url: `/consoles/${file}`,
    headers: { host: 'login.example.co.jp', accept: 'text/html', ...headers },
  });

describe('R13, R33: the link by the clock for legacy pages', () => {
  it('the fragment is empty before link time, and the link from that very moment on', async () => {
    world.now = after(-1);
    expect((await ask(`${clientId}/link.html`)).body).toBe('');
    world.now = after(0);
    expect((await ask(`${clientId}/link.html`)).body).toBe(
      `<p class="hitokagi-link" lang="ja"><a href="http://${clientId}.example.co.jp/auth/start?iss=http%3A%2F%2Flogin.example.co.jp">${LABEL}</a></p>\n`,
    );
    expect((await ask(`${clientId}/link.html?lang=en`)).body).toContain('lang="en"');
    expect((await ask(`${clientId}/link.html?lang=en`)).body).not.toContain(LABEL);
  });

  it('after the cut-over it stays, so that a legacy page that is still there is no dead end', async () => {
    world.now = CUT_OVER_AT;
    expect((await ask(`${clientId}/link.html`)).body).toContain(LABEL);
  });

  it('the script tells the moment in the hour before it, and not earlier', async () => {
    world.now = after(-HOUR - 1);
    const early = await ask(`${clientId}/link.js`);
    expect([early.statusCode, early.body]).toEqual([200, '// It is not yet time for the link.\n']);
    world.now = after(-HOUR);
    expect((await ask(`${clientId}/link.js`)).body).toContain('"appearsIn":3600000');
    world.now = after(0);
    expect((await ask(`${clientId}/link.js`)).body).toContain('"appearsIn":0');
  });

  it('is small, kept for seconds, asked for with an ETag, and loaded by pages of every origin without cookies', async () => {
    const first = await ask(`${clientId}/link.js`, { cookie: 'lang=en; sso=x' });
    expect(Buffer.byteLength(first.body)).toBeLessThan(1_700);
    expect(first.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=5',
      'cross-origin-resource-policy': 'cross-origin',
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
    });
    expect(first.headers).not.toHaveProperty('set-cookie');
    expect(first.body).toBe((await ask(`${clientId}/link.js`)).body);
    const again = await ask(`${clientId}/link.js`, { 'if-none-match': String(first.headers.etag) });
    expect([again.statusCode, again.body]).toEqual([304, '']);
  });

  it('nothing of an address can leave its attribute or the script', async () => {
    const odd = `odd${clientId}`;
    await plan(
      await world.addConsole(odd, { initiateLoginUri: `http://${odd}.example.co.jp/a?b='"></script><b>&c` }),
    );
    expect((await ask(`${odd}/link.html`)).body).not.toMatch(/<(b|\/script)>/);
    const { body } = await ask(`${odd}/link.js`);
    expect(linkOfScript(body)?.href).toMatch(/^http:\/\/odd/);
  });

  it('a console without an entrance has no link, and one that is not there is not found', async () => {
    const bare = `bare${clientId}`;
    await plan(await world.addConsole(bare, { initiateLoginUri: null }));
    expect((await ask(`${bare}/link.html`)).body).toBe('');
    expect((await ask(`${bare}/link.js`)).body).toMatch(/^\/\/ This console has no sign-in address/);
    for (const file of ['link.js', 'link.html']) expect((await ask(`nobody/${file}`)).statusCode).toBe(404);
    expect((await ask('nobody/link.html')).body).toBe('');
  });

  it('a change of the plan counts after some seconds, and in an outage what was known holds', async () => {
    let elapsed = 0;
    let answer: () => Promise<string | undefined> = async () => 'first';
    let read = 0;
    const known = lastKnown(
      () => (read++, answer()),
      () => elapsed,
      4 * SECOND,
    );
    expect([await known('sms'), await known('sms'), read]).toEqual(['first', 'first', 1]);
    answer = async () => 'second';
    elapsed += 4 * SECOND;
    expect(await known('sms')).toBe('second');
    answer = () => Promise.reject(new Error('no database'));
    elapsed += MINUTE;
    expect(await known('sms')).toBe('second');
    elapsed += MINUTE;
    expect(await known('sms')).toBe('second');
    await expect(known('mail')).rejects.toThrow('no database');
    answer = async () => undefined;
    expect(await known('nobody')).toBeUndefined();
    read = 0;
    expect([await known('nobody'), read]).toEqual([undefined, 1]);
  });

  it('a cut-over without a link time opens the way at the cut-over', () => {
    const row = {
      initiate_login_uri: 'https://a.example.co.jp/s',
      home_url: 'https://a.example.co.jp/',
    } as never;
    const at = (milliseconds: number) =>
      linkNow(row, { linkAt: null, announceAt: null, cutOverAt: LINK_AT }, 'https://l', after(milliseconds));
    expect([at(-5).appearsIn, at(0).appearsIn]).toEqual([5, 0]);
  });
});

/** What the script puts into a page, by a page of a few functions. */
function linkOfScript(script: string): { href: string; textContent: string } | undefined {
  const made: Record<string, unknown>[] = [];
  const element = (): Record<string, unknown> => {
    const one = { appendChild: (child: object) => child };
    made.push(one);
    return one;
  };
  runInNewContext(script, {
    document: {
      body: { appendChild: () => undefined },
      documentElement: { lang: 'ja' },
      currentScript: null,
      querySelector: () => null,
      createElement: element,
    },
  });
  return made[1] as { href: string; textContent: string } | undefined;
}
