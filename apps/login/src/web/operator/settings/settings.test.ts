import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildLogin, type LoginApp } from '#app/app.ts';
import { addOperator } from '#domain/operators/operators.ts';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { changeSettings } from '#domain/settings/change.ts';
import { SETTING_NAMES } from '#domain/settings/names.ts';
import { SETTING_GROUPS, SETTING_KEYS } from '#domain/settings/table.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { resetSteps } from '#test/reset-steps.ts';
import { PASSWORD, signIn } from '#test/steps.ts';
import { MASTER_SECRET, openWorld, type World } from '#test/world.ts';

let world: World;
let other: LoginApp;
let browser: Browser;
let token = '';
const PAYLOAD = '"><script>alert(1)</script>';
const GREEN = '#0a6640';

beforeAll(async () => {
  world = await openWorld();
  const { db } = world.database;
  const by = { actor: 'operator:cli', now: world.now };
  await world.addPerson('taro@example.co.jp', {}, { password: PASSWORD });
  await world.addPerson('hanako@example.co.jp', {}, { password: PASSWORD, name: '見本 花子' });
  await addOperator(db, { emailAddress: 'hanako@example.co.jp', role: 'administrator' }, by);
  ({ token } = await createOperatorToken(db, { name: 'program', role: 'administrator' }, by));
  browser = new Browser(world);
  await signIn(browser, '/sign-in', 'hanako@example.co.jp');
  // A second node on the same database, with the same master key.
  other = await buildLogin(world.config, world.database, world.databaseUrl, MASTER_SECRET, () => world.now);
}, 60_000);
afterAll(async () => {
  await other.close();
  await world.close();
});

const inLanguage = (lang: 'ja' | 'en') => browser.request('POST', '/language', { lang, return_path: '/' });
const hiddenIn = (body: string): Record<string, string> =>
  Object.fromEntries(
    [...body.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [
        name,
        value
          .replaceAll('&lt;', '<')
          .replaceAll('&gt;', '>')
          .replaceAll('&quot;', '"')
          .replaceAll('&amp;', '&'),
      ],
    ),
  );
const revisionIn = (body: string): string => hiddenIn(body)['revision'] ?? '';
const api = (method: 'GET' | 'PATCH', payload?: object, headers: Record<string, string> = {}) =>
  world.app.server.inject({
    method,
    url: '/api/operator/v1/settings',
    headers: { host: 'login.example.co.jp', authorization: `Bearer ${token}`, ...headers },
    ...(payload ? { payload } : {}),
  });
const signInPageOf = async (app: LoginApp): Promise<string> =>
  (await app.server.inject({ url: '/sign-in', headers: { host: 'login.example.co.jp' } })).body;
/** Goes through form and confirmation of a group. */
async function save(group: string, values: Record<string, string>) {
  const form = await browser.open(`/operator/settings/${group}`);
  const confirmation = await browser.request('POST', `/operator/settings/${group}`, {
    step: 'check',
    revision: revisionIn(form.body),
    ...values,
  });
  expect(confirmation.statusCode).toBe(200);
  const saved = await browser.request('POST', `/operator/settings/${group}`, hiddenIn(confirmation.body));
  return { confirmation, saved };
}

