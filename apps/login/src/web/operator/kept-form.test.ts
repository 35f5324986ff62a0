import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { forgetKeptForms, keepOperatorForm } from '#domain/operators/kept-forms.ts';
import { addOperator } from '#domain/operators/operators.ts';
import { setNoticeWords } from '#domain/notices/words.ts';
import { HOUR, MINUTE } from '#support/primitives/durations.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { PASSWORD, signIn, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

const START = new Date('2027-02-01T03:00:00Z');
const WORDS = '/operator/notices/words/sms/reminder/edit';
const TYPED = {
  ja_subject: 'もうすぐ切替です {cutOverDate}',
  ja_body: '{name} 様\n\n"><b>長い文面</b>です。\n{signInUrl}',
  en_subject: 'Soon {cutOverDate}',
  en_body: 'Dear {name}\n\n{signInUrl}',
  reader: '',
};

let world: World;
let consoleId: string;
const ids = {} as Record<'first' | 'second', string>;
const db = () => world.database.db;

beforeAll(async () => {
  // Not before the machine's own clock, by which the engine judges sessions.
  world = await openWorld({ work: false, now: START });
  consoleId = await world.addConsole('sms');
  for (const who of ['first', 'second'] as const) {
    ids[who] = await world.addPerson(`${who}@example.co.jp`, {}, { password: PASSWORD });
    await addOperator(
      db(),
      { emailAddress: `${who}@example.co.jp`, role: 'administrator' },
      { actor: 'operator:cli', now: START },
    );
  }
});
afterAll(() => world.close());
beforeEach(async () => {
  world.now = START;
  await db().deleteFrom('kept_operator_form').execute();
});

async function signedIn(who: 'first' | 'second'): Promise<Browser> {
  const browser = new Browser(world);
  await signIn(browser, '/sign-in', `${who}@example.co.jp`);
  await browser.request('POST', '/language', { lang: 'ja', return_path: '/' });
  return browser;
}

/** Sends a form, and follows to the sign-in page that it leads to. */
async function sendLate(browser: Browser, path: string, form: Record<string, string>): Promise<Answer> {
  const asked = await browser.request('POST', path, form);
  expect(asked.statusCode).toBe(303);
  expect(asked.headers.location).toMatch(/^\/sign-in\?/);
  return browser.open(asked.headers.location ?? '');
}

const prove = (browser: Browser, page: Answer, who: 'first' | 'second' = 'first') =>
  browser.submit(page, page.path, { email_address: `${who}@example.co.jp`, password: PASSWORD });

/** What stands in the fields of a form. */
function valueOf(page: Answer, name: string): string | undefined {
  const input = new RegExp(`<input[^>]*\\bname="${name}"[^>]*>`).exec(page.body)?.[0];
  const text = input
    ? /\bvalue="([^"]*)"/.exec(input)?.[1]
    : new RegExp(`<textarea[^>]*\\bname="${name}"[^>]*>([^<]*)</textarea>`).exec(page.body)?.[1];
  return text
    ?.replace(/^\n/, '')
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

function expectWords(page: Answer): void {
  for (const [name, value] of Object.entries(TYPED)) expect(valueOf(page, name) ?? '', name).toBe(value);
}

