import { describe } from 'vitest';
import { expect } from './expect.ts';
import { journeysIn } from './journey.ts';
import { codeIn } from './mail.ts';
import {
  askForCode,
  atCodePage,
  expectInConsole,
  NEW_PASSWORD,
  setPassword,
  signIn,
  wordsOf,
} from './pages.ts';
import { look } from './screen.ts';
import type { Visitor, VisitorOptions } from './visitor.ts';
import { walkAddressChange, walkFirstSignIn, walkSecondConsoleAndOut } from './walks.ts';
import type { Person, World } from './world.ts';

const journey = journeysIn();

/** The ways in which people use a browser, each with what it is called in a title. */
const WAYS: Readonly<Record<string, VisitorOptions>> = {
  'in English, at 768 px': { language: 'en', width: 768 },
  'at 320 px, by keyboard only': { width: 320, keyboard: true },
  'with script switched off': { script: false },
  'in English, at 320 px, by keyboard only, with script switched off': {
    language: 'en',
    width: 320,
    keyboard: true,
    script: false,
  },
};

describe.each(Object.entries(WAYS))('J7: everything again %s', (way, options) => {
  const name = way.replaceAll(/\W+/g, '-');
  const somebody = async (
    world: World,
  ): Promise<{ world: World; visitor: Visitor; person: Person; name: string; thorough: boolean }> => {
    const person = await world.addPerson({ locale: options.language ?? 'ja' });
    return { world, person, visitor: await world.visitor(options), name, thorough: true };
  };

  journey.beside(
    `J7, J1, J2: the first sign-in, the second console and the way out, ${way}; axe finds nothing`,
    async (world) => {
      const walk = await somebody(world);
      await walkFirstSignIn(walk);
      await walkSecondConsoleAndOut(walk);
      await signIn(walk.visitor, walk.person.emailAddress, NEW_PASSWORD);
      await expectInConsole(world, walk.visitor, 'mail', walk.person);
    },
  );

  journey.beside(`J7, J5: the change of the address, ${way}; axe finds nothing`, async (world) => {
    const walk = await somebody(world);
    await walk.visitor.open(world.consoles.sms.url);
    await walk.visitor.type(wordsOf(walk.visitor).legacy.emailAddress, walk.person.emailAddress);
    await walk.visitor.type(wordsOf(walk.visitor).legacy.password, walk.person.legacyPassword);
    await walk.visitor.pressButton(wordsOf(walk.visitor).legacy.button);
    const fresh = `new-${walk.person.emailAddress}`;
    await walkAddressChange(walk, fresh);
    const notice = await world.mail.next(walk.person.emailAddress);
    expect(notice.headers).toContain(`Content-Language: ${options.language ?? 'ja'}`);
  });
});

describe.each([
  { language: 'ja', width: 320 },
  { language: 'en', width: 320 },
] as const)('J7: the pages beside the way ($language, $width px)', (options) => {
  const { language, width } = options;

  journey.beside(
    `J7: pages that people meet by accident lead on; axe finds nothing (${language}, ${width} px)`,
    async (world) => {
      const visitor = await world.visitor(options);
      for (const path of [
        '/',
        '/sign-in',
        '/sign-in/unknown',
        '/reset',
        '/reset/unknown',
        '/reset/done',
        '/signed-out',
        '/nowhere',
        '/authorize',
      ]) {
        await visitor.open(`${world.login.pagesUrl}${path}`);
        await look(visitor, `beside-${width}-login${path.replaceAll('/', '-')}`, { thorough: true });
      }
      for (const path of [
        '/login',
        '/password/reset?token=unknown',
        '/signed-out',
        '/nowhere',
        '/auth/callback',
        '/auth/callback?state=unknown&code=unknown',
      ]) {
        await visitor.open(`${world.consoles.sms.url}${path}`);
        await look(visitor, `beside-${width}-console${path.split('?')[0]?.replaceAll('/', '-')}`, {
          thorough: true,
        });
      }
    },
  );

  journey.beside(
    `J7: the list of consoles, no access, and the question before signing out; axe finds nothing (${language}, ${width} px)`,
    async (world) => {
      const person = await world.addPerson({ password: NEW_PASSWORD, links: ['mail'], locale: language });
      const visitor = await world.visitor(options);
      await visitor.open(`${world.login.pagesUrl}/sign-in`);
      await signIn(visitor, person.emailAddress, NEW_PASSWORD);
      await look(visitor, `beside-${width}-list`, { thorough: true });
      await visitor.open(`${world.consoles.sms.url}/auth/start`);
      await look(visitor, `beside-${width}-no-access`, { thorough: true });
      await visitor.open(`${world.login.pagesUrl}/logout`);
      await look(visitor, `beside-${width}-sign-out`, { thorough: true });
    },
  );
});

