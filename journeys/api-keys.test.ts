import { describe } from 'vitest';
import { expect } from './expect.ts';
import { journeysIn } from './journey.ts';
import { expectInConsole, NEW_PASSWORD, signIn, signOut } from './pages.ts';
import { look } from './screen.ts';
import type { VisitorOptions } from './visitor.ts';
import type { World } from './world.ts';

const journey = journeysIn();

const WORDS = {
  ja: {
    manage: '管理する',
    name: '名前',
    create: 'APIキーを作成する',
    missing: '名前を入力してください。',
    revoke: '無効にする',
    asked: 'APIキーを無効にする',
    revoked: 'APIキーを無効にしました。',
    system: '見本のしくみ',
  },
  en: {
    manage: 'Manage',
    name: 'Name',
    create: 'Create the API key',
    missing: 'Enter a name.',
    revoke: 'Revoke',
    asked: 'Revoke an API key',
    revoked: 'The API key has been revoked.',
    system: 'orders',
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

describe.each(Object.entries(WAYS))('R30, R31: API keys %s', (way, options) => {
  journey(
    `R30, R31: made in the settings, works after signing out and after the cut-over, until it is revoked, ${way}; axe finds nothing`,
    async (world) => {
      await world.setPhase('sms', 'parallel');
      const person = await world.addPerson({ password: NEW_PASSWORD, locale: options.language ?? 'ja' });
      const visitor = await world.visitor(options);
      const words = WORDS[visitor.language];
      const thorough = { thorough: true };
      await visitor.open(`${world.consoles.sms.url}/auth/start`);
      await signIn(visitor, person.emailAddress, NEW_PASSWORD);
      await visitor.open(`${world.consoles.sms.url}/settings`);
      await look(visitor, 'api-keys-1-settings', thorough);
      await visitor.followLink(words.manage);
      await look(visitor, 'api-keys-2-none', thorough);
      await visitor.pressButton(words.create);
      await expect(visitor.page.getByText(words.missing).first()).toBeVisible();
      await look(visitor, 'api-keys-3-refused', thorough);
      await visitor.type(words.name, `${words.system} ${person.name}`);
      await visitor.pressButton(words.create);
      await look(visitor, 'api-keys-4-made', thorough);
      const key = /zrs_[\w-]{43}/.exec(await visitor.page.locator('main').innerText())?.[0] ?? '';
      expect(await statusOfCall(world, key)).toBe(202);

      await visitor.open(world.consoles.sms.url);
      if (!options.keyboard) await signOut(visitor, person);
      await world.setPhase('sms', 'unified');
      expect(await statusOfCall(world, key)).toBe(202);

      await visitor.open(`${world.consoles.sms.url}/auth/start`);
      if (!options.keyboard) await signIn(visitor, person.emailAddress, NEW_PASSWORD);
      await expectInConsole(world, visitor, 'sms', person);
      await visitor.open(`${world.consoles.sms.url}/settings/api-keys`);
      await visitor.touch(visitor.page.getByRole('link', { name: words.revoke }).first());
      await expect(visitor.heading()).toHaveText(words.asked);
      await look(visitor, 'api-keys-5-asked', thorough);
      await visitor.pressButton(words.revoke);
      await expect(visitor.page.getByText(words.revoked)).toBeVisible();
      expect(await statusOfCall(world, key)).toBe(401);
    },
  );
});

/** Hands a message over as a customer's program does. */
async function statusOfCall(world: World, key: string): Promise<number> {
  const answer = await fetch(`${world.consoles.sms.url}/api/v1/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ to: '090-1234-5678', text: '見本のお知らせです。' }),
  });
  await answer.arrayBuffer();
  return answer.status;
}