describe('R25: the settings pages', () => {
  it('show every setting by its name in both languages, and lead to a form of each group', async () => {
    for (const lang of ['ja', 'en'] as const) {
      await inLanguage(lang);
      const list = await browser.open('/operator/settings');
      expect(list.statusCode).toBe(200);
      for (const key of SETTING_KEYS) expect(list.body).toContain(SETTING_NAMES[lang].settings[key].name);
      for (const group of SETTING_GROUPS) {
        const form = await browser.open(`/operator/settings/${group}`);
        expect(form.statusCode, group).toBe(200);
        expect(form.body).toContain(SETTING_NAMES[lang].groups[group].name);
      }
    }
    expect((await browser.open('/operator/settings/none')).statusCode).toBe(404);
  });

  it('change the brand after a preview, on every node, with the old and the new value in the audit log', async () => {
    await inLanguage('ja');
    const { confirmation, saved } = await save('brand', { brandNameJa: '見本の統合認証', keyColour: GREEN });
    expect(confirmation.body).toContain('見本の統合認証');
    expect(confirmation.body).toContain('パスワードを設定しました｜見本の統合認証');
    const preview = /href="(\/operator\/settings\/preview[^"]+)"/.exec(confirmation.body)?.[1] ?? '';
    const sample = await browser.open(preview.replaceAll('&amp;', '&'));
    expect(sample.body).toContain('見本の統合認証');
    const stylesheet = /href="(\/assets\/brand-login-0a6640-[0-9a-f]{12}\.css)"/.exec(sample.body)?.[1] ?? '';
    expect((await browser.open(stylesheet)).body).toContain(GREEN);
    expect(saved.statusCode).toBe(303);
    expect((await browser.open(saved.headers.location as string)).body).toContain('設定を保存しました');

    expect(await signInPageOf(world.app)).toContain('見本の統合認証');
    await expect.poll(() => signInPageOf(other), { timeout: 5_000 }).toContain('見本の統合認証');
    const event = await world.database.db
      .selectFrom('audit_event')
      .select(['actor', 'detail'])
      .where('action', '=', 'settings.changed')
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    expect(event.detail).toMatchObject({
      settings: {
        brandNameJa: { from: '絶対リーチ! 統合認証', to: '見本の統合認証' },
        keyColour: { from: '#0b3d91', to: GREEN },
      },
    });
  });

  it('refuse what cannot be taken beside its field, keep what was typed, and change nothing', async () => {
    await inLanguage('en');
    const form = await browser.open('/operator/settings/brand');
    const refused = await browser.request('POST', '/operator/settings/brand', {
      step: 'act',
      revision: revisionIn(form.body),
      brandNameJa: '',
      keyColour: '#ffdd00',
    });
    expect(refused.statusCode).toBe(422);
    expect(refused.body).toContain('White letters cannot be read on it (contrast 1.3)');
    expect(refused.body).toContain('value="#ffdd00"');
    expect(refused.body).toContain('Please fill this in.');
    expect(await signInPageOf(world.app)).toContain('見本の統合認証');
  });

  it('do not let two operators overwrite each other', async () => {
    const form = await browser.open('/operator/settings/brand');
    const change = { senderName: '見本の差出人' };
    const by = { actor: 'operator:cli', now: world.now, revision: undefined };
    await changeSettings(world.database.db, world.config.settings, change, by);
    const late = await browser.request('POST', '/operator/settings/brand', {
      step: 'act',
      revision: revisionIn(form.body),
      brandNameEn: 'Too late',
    });
    expect(late.statusCode).toBe(409);
    expect(late.body).toContain('The settings have changed');
    expect(late.body).not.toContain('Too late');
  });

  it('A2: show script as text wherever it was entered', async () => {
    await inLanguage('ja');
    const { confirmation, saved } = await save('texts', {
      helpJa: PAYLOAD,
      mailFooterJa: `${PAYLOAD}\n二行目`,
    });
    expect(saved.statusCode).toBe(303);
    const pages = [
      confirmation.body,
      (await browser.open('/operator/settings')).body,
      (await browser.open('/operator/settings/texts')).body,
      await signInPageOf(world.app),
    ];
    for (const page of pages) {
      expect(page).not.toContain('<script>alert');
      expect(page).toContain('&lt;script>alert(1)');
    }
    await save('texts', { helpJa: '', mailFooterJa: '' });
  });
});

