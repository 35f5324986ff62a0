import { describe } from 'vitest';
import { expect } from './expect.ts';
import { journeysIn } from './journey.ts';
import { expectInConsole, NEW_PASSWORD, signIn, signOut } from './pages.ts';
import { look } from './screen.ts';
import type { VisitorOptions } from './visitor.ts';

const journey = journeysIn();

const WORDS = {
  ja: {
    told: 'ログアウト済み',
    waiting: 'お知らせ中',
    all: 'すべての管理画面からログアウトしました。',
    some: '一部の管理画面には、まだお知らせしているところです。',
  },
  en: {
    told: 'Signed out',
    waiting: 'Being told',
    all: 'You are signed out of all consoles.',
    some: 'Some consoles are still being told.',
  },
};

const VISITORS: (VisitorOptions & { name: string })[] = [
  { name: 'ja-360', language: 'ja', width: 360 },
  { name: 'ja-1280', language: 'ja', width: 1280 },
  { name: 'en-360', language: 'en', width: 360 },
  { name: 'en-1280-no-script', language: 'en', width: 1280, script: false },
];

describe('R9: the signed-out page while a console is away', () => {
  for (const { name, ...options } of VISITORS)
    journey(
      `R9, L2: says which console is still being told, and by itself that it was told when it is back (${name})`,
      async (world) => {
        const person = await world.addPerson({ password: NEW_PASSWORD, locale: options.language ?? 'ja' });
        const visitor = await world.visitor(options);
        const words = WORDS[visitor.language];
        await visitor.open(`${world.consoles.mail.url}/auth/start`);
        await signIn(visitor, person.emailAddress, NEW_PASSWORD);
        await expectInConsole(world, visitor, 'mail', person);
        await visitor.open(`${world.consoles.sms.url}/auth/start`);
        await expectInConsole(world, visitor, 'sms', person);

        await world.consoles.mail.stop();
        try {
          await signOut(visitor, person);
          const main = visitor.page.getByRole('main');
          await expect(main.getByText(words.waiting, { exact: true })).toHaveCount(1);
          await expect(main.getByText(words.told, { exact: true })).toHaveCount(1);
          await expect(main).toContainText(words.some);
          await look(visitor, `signed-out-${name}-1-away`);
        } finally {
          await world.consoles.mail.start(world.login.issuer);
        }
        const main = visitor.page.getByRole('main');
        await expect(main).toContainText(words.all, { timeout: 60_000 });
        await expect(main.getByText(words.told, { exact: true })).toHaveCount(2);
        await look(visitor, `signed-out-${name}-2-back`);
        await visitor.open(`${world.consoles.mail.url}/`);
        expect(await visitor.page.content()).not.toContain(person.emailAddress);
      },
    );
});
