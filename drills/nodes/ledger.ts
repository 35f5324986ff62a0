import { setTimeout as pause } from 'node:timers/promises';
import { fullSignIn, silentSignIn } from '../../bench/flows.ts';
import type { Browser } from '../../bench/browser.ts';
import type { Chance } from '../login-id/chance.ts';
import { UNIFIED_PASSWORD } from '../people.ts';
import type { NodesWorld } from './world.ts';

/** What people were answered, and so what must be in the database whatever happened since. */
export type Ledger = {
  /** Acknowledged: sign-ins, passwords set, codes asked for, sessions left. */
  readonly acknowledged: Record<'signed in' | 'password set' | 'code asked for' | 'signed out', number>;
  /** Answers that a person would see fail while things broke; the steps were taken again. */
  failures: number;
  readonly statuses: Map<string, number>;
  readonly lost: string[];
  readonly wrong: string[];
  readonly stuck: string[];
  /** Milliseconds from leaving to the page that says so; each that was answered. */
  readonly leaving: number[];
  /** What nobody but its owner may ever read, by what it is: passwords and codes that were used. */
  readonly secrets: Map<string, string>;
};

export function newLedger(): Ledger {
  return {
    acknowledged: { 'signed in': 0, 'password set': 0, 'code asked for': 0, 'signed out': 0 },
    failures: 0,
    statuses: new Map(),
    lost: [],
    wrong: [],
    stuck: [],
    leaving: [],
    secrets: new Map(),
  };
}

/** Milliseconds in which a step that is tried again and again must come through, with the longest outage in between. */
const LONGEST_STEP = 60_000;
const LONGEST_MAIL = 120_000;
/** The same where the login server says to wait: attempts that a kill cut off count as failures, and the pauses after five of them double. */
const LONGEST_DELAY = 240_000;

/** One person: signs in, now and then sets a new password by code, signs in with it, leaves; each step again until it is answered. */
export async function live(
  world: NodesWorld,
  ledger: Ledger,
  person: { emailAddress: string },
  chance: Chance,
): Promise<void> {
  const { emailAddress } = person;
  let passwords = [UNIFIED_PASSWORD];
  await signIn(world, ledger, emailAddress, passwords);
  if (chance.hits(0.6)) {
    const wanted = `Yama-no-oto ${chance.below(90) + 10} desu`;
    passwords = await setPassword(world, ledger, emailAddress, wanted, passwords);
  }
  const browser = await signIn(world, ledger, emailAddress, passwords);
  if (!browser) return;
  if (chance.hits(0.5))
    await again(ledger, `${emailAddress}: silent sign-in`, () => silentSignIn(browser, world.console));
  if (chance.hits(0.6)) await leave(world, ledger, emailAddress, browser);
}

/** With the one password that was acknowledged last, or, where the last change was not, with one of the two. */
async function signIn(
  world: NodesWorld,
  ledger: Ledger,
  emailAddress: string,
  passwords: readonly string[],
): Promise<Browser | undefined> {
  const possible = [...passwords];
  let signedIn: Browser | undefined;
  await again(ledger, `${emailAddress}: sign-in`, async () => {
    for (let password = possible[0]; password !== undefined; password = possible[0]) {
      const browser = world.browser();
      try {
        await fullSignIn(browser, world.console, { emailAddress, password });
        signedIn = browser;
        return;
      } catch (error) {
        if (!/got 401/.test(String(error))) throw error;
        // The answer counts: it is the other one, from now on. Trying both each time would add up failures.
        possible.shift();
      }
    }
    ledger.lost.push(
      passwords.length === 1
        ? `${emailAddress}: its acknowledged password was refused`
        : `${emailAddress}: neither the password before nor the new one was taken`,
    );
  });
  if (signedIn) ledger.acknowledged['signed in'] += 1;
  for (const [name, value] of signedIn?.kept() ?? [])
    if (/^(sso|browser|known)$/.test(name)) ledger.secrets.set(`a cookie ${name} of ${emailAddress}`, value);
  return signedIn;
}

