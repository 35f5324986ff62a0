import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE } from '#support/primitives/durations.ts';
import { Browser } from './browser.ts';
import { authorizeUrl, codeIn, PASSWORD, redeem, setPassword, textOf } from './steps.ts';
import { openWorld, type World } from './world.ts';

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
    expect(textOf(ask)).toContain('no-reply@login.example.co.jp');
    const code = await browser.submit(ask, ask.path, { email_address: 'first@example.co.jp' });
    expect(code.body).toContain('first@example.co.jp');
    expect(code.body).toContain('検証コード');

    const mail = await world.nextMail('first@example.co.jp');
    const figures = codeIn(mail.text);
    const done = await browser.submit(code, code.path, {
      code: figures,
      password: PASSWORD,
      confirmation: PASSWORD,
    });
    expect(done.statusCode).toBe(303);
    const callback = new URL(String(done.headers.location));
    expect(callback.origin + callback.pathname).toBe('http://sms.example.co.jp/auth/callback');
    expect(callback.searchParams.get('state')).toBe('state-of-the-console');

    const claims = await redeem(world, 'sms', callback, verifier);
    expect(claims).toMatchObject({
      sub: accountId,
      email: 'first@example.co.jp',
      console_user_id: '1001',
      nonce: 'nonce-of-the-console',
    });
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
    const done = await browser.submit(resent, code.path, {
      code: figures,
      password: PASSWORD,
      confirmation: PASSWORD,
    });
    expect(done.statusCode).toBe(303);
    expect(String(done.headers.location)).toMatch(/^http:\/\/sms\.example\.co\.jp\/auth\/start\?iss=/);
    expect((await browser.open(authorizeUrl('sms').url)).headers.location).toContain(
      'http://sms.example.co.jp/auth/callback?code=',
    );
  });
});
