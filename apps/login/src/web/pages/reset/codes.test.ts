import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { isDone, resetSteps } from '#test/reset-steps.ts';
import { basic, codeIn, otherCode, textOf } from '#test/steps.ts';
import { accountRow, whileHeld } from '#test/while-held.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
});
afterAll(() => world.close());
beforeEach(() => world.pass(2 * DAY));

const { person, atCodePage, start, mailed, finish, resend, passwordOf } = resetSteps(() => world);

describe('R4: a code is typed as people type', () => {
  it.each<[string, (code: string) => string]>([
    ['as it stands in the mail', (code) => `${code.slice(0, 4)} ${code.slice(4)}`],
    ['without the space', (code) => code],
    ['with hyphens', (code) => `${code.slice(0, 4)}-${code.slice(4)}`],
    [
      'in full-width figures',
      (code) => [...code].map((figure) => String.fromCharCode(figure.charCodeAt(0) + 0xfee0)).join(''),
    ],
    ['with a full-width space and a long vowel mark', (code) => `　${code.slice(0, 4)}ー${code.slice(4)}　`],
    ['with a dash that a phone put there', (code) => `${code.slice(0, 4)}–${code.slice(4)}`],
    ['with a line end pasted along', (code) => `${code.slice(0, 4)}\u00a0${code.slice(4)}\r\n`],
  ])('%s', async (_name, typed) => {
    const at = await start();
    expect(isDone(await finish(at, typed(await mailed(at))))).toBe(true);
  });

  it.each([
    '1234567',
    '123456789',
    'abcdefgh',
    '1234 567x',
    '12345678 12345678',
    '١٢٣٤٥٦٧٨',
    '𝟏𝟐𝟑',
    '1'.repeat(99),
    '1'.repeat(5_000),
  ])('%.20j is no code, costs no try, and says how one looks', async (typed) => {
    const at = await start();
    for (let i = 0; i < 6; i++) {
      const answer = await finish(at, typed);
      expect(answer.statusCode).toBe(422);
      expect(textOf(answer)).toMatch(
        /検証コードは8桁の数字です。|メールで届いた検証コードを入力してください。/,
      );
    }
    expect(isDone(await finish(at, await mailed(at)))).toBe(true);
  });
});

describe('J4: a wrong code', () => {
  it('counts down from five, then ends the codes so far; a new one works at once', async () => {
    const at = await start();
    const code = await mailed(at);
    for (const left of [4, 3, 2, 1]) {
      const answer = await finish(at, otherCode(code));
      expect(answer.statusCode).toBe(422);
      expect(textOf(answer)).toContain(
        `検証コードが違います。メールの数字をご確認ください（あと${left}回入力できます）。`,
      );
    }
    expect(textOf(await finish(at, otherCode(code)))).toContain(
      '検証コードが違います。これまでのコードは使えなくなりました。',
    );
    const refused = await finish(at, code);
    expect(refused.statusCode).toBe(429);
    expect(textOf(refused)).toContain(
      '検証コードの間違いが続いたため、これまでのコードは使えなくなりました。',
    );
    world.pass(60 * SECOND);
    await resend(at);
    const next = await mailed(at);
    expect(textOf(await finish(at, code))).toContain('この検証コードは有効期限（10分）が切れています。');
    expect(isDone(await finish(at, next))).toBe(true);
  });

  it('shares its tries between the two codes that are valid', async () => {
    const at = await start();
    const one = await mailed(at);
    for (let i = 0; i < 3; i++) await finish(at, otherCode(one));
    world.pass(60 * SECOND);
    await resend(at);
    const two = await mailed(at);
    expect(textOf(await finish(at, otherCode(two)))).toContain('あと1回入力できます');
    await finish(at, otherCode(two));
    expect((await finish(at, two)).statusCode).toBe(429);
    expect(await passwordOf(at.accountId)).toBeUndefined();
  });

  it('V1: of 50 wrong ones at once five are looked at', async () => {
    const at = await start();
    const code = await mailed(at);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        finish(at, String(i).padStart(8, '9') === code ? '00000000' : String(i).padStart(8, '9')),
      ),
    );
    expect(answers.filter((answer) => answer.statusCode === 422)).toHaveLength(5);
    expect(answers.filter((answer) => answer.statusCode === 429)).toHaveLength(45);
  });

  it('30 a day end the guessing for the address, in whichever browser; asking again resets nothing; a day later it goes on', async () => {
    const { address, id } = await person();
    const rounds: Awaited<ReturnType<typeof atCodePage>>[] = [];
    for (let round = 0; round < 6; round++) {
      const at = await atCodePage(address);
      rounds.push(at);
      world.pass(1 * MINUTE);
      for (let i = 0; i < 5; i++) expect((await finish(at, otherCode(at.code))).statusCode).toBe(422);
      world.pass(15 * MINUTE);
    }
    const at = rounds[5] as (typeof rounds)[number];
    const guesses = await world.database.db
      .selectFrom('verification_attempt')
      .select('id')
      .where('email_key', '=', address)
      .where('kind', '=', 'guess')
      .execute();
    expect(guesses).toHaveLength(30);
    // When the first of the day's six mails is a day old another may go out; the guesses after it are not that old yet.
    world.pass(DAY - 6 * 16 * MINUTE);
    await resend(at);
    const code = await mailed({ address });
    const early = await finish(at, code);
    expect(early.statusCode).toBe(429);
    expect(textOf(early)).toContain('検証コードの間違いが1日の上限に達しました。');
    expect(await passwordOf(id)).toBeUndefined();
    world.pass(1 * MINUTE);
    expect(isDone(await finish(at, code))).toBe(true);
  });
});

