import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONSOLE_SCOPES } from '#domain/consoles/scopes.ts';
import { addOperator } from '#domain/operators/operators.ts';
import {
  createDirectory,
  createDirectoryToken,
  directoryOfToken,
  revokeDirectoryToken,
} from '#domain/provisioning/directory-tokens.ts';
import { DAY, MINUTE } from '#support/primitives/durations.ts';
import { Browser, hiddenFields, type Answer } from '#test/browser.ts';
import { addressesOf, openFakeConsole, type FakeConsole } from '#test/fake-console.ts';
import { statementsOf } from '#test/statements.ts';
import { authorizeUrl, basic, exchange, locationOf, PASSWORD, signIn, textOf } from '#test/steps.ts';
import { CONSOLE_SECRET, openWorld, type World } from '#test/world.ts';

const HOME = 'https://shop.example.co.jp';
const PAYLOAD = `"><img src=x onerror=alert(1)></textarea><script>alert(2)</script>`;

let world: World;
let fake: FakeConsole;
let chief: Browser;
let clerk: Browser;
beforeAll(async () => {
  // Not before the machine's own clock, by which the engine judges sessions.
  world = await openWorld({ work: false, now: new Date('2027-02-01T03:00:00Z') });
  fake = await openFakeConsole('sms', world.config.issuer);
  await world.addConsole('sms', { ...addressesOf(fake), redirectUris: [`${fake.url}/auth/callback`] });
  for (const [role, links] of [
    ['administrator', { sms: 'chief' }],
    ['support', {}],
  ] as const) {
    const emailAddress = `${role}@example.co.jp`;
    await world.addPerson(emailAddress, links, { password: PASSWORD, name: `見本 ${role}` });
    await addOperator(world.database.db, { emailAddress, role }, { actor: 'operator:cli', now: world.now });
  }
  chief = await signedIn('administrator@example.co.jp');
  clerk = await signedIn('support@example.co.jp');
});
afterAll(async () => {
  await fake.close();
  await world.close();
});

async function signedIn(who: string): Promise<Browser> {
  const browser = new Browser(world);
  await signIn(browser, '/sign-in', who);
  return browser;
}
const NEW = '/operator/consoles/new';
const shop = (extra: Record<string, string> = {}) => ({
  clientId: 'shop',
  nameJa: '見本ショップ',
  nameEn: 'Sample shop',
  homeUrl: `${HOME}/`,
  redirectUris: `${HOME}/auth/callback`,
  idTokenAlg: 'ES256',
  requirePkce: 'yes',
  apiScopes: CONSOLE_SCOPES.join('\n'),
  ...extra,
});
const send = (browser: Browser, path: string, page: Answer, typed: Record<string, string> = {}) =>
  browser.submit(page, path, typed);
const settings = (clientId: string) =>
  world.database.db.selectFrom('console').selectAll().where('client_id', '=', clientId).executeTakeFirst();

