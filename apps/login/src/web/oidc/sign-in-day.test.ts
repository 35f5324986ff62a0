import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { statementsOf } from '#test/statements.ts';
import { authorizeUrl, consolePost, enter, exchange, locationOf, PASSWORD, tokensOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
let accountId: string;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
  await world.addConsole('mail');
  accountId = await world.addPerson('taro@example.co.jp', { sms: '1', mail: '1' }, { password: PASSWORD });
});
beforeEach(async () => {
  await world.database.db.deleteFrom('sign_in_day').execute();
  world.pass(7 * DAY);
});
afterAll(() => world.close());

const TARO = { address: 'taro@example.co.jp' };

async function days() {
  const { rows } = await sql<{ console: string; account: string; kind: string; day: string; at: Date }>`
    select c.client_id as console, d.account_id as account, d.kind, d.day::text, d.first_at as at
    from sign_in_day d join console c on c.id = d.console_id order by d.day, c.client_id`.execute(
    world.database.db,
  );
  return rows;
}

describe('R15: a sign-in through the unified login is noted', () => {
  it('when the console redeems its code, and not before', async () => {
    const browser = new Browser(world);
    await enter(world, browser, 'sms', TARO);
    await world.database.db.deleteFrom('sign_in_day').execute();
    const { url, verifier } = authorizeUrl('mail');
    const callback = locationOf(await browser.open(url));
    expect(await days()).toEqual([]);
    await tokensOf(world, 'mail', callback, verifier);
    expect(await days()).toMatchObject([
      { console: 'mail', account: accountId, kind: 'unified', at: world.now },
    ]);
  });

  it('once a person, console and day in Japan, with the time of the first', async () => {
    world.now = new Date('2027-01-31T14:58:00Z'); // 23:58 in Japan
    const first = world.now;
    await enter(world, new Browser(world), 'sms', TARO);
    world.pass(60_000);
    await enter(world, new Browser(world), 'sms', TARO);
    expect(await days()).toMatchObject([{ day: '2027-01-31', at: first }]);
    world.pass(60_000);
    await enter(world, new Browser(world), 'sms', TARO);
    expect((await days()).map((one) => one.day)).toEqual(['2027-01-31', '2027-02-01']);
  });

  it('not by a refresh token, which is no sign-in', async () => {
    const { tokens } = await enter(world, new Browser(world), 'sms', TARO, {
      scope: 'openid offline_access',
      prompt: 'consent',
    });
    await world.database.db.deleteFrom('sign_in_day').execute();
    const answer = await consolePost(world, 'sms', '/token', {
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token as string,
    });
    expect(answer.statusCode, answer.body).toBe(200);
    expect(await days()).toEqual([]);
  });

  it('P2: once of 20 exchanges at once, which stay one success at most', async () => {
    const browser = new Browser(world);
    await enter(world, browser, 'sms', TARO);
    world.pass(1 * DAY);
    await world.database.db.deleteFrom('sign_in_day').execute();
    const again = new Browser(world);
    await enter(world, again, 'mail', TARO);
    const { url, verifier } = authorizeUrl('sms');
    const callback = locationOf(await again.open(url));
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => exchange(world, 'sms', callback, verifier)),
    );
    expect(answers.filter((answer) => answer.statusCode === 200).length).toBeLessThanOrEqual(1);
    expect((await days()).filter((one) => one.console === 'sms')).toHaveLength(1);
  });

  it('and fails by nothing: link gone at that moment, the account locked by a change of its login ID', async () => {
    const browser = new Browser(world);
    await world.addPerson('late@example.co.jp', { sms: '77' }, { password: PASSWORD });
    await enter(world, browser, 'sms', { address: 'late@example.co.jp' });
    await world.database.db.deleteFrom('sign_in_day').execute();
    const { url, verifier } = authorizeUrl('sms');
    const callback = locationOf(await browser.open(url));
    await world.database.db.deleteFrom('console_link').where('console_user_id', '=', '77').execute();
    await tokensOf(world, 'sms', callback, verifier);
    expect(await days()).toEqual([]);

    const locked = new Browser(world);
    await enter(world, locked, 'mail', TARO);
    await world.database.db.deleteFrom('sign_in_day').execute();
    const next = authorizeUrl('sms');
    const answer = locationOf(await locked.open(next.url));
    await world.database.db.transaction().execute(async (trx) => {
      await trx.selectFrom('account').select('id').where('id', '=', accountId).forUpdate().execute();
      await tokensOf(world, 'sms', answer, next.verifier);
    });
    expect(await days()).toMatchObject([{ console: 'sms', account: accountId }]);
  });
});

describe('R15: what noting costs', () => {
  it('a silent sign-in is still 4 statements and 2 commits, on the first of the day and on the next', async () => {
    const browser = new Browser(world);
    await enter(world, browser, 'mail', TARO);
    await enter(world, browser, 'sms', TARO);
    await world.database.db.deleteFrom('sign_in_day').execute();
    for (const wanted of [1, 1]) {
      const texts = await statementsOf(async () => {
        const { url, verifier } = authorizeUrl('sms');
        await tokensOf(world, 'sms', locationOf(await browser.open(url)), verifier);
      });
      expect(texts.map((text) => text.trim().split(/\s+/).slice(0, 3).join(' '))).toHaveLength(4);
      expect(texts.filter((text) => /\b(insert into|update|delete from)\b/i.test(text))).toHaveLength(2);
      expect(texts.filter((text) => /^\s*(begin|start transaction)/i.test(text))).toHaveLength(0);
      expect(await days()).toHaveLength(wanted);
      world.pass(HOUR / 60);
    }
  });
});

describe('R15, C4: a code to set a password that was mailed', () => {
  it('is noted at the account when the mail is made, never when it is asked for', async () => {
    const sentAt = async (id: string) =>
      (
        await world.database.db
          .selectFrom('account')
          .select('code_sent_at')
          .where('id', '=', id)
          .executeTakeFirstOrThrow()
      ).code_sent_at;
    const id = await world.addPerson('code@example.co.jp', { sms: '5' });
    const other = await world.addPerson('other@example.co.jp', { sms: '6' });
    expect(await sentAt(id)).toBeNull();
    const texts = await statementsOf(async () => {
      await new Browser(world).request('POST', '/reset', { email_address: 'nobody@example.co.jp' });
    });
    expect(texts.filter((text) => text.includes('code_sent_at'))).toEqual([]);
    await new Browser(world).request('POST', '/reset', { email_address: 'code@example.co.jp' });
    await world.nextMail('code@example.co.jp');
    expect([await sentAt(id), await sentAt(other)]).toEqual([world.now, null]);
  });
});
