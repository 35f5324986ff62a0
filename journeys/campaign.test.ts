import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Locator } from '@playwright/test';
import { afterAll, describe } from 'vitest';
import { buildCarrier } from '../apps/carrier-simulator/src/app.ts';
import { csvText, encodeCsv } from '../apps/sms-console/src/support/csv/write.ts';
import { expect } from './expect.ts';
import { journeysIn } from './journey.ts';
import { NEW_PASSWORD, signIn } from './pages.ts';
import { look } from './screen.ts';
import type { Visitor, VisitorOptions } from './visitor.ts';

const carrier = buildCarrier({
  port: 0,
  clock: () => new Date(),
  behaviour: { receiptDelayMs: 50 },
  keep: 1_000,
});
await carrier.start();

/** A company's own system, which is told what became of its messages. */
const told: { url: string | undefined; type: string }[] = [];
const receiver = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    told.push({ url: request.url, type: (JSON.parse(body) as { type: string }).type });
    response.writeHead(204).end();
  });
});
await new Promise<void>((listening) => receiver.listen(0, 'localhost', listening));
const hook = `http://localhost:${(receiver.address() as AddressInfo).port}/receipts`;

const journey = journeysIn({
  settings: {
    sms: {
      gateways: [
        { name: 'first', host: '127.0.0.1', port: carrier.port, systemId: 'zettai', password: 'mihon' },
      ],
      webhookHosts: ['localhost'],
    },
  },
});
afterAll(async () => {
  await carrier.stop();
  receiver.close();
});

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
const RECIPIENTS = [
  ['見本 花子 101', '090-1234-5001'],
  ['見本 花子 102', '090-1234-5002'],
  ['見本 花子 103', '03-1234-5678'],
  ['見本 花子 104', '090-1234-5090'],
] as const;

const WAYS: Readonly<Record<string, VisitorOptions>> = {
  'in Japanese, with script': {},
  'in English, at 320 px, with script switched off': { language: 'en', width: 320, script: false },
};
let walked = 0;

