import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE } from '#support/primitives/durations.ts';
import { Browser, type Answer } from './browser.ts';
import { CONSOLE_SECRET, openWorld, type World } from './world.ts';

const PASSWORD = 'Kawa-no-oto 41 desu';

describe('R3, R4: the first sign-in', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
    await world.addConsole('sms', { backchannelLogoutUri: 'http://localhost:1/auth/backchannel-logout' });
    await world.addConsole('mail');
  });
  afterAll(() => world.close());

  it('leads from the console over a mailed code to a password and back into the console', async () => {
    const accountId = await world.addPerson('first@example.co.jp', { sms: '1001', mail: '2001' });
    const browser = new Browser(world);
    const { url, verifier } = authorizeUrl('sms');

    const signIn = await browser.open(url);
    expect(signIn.statusCode).toBe(200);
    expect(signIn.body).toContain('パスワードを忘れた方はこちら');
    expect(signIn.body).toContain('はじめてご利用の方へ');
    expect(signIn.body).toContain('管理画面sms');

    const ask = await browser.open(`${signIn.path}/reset`);
    expect(ask.body).toContain('no-reply@login.example.co.jp');
    const code = await browser.submit(ask, ask.path, { email_address: 'first@example.co.jp' });
    expect(code.body).toContain('first@example.co.jp');
    expect(code.body).toContain('検証コード');

    const mail = await world.nextMail('first@example.co.jp');
    const figures = codeIn(mail.text);
    const done = await browser.submit(code, code.path, { code: figures, password: PASSWORD, confirmation: PASSWORD });
    expect(done.statusCode).toBe(303);
    const callback = new URL(String(done.headers.location));
    expect(callback.origin + callback.pathname).toBe('http://sms.example.co.jp/auth/callback');
    expect(callback.searchParams.get('state')).toBe('state-of-the-console');

    const claims = await redeem(world, 'sms', callback, verifier);
    expect(claims).toMatchObject({ sub: accountId, email: 'first@example.co.jp', console_user_id: '1001', nonce: 'nonce-of-the-console' });
    expect(claims.sid).toEqual(expect.any(String));
  });

  it('R1: enters the second console without being asked', async () => {
    await world.addPerson('second@example.co.jp', { sms: '1002', mail: '2002' });
    const browser = new Browser(world);
    await setPassword(world, browser, authorizeUrl('sms').url, 'second@example.co.jp');
    const { url, verifier } = authorizeUrl('mail');
    const answer = await browser.open(url);
    expect(answer.statusCode).toBe(303);
    const claims = await redeem(world, 'mail', new URL(String(answer.headers.location)), verifier);
    expect(claims.console_user_id).toBe('2002');
  });

  it('lands in the console even when the pending sign-in has expired meanwhile', async () => {
    await world.addPerson('late@example.co.jp', { sms: '1003' });
    const browser = new Browser(world);
    const signIn = await browser.open(authorizeUrl('sms').url);
    const ask = await browser.open(`${signIn.path}/reset`);
    const code = await browser.submit(ask, ask.path, { email_address: 'late@example.co.jp' });
    await world.nextMail('late@example.co.jp');
    world.pass(70 * MINUTE);
    const resent = await browser.submit(code, `${code.path}/resend`, {});
    const figures = codeIn((await world.nextMail('late@example.co.jp')).text);
    const done = await browser.submit(resent, code.path, { code: figures, password: PASSWORD, confirmation: PASSWORD });
    expect(done.statusCode).toBe(303);
    expect(String(done.headers.location)).toMatch(/^http:\/\/sms\.example\.co\.jp\/auth\/start\?iss=/);
    expect((await browser.open(authorizeUrl('sms').url)).headers.location).toContain('http://sms.example.co.jp/auth/callback?code=');
  });
});

function authorizeUrl(clientId: string): { url: string; verifier: string } {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    scope: 'openid email profile',
    redirect_uri: `http://${clientId}.example.co.jp/auth/callback`,
    state: 'state-of-the-console',
    nonce: 'nonce-of-the-console',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  return { url: `/authorize?${query.toString()}`, verifier };
}

async function redeem(world: World, clientId: string, callback: URL, verifier: string): Promise<Record<string, unknown>> {
  const answer = await world.app.server.inject({
    method: 'POST',
    url: '/token',
    headers: {
      host: new URL(world.config.issuer).host,
      authorization: `Basic ${Buffer.from(`${clientId}:${CONSOLE_SECRET}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    payload: new URLSearchParams({
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code') ?? '',
      redirect_uri: callback.origin + callback.pathname,
      code_verifier: verifier,
    }).toString(),
  });
  expect(answer.statusCode, answer.body).toBe(200);
  const idToken = (answer.json() as { id_token: string }).id_token;
  return JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

async function setPassword(world: World, browser: Browser, start: string, address: string): Promise<Answer> {
  const signIn = await browser.open(start);
  const ask = await browser.open(`${signIn.path}/reset`);
  const code = await browser.submit(ask, ask.path, { email_address: address });
  const figures = codeIn((await world.nextMail(address)).text);
  return browser.submit(code, code.path, { code: figures, password: PASSWORD, confirmation: PASSWORD });
}

function codeIn(text: string): string {
  const found = /(\d{4}) (\d{4})/.exec(text);
  if (!found) throw new Error(`No code in: ${text}`);
  return `${found[1]}${found[2]}`;
}
