import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LOCALES } from '#support/primitives/locale.ts';
import type { RefusalReason } from './refusals.ts';
import { importRefusals } from './run.ts';
import { openImportWorld, type ImportWorld } from './test-world.ts';
import { fileRefusalText, refusalText } from './texts.ts';

let world: ImportWorld;
beforeAll(async () => {
  world = await openImportWorld();
});
beforeEach(() => world.clear());
afterAll(() => world.close());

const HEADER = 'id,email,name,company,locale\n';

describe('R20: what is not taken is told with its line and its reason', () => {
  const cases: { what: string; rows: string; wanted: { line: number; reason: RefusalReason }[] }[] = [
    { what: 'no id', rows: ',a@example.co.jp,,,', wanted: [{ line: 2, reason: 'id-missing' }] },
    { what: 'no address', rows: '1,　,,,', wanted: [{ line: 2, reason: 'address-missing' }] },
    {
      what: 'neither id nor a sound address: both are told',
      rows: ',a@@example.co.jp,,,',
      wanted: [
        { line: 2, reason: 'id-missing' },
        { line: 2, reason: 'address-malformed' },
      ],
    },
    {
      what: 'an address that is none',
      rows: '1,a.example.co.jp,,,',
      wanted: [{ line: 2, reason: 'address-malformed' }],
    },
    {
      what: 'an id that a spreadsheet rounded',
      rows: '1.23457E+11,a@example.co.jp,,,',
      wanted: [{ line: 2, reason: 'id-damaged' }],
    },
    {
      what: 'the same id again',
      rows: '1,a@example.co.jp,,,\n1,b@example.co.jp,,,',
      wanted: [{ line: 3, reason: 'id-repeated' }],
    },
    {
      what: 'the same address again, spelled otherwise',
      rows: '1,a@example.co.jp,,,\n2,b@example.co.jp,,,\n3,Ａ@EXAMPLE.co.jp,,,',
      wanted: [{ line: 4, reason: 'address-repeated' }],
    },
    { what: 'too few columns', rows: '1,a@example.co.jp', wanted: [{ line: 2, reason: 'columns-mismatch' }] },
    {
      what: 'too many columns',
      rows: '1,a@example.co.jp,,,,x',
      wanted: [{ line: 2, reason: 'columns-mismatch' }],
    },
    {
      what: 'a quote that a later row closes',
      rows: '1,a@example.co.jp,"A,,\n2,b@example.co.jp,"B",,',
      wanted: [{ line: 2, reason: 'quote-broken' }],
    },
    {
      what: 'an id with half of its quotes',
      rows: '"1" ,a@example.co.jp,A,,',
      wanted: [{ line: 2, reason: 'quote-broken' }],
    },
    {
      what: 'a name beyond all measure',
      rows: `1,a@example.co.jp,${'長'.repeat(201)},,`,
      wanted: [{ line: 2, reason: 'too-long' }],
    },
    {
      what: 'a NUL in the id',
      rows: '1\u0000,a@example.co.jp,,,',
      wanted: [{ line: 2, reason: 'characters-forbidden' }],
    },
    {
      what: 'a NUL in the address',
      rows: '1,a\u0000@example.co.jp,,,',
      wanted: [{ line: 2, reason: 'address-malformed' }],
    },
  ];

  test.each(cases)('$what', async ({ rows, wanted }) => {
    const { report, refusals } = await world.imported(`${HEADER}${rows}\n9,z@example.co.jp,,,\n`);
    expect(refusals.map(({ line, reason }) => ({ line, reason }))).toEqual(wanted);
    expect(report.refused).toBe(1);
    expect((await world.people()).map((one) => one.address)).toContain('z@example.co.jp');
    expect(await importRefusals(world.database.db, report.runId ?? '', { limit: 10 })).toEqual(
      [...refusals].sort((a, b) => (a.reason < b.reason ? -1 : 1)),
    );
    for (const refusal of refusals)
      for (const locale of LOCALES) expect(refusalText(refusal, locale)).not.toMatch(/undefined|null/);
  });

  test('a quote that is never closed: the rows before it are taken, and it is said that those after it were not read', async () => {
    const rows = Array.from({ length: 1_500 }, (_, index) => `${index},u${index}@example.co.jp,,,\n`).join(
      '',
    );
    const file = `${HEADER}${rows}x,x@example.co.jp,"X,,\ny,y@example.co.jp,,,\nz,z@example.co.jp,,,\n`;
    const { report, refusals } = await world.imported(file);
    expect(report).toMatchObject({ rowsRead: 1_501, created: 1_500, refused: 1 });
    expect(refusals).toEqual([{ line: 1_502, lastLine: 1_504, id: null, reason: 'quote-broken' }]);
    const texts = LOCALES.map((locale) => refusals.map((one) => refusalText(one, locale)).join());
    expect(texts.join()).toContain('その後の 1504 行目までの行は読んでいません。');
    expect(texts.join()).toContain('The rows after it, up to line 1504, were not read.');

    const mended = await world.imported(file.replace('"X', 'X'));
    expect(mended.report).toMatchObject({ created: 3, unchanged: 1_500, refused: 0 });
  });

  test('a line that cannot be read in the encoding of the others is named, and nothing of the file is taken', async () => {
    const file = Buffer.concat([
      Buffer.from(`${HEADER}1,a@example.co.jp,見本,,\n2,b@example.co.jp,`),
      Buffer.from([0x8c, 0xa9, 0x96, 0x7b]),
      Buffer.from(',,\n3,c@example.co.jp,見本,,\n'),
    ]);
    await expect(world.imported(file)).rejects.toThrow('{"ok":false,"reason":"text-undecodable","line":3}');
    for (const locale of LOCALES)
      expect(fileRefusalText({ ok: false, reason: 'text-undecodable', line: 3 }, locale)).toMatch(
        /3 行目|line 3/,
      );
    expect(await world.people()).toEqual([]);
  });

  test('a known user with another address keeps the login ID, and the report names both', async () => {
    await world.imported(`${HEADER}1,old@example.co.jp,,,\n`);
    const { report, refusals } = await world.imported(`${HEADER}1,new@example.co.jp,見本,,\n`);
    expect(report).toMatchObject({ created: 0, filled: 0, refused: 1 });
    expect(refusals).toEqual([
      {
        line: 2,
        lastLine: 2,
        id: '1',
        reason: 'address-differs',
        value: 'new@example.co.jp',
        loginId: 'old@example.co.jp',
      },
    ]);
    expect(await world.people()).toMatchObject([
      { address: 'old@example.co.jp', name: '', links: ['sms:1'] },
    ]);
  });

  test('a link is found by the user id first: another user who took over a known address does not get the account', async () => {
    await world.imported(`${HEADER}1,a@example.co.jp,,,\n`);
    const { refusals } = await world.imported(`${HEADER}2,a@example.co.jp,,,\n`);
    expect(refusals).toMatchObject([{ line: 2, id: '2', reason: 'address-of-another-user', otherId: '1' }]);
    expect(await world.people()).toMatchObject([{ links: ['sms:1'] }]);
  });

  test('R18: a former login ID is kept for its owner for 72 hours: nobody gets a new account with it', async () => {
    await world.imported(`${HEADER}1,now@example.co.jp,,,\n`);
    await world.database.pool.query(`
      insert into verification_request (id, purpose, email_address, email_key, locale, created_at)
      values ('vrq_1', 'change-login-id', 'now@example.co.jp', 'now@example.co.jp', 'ja', now())`);
    await world.database.pool.query(`
      insert into login_id_change (id, request_id, account_id, old_address, old_key, new_address, new_key, requested_at, confirmed_at, version, undo_until)
      select 'lic_1', 'vrq_1', id, 'was@example.co.jp', 'was@example.co.jp', email_address, email_key, now(), now(), 1, '2999-01-01' from account`);
    const file = `${HEADER}7,WAS@example.co.jp,見本,,\n`;
    const { refusals } = await world.imported(file);
    expect(refusals).toMatchObject([
      { line: 2, id: '7', reason: 'address-reserved', value: 'WAS@example.co.jp' },
    ]);
    expect(await world.people()).toHaveLength(1);
    await world.database.pool.query(`update login_id_change set undo_until = '2000-01-01'`);
    expect((await world.imported(file)).report).toMatchObject({ created: 1, refused: 0 });
  });

  test('a closed account is not linked and not filled', async () => {
    await world.imported(`${HEADER}1,a@example.co.jp,,,\n`);
    await world.database.pool.query(`update account set state = 'closed'`);
    const { refusals } = await world.imported(`${HEADER}1,a@example.co.jp,見本,,\n`, {
      consoleId: world.mail,
    });
    expect(refusals).toMatchObject([{ reason: 'account-closed' }]);
    expect(await world.people()).toMatchObject([{ name: '', links: ['sms:1'] }]);
  });

  test('a row that is refused for itself does not take its id or address from a sound one', async () => {
    const { report, refusals } = await world.imported(
      `${HEADER}1,a@@example.co.jp,,,\n1,a@example.co.jp,,,\n`,
    );
    expect(report).toMatchObject({ created: 1, refused: 1 });
    expect(refusals).toMatchObject([{ line: 2, reason: 'address-malformed' }]);
  });

  test('repeats are found over any distance', async () => {
    const rows = Array.from({ length: 3_500 }, (_, index) => `${index},u${index}@example.co.jp,,,`);
    const { report, refusals } = await world.imported(
      `${HEADER}${rows.join('\n')}\n7,new@example.co.jp,,,\nx,U12@example.co.jp,,,\n`,
    );
    expect(report).toMatchObject({ created: 3_500, refused: 2 });
    expect(refusals).toMatchObject([
      { line: 3_502, reason: 'id-repeated', firstLine: 9 },
      { line: 3_503, reason: 'address-repeated', firstLine: 14 },
    ]);
  });
});
