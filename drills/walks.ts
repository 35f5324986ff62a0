import { PersonsBrowser, type Page } from './browser.ts';
import type { DrillMailServer } from './mail-server.ts';
import { LEGACY_PASSWORD, UNIFIED_PASSWORD, type DrillPerson } from './people.ts';
import type { Traffic } from './traffic.ts';

/** Where people walk, and what takes their mail. */
export type Place = {
  readonly consoleUrl: string;
  readonly issuer: string;
  readonly traffic: Traffic;
  readonly mail: DrillMailServer;
};

export function browserOf(place: Place, person: DrillPerson): PersonsBrowser {
  return new PersonsBrowser(place.traffic, person.clientAddress);
}

/** `entered`: in the console; `led-on`: the legacy login refused on the server and led to the unified sign-in page. */
export type LegacyOutcome = 'entered' | 'led-on';

/** Signs in on the legacy page, as it stands when the page is opened and when the form is sent. */
export async function legacySignIn(
  place: Place,
  browser: PersonsBrowser,
  person: DrillPerson,
  password = LEGACY_PASSWORD,
): Promise<LegacyOutcome> {
  await browser.open(`${place.consoleUrl}/login`);
  if (isSignInPage(place, browser.page)) return 'led-on';
  await browser.submit({ email_address: person.emailAddress, password });
  if (isSignInPage(place, browser.page)) return 'led-on';
  expectInConsole(place, browser, person);
  return 'entered';
}

/** From the console to the unified sign-in page, password, and back into the console. */
export async function unifiedSignIn(
  place: Place,
  browser: PersonsBrowser,
  person: DrillPerson,
  password = UNIFIED_PASSWORD,
): Promise<void> {
  await browser.open(`${place.consoleUrl}/auth/start`);
  if (!isSignInPage(place, browser.page)) throw browser.broken('not at the unified sign-in page');
  await browser.submit({ email_address: person.emailAddress, password });
  expectInConsole(place, browser, person);
}

/** R3: from the console's old page over the help for those who come for the first time, with the code from the mail, and back into the console. */
export async function firstSignIn(place: Place, browser: PersonsBrowser, person: DrillPerson): Promise<void> {
  await browser.open(`${place.consoleUrl}/login`);
  if (!isSignInPage(place, browser.page)) await browser.followLink(/^\/auth\/start/);
  if (!isSignInPage(place, browser.page)) throw browser.broken('not at the unified sign-in page');
  await browser.followLink(/\/reset$/);
  const mailed = place.mail.codeFor(person.emailAddress);
  mailed.catch(() => undefined);
  await browser.submit({ email_address: person.emailAddress });
  const code = await mailed;
  await browser.submit({ code, password: UNIFIED_PASSWORD, confirmation: UNIFIED_PASSWORD });
  expectInConsole(place, browser, person);
}

/** R18: a person who came in by the legacy login gives the console a new address, and proves it with the code from the mail. */
export async function changeAddress(
  place: Place,
  browser: PersonsBrowser,
  person: DrillPerson,
  newAddress: string,
): Promise<void> {
  if ((await legacySignIn(place, browser, person)) === 'led-on') throw browser.broken('not in the console');
  await browser.open(`${place.consoleUrl}/settings/email`);
  const mailed = place.mail.codeFor(newAddress);
  mailed.catch(() => undefined);
  await browser.submit({ new_address: newAddress });
  if (browser.page?.url.pathname !== '/settings/email/code')
    throw browser.broken('not at the page for the code');
  const done = await browser.submit({ code: await mailed });
  if (done.url.pathname !== '/settings') throw browser.broken('the address was not changed');
}

/** True when the browser is in the console without being asked for anything. */
export async function isStillIn(
  place: Place,
  browser: PersonsBrowser,
  person: DrillPerson,
): Promise<boolean> {
  await browser.open(`${place.consoleUrl}/settings`);
  const { page } = browser;
  return page?.url.href === `${place.consoleUrl}/settings` && shows(page, person.emailAddress);
}

/** Signs out of everything (R9), over the page that says so. */
export async function signOut(place: Place, browser: PersonsBrowser): Promise<void> {
  await browser.open(`${place.consoleUrl}/`);
  await browser.press('/logout');
}

export function isSignInPage({ issuer }: Place, page: Page | null): boolean {
  return (
    page !== null &&
    page.url.origin === issuer &&
    page.url.pathname.startsWith('/sign-in/') &&
    page.status === 200
  );
}

function expectInConsole({ consoleUrl }: Place, browser: PersonsBrowser, person: DrillPerson): void {
  const { page } = browser;
  if (page?.url.href !== `${consoleUrl}/` || !shows(page, person.emailAddress))
    throw browser.broken(`${person.emailAddress} is not in the console`);
}

/** Addresses on pages have places to break at. */
export function shows(page: Page, address: string): boolean {
  return page.html.replaceAll(/<wbr ?\/?>/g, '').includes(address);
}
