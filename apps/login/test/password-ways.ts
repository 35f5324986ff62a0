import { expect } from 'vitest';
import { issueCode } from '#domain/verification/codes.ts';
import { secretKeys } from '#support/primitives/secrets.ts';
import { Browser } from './browser.ts';
import { PASSWORD, signIn } from './steps.ts';
import { MASTER_SECRET, type World } from './world.ts';

export type Person = { id: string; address: string };

/** What somebody makes of PASSWORD. */
export const NEW = 'Yama-no-oto 42 desu';

const codeKey = secretKeys(MASTER_SECRET).derive('verification-codes');

/** Ways in which a password is typed or replaced, each prepared up to its last request, so that a test says when that is sent. Needs a world whose mails stay in the queue. */
export function passwordWays(world: () => World) {
  let people = 0;
  return { somebody, atCodePage, atSignIn, changeBy, isSignedIn, left };

  async function somebody(): Promise<Person> {
    const address = `ways${++people}@example.co.jp`;
    const links = { sms: `w${people}` };
    return { address, id: await world().addPerson(address, links, { password: PASSWORD }) };
  }

  /** On the code page of a reset; its code is made here. */
  async function atCodePage({ id, address }: Person, password = NEW) {
    const browser = new Browser(world());
    const page = await browser.submit(await browser.open('/reset'), '/reset', { email_address: address });
    const { db } = world().database;
    const request = await db
      .selectFrom('verification_request')
      .selectAll()
      .where('id', '=', page.path.split('/').at(-1) ?? '')
      .executeTakeFirstOrThrow();
    const message = await db
      .selectFrom('message')
      .select('id')
      .where((eb) => eb(eb.ref('params', '->>').key('requestId' as never), '=', request.id))
      .executeTakeFirstOrThrow();
    const code = await issueCode(db, codeKey, request, id, message.id, world().now);
    const form = { code, password, confirmation: password };
    return {
      browser,
      send: () => browser.request('POST', page.path, form),
      reset: async () => {
        expect((await browser.submit(page, page.path, form)).path).toBe('/reset/done');
      },
    };
  }

  /** On the sign-in page, for a console or by itself. */
  async function atSignIn(start: string, { address }: Person) {
    const browser = new Browser(world());
    const page = await browser.open(start);
    return {
      browser,
      send: (password = PASSWORD) => browser.request('POST', page.path, { email_address: address, password }),
    };
  }

  /** Signed in, on the page where the password is changed with the current one. */
  async function changeBy({ id, address }: Person) {
    const browser = new Browser(world());
    await signIn(browser, '/sign-in', address);
    const page = await browser.open('/account/password');
    const form = { account: id, current_password: PASSWORD, password: NEW, confirmation: NEW };
    return {
      browser,
      send: () => browser.request('POST', '/account/password', form),
      reset: async () => {
        const done = await browser.submit(page, '/account/password', form);
        expect(done.path).toMatch(/^\/account(\/ended\/\d+)?$/);
      },
    };
  }

  async function isSignedIn(browser: Browser): Promise<boolean> {
    return (await browser.open('/account')).path === '/account';
  }

  /** What of an account is signed in, or could become so. */
  async function left(accountId: string): Promise<{ sessions: number; artifacts: string[] }> {
    const { db } = world().database;
    const [sessions, artifacts] = await Promise.all([
      db.selectFrom('sso_session').select('uid').where('account_id', '=', accountId).execute(),
      db.selectFrom('oidc_artifact').select('kind').where('account_id', '=', accountId).execute(),
    ]);
    return { sessions: sessions.length, artifacts: artifacts.map((one) => one.kind) };
  }
}
