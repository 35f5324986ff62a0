import { setTimeout as pause } from 'node:timers/promises';
import { type PersonsBrowser, BrokenWalk, type Page } from '../browser.ts';
import { LEGACY_PASSWORD } from '../people.ts';
import { shows } from '../walks.ts';
import type { Chance } from './chance.ts';
import { CONSOLE_IDS, type ConsoleId, type LoginIdWorld } from './world.ts';

export type DrilledPerson = {
  readonly number: number;
  readonly firstAddress: string;
  readonly ids: Readonly<Record<ConsoleId, string>>;
  readonly browsers: Readonly<Record<ConsoleId, PersonsBrowser>>;
  /** Every address that the person asked for, in lower case. */
  readonly wished: Set<string>;
  readonly chance: Chance;
};

export type Deed =
  'change' | 'both-consoles' | 'two-tabs' | 'cancel' | 'forget' | 'undo' | 'same-address' | 'again-at-once';
/** `put-off`: not done in the patience of a person; it is taken up again when the outages are over. `no-code`: no code came that is right, as for an address that somebody else has. */
export type Ending = 'done' | 'refused' | 'ended' | 'put-off' | 'no-code';
/** A change whose person lost patience. */
export type PutOff = {
  person: DrilledPerson;
  id: ConsoleId;
  address: string;
  /** Codes that were said to be wrong. */
  wrong: Set<string>;
};
/** What people did, how it ended for them, and what should never happen. */
export type Tally = {
  deeds: Record<Deed, number>;
  endings: Record<Ending, number>;
  putOff: PutOff[];
  /** How it ended for those who took it up again. */
  endingsInPeace: Record<Ending, number>;
  lostSessions: string[];
  stuck: string[];
};

const PATIENCE = 120_000;
/** Without outages nobody is told to wait for longer, whatever was before. */
const PATIENCE_IN_PEACE = 20_000;
const LOOK = 250;

export async function enter(world: LoginIdWorld, person: DrilledPerson): Promise<void> {
  for (const id of CONSOLE_IDS) {
    const browser = person.browsers[id];
    await browser.open(`${world.consoles[id].url}/login`);
    await browser.submit({ email_address: person.firstAddress, password: LEGACY_PASSWORD });
    if (browser.page?.url.pathname !== '/') throw browser.broken('not in the console');
  }
}

/** Asks for a change, reads the mail, enters the code, and looks until it is known how it ended: as a patient person does, whatever breaks in between. */
export async function change(
  world: LoginIdWorld,
  person: DrilledPerson,
  id: ConsoleId,
  address: string,
  tally: Tally,
): Promise<Ending> {
  person.wished.add(address.toLowerCase());
  const until = Date.now() + PATIENCE;
  const url = `${world.consoles[id].url}/settings/email`;
  const browser = person.browsers[id];
  const wrong = new Set<string>();
  let asked = false;
  while (Date.now() < until) {
    try {
      const page = await look(person, browser, `${url}/code`, tally);
      const open = page.url.pathname === '/settings/email/code' && shows(page, address);
      if (!open && asked) return shows(page, address) ? 'done' : 'ended';
      if (!open) {
        await look(person, browser, url, tally);
        const answer = await browser.submit({ new_address: address });
        if (answer.url.pathname === '/settings/email') return 'refused';
        asked = true;
        continue;
      }
      asked = true;
      const code = takesCode(page) ? nextCode(world, address, wrong) : undefined;
      if (code === undefined) {
        await pause(LOOK);
        continue;
      }
      const ending = await enterCode(browser, code, wrong);
      if (ending !== undefined) return ending;
    } catch (error) {
      if (!(error instanceof BrokenWalk)) throw error;
      await pause(LOOK);
    }
  }
  tally.putOff.push({ person, id, address, wrong });
  return 'put-off';
}

/** Takes up again what was put off, now that nothing breaks: whoever is told to wait still, or has a code and cannot enter it, is stuck. */
export async function takeUpAgain(world: LoginIdWorld, left: PutOff, tally: Tally): Promise<Ending> {
  const { person, id, address, wrong } = left;
  const browser = person.browsers[id];
  const until = Date.now() + PATIENCE_IN_PEACE;
  let last: Page | undefined;
  while (Date.now() < until) {
    const page = await look(person, browser, `${world.consoles[id].url}/settings/email/code`, tally);
    if (page.url.pathname !== '/settings/email/code' || !shows(page, address))
      return shows(page, address) ? 'done' : 'ended';
    const code = takesCode(page) ? nextCode(world, address, wrong) : undefined;
    if (code === undefined) await pause(LOOK);
    const ending = code === undefined ? undefined : await enterCode(browser, code, wrong);
    if (ending !== undefined) return ending;
    last = page;
  }
  if (last && takesCode(last) && wrong.size > 0) return 'no-code';
  const said = last ? `${last.status}: ${sentenceOf(last)}` : 'nothing';
  tally.stuck.push(`${person.firstAddress} with ${address} in ${id}; the page says ${said}`);
  return 'put-off';
}

