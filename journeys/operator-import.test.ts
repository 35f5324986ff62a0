import { readFile } from 'node:fs/promises';
import { describe } from 'vitest';
import { addOperator } from '../apps/login/src/domain/operators/operators.ts';
import { toShiftJis } from '../apps/login/src/support/primitives/shift-jis.ts';
import { expect } from './expect.ts';
import { journeysIn } from './journey.ts';
import { NEW_PASSWORD, signIn } from './pages.ts';
import { look } from './screen.ts';
import type { Visitor, VisitorOptions } from './visitor.ts';
import type { World } from './world.ts';

const journey = journeysIn();

const WORDS = {
  ja: {
    upload: 'ファイルを取り込む',
    console: '取り込み先の管理画面',
    file: '利用者のファイル',
    send: '送って確認する',
    checked: /確認が終わりました/,
    start: '取り込みを始める',
    name: /管理画面の名前「(.+)」を入力/,
    done: /取り込みが終わりました/,
    save: 'CSVで保存（Shift_JIS）',
    fileName: '会員一覧.csv',
    columns: '会員番号,メールアドレス,氏名,会社名',
    header: '行,最後の行,ユーザーID,理由コード,理由',
    repeated: 'もあります',
  },
  en: {
    upload: 'Import a file',
    console: 'Console whose people these are',
    file: 'File of people',
    send: 'Send and check',
    checked: /The check is done/,
    start: 'Start the import',
    name: /type the name of the console: (.+)/,
    done: /The import is done/,
    save: 'Save as CSV (Shift_JIS)',
    fileName: 'members.csv',
    columns: 'member number,e-mail,name,company',
    header: 'line,last line,user ID,reason code,reason',
    repeated: 'stands on line',
  },
} as const;

const WAYS: Readonly<Record<string, VisitorOptions>> = {
  'in Japanese': {},
  'in English, at 768 px, with script switched off': { language: 'en', width: 768, script: false },
};
const PEOPLE = 400;

async function administrator(world: World, options: VisitorOptions): Promise<Visitor> {
  const { emailAddress } = await world.addPerson({ consoles: [], password: NEW_PASSWORD });
  const by = { actor: 'operator:cli', now: world.clock.now() };
  await addOperator(world.login.database.db, { emailAddress, role: 'administrator' }, by);
  const visitor = await world.visitor(options);
  await visitor.open(`${world.login.pagesUrl}/operator`);
  await signIn(visitor, emailAddress, NEW_PASSWORD);
  return visitor;
}

/** People of an old console as its spreadsheet writes them: one id twice, one address that is none, a formula. */
function oldFile(prefix: string, header: string): Buffer {
  const rows = Array.from(
    { length: PEOPLE },
    (_, i) => `${prefix}${i},${prefix}${i}@example.co.jp,髙橋 ${i},㈱見本商事`,
  );
  rows.push(`${prefix}0,${prefix}-again@example.co.jp,見本,見本商事`, `=1+1,x@@example.co.jp,見本,見本商事`);
  return toShiftJis(`${header}\r\n${rows.join('\r\n')}\r\n`);
}

describe.each(Object.entries(WAYS))('R20, R25: an administrator %s', (_, options) => {
  journey(
    'R20: uploads a file in Shift_JIS with bad rows, looks at its dry run, imports, watches, and saves the rows that were not taken',
    async (world) => {
      const visitor = await administrator(world, options);
      const { page, language } = visitor;
      const t = WORDS[language];
      const main = page.getByRole('main');
      await visitor.open(`${world.login.pagesUrl}/operator/imports`);
      await visitor.followLink(t.upload, main);
      await look(visitor, `import-${language}-1-upload`, { thorough: true });
      await page.getByLabel(t.console).selectOption('sms');
      await page
        .getByLabel(t.file)
        .setInputFiles({ name: t.fileName, mimeType: 'text/csv', buffer: oldFile(language, t.columns) });
      await visitor.pressButton(t.send, main);
      await watched(visitor, t.checked);
      await look(visitor, `import-${language}-2-checked`, { thorough: true });
      await expect(main.getByText('Shift_JIS', { exact: true })).toBeVisible();
      await expect(main.getByText(t.repeated).first()).toBeVisible();
      await expect(main.getByText(`${PEOPLE + 2}`, { exact: true }).first()).toBeVisible();
      await visitor.followLink(t.start, main);
      const name = t.name.exec(await main.innerText())?.[1] ?? '';
      await page.getByLabel(t.name).fill(name);
      await visitor.pressButton(t.start, main);
      await watched(visitor, t.done);
      await look(visitor, `import-${language}-3-done`, { thorough: true });
      const download = page.waitForEvent('download');
      await page.getByRole('link', { name: t.save }).click();
      const file = await readFile(await (await download).path());
      const lines = new TextDecoder('shift_jis', { fatal: true }).decode(file).split('\r\n');
      expect(lines[0]).toBe(t.header);
      expect(lines.slice(1, 3).map((line) => line.split(',').slice(0, 4))).toEqual([
        [String(PEOPLE + 2), String(PEOPLE + 2), `${language}0`, 'id-repeated'],
        [String(PEOPLE + 3), String(PEOPLE + 3), "'=1+1", 'address-malformed'],
      ]);
      const taken = await world.login.database.db
        .selectFrom('account')
        .select('name')
        .where('email_key', 'like', `${language}%@example.co.jp`)
        .where('company', '=', '㈱見本商事')
        .execute();
      expect(taken).toHaveLength(PEOPLE);
    },
  );
});

/** The page says by itself when it is done: by its script, or because the browser loads it anew. */
async function watched({ page }: Visitor, words: RegExp): Promise<void> {
  await expect(page.getByRole('main').getByText(words).first()).toBeVisible({ timeout: 30_000 });
}
