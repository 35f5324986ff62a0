import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addOperator } from '#domain/operators/operators.ts';
import type { OperatorRole } from '#support/db/schema.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import { toShiftJis } from '#support/primitives/shift-jis.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { PASSWORD, signIn } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

const PAYLOAD = '"><script>alert(1)</script>';
const ROLES = ['viewer', 'support', 'administrator'] as const satisfies readonly OperatorRole[];

let world: World;
const browsers = {} as Record<OperatorRole, Browser>;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
  await world.addConsole('mail', { nameJa: `見本${PAYLOAD}` });
  for (const role of ROLES) {
    const emailAddress = `${role}@example.co.jp`;
    await world.addPerson(emailAddress, {}, { password: PASSWORD, name: `${role} ${PAYLOAD}` });
    await addOperator(world.database.db, { emailAddress, role }, { actor: 'operator:cli', now: world.now });
    browsers[role] = new Browser(world);
    await signIn(browsers[role], '/sign-in', emailAddress);
  }
}, 60_000);
afterAll(() => world.close());

function textOf(page: Answer): string {
  expect(page.body).not.toContain('<script>alert');
  return page.body.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
}

const NEW = '/operator/imports/new';
async function upload(content: string | Buffer, fileName = 'people.csv', clientId = 'sms'): Promise<Answer> {
  return browsers.administrator.submitFile(NEW, { console: clientId }, { name: 'people', fileName, content });
}

async function become(path: string, words: string, who: Browser = browsers.administrator): Promise<Answer> {
  for (let i = 0; ; i++) {
    const page = await who.open(path);
    if (textOf(page).includes(words)) return page;
    if (i > 200) throw new Error(textOf(page));
    await new Promise((then) => setTimeout(then, 50));
  }
}

