import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR } from '#support/primitives/durations.ts';
import { Browser } from './browser.ts';
import { authorizeUrl, enter, locationOf, PASSWORD, redeem, signIn, textOf } from './steps.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms', { backchannelLogoutUri: 'http://localhost:1/sms' });
  await world.addConsole('mail', { backchannelLogoutUri: 'http://localhost:1/mail' });
});
afterAll(() => world.close());

const person = async (address: string): Promise<string> => {
  const unique = `${address}-${Math.random()}`;
  return world.addPerson(address, { sms: `s-${unique}`, mail: `m-${unique}` }, { password: PASSWORD });
};
const deliveries = (accountId: string) =>
  world.database.db
    .selectFrom('logout_delivery')
    .innerJoin('console', 'console.id', 'console_id')
    .select('client_id')
    .where('account_id', '=', accountId)
    .execute();

describe('J3, R1: a sign-in that is interrupted', () => {
  it('goes on by itself in a second tab when the person signed in in the first', async () => {
    await person('tabs@example.co.jp');
    const browser = new Browser(world);
    const mail = authorizeUrl('mail');
    const second = await browser.open(mail.url);
    await signIn(browser, authorizeUrl('sms').url, 'tabs@example.co.jp');
    const reloaded = await browser.open(second.path);
    expect(await redeem(world, 'mail', locationOf(reloaded), mail.verifier)).toMatchObject({
      email: 'tabs@example.co.jp',
    });
  });

  it('still asks in the second tab when the console wants the person to sign in anew', async () => {
    await person('anew@example.co.jp');
    const browser = new Browser(world);
    const second = await browser.open(authorizeUrl('mail', { prompt: 'login' }).url);
    await signIn(browser, authorizeUrl('sms').url, 'anew@example.co.jp');
    const reloaded = await browser.open(second.path);
    expect(reloaded.statusCode).toBe(200);
    expect(reloaded.body).toContain('name="password"');
  });

  it('is explained in another browser, or without cookies, instead of going in circles', async () => {
    const page = await new Browser(world).open(authorizeUrl('sms').url);
    const elsewhere = await new Browser(world).open(page.path);
    expect(elsewhere.statusCode).toBe(400);
    expect(textOf(elsewhere)).toContain('Cookieを許可');
    expect(elsewhere.body).toContain('href="http://sms.example.co.jp/auth/start?iss=');
  });

  it('leads to the console again once it is over, from a bookmark or by the back button', async () => {
    await person('back@example.co.jp');
    const browser = new Browser(world);
    const page = await browser.open(authorizeUrl('sms').url);
    await browser.submit(page, page.path, { email_address: 'back@example.co.jp', password: PASSWORD });
    const back = await browser.open(page.path);
    expect(String(back.headers.location)).toMatch(/^http:\/\/sms\.example\.co\.jp\/auth\/start\?iss=/);
  });

  it('R8: keeps where it was going when the language is changed', async () => {
    const browser = new Browser(world);
    const ask = await browser.open(
      '/reset?client_id=sms&login_hint=who%40example.co.jp&target_link_uri=http%3A%2F%2Fsms.example.co.jp%2Fsettings',
    );
    const english = await browser.submit(ask, '/language', { lang: 'en' });
    expect(english.body).toContain('value="who@example.co.jp"');
    expect(english.body).toContain('Console sms');
    expect(english.body).toContain('value="http://sms.example.co.jp/settings"');
  });
});

describe('R9, R10: a console session outlives the unified one', () => {
  it('a logout from it still tells the consoles that the session had opened', async () => {
    const id = await person('idle@example.co.jp');
    const browser = new Browser(world);
    const { tokens } = await enter(world, browser, 'sms', { address: 'idle@example.co.jp' });
    await browser.open(authorizeUrl('mail').url);
    world.pass(2 * HOUR);
    const left = await browser.open(`/logout?client_id=sms&id_token_hint=${tokens.id_token}`);
    expect(textOf(left)).toContain('管理画面mail');
    expect((await deliveries(id)).map((one) => one.client_id).sort()).toEqual(['mail', 'sms']);
  });

  it('a new password still ends it', async () => {
    const id = await person('reset@example.co.jp');
    await enter(world, new Browser(world), 'sms', { address: 'reset@example.co.jp' });
    world.pass(2 * HOUR);
    const browser = new Browser(world);
    const ask = await browser.open('/reset');
    const code = await browser.submit(ask, '/reset', { email_address: 'reset@example.co.jp' });
    const figures = /(\d{4}) (\d{4})/.exec((await world.nextMail('reset@example.co.jp')).text);
    await browser.submit(code, code.path, {
      code: `${figures?.[1]}${figures?.[2]}`,
      password: 'Yama-no-oto 42 desu',
      confirmation: 'Yama-no-oto 42 desu',
    });
    expect((await deliveries(id)).map((one) => one.client_id)).toEqual(['sms']);
  });
});