/** The newest code that was not said to be wrong. */
function nextCode(world: LoginIdWorld, address: string, wrong: ReadonlySet<string>): string | undefined {
  return world
    .mailbox(address)
    .codes.toReversed()
    .find((one) => !wrong.has(one));
}

/** How the change ended with this code; undefined while it has not. */
async function enterCode(
  browser: PersonsBrowser,
  code: string,
  wrong: Set<string>,
): Promise<Ending | undefined> {
  const answer = await browser.submit({ code });
  if (answer.url.pathname === '/settings') return 'done';
  // Only this says that the code is wrong; while the login server is away the page keeps it for another try.
  if (answer.status === 422) wrong.add(code);
  return answer.status === 409 || answer.status === 410 ? 'refused' : undefined;
}

/** Notes a wish and leaves it, or takes it back. */
export async function askAndLeave(
  world: LoginIdWorld,
  person: DrilledPerson,
  id: ConsoleId,
  address: string,
  tally: Tally,
  { cancel }: { cancel: boolean },
): Promise<void> {
  person.wished.add(address.toLowerCase());
  const browser = person.browsers[id];
  const url = `${world.consoles[id].url}/settings/email`;
  await patiently(async () => {
    await look(person, browser, url, tally);
    await browser.submit({ new_address: address });
  });
  if (!cancel) return;
  await patiently(async () => {
    const page = await look(person, browser, `${url}/code`, tally);
    if (page.url.pathname !== '/settings/email/code') return;
    const token = /name="_csrf" value="([^"]+)"/.exec(page.html)?.[1];
    if (token === undefined) throw browser.broken('no form');
    // The button of the code page has an address of its own.
    if (page.html.includes('action="/settings/email/abandon"'))
      await browser.press('/settings/email/abandon');
  });
}

/** Enters the same code in two browsers at once. */
export async function twoTabs(
  world: LoginIdWorld,
  person: DrilledPerson,
  id: ConsoleId,
  address: string,
  tally: Tally,
): Promise<Ending> {
  await askAndLeave(world, person, id, address, tally, { cancel: false });
  const other = { ...person, browsers: { ...person.browsers, [id]: person.browsers[id].copy() } };
  const endings = await Promise.all([
    change(world, person, id, address, tally),
    change(world, other, id, address, tally),
  ]);
  return endings.includes('done') ? 'done' : (endings[0] ?? 'ended');
}

/** Uses the way back of a mail to a former address, one of those that the person has. */
export async function undo(world: LoginIdWorld, person: DrilledPerson): Promise<boolean> {
  const urls = [person.firstAddress, ...person.wished].flatMap((address) => world.mailbox(address).undoUrls);
  if (urls.length === 0) return false;
  const url = person.chance.pick(urls);
  const browser = person.browsers.sms.copy();
  await patiently(async () => {
    const page = await browser.open(url);
    if (page.html.includes('action="/login-id/undo"')) await browser.press('/login-id/undo');
  });
  return true;
}

async function look(
  person: DrilledPerson,
  browser: PersonsBrowser,
  url: string,
  tally: Tally,
): Promise<Page> {
  const page = await browser.open(url);
  if (page.url.pathname === '/login') {
    tally.lostSessions.push(`${person.firstAddress} at ${url}`);
    throw new Error(`${person.firstAddress} was put out of the console`);
  }
  return page;
}

async function patiently(walk: () => Promise<void>): Promise<void> {
  const until = Date.now() + PATIENCE;
  for (;;) {
    try {
      return await walk();
    } catch (error) {
      if (!(error instanceof BrokenWalk) || Date.now() > until) throw error;
      await pause(LOOK);
    }
  }
}

function takesCode(page: Page): boolean {
  return page.html.includes('autocomplete="one-time-code"');
}

/** What a page says of its form, to find out why somebody is stuck. */
function sentenceOf(page: Page): string {
  return (
    /<main[^>]*>([\s\S]*?)<\/main>/
      .exec(page.html)?.[1]
      ?.replaceAll(/<[^>]+>/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .slice(0, 300) ?? ''
  );
}
