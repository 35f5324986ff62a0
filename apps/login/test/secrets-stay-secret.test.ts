import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import { Browser } from './browser.ts';
import { openReceiver, type Receiver } from './receiver.ts';
import {
  authorizeUrl,
  basic,
  codeIn,
  consolePost,
  enter,
  locationOf,
  otherCode,
  PASSWORD,
  tokensOf,
  type Tokens,
} from './steps.ts';
import { foundIn } from '../../../test-support/secret-forms.ts';
import { CONSOLE_SECRET, MASTER_SECRET, openWorld, type World } from './world.ts';

const WRONG_PASSWORD = 'Wrong-but-typed 99';
const SECOND_PASSWORD = 'Yama-no-oto 42 desu';

let world: World;
let receiver: Receiver;
/** What the server answered, in order. */
const answers: { url: string; body: string; location: string }[] = [];
/** Everything that nobody but its owner may ever see, by what it is. */
const secrets = new Map<string, string>([
  ['the password', PASSWORD],
  ['a wrong password', WRONG_PASSWORD],
  ['the second password', SECOND_PASSWORD],
  ['a console’s secret', CONSOLE_SECRET],
  ['the master secret', MASTER_SECRET],
]);

beforeAll(async () => {
  receiver = await openReceiver();
  world = await openWorld({ environment: { HITOKAGI_LOG_LEVEL: 'debug' } });
  await world.addConsole('sms', { backchannelLogoutUri: receiver.url });
  await world.addPerson('taro@example.co.jp', { sms: '1' });
  keepAnswers();
  await liveADay();
});
afterAll(async () => {
  await world.close();
  await receiver.close();
});

describe('V4: after a day of use', () => {
  it('no log line holds a password, code, token, cookie or key', () => {
    expect(world.logLines.length).toBeGreaterThan(40);
    const log = world.logLines.join('\n');
    expect(secrets.size).toBeGreaterThan(15);
    for (const [name, secret] of secrets) expect(foundIn(log, secret), name).toBeUndefined();
    expect(log).not.toContain('taro@example.co.jp');
    expect(log).not.toMatch(/authorization"|cookie"/i);
    for (const line of world.logLines) expect(() => JSON.parse(line) as unknown).not.toThrow();
  });

  it('no table of ours or of the queue holds one in clear', async () => {
    const { db } = world.database;
    const tables = await sql<{
      schema: string;
      name: string;
    }>`select table_schema as schema, table_name as name from information_schema.tables where table_schema in ('public', 'jobs') and table_type = 'BASE TABLE'`.execute(
      db,
    );
    const content: string[] = [];
    for (const { schema, name } of tables.rows) {
      const { rows } = await sql<{
        text: string;
      }>`select t::text as text from ${sql.id(schema, name)} t`.execute(db);
      content.push(...rows.map((row) => row.text));
    }
    const everything = content.join('\n');
    expect(everything).toContain('taro@example.co.jp');
    for (const [name, secret] of secrets) expect(foundIn(everything, secret), name).toBeUndefined();
    // Job, audit and message rows are among them.
    for (const table of ['audit_event', 'message', 'job'])
      expect(tables.rows.map((one) => one.name)).toContain(table);
  });

  it('no mail but the code’s own holds one', () => {
    for (const mail of world.mails)
      for (const [name, secret] of secrets) {
        const isOwnCode = name.startsWith('a code') && mail.subject.includes('検証コード');
        const isOwnLink = name.startsWith('a way back') && mail.to === 'taro@example.co.jp';
        if (!isOwnCode && !isOwnLink)
          expect(foundIn(`${mail.subject}${mail.text}${mail.html}`, secret), name).toBeUndefined();
      }
  });

  it('no answer holds a password, a key of the installation or a cookie, and no address that it leads to any but the protocol’s own code', () => {
    expect(answers.length).toBeGreaterThan(30);
    for (const { url, body, location } of answers) {
      for (const [name, secret] of secrets) {
        if (/password|secret|cookie|operator/.test(name))
          expect([url, name, foundIn(body + location, secret)]).toEqual([url, name, undefined]);
        // A typed code stays in the field; a way back leads back to its own page.
        const isOwn = name.startsWith('an authorization code') || name.startsWith('a way back');
        if (!isOwn) expect([url, name, foundIn(location, secret)]).toEqual([url, name, undefined]);
      }
    }
  });
});

/** Notes every answer of the server, whoever asks. */
function keepAnswers(): void {
  const { server } = world.app;
  const inject = server.inject.bind(server) as (asked: { url: string }) => Promise<{
    body: string;
    headers: Record<string, unknown>;
  }>;
  Object.assign(server, {
    async inject(asked: { url: string }) {
      const answer = await inject(asked);
      answers.push({
        url: asked.url.split('?')[0] ?? '',
        body: answer.body,
        location: String(answer.headers.location ?? ''),
      });
      return answer;
    },
  });
}

