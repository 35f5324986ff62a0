import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { noticeWords, setNoticeWords } from '#domain/notices/words.ts';
import { addOperator } from '#domain/operators/operators.ts';
import { HOUR } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { PASSWORD, signIn, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

const START = new Date('2027-02-01T03:00:00Z');
const PAYLOAD = '"><script>window.injected=1</script>{name}</textarea><img src=x onerror=window.injected=1>';

let world: World;
let chief: Browser;
let viewer: Browser;
let consoleId: string;
let round = 0;
const db = () => world.database.db;

beforeAll(async () => {
  // Not before the machine's own clock, by which the engine judges sessions.
  world = await openWorld({ work: false, now: START });
  const signedIn = async (role: 'viewer' | 'administrator') => {
    const emailAddress = `${role}@example.co.jp`;
    await world.addPerson(emailAddress, {}, { password: PASSWORD, name: `担当 ${role}` });
    await addOperator(db(), { emailAddress, role }, { actor: 'operator:cli', now: world.now });
    const browser = new Browser(world);
    await signIn(browser, '/sign-in', emailAddress);
    await browser.request('POST', '/language', { lang: 'ja', return_path: '/' });
    return browser;
  };
  chief = await signedIn('administrator');
  viewer = await signedIn('viewer');
});
afterAll(() => world.close());
beforeEach(async () => {
  world.now = START;
  round++;
  consoleId = await world.addConsole(`c${round}`);
  await world.addPerson(`hanako${round}@example.co.jp`, { [`c${round}`]: 'u-1' }, { name: '見本 花子' });
});

const path = (kind = 'reminder', rest = '') => `/operator/notices/words/c${round}/${kind}${rest}`;
const edit = (typed: Record<string, string>, kind = 'reminder') =>
  chief.request('POST', path(kind, '/edit'), { step: 'check', revision: '0', ...typed });
const stored = (kind: 'reminder' | 'withdrawn' = 'reminder') => noticeWords(db(), consoleId, kind);

describe('R25, R14: the words of a console’s notices', () => {
  it('stand in a list by kind, and each with its placeholders and the mail that it makes', async () => {
    const list = textOf(await viewer.open(`/operator/notices/words?console=c${round}`));
    for (const words of [
      '切替日のお知らせ',
      '切替の30日前、7日前、1日前に自動で',
      '標準の文面',
      '最後の変更',
    ])
      expect(list).toContain(words);
    const page = await viewer.open(path());
    expect(textOf(page)).toContain('【あと{daysBefore}日】');
    expect(textOf(page)).toContain('【あと30日】');
    expect(textOf(page)).toContain('Dear Taro Mihon');
    expect(page.body).not.toContain('/edit');
    expect((await viewer.open(path('reminder', '/edit'))).statusCode).toBe(403);
    expect((await viewer.open(path('nonsense'))).statusCode).toBe(404);
    expect((await viewer.open('/operator/notices/words/none/reminder')).statusCode).toBe(404);
  });

  it('are changed by form, confirmation and act; nothing changes before, and who did it is said', async () => {
    const form = await chief.open(path('reminder', '/edit'));
    expect(textOf(form)).toContain('{firstSignInUrl}');
    const checked = await edit({
      ja_subject: 'そろそろです {cutOverDate}',
      ja_body: '{name} 様\n\n{signInUrl}',
    });
    expect(checked.statusCode).toBe(200);
    for (const words of [
      'まだ何も変更されていません',
      '見本 太郎 様',
      'そろそろです',
      '日本語の件名、日本語の本文',
    ])
      expect(textOf(checked)).toContain(words);
    expect((await stored()).revision).toBe(0);
    const done = await edit({ step: 'act', ja_subject: 'そろそろです {cutOverDate}', ja_body: '{name} 様' });
    expect(done.headers.location).toBe(path('reminder', '?done=saved'));
    const page = textOf(await chief.open(String(done.headers.location)));
    expect(page).toContain('文面を保存しました');
    expect(page).toContain('そろそろです {cutOverDate}');
    expect(page).toContain('担当 administrator');
    expect((await stored()).texts).toEqual({
      ja: { subject: 'そろそろです {cutOverDate}', body: '{name} 様' },
    });
    // An announcement's form begins with the words of the console.
    await setNoticeWords(
      db(),
      consoleId,
      { kind: 'announcement', texts: { ja: { subject: '見本の件名' } }, revision: 0 },
      { actor: 'operator:cli', now: world.now },
    );
    expect((await chief.open(`/operator/migration/c${round}/announce`)).body).toContain('value="見本の件名"');
  });

  it('are tried out without being stored: as a sample, as a given person, and by a test to an address', async () => {
    const seen = await edit({
      preview: 'yes',
      en_body: 'Hello {name}',
      reader: `hanako${round}@example.co.jp`,
    });
    expect(textOf(seen)).toContain('Hello 見本 花子');
    expect(textOf(seen)).toContain(`hanako${round}@example.co.jp に届く内容です`);
    expect(textOf(await edit({ preview: 'yes', reader: 'nobody@example.co.jp' }))).toContain(
      'このログインIDの人はいません',
    );
    const sent = await edit({ step: 'test', en_body: 'Hello {name}', address: `you${round}@example.co.jp` });
    expect(textOf(sent)).toContain(`テストメールを2通、you${round}@example.co.jp に送りました`);
    expect(textOf(await edit({ step: 'test', address: 'you' }))).toContain(
      'メールアドレスの形になっていません',
    );
    const queued = await db()
      .selectFrom('message')
      .select('params')
      .where('recipient', '=', `you${round}@example.co.jp`)
      .execute();
    expect(queued).toHaveLength(2);
    expect(JSON.stringify(queued[0]?.params)).toContain('Hello {name}');
    expect((await stored()).revision).toBe(0);
  });

  it.each([
    [{ ja_body: '{nmae} 様' }, 'ja_body', '日本語の本文にある {nmae} という差し込みはありません'],
    [{ en_subject: 'Hi {name' }, 'en_subject', '英語の件名に、組になっていない波かっこ'],
    [{ en_body: 'x'.repeat(20_001) }, 'en_body', '20,000文字以内'],
  ])('%# are refused in a sentence at their field, and stay in the form', async (typed, name, sentence) => {
    const page = await edit({ ...typed, step: 'act' });
    expect(page.statusCode).toBe(422);
    expect(textOf(page)).toContain(sentence);
    expect(page.body).toContain(`href="#${name}"`);
    expect(page.body).toContain(Object.values(typed)[0] ?? '');
    expect((await stored()).revision).toBe(0);
  });

  it('are refused where the kind of notice has no value for a placeholder', async () => {
    expect(textOf(await edit({ ja_body: '{cutOverDate}' }, 'withdrawn'))).toContain(
      'このお知らせには入れるものがありません',
    );
  });

  it('are never overwritten unseen: the second of two operators is told who was first, and keeps what was typed', async () => {
    const mine = { ja_subject: '私の件名' };
    expect((await edit(mine)).statusCode).toBe(200);
    await setNoticeWords(
      db(),
      consoleId,
      { kind: 'reminder', texts: { ja: { subject: 'ほかの人の件名' } }, revision: 0 },
      { actor: 'operator:cli', now: world.now },
    );
    for (const step of ['check', 'act', 'test']) {
      const told = await edit({ ...mine, step });
      expect(told.statusCode, step).toBe(409);
      for (const words of [
        'ほかの担当者が文面を変更しました',
        'コマンドライン がこの文面を保存しました',
        'ほかの人の件名',
      ])
        expect(textOf(told)).toContain(words);
      expect(told.body).toContain('value="私の件名"');
      expect(told.body).toContain('name="revision" value="1"');
    }
    expect((await stored()).texts).toEqual({ ja: { subject: 'ほかの人の件名' } });
    expect((await edit({ ...mine, step: 'act', revision: '1' })).statusCode).toBe(303);
    expect((await stored()).texts).toEqual({ ja: { subject: '私の件名' } });
  });

  it('A2: stay what they are, text, on every page', async () => {
    const typed = { ja_subject: PAYLOAD, ja_body: PAYLOAD, en_subject: PAYLOAD, en_body: PAYLOAD };
    const pages = [
      await edit(typed),
      await edit({ ...typed, preview: 'yes' }),
      await edit({ ...typed, step: 'test', address: PAYLOAD }),
      await edit({ ...typed, reader: PAYLOAD }),
    ];
    expect((await edit({ ...typed, step: 'act' })).statusCode).toBe(303);
    pages.push(await chief.open(path()), await chief.open(path('reminder', '/edit')), await edit(typed));
    for (const page of pages) expect(page.body).not.toMatch(/<script>window|<img src=x|<\/textarea><img/);
  });

  it('want a sign-in of the last minutes', async () => {
    world.pass(HOUR / 2);
    expect((await chief.request('GET', path('reminder', '/edit'))).headers.location).toContain('/sign-in');
    expect((await chief.request('GET', path())).statusCode).toBe(200);
  });
});