describe('R5, R14, R27: what is set is what holds', () => {
  it('for new passwords, on the page and at the check', async () => {
    await save('password', { passwordProfile: 'length', passwordMinimumLength: '16' });
    const page = await browser.open('/account/password');
    expect(page.body).toContain('16文字以上');
    expect(page.body).not.toContain('英小文字');
    const account = /name="account" value="([^"]+)"/.exec(page.body)?.[1] ?? '';
    const short = await browser.request('POST', '/account/password', {
      ...hiddenIn(page.body),
      account,
      current_password: PASSWORD,
      password: 'Kawa-no-oto 41x',
      confirmation: 'Kawa-no-oto 41x',
    });
    expect(short.body).toContain('16文字以上にしてください。');
    const tooShort = await api('PATCH', { passwordMinimumLength: 10 }, { 'if-match': '*' });
    expect(tooShort.json()).toMatchObject({
      code: 'setting-unfit',
      faults: [{ field: 'passwordMinimumLength', code: 'too-short-without-classes' }],
    });
    await save('password', { passwordProfile: 'classes', passwordMinimumLength: '8' });
  });

  it('for mails: sender, Reply-To, whom to ask and the end', async () => {
    await api(
      'PATCH',
      {
        senderName: '見本の窓口',
        senderAddress: 'no-reply@mihon.example.co.jp',
        replyTo: 'help@mihon.example.co.jp',
        supportJa: 'お問い合わせ：{service} {senderDomain}',
        mailFooterJa: '株式会社見本\n東京都見本区1-2-3',
      },
      { 'if-match': '*' },
    );
    const person = new Browser(world);
    await person.request('POST', '/reset', { email_address: 'taro@example.co.jp' });
    const mail = await world.nextMail('taro@example.co.jp');
    expect(mail.raw.from?.value).toEqual([{ name: '見本の窓口', address: 'no-reply@mihon.example.co.jp' }]);
    expect(mail.raw.replyTo?.value[0]?.address).toBe('help@mihon.example.co.jp');
    expect(mail.text).toContain('お問い合わせ：見本の統合認証 mihon.example.co.jp');
    expect(mail.text).toContain('株式会社見本\n東京都見本区1-2-3');
    expect((await person.open('/reset')).body).toContain('mihon.example.co.jp');
  });

  it('for limits: codes and sign-ins', async () => {
    await api(
      'PATCH',
      { sendPauseSeconds: 30, sendsPerQuarterHour: 2, freeSignInAttempts: 3 },
      { 'if-match': '*' },
    );
    world.pass(20 * MINUTE);
    const ask = async () =>
      (await new Browser(world).request('POST', '/reset', { email_address: 'jiro@example.co.jp' }))
        .statusCode;
    expect(await ask()).toBe(303);
    world.pass(31_000);
    expect(await ask()).toBe(303);
    world.pass(31_000);
    expect(await ask()).toBe(429);
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++)
      statuses.push(
        (
          await new Browser(world).request('POST', '/sign-in', {
            email_address: 'jiro@example.co.jp',
            password: 'wrong',
          })
        ).statusCode,
      );
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
  });

  it('for limits: codes of a day, codes and sign-ins of a network', async () => {
    const limits = { sendsPerDay: 4, sendsPerHourAndNetwork: 5, signInAttemptsPerNetwork: 10 };
    expect((await api('PATCH', limits, { 'if-match': '*' })).statusCode).toBe(200);
    const askFrom = async (from: Browser, address: string) =>
      (await from.request('POST', '/reset', { email_address: address })).statusCode;
    const ofDay: number[] = [];
    for (let i = 0; i < 5; i++) {
      world.pass(20 * MINUTE);
      ofDay.push(await askFrom(new Browser(world), 'saburo@example.co.jp'));
    }
    expect(ofDay).toEqual([303, 303, 303, 303, 429]);
    const office = new Browser(world);
    const ofNetwork: number[] = [];
    for (let i = 0; i < 6; i++) ofNetwork.push(await askFrom(office, `office${i}@example.co.jp`));
    expect(ofNetwork).toEqual([303, 303, 303, 303, 303, 429]);
    const signIns: number[] = [];
    for (let i = 0; i < 11; i++) {
      const typed = { email_address: `office${i}@example.co.jp`, password: 'wrong' };
      signIns.push((await office.request('POST', '/sign-in', typed)).statusCode);
    }
    expect(signIns).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
  });

  it('for limits: wrong codes of a day, the right one of the third mail too', async () => {
    const limits = { guessesPerDay: 10 };
    expect((await api('PATCH', limits, { 'if-match': '*' })).statusCode).toBe(200);
    await world.addConsole('sms');
    const { person, atCodePage, finish } = resetSteps(() => world);
    const one = await person();
    for (let mail = 0; mail < 2; mail++) {
      const at = await atCodePage(one.address);
      const wrong = at.code === '11112222' ? '11113333' : '11112222';
      for (let i = 0; i < 5; i++) expect((await finish(at, wrong)).statusCode).toBe(422);
      world.pass(16 * MINUTE);
    }
    const last = await atCodePage(one.address);
    expect((await finish(last, last.code)).statusCode).toBe(429);
  });

  it('for the English texts of mails: whom to ask and the end', async () => {
    const texts = { supportEn: 'Ask the sample desk of {service}.', mailFooterEn: 'Mihon K.K.\nSample Ward' };
    expect((await api('PATCH', texts, { 'if-match': '*' })).statusCode).toBe(200);
    world.pass(20 * MINUTE);
    const person = new Browser(world);
    person.headers['accept-language'] = 'en';
    await person.request('POST', '/reset', { email_address: 'hanako@example.co.jp' });
    const mail = await world.nextMail('hanako@example.co.jp');
    expect(mail.text).toContain('Ask the sample desk of ');
    expect(mail.text).toContain('Mihon K.K.\nSample Ward');
  });

  it('for the word on the sign-in page, each in its language', async () => {
    const words = { helpJa: '見本のご案内', helpEn: 'A sample word for {service}.' };
    expect((await api('PATCH', words, { 'if-match': '*' })).statusCode).toBe(200);
    const person = new Browser(world);
    const japanese = (await person.open('/sign-in')).body;
    person.headers['accept-language'] = 'en';
    const english = (await person.open('/sign-in')).body;
    expect(japanese).toContain('見本のご案内');
    expect(japanese).not.toContain('A sample word for');
    expect(english).toContain('A sample word for ');
    expect(english).not.toContain('見本のご案内');
  });
});

