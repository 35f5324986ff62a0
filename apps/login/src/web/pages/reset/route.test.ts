import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HOUR, SECOND } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { resetSteps } from '#test/reset-steps.ts';
import { linkOf, otherCode, PASSWORD, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
  await world.addConsole('mail');
});
afterAll(() => world.close());
beforeEach(() => world.pass(25 * HOUR));

const { person, atCodePage, finish, passwordOf } = resetSteps(() => world);

describe('R4: the first page', () => {
  it('has its texts and names the sender and domain that filters must let through', async () => {
    const page = await new Browser(world).open('/reset');
    const text = textOf(page);
    for (const part of [
      'パスワードを忘れた方',
      'メールアドレス',
      '送信する',
      'ログイン画面に戻る',
      '送信元アドレス: no-reply@login.example.co.jp',
      '許可するドメイン: login.example.co.jp',
      '迷惑メールフォルダー',
      '管理画面の従来のパスワードは変わりません',
    ])
      expect(text).toContain(part);
    expect(page.body).toContain('autocomplete="username"');
    const english = textOf(await new Browser(world).open('/reset?ui_locales=en'));
    for (const part of [
      'Forgot your password?',
      'E-mail address',
      'Send',
      'Back to the sign-in page',
      'spam folder',
    ])
      expect(english).toContain(part);
  });

  it.each([
    ['nothing', '', 'メールアドレスを入力してください。', 'Enter your e-mail address.'],
    [
      'no address',
      'taro',
      'メールアドレスの形で入力してください。例：taro@example.co.jp',
      'Enter it in the form of an e-mail address, such as taro@example.co.jp.',
    ],
    [
      'two addresses',
      'a@example.co.jp,b@example.co.jp',
      'メールアドレスの形で入力してください。',
      'Enter it in the form of an e-mail address',
    ],
    [
      'markup',
      '"><b>x</b>@example.co.jp',
      'メールアドレスの形で入力してください。',
      'Enter it in the form of an e-mail address',
    ],
  ])('J4: %s is refused with a sentence, and stays in the field', async (_name, typed, ja, en) => {
    for (const [locale, sentence] of [
      ['ja', ja],
      ['en', en],
    ] as const) {
      const browser = new Browser(world);
      const ask = await browser.open(`/reset?ui_locales=${locale}`);
      const answer = await browser.submit(ask, '/reset', { email_address: typed });
      expect(answer.statusCode).toBe(422);
      expect(textOf(answer)).toContain(sentence);
      expect(answer.body).not.toContain('<b>x</b>');
      if (/^[a-z@.,]+$/.test(typed)) expect(answer.body).toContain(`value="${typed}"`);
    }
  });

  it('V3: a repeated field, a list and a header in the address send nothing to anyone', async () => {
    const before = world.mails.length;
    const browser = new Browser(world);
    for (const payload of [
      'email_address=a%40example.co.jp&email_address=b%40example.co.jp',
      'email_address[]=a%40example.co.jp',
      'email_address=a%40example.co.jp%0d%0aBcc:%20b%40example.co.jp',
      'email_address=a%40example.co.jp%00',
      'email_address=%22a%22%40example.co.jp',
    ])
      expect([400, 422]).toContain(
        (
          await world.app.server.inject({
            method: 'POST',
            url: '/reset',
            remoteAddress: browser.ip,
            headers: {
              host: 'login.example.co.jp',
              origin: world.config.issuer,
              'content-type': 'application/x-www-form-urlencoded',
            },
            payload,
          })
        ).statusCode,
      );
    expect(
      await world.database.db
        .selectFrom('message')
        .select('id')
        .where('created_at', '>=', world.now)
        .execute(),
    ).toEqual([]);
    expect(world.mails).toHaveLength(before);
  });

  it('R7: has the address of the console’s link filled in, as text', async () => {
    expect(
      (await new Browser(world).open('/reset?client_id=sms&login_hint=taro%40example.co.jp')).body,
    ).toMatch(/value="taro@example.co.jp"/);
    const hostile = await new Browser(world).open(
      `/reset?login_hint=${encodeURIComponent('"><script>alert(1)</script>')}`,
    );
    expect(hostile.body).not.toContain('<script>alert');
  });
});

