import { readFile } from 'node:fs/promises';
import type { Locator } from '@playwright/test';
import { csvText, encodeCsv } from '../apps/sms-console/src/support/csv/write.ts';
import { expect } from './expect.ts';
import type { Visitor } from './visitor.ts';

const WORDS = {
  ja: {
    columns: ['お名前', '携帯電話'],
    text: '{お名前} 様 見本市は明日の10時からです。',
    filled: '見本 花子 101 様 見本市は明日の10時からです。',
    campaign: '秋の見本市',
    upload: { file: '宛先のファイル', next: '次へ' },
    mapping: {
      title: '列と本文の設定',
      column: '電話番号の列',
      name: '件名任意',
      body: '本文',
      check: 'ファイルを確認する',
    },
    checked: { title: '送信内容の確認', landline: '固定電話などの番号で', send: '送信する' },
    done: '送信を受け付けました。',
    finished: 'すべての送信が終わりました。',
    chart: '状態ごとの件数の棒グラフです。',
    delivered: '到達',
    undelivered: '不達',
    each: '1 件ごとの結果を見る',
    messages: 'メッセージの一覧',
    number: '電話番号',
    filter: '絞り込む',
    message: 'メッセージ',
    undeliverable: '電話機に届きませんでした。',
    export: 'CSVで保存する',
    utf8: 'UTF-8 で保存する',
    shiftJis: 'Shift_JIS で保存する',
    exportTitle: 'CSVで保存',
    months: '月ごとの合計',
    monthChart: '月ごとの通数の棒グラフです。',
    person: '変更',
    webhook: {
      title: 'Webhook',
      url: 'お知らせ先のアドレス',
      add: '登録する',
      secret: '署名の秘密鍵',
      details: '詳細',
      arrived: '届きました',
    },
    gateways: '送信状況',
    bound: '接続中',
  },
  en: {
    columns: ['Name', 'Mobile'],
    text: 'Dear {Name}, the fair opens tomorrow at 10.',
    filled: 'Dear 見本 花子 101, the fair opens tomorrow at 10.',
    campaign: 'Autumn fair',
    upload: { file: 'File of recipients', next: 'Next' },
    mapping: {
      title: 'Columns and message',
      column: 'Column of phone numbers',
      name: 'Nameoptional',
      body: 'Message',
      check: 'Check the file',
    },
    checked: { title: 'Confirm your message', landline: 'this is a landline', send: 'Send' },
    done: 'The campaign has been accepted.',
    finished: 'Everything has been sent.',
    chart: 'A bar chart of the messages by state.',
    delivered: 'Delivered',
    undelivered: 'Not delivered',
    each: 'See each message',
    messages: 'Messages',
    number: 'Phone number',
    filter: 'Filter',
    message: 'Message',
    undeliverable: 'The phone did not get it.',
    export: 'Save as CSV',
    utf8: 'Save in UTF-8',
    shiftJis: 'Save in Shift_JIS',
    exportTitle: 'Save as CSV',
    months: 'Totals by month',
    monthChart: 'A bar chart of the parts by month.',
    person: 'Change',
    webhook: {
      title: 'Webhooks',
      url: 'Address',
      add: 'Register',
      secret: 'The secret of the signature',
      details: 'Details',
      arrived: 'Arrived',
    },
    gateways: 'Sending status',
    bound: 'Connected',
  },
} as const;

/** The last two digits tell the carrier simulator what becomes of a message. */
export const RECIPIENTS = [
  ['見本 花子 101', '090-1234-5001'],
  ['見本 花子 102', '090-1234-5002'],
  ['見本 花子 103', '03-1234-5678'],
  ['見本 花子 104', '090-1234-5090'],
] as const satisfies readonly Recipient[];

/** Name and number, as they stand in a file. */
export type Recipient = readonly [name: string, number: string];

export function campaignWords(visitor: Visitor): (typeof WORDS)['ja'] | (typeof WORDS)['en'] {
  return WORDS[visitor.language];
}

/** Uploads a file in Shift_JIS; the page of its columns is open then. */
export async function uploadRecipients(
  visitor: Visitor,
  sms: string,
  recipients: readonly Recipient[],
): Promise<void> {
  const words = campaignWords(visitor);
  await visitor.open(`${sms}/compose/csv`);
  await visitor.field(words.upload.file).setInputFiles({
    name: 'sample.csv',
    mimeType: 'text/csv',
    buffer: encodeCsv(csvText([words.columns, ...recipients]), 'shift_jis', { isFirst: true }),
  });
  await visitor.pressButton(words.upload.next);
}

/** Says which column has the numbers, and what is sent; the page that asks for the confirmation is open then. */
export async function layDownText(visitor: Visitor, text: string): Promise<void> {
  const words = campaignWords(visitor);
  await visitor.field(words.mapping.column).selectOption({ label: words.columns[1] });
  await visitor.type(words.mapping.name, words.campaign);
  await visitor.type(words.mapping.body, text);
  await visitor.pressButton(words.mapping.check);
  await expect(visitor.heading()).toHaveText(words.checked.title);
}

/** A row of the table of counts by state. */
export function countOf({ page }: Visitor, state: string, count: string): Locator {
  return page.locator('main tr').filter({ hasText: new RegExp(`^\\s*${state}\\s*${count}\\s*$`) });
}

/** The words of the chart that is shown can be read: 10 px at least, as they stand on the screen. */
export async function expectLegibleChart({ page }: Visitor): Promise<void> {
  const sizes = await page.locator('main figure svg[role=img] text:visible').evaluateAll(sizesOnScreen);
  expect(sizes.length).toBeGreaterThan(0);
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(10);
}

/** Runs in the page. */
function sizesOnScreen(texts: readonly unknown[]): number[] {
  return texts.map((text) => {
    const drawn = text as { getScreenCTM(): { a: number }; ownerDocument: { defaultView: View } };
    return (
      Number.parseFloat(drawn.ownerDocument.defaultView.getComputedStyle(drawn).fontSize) *
      drawn.getScreenCTM().a
    );
  });
}
type View = { getComputedStyle(of: unknown): { fontSize: string } };

/** Opens the page anew until it shows this, as somebody who waits does. */
export async function whenReloaded(visitor: Visitor, shown: Locator): Promise<void> {
  await expect(async () => {
    await visitor.reload();
    await expect(shown).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 30_000 });
}

export async function download(visitor: Visitor, link: string): Promise<Buffer> {
  const [file] = await Promise.all([
    visitor.page.waitForEvent('download'),
    visitor.touch(visitor.page.getByRole('link', { name: link, exact: true })),
  ]);
  return readFile(await file.path());
}

/** The cells of a CSV file (RFC 4180) whose values have no line breaks. */
export function parseCsv(text: string): string[][] {
  const lines = text.split('\r\n').slice(0, -1);
  return lines.map((line) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
      ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
    ),
  );
}
