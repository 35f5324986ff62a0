import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe } from 'vitest';
import { buildCarrier } from '../apps/carrier-simulator/src/app.ts';
import {
  campaignWords,
  countOf,
  download,
  expectLegibleChart,
  layDownText,
  parseCsv,
  RECIPIENTS,
  uploadRecipients,
  whenReloaded,
} from './campaigns.ts';
import { expect } from './expect.ts';
import { journeysIn } from './journey.ts';
import { NEW_PASSWORD, signIn } from './pages.ts';
import { look } from './screen.ts';
import type { VisitorOptions } from './visitor.ts';

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
      gateways: () => [
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
      const words = campaignWords(visitor);
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

      await uploadRecipients(visitor, sms, RECIPIENTS);
      await expect(page.getByText('Shift_JIS').first()).toBeVisible();
      await expect(page.getByText('見本 花子 102').first()).toBeVisible();
      await see('02-mapping', words.mapping.title);
      await layDownText(visitor, words.text);
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
      await expectLegibleChart(visitor);
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
      await expectLegibleChart(visitor);
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