describe('R19, R25: registering a console on its pages', () => {
  it('goes by form and confirmation to the secret, which is shown this once', async () => {
    expect(textOf(await clerk.open('/operator/consoles'))).not.toContain('管理画面を登録');
    expect(textOf(await chief.open('/operator/consoles'))).toContain('管理画面を登録');
    const form = await chief.open(NEW);
    const check = await send(chief, NEW, form, shop({ supportContactJa: '見本窓口' }));
    expect(textOf(check)).toContain('見本窓口');
    expect(await settings('shop')).toBeUndefined();
    const back = await send(chief, NEW, check, { back: 'yes' });
    expect(back.body).toContain('value="見本窓口"');
    const made = await send(chief, NEW, check);
    expect(made.statusCode).toBe(201);
    expect(made.headers['cache-control']).toBe('no-store');
    const secret = /ui-secret[^>]*>([\w-]{43})</.exec(made.body)?.[1] ?? '';
    expect(secret).not.toBe('');
    const plan = await world.app.server.inject({
      url: '/api/console/v1/plan',
      headers: { host: 'login.example.co.jp', authorization: basic('shop', secret) },
    });
    expect(plan.statusCode).toBe(200);
    for (const path of ['/operator/consoles', '/operator/consoles/shop'])
      expect((await chief.open(path)).body).not.toContain(secret);
    // The button pressed twice.
    const again = await send(chief, NEW, check);
    expect(again.statusCode).toBe(409);
    expect(textOf(again)).toContain('このクライアントIDの管理画面は既にあります');
  });

  it('says at each field what is wrong, keeps what was typed, and registers nothing', async () => {
    const form = await chief.open(NEW);
    const answer = await send(
      chief,
      NEW,
      form,
      shop({
        clientId: 'bad',
        redirectUris: `https://evil.example/cb\nhttps://*.example.co.jp/`,
        keyColour: '#ffff00',
        sessionIdleMinutes: 'an hour',
        nameEn: PAYLOAD,
      }),
    );
    expect(answer.statusCode).toBe(422);
    const said = textOf(answer);
    for (const words of [
      '別のドメイン',
      '* は使えません',
      'コントラスト比',
      '整数 (分)',
      'https://evil.example/cb',
      'an hour',
    ])
      expect(said + answer.body).toContain(words);
    expect(answer.body).not.toContain('<script>alert');
    expect(answer.body).not.toContain('<img src=x');
    expect(await settings('bad')).toBeUndefined();
  });

  it('A2: shows script as the text that it is, on every page', async () => {
    const form = await chief.open(NEW);
    const typed = shop({ clientId: 'script', nameJa: PAYLOAD, nameEn: PAYLOAD, supportContactJa: PAYLOAD });
    await send(chief, NEW, await send(chief, NEW, form, typed), { ...typed, step: 'act' });
    expect(await settings('script')).toMatchObject({ name_ja: PAYLOAD });
    for (const path of ['', '/script', '/script/edit', '/script/secret', '/script/check', '/script/test']) {
      const page = await chief.open(`/operator/consoles${path}`);
      expect(page.statusCode, path).toBe(200);
      expect(page.body, path).not.toContain('<script>alert');
      expect(page.body, path).not.toContain('<img src=x');
    }
  });
});