describe('V1: when a code ends', () => {
  it.each([
    [9 * MINUTE + 59 * SECOND, true],
    [10 * MINUTE - 1, true],
    [10 * MINUTE, false],
    [10 * MINUTE + 1 * SECOND, false],
  ])('%d ms after it was made: accepted %s', async (age, accepted) => {
    const at = await start();
    const code = await mailed(at);
    world.pass(age);
    const answer = await finish(at, code);
    expect(isDone(answer)).toBe(accepted);
    if (!accepted) expect(textOf(answer)).toContain('この検証コードは有効期限（10分）が切れています。');
  });

  it('an expired one costs no try, and asking again leads on', async () => {
    const at = await start();
    const code = await mailed(at);
    world.pass(11 * MINUTE);
    for (let i = 0; i < 7; i++) expect((await finish(at, code)).statusCode).toBe(422);
    await resend(at);
    expect(isDone(await finish(at, await mailed(at)))).toBe(true);
  });

  it('a clock that is set back revives nothing that was used, ended or superseded', async () => {
    const at = await start();
    const code = await mailed(at);
    expect(isDone(await finish(at, code))).toBe(true);
    world.pass(-5 * MINUTE);
    expect(textOf(await finish(at, code))).toContain('このお手続きは終わっています');
  });

  it('of three codes the newest two work, the first says that there is a newer one', async () => {
    for (const which of [1, 2]) {
      const at = await start();
      const codes = [await mailed(at)];
      for (let i = 0; i < 2; i++) {
        world.pass(61 * SECOND);
        expect(textOf(await resend(at))).toContain('検証コードをもう一度お送りしました。');
        codes.push(await mailed(at));
      }
      const first = await finish(at, codes[0] as string);
      expect(first.statusCode).toBe(422);
      expect(textOf(first)).toContain('この検証コードより新しいコードをお送りしています。');
      expect(isDone(await finish(at, codes[which] as string))).toBe(true);
      world.pass(DAY);
    }
  });
});

