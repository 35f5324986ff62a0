import { Readable } from 'node:stream';
import Encoding from 'encoding-japanese';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inspectFile, recordsOf, type FileRefusal } from './read-file.ts';
import type { CsvRecord } from './records.ts';

const HEADER = 'ユーザーID,メールアドレス,氏名';

describe('R20: the encoding is found', () => {
  const text = `${HEADER}\r\n1,a@example.co.jp,髙﨑 ①㈱～ソ表能\r\n`;
  test.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with byte order mark', Buffer.from(`\ufeff${text}`)],
    ['Shift_JIS', shiftJis(text)],
  ])('%s', async (_, bytes) => {
    expect(await fieldsOf(bytes)).toEqual([['1', 'a@example.co.jp', '髙﨑 ①㈱～ソ表能']]);
  });

  test('Shift_JIS of nothing but half-width katakana is not taken for UTF-8 or EUC-JP', async () => {
    const bytes = shiftJis('id,mail,name\n1,a@example.co.jp,ﾃｱ\n2,b@example.co.jp,ﾔﾏﾀﾞ ﾊﾅｺ\n');
    expect((await fieldsOf(bytes)).map((row) => row[2])).toEqual(['ﾃｱ', 'ﾔﾏﾀﾞ ﾊﾅｺ']);
  });

  test('a file of one byte a chunk reads the same', async () => {
    const bytes = Buffer.from(`\ufeff${text}`);
    expect(await fieldsOf(bytes, 1)).toEqual(await fieldsOf(bytes));
    expect(await fieldsOf(shiftJis(text), 1)).toEqual(await fieldsOf(shiftJis(text)));
  });

  test.each([
    ['UTF-16 with its mark', Buffer.from(`\ufeff${text}`, 'utf16le'), 'utf-16'],
    ['UTF-16 without one', Buffer.from('id,mail\n1,a@example.co.jp\n', 'utf16le'), 'utf-16'],
    [
      'EUC-JP',
      Buffer.from(Encoding.convert(Encoding.stringToCode(text), { from: 'UNICODE', to: 'EUCJP' })),
      'euc-jp',
    ],
    ['an Excel workbook', Buffer.from('504b0304140006000800', 'hex'), 'excel-workbook'],
  ])('%s is refused by its name', async (_, bytes, found) => {
    expect(await refusalOf(bytes)).toMatchObject({ reason: 'encoding-unsupported', found });
  });
});

describe('R20: a file that is not in one of the encodings throughout is refused with the first line that cannot be read', () => {
  const utf8 = (text: string) => Buffer.from(text);
  test.each([
    ['noise', [utf8('id,mail\n'), Buffer.from([0xff, 0xfe, 0x80, 0xfd, 0x0a])], 2],
    [
      'a line of Shift_JIS in a file of UTF-8, even if all of it could be read as Shift_JIS',
      [
        utf8('id,mail,name\n1,a@example.co.jp,見本\n2,b@example.co.jp,'),
        shiftJis('見本\n'),
        utf8('3,,見本\n'),
      ],
      3,
    ],
    [
      'a line of UTF-8 in a file of Shift_JIS',
      [shiftJis(`${HEADER}\n1,a@example.co.jp,見本 太郎\n`), utf8('2,b@example.co.jp,見本 太郎\n')],
      3,
    ],
    [
      'a broken byte in a file of UTF-8',
      [
        utf8(`\ufeffid,mail,name\r\n1,a@example.co.jp,A\r\n`),
        Buffer.from([0xff]),
        utf8(',,見本\r\n4,,見本\r\n'),
      ],
      3,
    ],
    [
      'a file of UTF-8 that was cut off in a character',
      [utf8(`${HEADER}\n1,a@example.co.jp,A\n2,b@example.co.jp,見本`).subarray(0, -1)],
      3,
    ],
  ])('%s', async (_, parts, line) => {
    const wanted = { ok: false, reason: 'text-undecodable', line };
    expect(await refusalOf(Buffer.concat(parts))).toEqual(wanted);
    expect(await refusalOf(Buffer.concat(parts), 7)).toEqual(wanted);
  });
});