describe('R26: the settings by API', () => {
  it('wants the revision that was read, and answers with the new one', async () => {
    const read = await api('GET');
    const etag = read.headers.etag as string;
    expect(read.json<{ settings: { key: string }[] }>().settings.map((one) => one.key)).toEqual(SETTING_KEYS);
    expect((await api('PATCH', { noticesPerSecond: 5 })).statusCode).toBe(428);
    expect((await api('PATCH', { noticesPerSecond: 5 }, { 'if-match': '"0"' })).json()).toMatchObject({
      status: 412,
      code: 'precondition-failed',
    });
    const changed = await api('PATCH', { noticesPerSecond: 5 }, { 'if-match': etag });
    expect(changed.json()).toMatchObject({ changes: [{ key: 'noticesPerSecond', from: 10, to: 5 }] });
    expect((await api('PATCH', { noticesPerSecond: 6 }, { 'if-match': etag })).statusCode).toBe(412);
    const back = await api(
      'PATCH',
      { noticesPerSecond: null },
      { 'if-match': changed.headers.etag as string },
    );
    expect(back.json()).toMatchObject({ changes: [{ from: 5, to: 10 }] });
    const twice = await api('PATCH', { noticesPerSecond: 10 }, { 'if-match': '*' });
    expect(twice.json()).toMatchObject({ changes: [] });
    expect(twice.headers.etag).toBe(back.headers.etag);
  });

  it('names everything that is wrong at once, in the language asked for', async () => {
    const refused = await api(
      'PATCH',
      { replyTo: 'no address', keepAuditDays: 10, supportJa: 'お問い合わせ {phone}' },
      { 'if-match': '*', 'accept-language': 'ja' },
    );
    expect(refused.statusCode).toBe(422);
    expect(refused.json<{ faults: object[] }>().faults).toMatchObject([
      { field: 'replyTo', code: 'address-malformed' },
      { field: 'keepAuditDays', code: 'out-of-bounds' },
      {
        field: 'supportJa',
        code: 'placeholder-unknown',
        detail: '{phone} という差し込みは、ここでは使えません。',
      },
    ]);
    expect((await api('PATCH', { nothing: 1 }, { 'if-match': '*' })).statusCode).toBe(422);
  });
});

it('R25: both pages of the documents name every setting', async () => {
  for (const name of ['settings.md', 'settings.ja.md']) {
    const page = await readFile(new URL(`../../../../../../docs/operators/${name}`, import.meta.url), 'utf8');
    for (const key of SETTING_KEYS) expect(page, name).toContain(`\`${key}\``);
  }
});