describe('R20, R25: an operator imports people by file', () => {
  it('uploads, looks at the dry run, types the console’s name, imports, and saves the refused rows', async () => {
    const empty = await browsers.administrator.open('/operator/imports');
    expect(textOf(empty)).toContain('取り込みはまだありません');
    const file = toShiftJis(
      '会員番号,メールアドレス,氏名,備考\n1,a@example.co.jp,髙橋 一,\n1,b@example.co.jp,見本,\n=1+1,c@@example.co.jp,見本,\n3,d@example.co.jp,見本,\n',
    );
    const first = await upload(file, '顧客一覧.csv');
    expect(first.path).toMatch(/^\/operator\/imports\/imp_/);
    const { path } = first;
    const checked = await become(path, '確認が終わりました');
    const words = textOf(checked);
    for (const one of [
      '顧客一覧.csv',
      'Shift_JIS',
      '「会員番号」の列',
      '備考',
      'は 2 行目にもあります',
      '新しいアカウント 2',
    ])
      expect(words).toContain(one);
    expect(checked.body).not.toContain('data-ui-refresh=');
    expect(await accounts()).toEqual([]);

    const confirm = await browsers.administrator.open(`${path}/start`);
    expect(textOf(confirm)).toContain('2人のアカウントを新しく作ります');
    const wrong = await browsers.administrator.submit(confirm, `${path}/start`, { name: '管理画面mail' });
    expect([wrong.statusCode, textOf(wrong)]).toEqual([
      422,
      expect.stringContaining('管理画面の名前が違います'),
    ]);
    await browsers.administrator.submit(confirm, `${path}/start`, { name: '管理画面ＳＭＳ' });
    const done = await become(path, '取り込みが終わりました');
    expect(await accounts()).toEqual(['a@example.co.jp', 'd@example.co.jp']);
    expect(textOf(done)).toContain('直したファイルを送る');
    const again = await browsers.administrator.submit(confirm, `${path}/start`, { name: '管理画面sms' });
    expect([again.statusCode, textOf(again)]).toEqual([409, expect.stringContaining('実行できませんでした')]);
    const late = await browsers.administrator.submit(confirm, `${path}/cancel`, {});
    expect([late.statusCode, textOf(late)]).toEqual([409, expect.stringContaining('すでに終わっています')]);
    for (const act of ['start', 'cancel']) await cannot(`${path}/${act}`, '新しいファイルを送ってください');

    const csv = await browsers.support.open(`${path}/refused.csv`);
    expect(csv.headers['content-disposition']).toBe('attachment; filename="sms-refused.csv"');
    expect(csv.body).toContain("4,4,'=1+1,address-malformed,");
    const inShiftJis = await browsers.support.open(`${path}/refused.csv?encoding=shift_jis`);
    expect(inShiftJis.headers['content-type']).toBe('text/csv; charset=shift_jis');
    expect(new TextDecoder('shift_jis', { fatal: true }).decode(inShiftJis.rawPayload)).toContain(
      '理由コード',
    );
    expect(textOf(await browsers.viewer.open(path))).toContain('サポート担当以上の権限で表示されます');
    expect(textOf(await browsers.viewer.open('/operator/imports?console=sms'))).toContain('新規 2・追加 0');
    expect((await browsers.viewer.open('/operator/imports?console=mail')).body).not.toContain('顧客一覧');
  });

  it('watches without script: the page loads itself anew while work goes on, and a queue is called so', async () => {
    const id = 'imp_watched';
    await world.database.db
      .insertInto('import_upload')
      .values({
        id,
        console_id: (await world.database.db.selectFrom('console').select('id').executeTakeFirstOrThrow()).id,
        file_name: 'long.csv',
        actor: 'operator:cli',
        state: 'importing',
        created_at: world.now,
        size: '1000',
        bytes_read: '640',
        stage: 'importing',
      })
      .execute();
    const page = await browsers.viewer.open(`/operator/imports/${id}`);
    expect(page.body).toContain('<noscript><meta http-equiv="refresh" content="5"/></noscript>');
    expect(page.body).toContain(`data-ui-refresh="/operator/imports/${id}"`);
    expect(textOf(page)).toContain('64.0%');
    expect(textOf(page)).not.toContain('中止する');
    await cannot(`/operator/imports/${id}/start`, 'すでに始まっています');
    const confirm = await browsers.administrator.open(`/operator/imports/${id}/cancel`);
    const after = await browsers.administrator.submit(confirm, `/operator/imports/${id}/cancel`, {});
    expect(textOf(after)).toContain('取り込みを中止しました');
    expect(after.body).not.toContain('http-equiv="refresh"');
  });

  it('says what is missing, too large or unusable, in both languages, and keeps nothing of it', async () => {
    const none = await browsers.administrator.submitFile(NEW, { console: 'none' });
    expect([none.statusCode, textOf(none)]).toEqual([
      422,
      expect.stringContaining('取り込むファイルを選んでください'),
    ]);
    expect(textOf(none)).toContain('取り込み先の管理画面を選んでください');
    const noConsole = await upload('id,email\n', 'a.csv', '');
    expect(noConsole.statusCode).toBe(422);
    expect(textOf(await upload('', 'a.csv'))).toContain('ファイルに何も入っていません');
    const chosenNone = await browsers.administrator.submitFile(
      NEW,
      { console: 'sms' },
      { name: 'people', fileName: '', content: '' },
    );
    expect(textOf(chosenNone)).toContain('取り込むファイルを選んでください');
    const { path } = await upload('名前\n見本\n', `${PAYLOAD}.csv`.replaceAll('"', ''));
    await become(path, 'このファイルは取り込めません');
    await browsers.administrator.request('POST', '/language', { lang: 'en', return_path: '/' });
    expect(textOf(await browsers.administrator.open(path))).toContain('Columns that are needed are missing');
    expect(textOf(await upload('', 'a.csv'))).toContain('There is nothing in the file');
    await browsers.administrator.request('POST', '/language', { lang: 'ja', return_path: '/' });
    const kept = await world.database.db
      .selectFrom('import_piece')
      .select('upload_id')
      .where('upload_id', '!=', 'imp_watched')
      .execute();
    expect(kept).toEqual([]);
  });

  it('script in names, ids, headers and values is shown as it is and runs nowhere', async () => {
    const file = `id,email,"${PAYLOAD.replaceAll('"', '""')}"\n"${PAYLOAD.replaceAll('"', '""')}",${'<b>x</b>'}@@example.co.jp,x\n9,x@example.co.jp,x\n`;
    const { path } = await upload(file, '<img src=x>.csv', 'mail');
    const page = await become(path, '確認が終わりました');
    expect(page.body).toContain('&lt;img src=x>.csv');
    expect(page.body).toContain('&lt;b>x&lt;/b>');
    textOf(await browsers.administrator.open(`${path}/start`));
    textOf(await browsers.administrator.open('/operator/imports'));
    textOf(await browsers.administrator.open(NEW));
  });

  it('to start needs a sign-in of a moment ago; what does not exist is not found', async () => {
    for (const path of [
      '/operator/imports/imp_none',
      '/operator/imports/imp_none/start',
      '/operator/imports/x/refused.csv',
    ])
      expect((await browsers.administrator.request('GET', path)).statusCode, path).toBe(404);
    const { path } = await upload('id,email\n7,f@example.co.jp\n');
    await become(path, '確認が終わりました');
    world.pass(20 * MINUTE);
    const answer = await browsers.administrator.request('GET', `${path}/start`);
    expect(answer.headers.location).toContain('fresh=1');
  });
});

/** The page of an act that would only be refused says so and what to do, and has no button for it. */
async function cannot(path: string, words: string): Promise<void> {
  const page = await browsers.administrator.open(path);
  expect([page.statusCode, textOf(page)]).toEqual([200, expect.stringContaining(words)]);
  expect(textOf(page)).toContain('いまは実行できません');
  expect(page.body).not.toContain(`action="${path}"`);
}

async function accounts(): Promise<string[]> {
  const rows = await world.database.db
    .selectFrom('console_link')
    .innerJoin('account', 'account.id', 'console_link.account_id')
    .select('email_address')
    .orderBy('email_address')
    .execute();
  return rows.map((row) => row.email_address);
}