journey.beside(
  'R8: the language switch keeps the page that is open and what was under way',
  async (world) => {
    const { visitor, person } = await atCodePage(world);
    const steps = [visitor.page.url(), visitor.page.url().replace(/\/[^/]+$/, '')];
    for (const address of steps)
      for (const [name, language] of [
        ['English', 'en'],
        ['日本語', 'ja'],
      ] as const) {
        await visitor.open(address);
        await visitor.pressButton(name);
        await expect(visitor.page).toHaveURL(address);
        expect(await visitor.page.evaluate('document.documentElement.lang')).toBe(language);
      }
    await visitor.open(steps[0] ?? '');
    await setPassword(visitor, { code: codeIn(await world.mail.next(person.emailAddress)) });
    await expectInConsole(world, visitor, 'sms', person);
    await visitor.pressButton('English');
    await expect(visitor.page).toHaveURL(`${world.consoles.sms.url}/`);
    expect(await visitor.page.evaluate('document.documentElement.lang')).toBe('en');
  },
);

journey.beside('J3, R9: no page claims what is not so, whoever opens it', async (world) => {
  const nobody = await world.visitor();
  await nobody.open(`${world.login.pagesUrl}/reset/done`);
  await expect(nobody.heading()).toHaveText('統合認証');
  const person = await world.addPerson({ password: NEW_PASSWORD });
  const visitor = await world.visitor();
  await visitor.open(`${world.login.pagesUrl}/sign-in`);
  await signIn(visitor, person.emailAddress, NEW_PASSWORD);
  await visitor.open(`${world.login.pagesUrl}/signed-out`);
  await expect(visitor.heading()).toHaveText(wordsOf(visitor).list.heading);
});

describe('J4: typed as people type', () => {
  for (const script of [true, false])
    journey.beside(
      `J4: full-width address, full-width code with a space, with script ${script ? 'on' : 'off'}`,
      async (world) => {
        const person = await world.addPerson();
        const visitor = await world.visitor({ script });
        await visitor.open(`${world.consoles.sms.url}/auth/start`);
        await askForCode(visitor, fullWidth(person.emailAddress));
        const code = codeIn(await world.mail.next(person.emailAddress));
        await setPassword(visitor, { code: fullWidth(code).replace(' ', '　') });
        await expectInConsole(world, visitor, 'sms', person);
        const later = await world.visitor({ script });
        await later.open(`${world.consoles.sms.url}/auth/start`);
        await signIn(later, `　${fullWidth(person.emailAddress)} `, NEW_PASSWORD);
        await expectInConsole(world, later, 'sms', person);
      },
    );

  journey.beside(
    'R5: a passphrase of 64 letters in any script, pasted, is taken and signs in',
    async (world) => {
      const passphrase = `春はあけぼの。やうやう白くなりゆく山ぎは、Sukoshi 1 akarite ${'むらさきだちたる雲の'.repeat(2)}細くたなびきたる`;
      const { visitor, person } = await atCodePage(world);
      const code = codeIn(await world.mail.next(person.emailAddress));
      await setPassword(visitor, { code, password: passphrase });
      await expectInConsole(world, visitor, 'sms', person);
      const later = await world.visitor();
      await later.open(world.consoles.mail.url);
      await signIn(later, person.emailAddress, passphrase);
      await expectInConsole(world, later, 'mail', person);
    },
  );

  journey.beside('R4, R5: the rules tick off as one types, one by one', async (world) => {
    const { visitor } = await atCodePage(world);
    const { code } = wordsOf(visitor);
    const rules = visitor.page.getByRole('listitem').filter({ hasText: /以上|同じ/ });
    const unmet = rules.filter({ hasText: 'まだ満たしていません' });
    await expect(unmet).toHaveCount(0);
    const field = visitor.field(code.password);
    for (const [typed, left] of [
      ['k', 5],
      ['K', 4],
      ['7', 3],
      [' ', 2],
      ['awano', 1],
    ] as const) {
      await field.pressSequentially(typed);
      await expect(unmet).toHaveCount(left);
    }
    await visitor.type(code.confirmation, 'kK7 awano');
    await expect(unmet).toHaveCount(0);
    await look(visitor, 'j4-11-rules-met');
  });
});

function fullWidth(text: string): string {
  return text.replaceAll(/[!-~]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0));
}
