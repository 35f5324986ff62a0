import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NOW, openImportWorld, type ImportWorld } from '#domain/consoles/import/test-world.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { importCommand, type ExitCode } from './import.ts';

let world: ImportWorld;
let folder: string;
beforeAll(async () => {
  world = await openImportWorld();
  folder = await mkdtemp(join(tmpdir(), 'hitokagi-cli-'));
});
beforeEach(() => world.clear());
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

const FILE =
  'ユーザーID,メールアドレス,氏名\n1,a@example.co.jp,見本 太郎\n2,b@@example.co.jp,見本 花子\n=3,c@example.co.jp,"見本\n桜"\n,,見本\n';

describe('R20: hitokagi import', () => {
  test('reports the figures and the refused rows in Japanese, and ends with 0', async () => {
    const { code, output } = await run(['people.csv', '--console', 'sms'], { file: FILE });
    expect(code).toBe(0);
    expect(output).toBe(`people.csv → 見本 sms
 100 %  4 行
文字コード UTF-8、コンマ区切り

  4  読み込んだ行
  2  新しいアカウント
  0  ほかの管理画面のアカウントに追加
  0  空の項目を補ったアカウント
  0  変更なし
  2  取り込めなかった行

取り込めなかった行と理由
  3  「b@@example.co.jp」はメールアドレスとして使えません。name@example.co.jp のような形に直してください。
  6  ユーザーIDがありません。管理画面でのユーザーIDを入れてください。
  6  メールアドレスがありません。ログインIDになるメールアドレスを入れてください。
直したファイルをもう一度取り込んでください。取り込み済みの人は変わりません。
`);
  });

  test('speaks English where English is set', async () => {
    const { output } = await run(['people.csv', '--console', 'sms', '--dry-run'], {
      file: FILE,
      locale: 'en',
    });
    expect(output).toContain('people.csv → Sample sms (dry run)');
    expect(output).toContain('Dry run: nothing was written.');
    expect(output).toContain('  3  "b@@example.co.jp" cannot be used as an e-mail address.');
    expect(output).not.toMatch(/[ぁ-ん]/);
    expect(await world.people()).toEqual([]);
  });

  test('--json gives one document that a program can read', async () => {
    const { code, output } = await run(['people.csv', '--console', 'sms', '--json'], { file: FILE });
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({
      ok: true,
      console: 'sms',
      fileName: 'people.csv',
      dryRun: false,
      runId: expect.stringMatching(/^imp_/),
      encoding: 'utf-8',
      columns: { id: 'ユーザーID', address: 'メールアドレス', name: '氏名' },
      rowsRead: 4,
      created: 2,
      refused: 2,
      refusals: [
        {
          line: 3,
          id: '2',
          reason: 'address-malformed',
          value: 'b@@example.co.jp',
          text: expect.any(String),
        },
        { line: 6, id: null, reason: 'id-missing' },
        { line: 6, id: null, reason: 'address-missing' },
      ],
    });
  });

  test('shows 50 refused rows and writes all of them to --report, as a spreadsheet reads them', async () => {
    const rows = Array.from({ length: 80 }, (_, index) => `=${index},none,`);
    const report = join(folder, 'report.csv');
    const { code, output } = await run(['people.csv', '--console', 'sms', '--report', report], {
      file: ['id,email,name', ...rows, ''].join('\n'),
    });
    expect(code).toBe(0);
    expect(output.match(/メールアドレスとして使えません/g)).toHaveLength(50);
    expect(output).toContain('最初の 50 件を表示しました。');
    const text = await readFile(report, 'utf8');
    const lines = text.split('\r\n');
    expect(lines[0]).toBe('\ufeff"行","最後の行","ユーザーID","理由コード","理由"');
    expect(lines[80]).toMatch(/^"81","81","'=79","address-malformed","「none」は/);
    expect(lines).toHaveLength(82);
  });

  test('run again, everything is unchanged', async () => {
    await run(['people.csv', '--console', 'sms'], { file: FILE });
    const { output } = await run(['people.csv', '--console', 'sms'], { file: FILE });
    expect(output).toMatch(/0 {2}新しいアカウント/);
    expect(output).toMatch(/2 {2}変更なし/);
  });

  test('a file that cannot be read ends with 2 and says what to do', async () => {
    expect(await run(['absent.csv', '--console', 'sms'], {})).toMatchObject({
      code: 2,
      errors: expect.stringContaining('ファイルがありません'),
    });
    expect(await run(['.', '--console', 'sms'], {})).toMatchObject({
      code: 2,
      errors: expect.stringContaining('フォルダー'),
    });
    expect(await run(['people.csv', '--console', 'sms'], { file: '' })).toMatchObject({
      code: 2,
      errors: expect.stringContaining('何も入っていません'),
    });
    expect(
      await run(['people.csv', '--console', 'sms'], { file: Buffer.from(FILE, 'utf16le') }),
    ).toMatchObject({
      code: 2,
      errors: expect.stringContaining('UTF-16'),
    });
    const missing = await run(['people.csv', '--console', 'sms', '--json'], { file: '番号,氏名\n1,見本\n' });
    expect(missing.code).toBe(2);
    expect(JSON.parse(missing.output)).toMatchObject({
      ok: false,
      reason: 'columns-missing',
      message: expect.stringContaining('番号, 氏名'),
    });
  });

  test('an unknown console ends with 1 and names those that there are', async () => {
    expect(await run(['people.csv', '--console', 'nowhere'], { file: FILE })).toMatchObject({
      code: 1,
      errors: expect.stringContaining('sms, mail'),
    });
  });

  test('the report may neither overwrite the file nor lie where it cannot be written; then nothing is imported', async () => {
    const path = join(folder, 'people.csv');
    expect(
      await run([path, '--console', 'sms', '--report', join(folder, '.', 'people.csv')], { file: FILE }),
    ).toMatchObject({ code: 1 });
    expect(await readFile(path, 'utf8')).toBe(FILE);
    expect(
      await run([path, '--console', 'sms', '--report', join(folder, 'absent', 'x.csv')], {}),
    ).toMatchObject({ code: 1 });
    expect(await world.people()).toEqual([]);
  });
});

async function run(
  args: string[],
  of: { file?: string | Buffer; locale?: Locale },
): Promise<{ code: ExitCode | undefined; output: string; errors: string }> {
  if (of.file !== undefined) await writeFile(join(folder, 'people.csv'), of.file);
  const output = sink();
  const errors = sink();
  let code: ExitCode | undefined;
  const command = importCommand({
    openDatabase: async () => world.database,
    clock: () => NOW,
    locale: of.locale ?? 'ja',
    output: output.stream,
    errors: errors.stream,
    exit: (value) => (code = value),
  });
  const [file = '', ...rest] = args;
  await command.parseAsync([join(folder, file.replace(folder, '')), ...rest], { from: 'user' });
  return { code, output: output.text(), errors: errors.text() };
}

function sink() {
  let text = '';
  const stream = new Writable({
    write(chunk, _, done) {
      text += String(chunk);
      done();
    },
  });
  return { stream, text: () => text };
}