describe('R19, R25: changing what is registered', () => {
  const edit = '/operator/consoles/shop/edit';

  it('shows what will change before it does, and says when nothing would', async () => {
    const form = await chief.open(edit);
    const unchanged = await send(chief, edit, form, shop({ supportContactJa: '見本窓口' }));
    expect(textOf(unchanged)).toContain('何も変わっていません');
    const check = await send(
      chief,
      edit,
      form,
      shop({ supportContactJa: '見本窓口', redirectUris: `${HOME}/new` }),
    );
    expect(textOf(check)).toContain('変更した瞬間から使えません');
    expect(textOf(check)).toMatch(/リダイレクトURI .*auth\/callback.*\/new/);
    const done = await send(chief, edit, check);
    expect(done.path).toBe('/operator/consoles/shop?done=changed');
    expect(textOf(done)).toContain('すべてのサーバーに反映');
    expect(await settings('shop')).toMatchObject({ revision: 2, redirect_uris: [`${HOME}/new`] });
  });

  it('of two who edit at once the second is told what changed, and keeps what was typed', async () => {
    const other = await signedIn('administrator@example.co.jp');
    const mine = await chief.open(edit);
    const theirs = await other.open(edit);
    const base = shop({ supportContactJa: '見本窓口', redirectUris: `${HOME}/new` });
    const they = { ...base, nameEn: 'Their name', sessionIdleMinutes: '30' };
    await send(other, edit, await send(other, edit, theirs, they));
    const conflict = await send(chief, edit, mine, { ...base, nameEn: 'My name', nameJa: '私の名前' });
    expect(conflict.statusCode).toBe(409);
    expect(textOf(conflict)).toContain('ほかの担当者が変更しました');
    expect(textOf(conflict)).toContain('見本 administrator');
    expect(textOf(conflict)).toContain('Sample shop → Their name');
    expect(textOf(conflict)).toContain('あなたの値になります');
    // Mine stays, theirs that I did not touch is taken over.
    for (const value of ['My name', '私の名前', '30']) expect(conflict.body).toContain(`value="${value}"`);
    const check = await send(chief, edit, conflict, {
      ...base,
      nameEn: 'My name',
      nameJa: '私の名前',
      sessionIdleMinutes: '30',
    });
    await send(chief, edit, check);
    expect(await settings('shop')).toMatchObject({
      revision: 4,
      name_en: 'My name',
      name_ja: '私の名前',
      session_idle_minutes: 30,
    });
  });

  it('A1: a form that is not ours to fill changes nothing that is no setting', async () => {
    const form = await chief.open(edit);
    const page = await send(chief, edit, form, {
      ...shop({ nameEn: 'x', client_secret_hash: 'x', secondSecretHash: 'x', tracedUntil: 'x' }),
      base: 'not json',
    });
    await send(chief, edit, page);
    expect(await settings('shop')).toMatchObject({ second_secret_hash: null, traced_until: null });
  });

  it('A1: boxes of what it may ask are ticked as it is registered, and those that were taken away are refused with the next call', async () => {
    const edit = '/operator/consoles/shop/edit';
    const form = await chief.open(edit);
    expect(form.body.match(/name="apiScopes"[^>]*checked/g)).toHaveLength(CONSOLE_SCOPES.length);
    // As a browser sends boxes: each ticked one by itself.
    const boxes = new URLSearchParams({ ...hiddenFields(form.body, edit), ...shop() });
    boxes.delete('apiScopes');
    for (const one of ['users.write', 'plan.read']) boxes.append('apiScopes', one);
    const check = await chief.request('POST', edit, Buffer.from(boxes.toString()));
    expect(textOf(check)).toContain('plan.read 移行の予定を読む');
    expect(textOf(check)).toContain('sign-ins.report');
    expect((await send(chief, edit, check)).statusCode).toBe(200);
    expect(await settings('shop')).toMatchObject({ api_scopes: ['plan.read', 'users.write'] });
    const none = await send(chief, edit, await chief.open(edit), shop({ apiScopes: '' }));
    expect(textOf(none)).toContain('なし（ログインだけができます）');
    await send(chief, edit, none);
    expect(await settings('shop')).toMatchObject({ api_scopes: [] });
    const wrong = await send(chief, edit, await chief.open(edit), shop({ apiScopes: 'plan.write' }));
    expect(textOf(wrong)).toContain('plan.write という権限はありません');
    await send(chief, edit, await send(chief, edit, await chief.open(edit), shop()));
  });
});

describe('R26, R25: the directories of a console on its page', () => {
  it('says what each may do, which tokens are good and when they were used, and how one is made; of no secret', async () => {
    const { db } = world.database;
    const { id: consoleId } = await db
      .selectFrom('console')
      .select('id')
      .where('client_id', '=', 'sms')
      .executeTakeFirstOrThrow();
    const page = '/operator/consoles/sms/directories';
    expect(textOf(await chief.open(page))).toContain('まだありません。');
    const by = { actor: 'operator:cli', now: world.now };
    const wanted = {
      consoleId,
      name: PAYLOAD,
      domains: ['example.co.jp'],
      company: '見本商事',
      consoleIds: false,
    };
    const made = await createDirectory(db, wanted, by);
    if (!made.ok) throw new Error(made.reason);
    expect(textOf(await chief.open(page))).toContain('トークンがまだないので、何もできません。');
    const tokens = [];
    for (let i = 0; i < 2; i += 1) {
      const token = await createDirectoryToken(db, made.id, 30, by);
      if (token.ok) tokens.push(token);
    }
    await revokeDirectoryToken(db, tokens[1]?.id ?? '', by);
    await directoryOfToken(db, tokens[0]?.token ?? '', world.now);
    const answer = await chief.open(page);
    for (const words of ['example.co.jp', '見本商事', made.id, '有効', '失効', '使用なし', PAYLOAD])
      expect(textOf(answer)).toContain(words);
    for (const { token } of tokens) expect(answer.body).not.toContain(token);
    expect(answer.body).not.toContain('<script>alert(2)');
    expect((await chief.open('/operator/consoles/sms')).body).toContain(`href="${page}"`);
    expect((await clerk.open(page)).statusCode).toBe(403);
    expect((await clerk.open('/operator/consoles/sms')).body).not.toContain(page);
  });
});