/** First sign-in, wrong tries, silent sign-in, tokens, a change of the login ID, an error, a logout: with everything secret noted. */
async function liveADay(): Promise<void> {
  const note = (name: string, value: string | null | undefined): void => {
    if (!value) throw new Error(`Nothing to note for ${name}.`);
    secrets.set(`${name} ${secrets.size}`, value);
  };
  const noteTokens = (tokens: Tokens): void => {
    note('an access token', tokens.access_token);
    note('an ID token’s signature', tokens.id_token.split('.')[2]);
    if (tokens.refresh_token) note('a refresh token', tokens.refresh_token);
  };
  const browser = new Browser(world);
  const { url, verifier } = authorizeUrl('sms', {
    login_hint: 'taro@example.co.jp',
    scope: 'openid email offline_access',
    prompt: 'consent',
  });
  note('a code verifier', verifier);
  const page = await browser.open(url);
  await browser.submit(page, page.path, { email_address: 'taro@example.co.jp', password: WRONG_PASSWORD });
  const code = await browser.submit(await browser.open(`${page.path}/reset`), `${page.path}/reset`, {
    email_address: 'taro@example.co.jp',
  });
  const figures = codeIn((await world.nextMail('taro@example.co.jp')).text);
  note('a code', figures);
  note('a code as it stands in the mail', `${figures.slice(0, 4)} ${figures.slice(4)}`);
  await browser.submit(code, code.path, {
    code: otherCode(figures),
    password: PASSWORD,
    confirmation: PASSWORD,
  });
  const callback = locationOf(
    await browser.submit(code, code.path, { code: figures, password: PASSWORD, confirmation: PASSWORD }),
  );
  note('an authorization code', callback.searchParams.get('code'));
  const tokens = await tokensOf(world, 'sms', callback, verifier);
  noteTokens(tokens);
  noteTokens(
    (
      await consolePost(world, 'sms', '/token', {
        grant_type: 'refresh_token',
        refresh_token: tokens.refresh_token ?? '',
      })
    ).json<Tokens>(),
  );
  await consolePost(world, 'sms', '/token', {
    grant_type: 'authorization_code',
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: 'http://sms.example.co.jp/auth/callback',
    code_verifier: verifier,
  });
  for (const name of ['sso', 'browser']) note(`the ${name} cookie`, browser.cookies.get(`${name};/`)?.value);
  const again = await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
  noteTokens(again.tokens);

  world.pass(20 * MINUTE);
  const api = (path: string, payload: object) =>
    world.app.server.inject({
      method: 'POST',
      url: `/api/console/v1${path}`,
      headers: { host: 'login.example.co.jp', authorization: basic('sms') },
      payload,
    });
  const change = (
    await api('/login-id-changes', {
      consoleUserId: '1',
      newEmailAddress: 'jiro@example.co.jp',
      locale: 'ja',
      sid: again.claims.sid,
    })
  ).json<{ id: string }>();
  const newCode = codeIn((await world.nextMail('jiro@example.co.jp')).text);
  note('a code', newCode);
  await api(`/login-id-changes/${change.id}/confirm`, { code: newCode });
  const link = new URL(await wayBack());
  note('a way back', link.searchParams.get('token'));
  await browser.open(link.href);
  const { token: operator } = await createOperatorToken(
    world.database.db,
    { name: 'v4', role: 'administrator' },
    { actor: 'operator:cli', now: world.now },
  );
  note('the operator token', operator);
  for (const token of [operator, `${operator}x`])
    for (const path of ['consoles', 'tokens', 'logouts', 'nothing-here'])
      await world.app.server.inject({
        url: `/api/operator/v1/${path}`,
        headers: { host: 'login.example.co.jp', authorization: `Bearer ${token}` },
      });
  await world.app.server.inject({
    url: '/userinfo',
    headers: { host: 'login.example.co.jp', authorization: `Bearer ${tokens.access_token}` },
  });
  await world.app.server.inject({
    url: '/api/console/v1/plan',
    headers: { host: 'login.example.co.jp', authorization: basic('sms', `${CONSOLE_SECRET}x`) },
  });
  world.pass(2 * MINUTE);
  const reset = await browser.open(
    String(
      (await browser.request('POST', '/reset', { email_address: 'jiro@example.co.jp' })).headers.location,
    ),
  );
  const third = codeIn((await world.nextMail('jiro@example.co.jp')).text);
  note('a code', third);
  await browser.submit(reset, reset.path.split('?')[0] ?? '', {
    code: third,
    password: SECOND_PASSWORD,
    confirmation: SECOND_PASSWORD,
  });
  await browser.open(authorizeUrl('sms', { redirect_uri: `http://evil.example/?password=${PASSWORD}` }).url);
  await browser.open(`/logout?id_token_hint=${again.tokens.id_token}&client_id=sms`);
  await receiver.until(1);
  note('a logout token’s signature', receiver.received[0]?.token.split('.')[2]);
}

/** The link in the mail to the former mailbox. */
async function wayBack(): Promise<string> {
  for (let tries = 0; tries < 500; tries++) {
    for (const { to, text } of world.mails) {
      const link = /https?:\/\/\S+\/login-id\/undo\?token=[\w-]+/.exec(text)?.[0];
      if (to === 'taro@example.co.jp' && link) return link;
    }
    await new Promise((later) => setTimeout(later, 20));
  }
  throw new Error('No way back was mailed within 10 s.');
}