async function setPassword(
  world: NodesWorld,
  ledger: Ledger,
  emailAddress: string,
  wanted: string,
  before: readonly string[],
): Promise<string[]> {
  const browser = world.browser();
  const mailed = world.mail.codeFor(emailAddress, LONGEST_MAIL);
  mailed.catch(() => undefined);
  const form = { client_id: world.console.clientId, email_address: emailAddress };
  const asked = await browser.submit('/reset', form).catch(() => undefined);
  // Who was not answered may or may not get a mail.
  if (asked?.status !== 303) {
    ledger.failures += 1;
    return [...before];
  }
  ledger.acknowledged['code asked for'] += 1;
  const page = asked.location.split('?')[0] ?? '';
  const code = await mailed.catch(() => undefined);
  if (code === undefined) {
    if (world.mail.refusedInMood.has(emailAddress)) ledger.failures += 1;
    else if (await isInDoubt(world, emailAddress)) ledger.failures += 1;
    else ledger.lost.push(`${emailAddress}: the mail with the code never came`);
    return [...before];
  }
  ledger.secrets.set(`a code of ${emailAddress}`, code);
  ledger.secrets.set(`a new password of ${emailAddress}`, wanted);
  let passwords = [...before];
  await again(ledger, `${emailAddress}: new password`, async () => {
    // Until the answer is here nobody knows whether it is done.
    passwords = [...before, wanted];
    const answer = await browser.submit(page, { code, password: wanted, confirmation: wanted });
    if (answer.status === 303) {
      passwords = [wanted];
      ledger.acknowledged['password set'] += 1;
      return;
    }
    // The request had ended: an answer that was lost had set it.
    if (answer.status < 500) return;
    throw new Error(`got ${answer.status}`);
  });
  return passwords;
}

/** Whether its mail was given up because its sender died twice after it had been handed over: a mail goes out twice at most, and nobody knows whether it did. */
async function isInDoubt({ database }: NodesWorld, emailAddress: string): Promise<boolean> {
  const found = await database.pool
    .query(`select from message where recipient = $1 and state = 'refused' and unconfirmed > 0`, [
      emailAddress,
    ])
    .catch(() => undefined);
  return (found?.rowCount ?? 0) > 0;
}

async function leave(
  world: NodesWorld,
  ledger: Ledger,
  emailAddress: string,
  browser: Browser,
): Promise<void> {
  let isLeft = false;
  await again(ledger, `${emailAddress}: leaving`, async () => {
    const begun = performance.now();
    const answer = await browser.submit('/sign-out', {});
    if (answer.status !== 303) throw new Error(`got ${answer.status}`);
    isLeft = true;
    const page = await browser.get(answer.location).catch(() => undefined);
    if (page?.status === 200) ledger.leaving.push(performance.now() - begun);
  });
  if (!isLeft) return;
  ledger.acknowledged['signed out'] += 1;
  const isIn = await silentSignIn(browser, world.console).then(
    () => true,
    () => false,
  );
  if (isIn) ledger.wrong.push(`${emailAddress}: still signed in after leaving`);
}

/** Takes a step again until it is answered, as a person does. */
async function again(ledger: Ledger, what: string, act: () => Promise<void>): Promise<void> {
  const begun = performance.now();
  let last = '';
  while (performance.now() - begun < (last.includes('got 429') ? LONGEST_DELAY : LONGEST_STEP)) {
    try {
      return await act();
    } catch (error) {
      last = String((error as Error).message).split('\n')[0] ?? '';
      const status = /got (\d{3})/.exec(last)?.[1] ?? 'no answer';
      ledger.statuses.set(status, (ledger.statuses.get(status) ?? 0) + 1);
      ledger.failures += 1;
      if (status === '500')
        ledger.wrong.push(`${what}: ${(error as Error).message.replaceAll(/\s+/g, ' ').slice(0, 300)}`);
      await pause(status === '429' ? 2_000 : 300);
    }
  }
  ledger.stuck.push(`${what}: ${last}`);
}