describe('R19: changing a secret on the pages', () => {
  it('makes a second one, warns of ending one in use, and ends it', async () => {
    const path = '/operator/consoles/sms';
    await world.app.server.inject({
      url: '/api/console/v1/plan',
      headers: { host: 'login.example.co.jp', authorization: basic('sms') },
    });
    const made = await send(chief, `${path}/secret`, await chief.open(`${path}/secret`));
    expect(made.statusCode).toBe(201);
    const second = /ui-secret[^>]*>([\w-]{43})</.exec(made.body)?.[1] ?? '';
    const again = await send(chief, `${path}/secret`, await chief.open(`${path}/secret`), { step: 'act' });
    expect(again.statusCode).toBe(409);
    expect(textOf(again)).toContain('既に2つのシークレットがあります');

    const page = await chief.open(path);
    const [older, newer] = [...page.body.matchAll(/end-secret\?secret=([\w-]+)/g)].map((one) => one[1] ?? '');
    const asked = await chief.open(`${path}/end-secret?secret=${older}`);
    expect(textOf(asked)).toContain('ログインが失敗します');
    const refused = await send(chief, `${path}/end-secret`, asked);
    expect(refused.statusCode).toBe(422);
    const ended = await send(chief, `${path}/end-secret`, asked, { evenIfUsed: 'yes' });
    expect(textOf(ended)).toContain('シークレットを無効にしました');
    const gone = await send(chief, `${path}/end-secret`, asked, { evenIfUsed: 'yes' });
    expect(textOf(gone)).toContain('既に無効になっています');
    const last = await chief.open(`${path}/end-secret?secret=${newer}`);
    expect(textOf(last)).toContain('ただ1つのシークレット');
    for (const page of [last, await chief.open(`${path}/end-secret?secret=${older}`)])
      expect(page.body).not.toContain(`action="${path}/end-secret"`);
    const knock = async (secret: string) =>
      (
        await world.app.server.inject({
          url: '/api/console/v1/plan',
          headers: { host: 'login.example.co.jp', authorization: basic('sms', secret) },
        })
      ).statusCode;
    expect([await knock(CONSOLE_SECRET), await knock(second)]).toEqual([401, 200]);
    // As the steps of the tests know it.
    await world.addConsole('sms', { ...addressesOf(fake), redirectUris: [`${fake.url}/auth/callback`] });
  });
});

describe('R19: the readiness check on its page', () => {
  it('names each fault with its cure, keeps the result, and the list shows it', async () => {
    const path = '/operator/consoles/sms/check';
    fake.wrong = { logout: 204, request: { nonce: undefined }, date: world.now };
    expect(textOf(await clerk.open(path))).toContain('まだ点検していません');
    const found = await send(clerk, path, await clerk.open(path));
    expect(found.path).toBe(path);
    for (const words of [
      '3件の問題',
      'うち3件は必須の項目です',
      '要対応 (必須)',
      '管理画面はトークンに交換しませんでした',
      '確かめられなかったこと',
      'でたらめなトークンを受け付けました',
      '直し方',
      'nonce がありません',
      '見本 support',
    ])
      expect(textOf(found)).toContain(words);
    expect(textOf(await clerk.open('/operator/consoles'))).toContain('要対応 3件');
    fake.wrong = { date: world.now };
    expect(textOf(await send(clerk, path, await clerk.open(path)))).toContain('1件の問題');
  });
});

