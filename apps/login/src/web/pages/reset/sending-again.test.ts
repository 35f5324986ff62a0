import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { isDone, resetSteps } from '#test/reset-steps.ts';
import { textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
});
afterAll(() => world.close());
beforeEach(() => world.pass(2 * DAY));

const { start, mailed, finish, resend } = resetSteps(() => world);

describe('R4: sending again', () => {
  it('waits 60 s, and says how long', async () => {
    const at = await start();
    world.pass(20 * SECOND);
    const refused = await resend(at);
    expect(refused.statusCode).toBe(429);
    expect(refused.headers['retry-after']).toBe('40');
    expect(textOf(refused)).toContain('検証コードは、続けてお送りできません。あと40秒お待ちください。');
    expect(textOf(refused)).toContain('あと40秒で、もう一度送れます。');
    world.pass(40 * SECOND);
    expect(textOf(await resend(at))).toContain('検証コードをもう一度お送りしました。');
  });

  it('is possible 3 times in 15 minutes and 6 times a day, for known and unknown addresses alike, and codes that came still work', async () => {
    const at = await start();
    const stranger = new Browser(world);
    const asked = await stranger.request('POST', '/reset', { email_address: 'nobody-at-all@example.co.jp' });
    const unknown = { browser: stranger, page: await stranger.open(String(asked.headers.location)) };
    const both = async (): Promise<Answer[]> => [await resend(at), await resend(unknown)];
    for (let sent = 1; sent < 3; sent++) {
      world.pass(60 * SECOND);
      for (const answer of await both()) expect(answer.statusCode).toBe(200);
    }
    world.pass(60 * SECOND);
    for (const answer of await both()) {
      expect(answer.statusCode).toBe(429);
      expect(answer.headers['retry-after']).toBe(String(12 * 60));
      expect(textOf(answer)).toContain(
        '検証コードをお送りできる回数の上限に達しました。あと約12分お待ちください。',
      );
    }
    world.pass(12 * MINUTE);
    for (let sent = 3; sent < 6; sent++) {
      for (const answer of await both()) expect(answer.statusCode).toBe(200);
      world.pass(16 * MINUTE);
    }
    for (const answer of await both()) {
      expect(answer.statusCode).toBe(429);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(20 * 3_600);
    }
    let last = '';
    for (let i = 0; i < 6; i++) last = await mailed(at);
    world.pass(-8 * MINUTE);
    expect(isDone(await finish(at, last))).toBe(true);
    expect(world.mails.some((mail) => mail.to.startsWith('nobody-at-all'))).toBe(false);
  });

  it('V5: another browser does not get around the limits of the address; it is told, and the first one’s code works', async () => {
    const at = await start();
    const code = await mailed(at);
    for (let i = 0; i < 10; i++) {
      const answer = await new Browser(world).request('POST', '/reset', { email_address: at.address });
      expect(answer.statusCode).toBe(429);
      expect(textOf(answer)).toContain('検証コードは、続けてお送りできません。');
    }
    expect(isDone(await finish(at, code))).toBe(true);
  });

  it('J3: the same browser asking again too soon lands on its code page instead of on a refusal', async () => {
    const at = await start();
    const again = await at.browser.request('POST', '/reset', { email_address: at.address });
    expect(again.statusCode).toBe(303);
    expect(again.headers.location).toBe(`${at.page.path}?held=1`);
    expect(textOf(await at.browser.open(String(again.headers.location)))).toContain(
      '今回は新しいコードをお送りしていません',
    );
    const count = await world.database.db
      .selectFrom('verification_attempt')
      .select('id')
      .where('email_key', '=', at.address)
      .execute();
    expect(count).toHaveLength(1);
  });

  it('V5: 20 an hour for one network, whatever the addresses, also when they come all at once', async () => {
    const browser = new Browser(world);
    const ask = (i: number): Promise<Answer> =>
      browser.request('POST', '/reset', { email_address: `bomb${i}@example.co.jp` });
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => ask(i)));
    expect(answers.filter((answer) => answer.statusCode === 303)).toHaveLength(20);
    const refused = answers.find((answer) => answer.statusCode === 429);
    expect(refused?.headers['retry-after']).toBe('3600');
    expect(textOf(refused ?? { body: '' })).toContain('回数の上限に達しました。あと約60分お待ちください。');
    expect(
      (await new Browser(world).request('POST', '/reset', { email_address: 'bomb-elsewhere@example.co.jp' }))
        .statusCode,
    ).toBe(303);
    world.pass(HOUR);
    expect((await ask(41)).statusCode).toBe(303);
  });
});