describe('R25: a form that was open for long loses nothing of what was typed', () => {
  it('the words of a notice are back after the password was asked for anew, and nothing was done', async () => {
    const browser = await signedIn('first');
    await browser.open(WORDS);
    world.pass(40 * MINUTE);
    const asked = await sendLate(browser, WORDS, { step: 'act', revision: '0', ...TYPED });
    expect(asked.path).toContain('fresh=1');
    const back = await prove(browser, asked);
    expect(back.statusCode).toBe(200);
    expect(textOf(back)).toContain('入力した内容を戻しました');
    expectWords(back);
    // Once more is no harm: a page is loaded anew, or seen in the other language.
    expectWords(await browser.open(back.path));
    const checked = await browser.submit(back, WORDS, TYPED);
    expect(checked.statusCode).toBe(200);
    expect(textOf(checked)).toContain('まだ何も変更されていません');
    expect(textOf(checked)).not.toContain('入力した内容を戻しました');
  });

  it('also where the session had run out altogether', async () => {
    const browser = await signedIn('first');
    await browser.open(WORDS);
    world.pass(3 * HOUR);
    const asked = await sendLate(browser, WORDS, { step: 'check', revision: '0', ...TYPED });
    expect(asked.path).toContain('interrupted=1');
    expectWords(await prove(browser, asked));
  });

  it('another operator who signs in there gets nothing of it, and is told so; nor does another page', async () => {
    const browser = await signedIn('first');
    world.pass(3 * HOUR);
    const asked = await sendLate(browser, WORDS, { step: 'check', revision: '0', ...TYPED });
    const other = await prove(browser, asked, 'second');
    expect(other.statusCode).toBe(200);
    expect(other.path).toContain('?kept=');
    expect(other.body).not.toContain('もうすぐ切替です');
    expect(textOf(other)).toContain('入力した内容は残っていません');
    const owner = await signedIn('first');
    expectWords(await owner.open(other.path));
    const elsewhere = await owner.open(other.path.replace('/reminder/', '/withdrawn/'));
    expect(elsewhere.body).not.toContain('もうすぐ切替です');
  });

  it('is kept for an hour, and then deleted', async () => {
    const browser = await signedIn('first');
    world.pass(40 * MINUTE);
    const asked = await sendLate(browser, WORDS, { step: 'check', revision: '0', ...TYPED });
    world.pass(1 * HOUR);
    const late = await prove(browser, asked);
    expect(late.body).not.toContain('もうすぐ切替です');
    expect(textOf(late)).toContain('もう一度入力してください');
    await forgetKeptForms(db(), world.now);
    expect(await db().selectFrom('kept_operator_form').selectAll().execute()).toEqual([]);
  });

  it('words that somebody else changed meanwhile are shown beside what was typed', async () => {
    const browser = await signedIn('first');
    world.pass(40 * MINUTE);
    const asked = await sendLate(browser, WORDS, { step: 'check', revision: '0', ...TYPED });
    const texts = { ja: { subject: '別の件名 {cutOverDate}' } };
    const by = { actor: `operator:${ids.second}`, now: world.now };
    await setNoticeWords(db(), consoleId, { kind: 'reminder', texts, revision: 0 }, by);
    const back = await prove(browser, asked);
    expect(back.statusCode).toBe(409);
    expectWords(back);
    expect(textOf(back)).toContain('別の件名');
  });

  it('the form of a date, of settings, of a new console and of an act on an account are back as well', async () => {
    const taro = await world.addPerson('taro@example.co.jp', { sms: 'u-1' }, { password: PASSWORD });
    const forms: readonly [path: string, typed: Record<string, string>][] = [
      ['/operator/migration/sms/announce', { date: '2027-05-0', time: '9:30', note: '会議で決定' }],
      ['/operator/settings/texts', { supportJa: '見本サポート 03-0000-0000', helpJa: '見本の案内' }],
      ['/operator/consoles/new', { clientId: 'sample', nameJa: '見本の管理画面', domains: 'example.co.jp' }],
      [`/operator/accounts/${taro}/close`, { reason: '退職のため', typed: 'taro@' }],
      ['/operator/tokens/new', { name: '見本の道具', days: '12' }],
    ];
    const browser = await signedIn('first');
    for (const [path, typed] of forms) {
      world.pass(40 * MINUTE);
      const back = await prove(browser, await sendLate(browser, path, { step: 'check', ...typed }));
      expect(back.statusCode, path).toBe(200);
      expect(textOf(back), path).toContain('入力した内容を戻しました');
      for (const [name, value] of Object.entries(typed)) expect(valueOf(back, name), name).toBe(value);
    }
  });

  it('keeps no field that may hold a secret, nothing of who is no operator, and ten forms at most', async () => {
    const form = {
      accountId: ids.first,
      path: WORDS,
      body: { note: '見本', password: PASSWORD, code: '123456' },
    };
    for (let at = 0; at < 12; at++) await keepOperatorForm(db(), form, new Date(world.now.getTime() + at));
    const kept = await db().selectFrom('kept_operator_form').selectAll().execute();
    expect(kept).toHaveLength(10);
    expect(kept.every(({ fields }) => JSON.stringify(fields) === '{"note":"見本"}')).toBe(true);
    await db().deleteFrom('kept_operator_form').execute();
    await sendLate(new Browser(world), WORDS, { step: 'check', ...TYPED });
    const customer = new Browser(world);
    await world.addPerson('hanako@example.co.jp', {}, { password: PASSWORD });
    await signIn(customer, '/sign-in', 'hanako@example.co.jp');
    world.pass(3 * HOUR);
    await sendLate(customer, WORDS, { step: 'check', ...TYPED });
    expect(await db().selectFrom('kept_operator_form').selectAll().execute()).toEqual([]);
  });
});
