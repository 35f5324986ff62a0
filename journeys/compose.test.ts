import { describe } from 'vitest';
import { expect } from './expect.ts';
import { journeysIn } from './journey.ts';
import { NEW_PASSWORD, signIn } from './pages.ts';
import { look } from './screen.ts';
import type { VisitorOptions } from './visitor.ts';

const journey = journeysIn();

const WORDS = {
  ja: {
    recipients: '宛先の電話番号',
    body: '本文',
    review: '確認画面へ進む',
    refused: '固定電話などの番号で',
    confirmTitle: '送信内容の確認',
    send: '送信する',
    done: '送信を受け付けました。',
    text: '2026-12-01 10:00',
  },
  en: {
    recipients: 'Phone numbers of recipients',
    body: 'Message',
    review: 'Go on to confirm',
    refused: 'this is a landline',
    confirmTitle: 'Confirm your message',
    send: 'Send',
    done: 'The campaign has been accepted.',
    text: '2026-12-01 10:00',
  },
} as const;

const WAYS: Readonly<Record<string, VisitorOptions>> = {
  'in Japanese, with script': {},
  'in English, at 320 px, by keyboard only, with script switched off': {
    language: 'en',
    width: 320,
    keyboard: true,
    script: false,
  },
};

describe.each(Object.entries(WAYS))('R29: composing %s', (way, options) => {
  journey(
    `R29: a message is written, refused, corrected, confirmed and stands among the results, ${way}; axe finds nothing`,
    async (world) => {
      await world.setPhase('sms', 'parallel');
      const person = await world.addPerson({ password: NEW_PASSWORD, locale: options.language ?? 'ja' });
      const visitor = await world.visitor(options);
      const words = WORDS[visitor.language];
      const thorough = { thorough: true };
      const sms = world.consoles.sms.url;
      await visitor.open(`${sms}/auth/start`);
      await signIn(visitor, person.emailAddress, NEW_PASSWORD);
      await visitor.open(`${sms}/compose`);
      await look(visitor, 'compose-1-empty', thorough);
      await visitor.type(words.recipients, '03-1234-5678');
      await visitor.type(words.body, words.text);
      await visitor.pressButton(words.review);
      await expect(visitor.page.getByText(words.refused).first()).toBeVisible();
      await look(visitor, 'compose-2-refused', thorough);
      await visitor.type(words.recipients, '090-1234-5001');
      await visitor.pressButton(words.review);
      await expect(visitor.page.getByRole('heading', { name: words.confirmTitle })).toBeVisible();
      await look(visitor, 'compose-3-confirm', thorough);
      await visitor.pressButton(words.send);
      await expect(visitor.page.getByText(words.done)).toBeVisible();
      await look(visitor, 'compose-4-campaign', thorough);
      for (const path of [
        '/campaigns',
        '/compose/csv',
        '/addresses',
        '/addresses/opt-outs',
        '/templates',
        '/settings/sending',
      ]) {
        await visitor.open(`${sms}${path}`);
        await look(visitor, `compose-5${path.replaceAll('/', '-')}`, thorough);
      }
    },
  );
});
