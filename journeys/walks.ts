import { expect } from './expect.ts';
import type { ConsoleId } from './consoles.ts';
import { codeIn } from './mail.ts';
import {
  expectInConsole,
  expectLegacyLoginPage,
  expectSignInPage,
  setPassword,
  signInByLegacyLogin,
  signOut,
  wordsOf,
} from './pages.ts';
import { look } from './screen.ts';
import type { Visitor } from './visitor.ts';
import type { Person, World } from './world.ts';

/** One person's way through the journeys that J7 repeats: in both languages, on a phone, by keyboard, without script. */
export type Walk = {
  world: World;
  visitor: Visitor;
  person: Person;
  /** Begins the names of the pictures. */
  name: string;
  /** Every screen is given to axe. */
  thorough?: boolean;
};

const look1 = ({ visitor, name, thorough = false }: Walk, screen: string): Promise<void> =>
  look(visitor, `${name}-${screen}`, { thorough });

/** J1: from the legacy page over the link, the mailed code and the new password into the SMS console. */
export async function walkFirstSignIn(walk: Walk): Promise<void> {
  const { world, visitor, person } = walk;
  const words = wordsOf(visitor);
  await visitor.open(world.consoles.sms.url);
  await expectLegacyLoginPage(visitor);
  await look1(walk, 'j1-1-legacy');
  await visitor.followLink(words.legacy.unifiedLink);

  await expectSignInPage(visitor);
  await expect(visitor.page.getByText(words.signIn.lead)).toBeVisible();
  await expect(visitor.page.getByRole('heading', { name: words.signIn.firstTime })).toBeVisible();
  await look1(walk, 'j1-2-sign-in');
  await visitor.followLink(words.signIn.firstTimeLink);

  await expect(visitor.page.getByText('no-reply@login.example.co.jp')).toBeVisible();
  await expect(visitor.page.getByText('login.example.co.jp', { exact: true })).toBeVisible();
  await look1(walk, 'j1-3-ask');
  await visitor.type(words.ask.emailAddress, person.emailAddress);
  await visitor.pressButton(words.ask.button);

  await expect(visitor.heading()).toHaveText(words.code.heading);
  await expect(visitor.page.getByText(person.emailAddress).first()).toBeVisible();
  await look1(walk, 'j1-4-code');
  await setPassword(visitor, { code: await readCodeInMailbox(walk) });
  await expectInConsole(world, visitor, 'sms', person);
  await look1(walk, 'j1-5-console');
}

/** Looks for the newest mail with a code in the mailbox's own pages, in another tab, and comes back. */
export async function readCodeInMailbox({
  world,
  visitor,
  person,
}: Pick<Walk, 'world' | 'visitor' | 'person'>): Promise<string> {
  const { mailbox } = wordsOf(visitor);
  // Waits until the mail is there; what the person sees of it is read from the page.
  const mail = await world.mail.next(person.emailAddress);
  const before = await visitor.newTab();
  await visitor.open(world.mail.url);
  await visitor.type(mailbox.recipient, person.emailAddress);
  await visitor.pressButton(mailbox.search);
  await visitor.followLink(mail.subject);
  const text = await visitor.page.getByRole('main').innerText();
  await visitor.page.close();
  visitor.page = before;
  await before.bringToFront();
  return codeIn({ text });
}

/** J2: opens the second console without being asked, signs out there, and is out everywhere. */
export async function walkSecondConsoleAndOut(walk: Walk): Promise<void> {
  const { world, visitor, person } = walk;
  const { signedOut } = wordsOf(visitor);
  await visitor.open(world.consoles.mail.url);
  await expectInConsole(world, visitor, 'mail', person);
  await look1(walk, 'j2-1-second-console');
  await signOut(visitor, person);

  await expect(visitor.heading()).toHaveText(signedOut.heading);
  await expect(visitor.page.getByRole('main').getByText(signedOut.delivered, { exact: true })).toHaveCount(2);
  await look1(walk, 'j2-2-signed-out');
  for (const id of ['sms', 'mail'] satisfies ConsoleId[]) {
    await visitor.open(world.consoles[id].url);
    await expectSignInPage(visitor);
  }
  await look1(walk, 'j2-3-asked-again');
}

/** J5: changes the address in the settings of the SMS console that the person is in. */
export async function walkAddressChange(walk: Walk, fresh: string): Promise<void> {
  const { world, visitor } = walk;
  const { console, email } = wordsOf(visitor);
  await visitor.open(world.consoles.sms.url);
  await visitor.followLink(console.settings, visitor.page.getByRole('navigation'));
  await look1(walk, 'j5-1-settings');
  await visitor.followLink(email.change, visitor.page.getByRole('main').getByRole('region').first());
  await expect(visitor.heading()).toHaveText(email.heading);
  await look1(walk, 'j5-2-new-address');
  await visitor.type(email.fresh, fresh);
  await visitor.pressButton(email.send);
  await expect(visitor.page.getByRole('main').getByText(fresh)).toBeVisible();
  await look1(walk, 'j5-3-code');
  await visitor.type(email.code, codeIn(await world.mail.next(fresh)));
  await visitor.pressButton(email.confirm);
  await expect(visitor.page.getByText(email.done)).toBeVisible();
  await expect(visitor.page.getByRole('main').getByText(fresh).first()).toBeVisible();
  await look1(walk, 'j5-4-changed');
}

/** The legacy login takes this password. */
export async function expectLegacySignIn(
  world: World,
  visitor: Visitor,
  person: Person,
  emailAddress: string,
): Promise<void> {
  await visitor.open(world.consoles.sms.url);
  await expectLegacyLoginPage(visitor);
  await signInByLegacyLogin(visitor, emailAddress, person.legacyPassword);
  await expectInConsole(world, visitor, 'sms', person, 'legacy');
}
