import { afterAll, beforeAll, describe } from 'vitest';
import { buildCarrier, type Carrier } from '../apps/carrier-simulator/src/app.ts';
import { missingFromDebian } from '../test-support/debian.ts';
import { startKannel, type Kannel } from '../test-support/kannel.ts';
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

const missing = missingFromDebian('kannel', ['bearerbox', '--version']);

/** More than one part, with characters of two units, and such as GSM 03.38 has in its extension table. */
const LONG = {
  ja: '{お名前} 様 見本市は明日の10時から、見本ホールの1階で開きます。受付でこの画面をお見せください。入口は𠮷野通り側です😀。お車でのご来場はご遠慮ください。',
  en: 'Dear {Name}, the fair opens tomorrow at 10 in the sample hall [ground floor]. Please show this message at the desk 😀. Parking costs 3€ a day.',
};

const WAYS: Readonly<Record<string, VisitorOptions>> = {
  'in Japanese': {},
  'in English, at 360 px, with script switched off': { language: 'en', width: 360, script: false },
};

describe.skipIf(missing)(
  `R29: a campaign from a file to its report through Debian's Kannel ${missing ?? ''}`,
  () => {
    let carrier: Carrier;
    let kannel: Kannel;
    beforeAll(async () => {
      carrier = buildCarrier({ port: 0, clock: () => new Date(), receiptDelayMs: 50 });
      await carrier.start();
      const isBound = () => carrier.boundSystemIds().includes('kannel');
      kannel = await startKannel({ smpp: carrier.port, isBound });
    }, 90_000);
    const journey = journeysIn({
      settings: {
        sms: {
          gateways: (console) => [
            {
              kind: 'kannel',
              name: 'kannel',
              url: kannel.sendUrl,
              username: 'sample',
              password: 'mihon',
              receiptsTo: console,
              receiptSecret: 'mihon-of-the-secret-for-receipts-0123456789',
            },
          ],
        },
      },
    });
    afterAll(async () => {
      await kannel?.stop();
      await carrier?.stop();
    });

    describe.each(Object.entries(WAYS))('%s', (_, options) => {
      journey('R29: a company sends by a file through Kannel and reads the report', async (world) => {
        const person = await world.addPerson({ password: NEW_PASSWORD, locale: options.language ?? 'ja' });
        const visitor = await world.visitor(options);
        const { page, language } = visitor;
        const words = campaignWords(visitor);
        const sms = world.consoles.sms.url;
        const before = carrier.messages().length;
        const see = async (name: string, title: string): Promise<void> => {
          await expect(visitor.heading()).toContainText(title);
          await look(visitor, `kannel-${name}`);
        };
        await visitor.open(`${sms}/auth/start`);
        await signIn(visitor, person.emailAddress, NEW_PASSWORD);
        await visitor.open(`${sms}/settings/gateways`);
        await expect(page.getByText('kannel', { exact: true }).first()).toBeVisible();
        await whenReloaded(visitor, page.getByText(words.bound).first());
        await see('01-gateways', words.gateways);

        await uploadRecipients(visitor, sms, RECIPIENTS);
        await see('02-mapping', words.mapping.title);
        await layDownText(visitor, LONG[language]);
        await expect(page.getByText(words.checked.landline).first()).toBeVisible();
        await see('03-checked', words.checked.title);
        expect(carrier.messages()).toHaveLength(before);
        await visitor.pressButton(words.checked.send);
        await expect(page.getByText(words.done)).toBeVisible();

        await whenReloaded(visitor, page.getByText(words.finished));
        await whenReloaded(visitor, countOf(visitor, words.delivered, '2'));
        await whenReloaded(visitor, countOf(visitor, words.undelivered, '1'));
        await expect(page.getByRole('img', { name: words.chart })).toBeVisible();
        await expectLegibleChart(visitor);
        await see('04-result', words.campaign);
        const filled = (name: string) => LONG[language].replace(/\{.*?\}/, name);
        const sent = RECIPIENTS.filter(([, number]) => number.startsWith('090'));
        const arrived = carrier.messages().slice(before);
        expect(arrived.map(({ to, text }) => [to, text]).toSorted()).toEqual(
          sent.map(([name, number]) => [`81${number.slice(1).replaceAll('-', '')}`, filled(name)]),
        );

        await visitor.followLink(words.undelivered, page.locator('main table'));
        await visitor.followLink('090-1234-5090');
        await expect(page.getByText(words.undeliverable).first()).toBeVisible();
        await see('05-message', words.message);
        await visitor.open(`${sms}/campaigns`);
        await visitor.followLink(words.campaign);
        await visitor.followLink(words.each);
        await visitor.followLink(words.export);
        const file = new TextDecoder('utf-8').decode(await download(visitor, words.utf8));
        expect(
          parseCsv(file)
            .slice(1)
            .map((row) => [row[1], row[2], row[8]])
            .toSorted(),
        ).toEqual(
          sent.map(([name, number]) => [
            number,
            number.endsWith('90') ? words.undelivered : words.delivered,
            filled(name),
          ]),
        );
      });
    });
  },
);