describe('R20: separators, quotes and line ends', () => {
  test('tabs, also where values contain commas', async () => {
    const bytes = Buffer.from('ユーザーID\tメールアドレス\t会社名\n1\ta@example.co.jp\tMihon, Ltd., Tokyo\n');
    expect(await fieldsOf(bytes)).toEqual([['1', 'a@example.co.jp', 'Mihon, Ltd., Tokyo']]);
  });

  test.each([
    ['LF', '\n'],
    ['CR LF', '\r\n'],
    ['CR alone', '\r'],
    ['CR CR LF of a file converted twice', '\r\r\n'],
  ])('lines that end in %s', async (_, end) => {
    const bytes = Buffer.from([HEADER, '1,a@example.co.jp,A', '2,b@example.co.jp,B'].join(end));
    const records = await recordsIn(bytes);
    expect(records.map((one) => [one.line, one.fields[2]])).toEqual([
      [2, 'A'],
      [3, 'B'],
    ]);
  });

  test('a quoted field with a line break, a comma and a quote; the line is where the record begins', async () => {
    const bytes = Buffer.from(
      `${HEADER}\r\n1,a@example.co.jp,"見本\r\n太郎, ""T"""\r\n\r\n2,b@example.co.jp,B\r\n`,
    );
    const records = (await recordsIn(bytes)).filter((one) => one.fields.length > 1);
    expect(records).toEqual([
      { line: 2, lastLine: 3, fields: ['1', 'a@example.co.jp', '見本\n太郎, "T"'] },
      { line: 5, lastLine: 5, fields: ['2', 'b@example.co.jp', 'B'] },
    ]);
  });

  test('a quote that is never closed ends the reading: the row is refused where it begins, all before it are taken', async () => {
    const rows = Array.from({ length: 500 }, (_, index) => `${index},u${index}@example.co.jp,見本 ${index}`);
    rows[3] = '3,u3@example.co.jp,"見本 3';
    for (const [end, chunk] of [
      ['\n', undefined],
      ['\r\n', 100],
    ] as const) {
      const records = await recordsIn(Buffer.from([HEADER, '', ...rows, ''].join(end)), chunk);
      expect(records.map((one) => [one.line, one.lastLine, one.fault])).toEqual([
        [3, 3, undefined],
        [4, 4, undefined],
        [5, 5, undefined],
        [6, 502, 'quote-broken'],
      ]);
    }
  });

  test('so it is in a file that is too long to be searched for the other quote', async () => {
    const rows = Array.from(
      { length: 20_000 },
      (_, index) => `${index},u${index}@example.co.jp,見本 ${index}`,
    );
    rows[9_999] = '3,u3@example.co.jp,"見本 3';
    const records = await recordsIn(Buffer.from([HEADER, ...rows, '9,z@example.co.jp,"Z"'].join('\n')));
    expect(records).toHaveLength(10_000);
    expect(records.at(-2)).toMatchObject({
      line: 10_000,
      fields: ['9998', 'u9998@example.co.jp', '見本 9998'],
    });
    expect(records.at(-1)).toEqual({ line: 10_001, lastLine: 20_002, fields: [], fault: 'quote-broken' });
  });

  test('a stray quote before rows with quotes of their own costs the rows up to the next quote', async () => {
    const bytes = Buffer.from(
      `${HEADER}\n1,a@example.co.jp,"A\n2,b@example.co.jp,"B, b"\n3,c@example.co.jp,C\n4,d@example.co.jp,D\n`,
    );
    const records = await recordsIn(bytes);
    expect(records.map((one) => [one.line, one.lastLine, one.fault])).toEqual([
      [2, 3, 'quote-broken'],
      [4, 4, undefined],
      [5, 5, undefined],
    ]);
  });

  test('a quote in the middle of a value is a character', async () => {
    const bytes = Buffer.from(`${HEADER}\n1,a@example.co.jp,17" 見本\n2,b@example.co.jp,"見本" 商事\n`);
    expect((await fieldsOf(bytes)).map((row) => row[2])).toEqual(['17" 見本', '"見本" 商事']);
  });

  test('a line as long as a book ends the reading', async () => {
    const bytes = Buffer.from(
      `${HEADER}\n1,a@example.co.jp,A\n2,b@example.co.jp,${'長'.repeat(400_000)}\n3,c@example.co.jp,"C"\n`,
    );
    const records = await recordsIn(bytes);
    expect(records.map((one) => [one.line, one.lastLine, one.fault])).toEqual([
      [2, 2, undefined],
      [3, 4, 'line-too-long'],
    ]);
  });

  test('any table reads as it was written, in chunks of any size, on the lines that an editor shows', async () => {
    const field = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc
        .array(fc.constantFrom('"', ',', '\n', '\r\n', ' ', '見本', 'a'), { maxLength: 6 })
        .map((parts) => parts.join('')),
    );
    const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 8 });
    const end = fc.constantFrom('\n', '\r\n');
    await fc.assert(
      fc.asyncProperty(table, end, fc.integer({ min: 1, max: 40 }), async (rows, lineEnd, chunk) => {
        const lines = rows.map((row) => row.map(quoted).join(','));
        const text = `id,mail,${'"x\ny"'}${lineEnd}${lines.join(lineEnd)}${lineEnd}`;
        const records = await recordsIn(Buffer.from(text), chunk);
        expect(records.map((one) => one.fields)).toEqual(
          rows.map((row) => row.map((one) => one.replaceAll('\r\n', '\n'))),
        );
        let line = 3;
        for (const [index, record] of records.entries()) {
          expect(record.line).toBe(line);
          line += lines[index]?.split('\n').length ?? 0;
          expect(record.lastLine).toBe(line - 1);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('R20: header names', () => {
  test.each([
    ['ユーザーID,メールアドレス', [0, 1]],
    ['会員番号,メール', [0, 1]],
    ['user_id,email', [0, 1]],
    ['E-Mail Address,User ID', [1, 0]],
    ['ＩＤ,ｅｍａｉｌ', [0, 1]],
    ['ﾕｰｻﾞｰID,ﾒｰﾙｱﾄﾞﾚｽ', [0, 1]],
    ['備考,ユーザーID（必須）,電話,【必須】メール アドレス', [1, 3]],
    ['"ユーザー\nID","メール\nアドレス*"', [0, 1]],
  ])('%s', async (names, [id, address]) => {
    const layout = await inspectFile(opener(Buffer.from(`\n${names}\n1,a@example.co.jp\n`)), () => undefined);
    expect(layout).toMatchObject({ ok: true, header: { columns: { id, address } } });
  });

  test('columns that are missing are named, together with those found', async () => {
    expect(await refusalOf(Buffer.from('番号,氏名\n1,見本\n'))).toEqual({
      ok: false,
      reason: 'columns-missing',
      missing: ['id', 'address'],
      found: ['番号', '氏名'],
    });
  });

  test('two columns for one thing are not guessed between', async () => {
    expect(await refusalOf(Buffer.from('id,会員番号,mail\n1,2,a@example.co.jp\n'))).toEqual({
      ok: false,
      reason: 'column-twice',
      column: 'id',
      found: ['id', '会員番号'],
    });
  });

  test('a header whose quotes are not closed has no columns', async () => {
    expect(await refusalOf(Buffer.from('id,"mail,name\n1,a@example.co.jp,A\n'))).toMatchObject({
      reason: 'columns-missing',
      found: ['id,"mail,name'],
    });
  });

  test.each([
    ['nothing', ''],
    ['a byte order mark', '\ufeff'],
    ['blank lines', '\r\n\r\n'],
  ])('a file of %s is empty', async (_, text) => {
    expect(await refusalOf(Buffer.from(text))).toEqual({ ok: false, reason: 'file-empty' });
  });
});

function shiftJis(text: string): Buffer {
  return Buffer.from(Encoding.convert(Encoding.stringToCode(text), { from: 'UNICODE', to: 'SJIS' }));
}

function quoted(field: string): string {
  return /[",\r\n]|^\s|\s$/.test(field) || field === '' ? `"${field.replaceAll('"', '""')}"` : field;
}

function opener(bytes: Buffer, chunk = 64 * 1024): () => Readable {
  return () =>
    Readable.from(
      (function* () {
        for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
      })(),
    );
}

async function recordsIn(bytes: Buffer, chunk?: number): Promise<CsvRecord[]> {
  const open = opener(bytes, chunk);
  const layout = await inspectFile(open, () => undefined);
  if (!layout.ok) throw new Error(JSON.stringify(layout));
  const records: CsvRecord[] = [];
  for await (const record of recordsOf(open, layout, () => undefined)) records.push(record);
  return records;
}

async function fieldsOf(bytes: Buffer, chunk?: number): Promise<(readonly string[])[]> {
  return (await recordsIn(bytes, chunk)).map((one) => one.fields);
}

async function refusalOf(bytes: Buffer, chunk?: number): Promise<FileRefusal> {
  const result = await inspectFile(opener(bytes, chunk), () => undefined);
  if (result.ok) throw new Error('The file was read.');
  return result;
}