describe.each(Object.entries(WAYS))('R29: a campaign %s', (way, options) => {
  journey(
    `R29, R30: a company sends by a file in Shift_JIS over SMPP and reads the results, ${way}; axe finds nothing`,
    async (world) => {
      walked += 1;
      const person = await world.addPerson({ password: NEW_PASSWORD, locale: options.language ?? 'ja' });
      const visitor = await world.visitor(options);
      const { page } = visitor;
      const words = WORDS[visitor.language];
      const sms = world.consoles.sms.url;
      const before = carrier.taken();
      const carrierGot = () =>
        carrier
          .submits()
          .slice(before)
          .map(({ to }) => to);
      const see = async (name: string, title: string): Promise<void> => {
        await expect(visitor.heading()).toContainText(title);
        await look(visitor, `campaign-${name}`, { thorough: true });
      };
      await visitor.open(`${sms}/auth/start`);
      await signIn(visitor, person.emailAddress, NEW_PASSWORD);

      const address = `${hook}?${walked}`;
      await visitor.open(`${sms}/settings/webhooks`);
      await visitor.type(words.webhook.url, address);
      await visitor.pressButton(words.webhook.add);
      await expect(page.getByText(/^whsec_/).first()).toBeVisible();
      await see('01-webhook-made', words.webhook.title);

      await visitor.open(`${sms}/compose/csv`);
      await visitor.field(words.upload.file).setInputFiles({
        name: 'sample.csv',
        mimeType: 'text/csv',
        buffer: encodeCsv(csvText([[...words.columns], ...RECIPIENTS.map((row) => [...row])]), 'shift_jis', {
          isFirst: true,
        }),
      });
      await visitor.pressButton(words.upload.next);
      await expect(page.getByText('Shift_JIS').first()).toBeVisible();
      await expect(page.getByText('見本 花子 102').first()).toBeVisible();
      await see('02-mapping', words.mapping.title);
      await visitor.field(words.mapping.column).selectOption({ label: words.columns[1] });
      await visitor.type(words.mapping.name, words.campaign);
      await visitor.type(words.mapping.body, words.text);
      await visitor.pressButton(words.mapping.check);
      await expect(visitor.heading()).toHaveText(words.checked.title);
      await expect(page.getByText(words.filled)).toBeVisible();
      await expect(page.getByText(words.checked.landline).first()).toBeVisible();
      await expect(page.getByText('03-1234-5678')).toBeVisible();
      expect(carrierGot()).toEqual([]);
      await see('03-checked', words.checked.title);
      await visitor.pressButton(words.checked.send);
      await expect(page.getByText(words.done)).toBeVisible();

      await whenReloaded(visitor, page.getByText(words.finished));
      await whenReloaded(visitor, countOf(visitor, words.delivered, '2'));
      await expect(countOf(visitor, words.undelivered, '1')).toBeVisible();
      await expect(page.getByRole('img', { name: words.chart })).toBeVisible();
      await see('04-result', words.campaign);
      expect(carrierGot().toSorted()).toEqual(['819012345001', '819012345002', '819012345090']);

      await visitor.followLink(words.undelivered, page.locator('main table'));
      await expect(page.locator('main tbody tr')).toHaveCount(1);
      await see('05-filtered', words.messages);
      await visitor.followLink('090-1234-5090');
      await expect(page.getByText(words.undeliverable).first()).toBeVisible();
      await see('06-message', words.message);
      await visitor.open(`${sms}/campaigns`);
      await visitor.followLink(words.campaign);
      await visitor.followLink(words.each);
      await visitor.type(words.number, '090-1234-5001');
      await visitor.pressButton(words.filter);
      await expect(page.getByRole('link', { name: '090-1234-5001', exact: true })).toHaveCount(1);
      await expect(page.getByRole('link', { name: '090-1234-5090', exact: true })).toHaveCount(0);
      await visitor.back();
      await visitor.followLink(words.export);
      await see('07-export', words.exportTitle);
      const rows = parseCsv(
        new TextDecoder('utf-8', { ignoreBOM: true }).decode(await download(visitor, words.utf8)),
      );
      expect(rows[0]?.[0]).toBe('\ufeffID');
      const results = rows.slice(1).map((row) => [row[1], row[2], row[8]]);
      expect(results.toSorted()).toEqual([
        ['090-1234-5001', words.delivered, words.filled],
        ['090-1234-5002', words.delivered, words.filled.replace('101', '102')],
        ['090-1234-5090', words.undelivered, words.filled.replace('101', '104')],
      ]);
      const shiftJis = new TextDecoder('shift_jis').decode(await download(visitor, words.shiftJis));
      expect(parseCsv(shiftJis).slice(1)).toEqual(rows.slice(1));

      await visitor.open(`${sms}/campaigns/months`);
      await expect(page.getByRole('img', { name: words.monthChart })).toBeVisible();
      await expect(page.getByRole('cell', { name: String(3 * walked), exact: true }).first()).toBeVisible();
      await expect(page.getByRole('cell', { name: String(2 * walked), exact: true }).first()).toBeVisible();
      await see('09-months', words.months);

      await visitor.open(`${sms}/people`);
      await look(visitor, 'campaign-10-people', { thorough: true });
      await visitor.followLink(`${words.person} : ${person.name}`);
      await see('11-person', person.name);

      await visitor.open(`${sms}/settings/webhooks`);
      await visitor.followLink(`${words.webhook.details} : ${address}`);
      await whenReloaded(visitor, page.getByText(words.webhook.arrived).nth(2));
      await see('12-webhook', words.webhook.title);
      expect(
        told.filter(({ url, type }) => url === `/receipts?${walked}` && type === 'message.undelivered'),
      ).toHaveLength(1);

      await visitor.open(`${sms}/settings/gateways`);
      await expect(page.getByText(words.bound).first()).toBeVisible();
      await see('13-gateways', words.gateways);
    },
  );
});

/** A row of the table of counts by state. */
function countOf({ page }: Visitor, state: string, count: string): Locator {
  return page.locator('main tr').filter({ hasText: new RegExp(`^\\s*${state}\\s*${count}\\s*$`) });
}

/** Opens the page anew until it shows this, as somebody who waits does. */
async function whenReloaded(visitor: Visitor, shown: Locator): Promise<void> {
  await expect(async () => {
    await visitor.reload();
    await expect(shown).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 30_000 });
}

async function download(visitor: Visitor, link: string): Promise<Buffer> {
  const [file] = await Promise.all([
    visitor.page.waitForEvent('download'),
    visitor.touch(visitor.page.getByRole('link', { name: link, exact: true })),
  ]);
  return readFile(await file.path());
}

/** The cells of a CSV file (RFC 4180) whose values have no line breaks. */
function parseCsv(text: string): string[][] {
  const lines = text.split('\r\n').slice(0, -1);
  return lines.map((line) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
      ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
    ),
  );
}
