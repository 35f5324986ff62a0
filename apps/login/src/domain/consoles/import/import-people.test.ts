import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openImportWorld, type ImportWorld } from './test-world.ts';

let world: ImportWorld;
beforeAll(async () => {
  world = await openImportWorld();
});
beforeEach(() => world.clear());
afterAll(() => world.close());

const HEADER = 'id,email,name,company,locale\n';

describe('R20: people of a console become accounts with links', () => {
  test('a new address is an account with a link, the login ID as the person wrote it', async () => {
    const { report } = await world.imported(
      `${HEADER}7, Taro.Mihon@Example.CO.JP ,見本 太郎,見本商事,日本語\n8,ｈａｎａ＠ｅｘａｍｐｌｅ．ｊｐ,,,EN\n`,
    );
    expect(report).toMatchObject({ rowsRead: 2, created: 2, linked: 0, filled: 0, unchanged: 0, refused: 0 });
    expect(await world.people()).toEqual([
      { address: 'hana@example.jp', name: '', company: '', locale: 'en', links: ['sms:8'] },
      {
        address: 'Taro.Mihon@example.co.jp',
        name: '見本 太郎',
        company: '見本商事',
        locale: 'ja',
        links: ['sms:7'],
      },
    ]);
  });

  test('the same address in two consoles is one account with two links; only what was empty is filled in', async () => {
    await world.imported(`${HEADER}1,a@example.co.jp,見本 太郎,,\n`);
    const file = `${HEADER}m1,A@EXAMPLE.CO.JP,別名 太郎,見本商事,en\n`;
    const { report } = await world.imported(file, { consoleId: world.mail });
    expect(report).toMatchObject({ created: 0, linked: 1, filled: 0 });
    expect(await world.people()).toEqual([
      {
        address: 'a@example.co.jp',
        name: '見本 太郎',
        company: '見本商事',
        locale: 'en',
        links: ['mail:m1', 'sms:1'],
      },
    ]);
  });

  test('run again, a file changes nothing; a row that knows more fills in what is empty', async () => {
    const file = `${HEADER}1,a@example.co.jp,,,\n2,b@example.co.jp,見本 花子,,\n`;
    await world.imported(file);
    const before = await world.people();
    expect((await world.imported(file)).report).toMatchObject({
      created: 0,
      unchanged: 2,
      resumedAfterLine: null,
    });
    expect(await world.people()).toEqual(before);

    const { report } = await world.imported(
      `${HEADER}1,a@example.co.jp,見本 太郎,,\n2,b@example.co.jp,別名,,\n`,
    );
    expect(report).toMatchObject({ filled: 1, unchanged: 1 });
    expect((await world.people()).map((one) => one.name)).toEqual(['見本 太郎', '見本 花子']);
  });

  test('a finished run is recorded in the audit log, with its figures', async () => {
    const { report } = await world.imported(`${HEADER}1,a@example.co.jp,,,\n`, { actor: 'operator:acc_1' });
    const { rows } = await world.database.pool.query(
      'select action, actor, console_id, detail from audit_event',
    );
    expect(rows).toEqual([
      {
        action: 'people.imported',
        actor: 'operator:acc_1',
        console_id: world.sms,
        detail: expect.objectContaining({
          runId: report.runId,
          fileName: 'people.csv',
          created: 1,
          refused: 0,
        }),
      },
    ]);
  });

  test('rows of nothing but separators are not counted', async () => {
    const { report } = await world.imported(
      `${HEADER}1,a@example.co.jp,,,\n,,,,\n\n ,,,,\n2,b@example.co.jp,,,,,\n`,
    );
    expect(report).toMatchObject({ rowsRead: 2, created: 2, refused: 0 });
  });

  test('the sample files of two consoles give 300 accounts, 30 of them with both links', async () => {
    const sample = (name: string) => readFile(new URL(`../../../../../../samples/${name}`, import.meta.url));
    const sms = await world.imported(await sample('sms-users.csv'));
    const mail = await world.imported(await sample('mail-users.csv'), { consoleId: world.mail });
    expect(sms.report).toMatchObject({ encoding: 'shift_jis', created: 200, refused: 5 });
    expect(mail.report).toMatchObject({ encoding: 'utf-8', created: 100, linked: 30, refused: 5 });
    const people = await world.people();
    expect(people).toHaveLength(300);
    expect(people.filter((one) => one.links.length === 2)).toHaveLength(30);
    expect(sms.refusals.map((one) => one.reason)).toEqual([
      'address-malformed',
      'id-missing',
      'id-repeated',
      'address-repeated',
      'columns-mismatch',
    ]);
  });
});

describe('R20: a dry run', () => {
  test('tells the numbers and refusals of the real run and writes nothing', async () => {
    await world.imported(`${HEADER}m1,a@example.co.jp,,,\nm2,b@example.co.jp,,,\n`, {
      consoleId: world.mail,
    });
    await world.imported(`${HEADER}2,b@example.co.jp,,,\n`);
    const file = `${HEADER}1,a@example.co.jp,,,\n2,other@example.co.jp,,,\n3,c@example.co.jp,,,\n3,d@example.co.jp,,,\n,e@example.co.jp,,,\n`;
    const before = await everything();
    const dry = await world.imported(file, { dryRun: true });
    expect(await everything()).toEqual(before);
    const real = await world.imported(file);
    expect({ ...dry.report, runId: null }).toEqual({ ...real.report, runId: null });
    expect(dry.refusals).toEqual(real.refusals);
    expect(dry.report).toMatchObject({ runId: null, rowsRead: 5, created: 1, linked: 1, refused: 3 });
  });

  async function everything(): Promise<unknown[]> {
    const tables = ['account', 'console_link', 'import_run', 'import_refusal', 'audit_event'];
    return Promise.all(
      tables.map(async (table) => (await world.database.pool.query(`select * from ${table}`)).rows),
    );
  }
});