describe('R19: a test sign-in', () => {
  const path = '/operator/consoles/sms/test';
  const redirect = () => ({ redirect_uri: `${fake.url}/auth/callback` });
  /** What was written down; the page may be a moment ahead of it. */
  const page = async (browser: Browser, words: string): Promise<string> => {
    for (let tries = 0; tries < 50; tries++) {
      const said = textOf(await browser.open(path));
      if (said.includes(words)) return said;
      await new Promise((later) => setTimeout(later, 20));
    }
    throw new Error(`${words} is not in: ${textOf(await browser.open(path))}`);
  };
  const start = async (browser: Browser) => send(browser, path, await browser.open(path));

  it('tells of the request, the code and who redeemed it, and of no secret', async () => {
    const before = await statementsOf(
      async () => void (await chief.open(authorizeUrl('sms', redirect()).url)),
    );
    expect(textOf(await chief.open(path))).not.toContain('記録しています');
    expect(textOf(await start(chief))).toContain('まだ、この管理画面からの要求は届いていません');
    const { url, verifier } = authorizeUrl('sms', redirect());
    const callback = locationOf(await chief.open(url));
    const issued = await page(chief, '管理画面はまだ引き換えに来ていません');
    for (const words of ['openid email profile', 'S256', `${fake.url}/auth/callback`, 'state', 'nonce'])
      expect(issued).toContain(words);
    expect((await exchange(world, 'sms', callback, verifier)).statusCode).toBe(200);
    await page(chief, '成功しました');
    const kept = JSON.stringify(
      await world.database.db.selectFrom('console_trace_step').selectAll().execute(),
    );
    for (const secret of [
      callback.searchParams.get('code') ?? '-',
      verifier,
      'state-of-the-console',
      'nonce-of-the-console',
    ])
      expect(kept).not.toContain(secret);

    // Nobody else's sign-in is written down, and without a test there is no statement more.
    expect((await clerk.open(authorizeUrl('sms', redirect()).url)).statusCode).not.toBe(500);
    expect(await world.database.db.selectFrom('console_trace_step').select('id').execute()).toHaveLength(2);
    world.pass(11 * MINUTE);
    world.app.forgetCaches();
    await chief.open(path);
    const after = await statementsOf(
      async () => void (await chief.open(authorizeUrl('sms', redirect()).url)),
    );
    expect(after.filter((one) => !one.includes('from "console"'))).toHaveLength(
      before.filter((one) => !one.includes('from "console"')).length,
    );
    expect(textOf(await chief.open(path))).toContain('記録は終わりました');
  });

  it('says who refused what and what to do', async () => {
    await start(chief);
    await chief.open(authorizeUrl('sms', { redirect_uri: `${fake.url}/other` }).url);
    await page(chief, '要求の redirect_uri が登録と一致しません');

    await start(chief);
    const { url, verifier } = authorizeUrl('sms', redirect());
    const callback = locationOf(await chief.open(url));
    await world.app.server.inject({
      method: 'POST',
      url: '/token',
      headers: {
        host: 'login.example.co.jp',
        authorization: basic('sms', 'wrong'),
        'content-type': 'application/x-www-form-urlencoded',
      },
      payload: new URLSearchParams({
        grant_type: 'authorization_code',
        code: callback.searchParams.get('code') ?? '',
        redirect_uri: `${fake.url}/auth/callback`,
        code_verifier: verifier,
      }).toString(),
    });
    await page(chief, 'クライアントIDかシークレットが違います');

    await start(clerk);
    await clerk.open(authorizeUrl('sms', redirect()).url);
    const asked = textOf(await clerk.open(path));
    expect(asked).toMatch(/要求を受け取り、ログインなどのページを示しました|結び付いていません/);
  });

  it('is gone after a day', async () => {
    world.pass(1 * DAY + 1 * MINUTE);
    const later = await signedIn('administrator@example.co.jp');
    expect(textOf(await later.open(path))).not.toContain('に始めたテスト');
  });
});