describe('V1: a code is used once, by its own browser, for its own purpose and request', () => {
  it('50 posts at once set exactly one password', async () => {
    const at = await start();
    const code = await mailed(at);
    const passwords = Array.from({ length: 50 }, (_, i) => `Kawa-no-oto ${i} desu`);
    const answers = await Promise.all(
      passwords.map((password) =>
        at.browser.request('POST', at.page.path, { code, password, confirmation: password }),
      ),
    );
    const wins = answers.flatMap((answer, i) =>
      answer.statusCode === 303 && answer.headers.location === '/reset/done' ? [i] : [],
    );
    expect(wins).toHaveLength(1);
    expect(answers.filter((answer) => answer.statusCode >= 500).map(textOf)).toEqual([]);
    expect(
      (
        await new Browser(world).request('POST', '/sign-in', {
          email_address: at.address,
          password: passwords[wins[0] as number] as string,
        })
      ).statusCode,
    ).toBe(303);
    const events = await world.database.db
      .selectFrom('audit_event')
      .select('id')
      .where('action', '=', 'password.set')
      .where('account_id', '=', at.accountId)
      .execute();
    expect(events).toHaveLength(1);
    const notices = await world.database.db
      .selectFrom('message')
      .select('id')
      .where('template', '=', 'password-set')
      .where('account_id', '=', at.accountId)
      .execute();
    expect(notices).toHaveLength(1);
  });

  it('one that was looked at and not used yet is worth nothing after the fifth wrong try, nor after another was asked for then', async () => {
    for (const isAskedAgain of [false, true]) {
      const at = await start();
      const code = await mailed(at);
      const answer = await whileHeld(
        world,
        accountRow(at.accountId),
        () => finish(at, code),
        async () => {
          for (let tries = 0; tries < 5; tries += 1) await finish(at, otherCode(code));
          world.pass(60 * SECOND);
          if (isAskedAgain) expect((await resend(at)).statusCode).toBe(200);
        },
      );
      expect([answer.statusCode, isDone(answer)]).toEqual([isAskedAgain ? 422 : 429, false]);
      expect(await passwordOf(at.accountId)).toBeUndefined();
    }
  });

  it('a wrong one that comes while the right one is being used says that the request has ended, not that no try is left', async () => {
    const at = await start();
    const code = await mailed(at);
    const used = 'update verification_request set ended_at = $2, failed_tries = 5 where email_key = $1';
    const answer = await whileHeld(
      world,
      [used, at.address, world.now],
      () => finish(at, otherCode(code)),
      async () => undefined,
    );
    expect([answer.statusCode, textOf(answer)]).toEqual([
      200,
      expect.stringContaining('このお手続きは終わっています'),
    ]);
  });

  it('the code of another request is wrong here, of the same person and of another', async () => {
    const [one, two] = [await start(), await start()];
    const [codeOne, codeTwo] = [await mailed(one), await mailed(two)];
    expect(textOf(await finish(one, codeTwo))).toContain('検証コードが違います。');
    world.pass(60 * SECOND);
    const again = new Browser(world);
    const asked = await again.request('POST', '/reset', { email_address: one.address });
    const other = { ...one, browser: again, page: await again.open(String(asked.headers.location)) };
    await mailed(other);
    expect(other.page.path).not.toBe(one.page.path);
    expect(textOf(await finish(other, codeOne))).toContain('検証コードが違います。');
    expect(isDone(await finish(one, codeOne))).toBe(true);
  });

  it('the code of a change of the login ID sets no password', async () => {
    const at = await start();
    await mailed(at);
    const asked = await world.app.server.inject({
      method: 'POST',
      url: '/api/console/v1/login-id-changes',
      headers: {
        host: 'login.example.co.jp',
        authorization: basic('sms'),
      },
      payload: { consoleUserId: at.userId, newEmailAddress: 'moving@example.co.jp', locale: 'ja' },
    });
    expect(asked.statusCode, asked.body).toBe(201);
    const code = codeIn((await world.nextMail('moving@example.co.jp')).text);
    expect(textOf(await finish(at, code))).toContain('検証コードが違います。');
    // And its request has no page.
    const { request_id: request } = await world.database.db
      .selectFrom('login_id_change')
      .select('request_id')
      .executeTakeFirstOrThrow();
    expect((await at.browser.open(`/reset/${request}`)).statusCode).toBe(404);
  });

  it('is stored as a keyed hash only', async () => {
    const at = await start();
    const code = await mailed(at);
    const rows = await world.database.db.selectFrom('verification_code').selectAll().execute();
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(code);
  });
});
