import { expect } from './expect.ts';
import type { ConsoleId } from './consoles.ts';
import type { Visitor, VisitorOptions } from './visitor.ts';
import { WORDS, type Words } from './words.ts';
import type { Person, World } from './world.ts';

/** A password that meets R5 and that nobody would guess. */
export const NEW_PASSWORD = 'Kawa-no-oto 41 desu';

export function wordsOf(visitor: Visitor): Words {
  return WORDS[visitor.language];
}

/** Signs in on the legacy login page that is open. */
export async function signInByLegacyLogin(
  visitor: Visitor,
  emailAddress: string,
  password: string,
): Promise<void> {
  const { legacy } = wordsOf(visitor);
  await visitor.type(legacy.emailAddress, emailAddress);
  await visitor.type(legacy.password, password);
  await visitor.pressButton(legacy.button);
}

/** Signs in on the unified sign-in page that is open. */
export async function signIn(visitor: Visitor, emailAddress: string, password: string): Promise<void> {
  const { signIn: page } = wordsOf(visitor);
  await visitor.type(page.loginId, emailAddress);
  await visitor.type(page.password, password);
  await visitor.pressButton(page.button);
}

export async function expectLegacyLoginPage(visitor: Visitor): Promise<void> {
  await expect(visitor.heading()).toHaveText(wordsOf(visitor).legacy.heading);
}

export async function expectSignInPage(visitor: Visitor): Promise<void> {
  const { signIn: page } = wordsOf(visitor);
  await expect(visitor.heading()).toHaveText(page.heading);
  await expect(visitor.field(page.loginId)).toBeVisible();
}

/** From the unified sign-in page over the help for first-timers to the code page of this address. */
export async function askForCode(visitor: Visitor, emailAddress: string): Promise<void> {
  const words = wordsOf(visitor);
  await visitor.followLink(words.signIn.firstTimeLink);
  await sendCodeTo(visitor, emailAddress);
}

/** Types the address on the first page of the reset and sends it. */
export async function sendCodeTo(visitor: Visitor, emailAddress: string): Promise<void> {
  const { ask, code } = wordsOf(visitor);
  await expect(visitor.heading()).toHaveText(ask.heading);
  await visitor.type(ask.emailAddress, emailAddress);
  await visitor.pressButton(ask.button);
  await expect(visitor.heading()).toHaveText(code.heading);
}

/** Fills in the code page that is open and sends it. */
export async function setPassword(
  visitor: Visitor,
  typed: { code: string; password?: string; confirmation?: string },
): Promise<void> {
  const { code } = wordsOf(visitor);
  const { password = NEW_PASSWORD, confirmation = password } = typed;
  await visitor.type(code.code, typed.code);
  await visitor.type(code.password, password);
  await visitor.type(code.confirmation, confirmation);
  await visitor.pressButton(code.button);
}

/** A new person who has set out for the SMS console and asked for a code: on the page that takes it. */
export async function atCodePage(
  world: World,
  options: VisitorOptions = {},
): Promise<{ visitor: Visitor; person: Person }> {
  const person = await world.addPerson({ locale: options.language ?? 'ja' });
  const visitor = await world.visitor(options);
  await visitor.open(`${world.consoles.sms.url}/auth/start`);
  await askForCode(visitor, person.emailAddress);
  return { visitor, person };
}

/** The person is in this console, signed in by the unified login or by the legacy one. */
export async function expectInConsole(
  world: World,
  visitor: Visitor,
  id: ConsoleId,
  person: Person,
  way: 'unified' | 'legacy' = 'unified',
): Promise<void> {
  const { console } = wordsOf(visitor);
  await expect(visitor.page).toHaveURL(`${world.consoles[id].url}/`);
  await expect(visitor.heading()).toContainText(person.name);
  await expect(visitor.page.getByRole('banner')).toContainText(world.consoles[id].names[visitor.language]);
  const main = visitor.page.getByRole('main');
  await expect(main.getByText(person.name).first()).toBeVisible();
  await expect(
    main.getByText(way === 'unified' ? console.unifiedWay : console.legacyWay, { exact: true }).first(),
  ).toBeVisible();
}

/** Opens the menu with the person's name and signs out there. */
export async function signOut(visitor: Visitor, person: Person): Promise<void> {
  const { console } = wordsOf(visitor);
  const banner = visitor.page.getByRole('banner');
  await visitor.touch(banner.getByText(person.name, { exact: true }));
  await visitor.pressButton(console.signOut, banner);
}