describe('R4: the code page', () => {
  it('has its texts, fields and rules, and survives reload', async () => {
    const { address } = await person();
    const at = await atCodePage(address);
    for (const page of [at.page, await at.browser.open(at.page.path)]) {
      expect(page.statusCode).toBe(200);
      const text = textOf(page);
      for (const part of [
        `${address} 宛てに検証コードをお送りしました。`,
        '検証コード',
        '新しいパスワード',
        '新しいパスワード (確認用)',
        'パスワードを設定する',
        'ログイン画面に戻る',
        '検証コードをもう一度送る',
        '8文字以上',
        '英小文字を1文字以上',
        '英大文字を1文字以上',
        '数字を1文字以上',
        '記号を1文字以上',
      ])
        expect(text).toContain(part);
      expect(page.body).toContain('autocomplete="one-time-code"');
      expect(page.body.match(/autocomplete="new-password"/g)).toHaveLength(2);
      expect(text).toContain('あと60秒で、もう一度送れます。');
    }
    world.pass(59 * SECOND);
    expect(textOf(await at.browser.open(at.page.path))).toContain('あと1秒で');
    expect(textOf(await at.browser.open(`${at.page.path}?ui_locales=en`))).toContain('Verification code');
  });

  const RULES: [string, string, string, string][] = [
    ['too short', 'Kaw4-no', '8文字以上にしてください。', 'Use at least 8 characters.'],
    ['no lower-case letter', 'KAWA-NO-OTO 41', '英小文字を入れてください。', 'Add a lower-case letter.'],
    ['no upper-case letter', 'kawa-no-oto 41', '英大文字を入れてください。', 'Add an upper-case letter.'],
    ['no digit', 'Kawa-no-oto yon', '数字を入れてください。', 'Add a digit.'],
    ['no symbol', 'Kawanooto41desu', '記号を入れてください。', 'Add a symbol.'],
    ['too long', `Aa1! ${'kawa'.repeat(40)}`, '128文字以内にしてください。', 'Use at most 128 characters.'],
    [
      'far too long',
      `Aa1! ${'kawa'.repeat(400)}`,
      '128文字以内にしてください。',
      'Use at most 128 characters.',
    ],
    [
      'one’s address',
      'Login.example.co.jp-1',
      'メールアドレスを含まないものにしてください。',
      'Leave your e-mail address out of it.',
    ],
    ['a common word', 'Password1!', '推測されやすいパスワードです。', 'This password is easy to guess.'],
  ];
  it('J4, R5: each broken rule has its sentence in both languages, the code stays, the password does not, and no code is used up', async () => {
    const { address, id } = await person();
    const at = await atCodePage(address);
    for (const [, password, ja, en] of RULES)
      for (const [locale, sentence] of [
        ['ja', ja],
        ['en', en],
      ] as const) {
        at.browser.cookies.set('lang;/', { value: locale, path: '/' });
        const own = password.startsWith('Login') ? `${address}-A1` : password;
        const answer = await finish(at, at.code, own);
        expect(answer.statusCode).toBe(422);
        expect(textOf(answer)).toContain(sentence);
        expect(answer.body).toMatch(
          new RegExp(`name="code"[^>]*value="${at.code}"|value="${at.code}"[^>]*name="code"`),
        );
        expect(answer.body).not.toContain(own);
      }
    at.browser.cookies.delete('lang;/');
    expect(await passwordOf(id)).toBeUndefined();
    expect((await finish(at, at.code)).path).toBe('/reset/done');
  });

  it('J4: one’s own name and company are refused too, but only to who has the code', async () => {
    const { address, id } = await person({ name: 'Hanazono Kirarinmaru' });
    const at = await atCodePage(address);
    const wrong = await finish(at, otherCode(at.code), 'Kirarinmaru-1');
    expect(textOf(wrong)).toContain('検証コードが違います。');
    expect(textOf(wrong)).not.toContain('推測されやすい');
    const right = await finish(at, at.code, 'Kirarinmaru-1');
    expect(textOf(right)).toContain('推測されやすいパスワードです。');
    expect(await passwordOf(id)).toBeUndefined();
    expect((await finish(at, at.code)).path).toBe('/reset/done');
  });

  it('J4: everything that is wrong with the form is said at once', async () => {
    const { address } = await person();
    const at = await atCodePage(address);
    const answer = await finish(at, '', 'kawa', 'kawb');
    expect(answer.statusCode).toBe(422);
    for (const sentence of [
      'メールで届いた検証コードを入力してください。',
      '8文字以上にしてください。',
      '英大文字を入れてください。',
      '「新しいパスワード」と同じものを、もう一度入力してください。',
      '入力内容をご確認ください',
    ])
      expect(textOf(answer)).toContain(sentence);
    expect(textOf(await finish(at, '1234567'))).toContain('検証コードは8桁の数字です。');
    expect(textOf(await finish(at, at.code, PASSWORD, `${PASSWORD} `))).toContain(
      '同じものを、もう一度入力してください。',
    );
    expect((await finish(at, at.code)).path).toBe('/reset/done');
  });

  it('V1: another browser’s page is none at all, whoever holds the code', async () => {
    const { address, id } = await person();
    const at = await atCodePage(address);
    const thief = new Browser(world);
    for (const browser of [thief, Object.assign(new Browser(world), { ip: at.browser.ip })]) {
      const opened = await browser.open(at.page.path);
      expect(opened.statusCode).toBe(404);
      expect(textOf(opened)).toContain('もう一度はじめからお手続きください');
      expect(opened.body).not.toContain(address);
      expect(
        (
          await browser.request('POST', at.page.path, {
            code: at.code,
            password: PASSWORD,
            confirmation: PASSWORD,
          })
        ).statusCode,
      ).toBe(404);
      expect((await browser.request('POST', `${at.page.path}/resend`, {})).statusCode).toBe(404);
    }
    // A browser with a secret of its own, from a request of its own.
    await thief.request('POST', '/reset', { email_address: 'other@example.co.jp' });
    expect(
      (
        await thief.request('POST', at.page.path, {
          code: at.code,
          password: PASSWORD,
          confirmation: PASSWORD,
        })
      ).statusCode,
    ).toBe(404);
    expect(await passwordOf(id)).toBeUndefined();
  });

  it('a page that never was, and one older than a day, say how to begin again', async () => {
    const { address } = await person();
    const at = await atCodePage(address);
    world.pass(24 * HOUR - 1);
    expect((await at.browser.open(at.page.path)).statusCode).toBe(200);
    world.pass(1);
    for (const path of [at.page.path, '/reset/vrq_never', '/reset/%E2%9C%93']) {
      const page = await at.browser.open(path);
      expect(page.statusCode).toBe(404);
      expect(linkOf(page, '検証コードを申し込む')).toBe('/reset');
      expect(linkOf(page, 'ログイン画面に戻る')).toBe('/sign-in');
    }
  });
});
