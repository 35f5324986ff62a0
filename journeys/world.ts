import type { Browser } from '@playwright/test';
import { setTimeout as pause } from 'node:timers/promises';
import { buildMailbox } from '../apps/mailbox/src/app.ts';
import { launchChromium } from '../test-support/chromium.ts';
import { takeClock, type MachineClock } from './clock.ts';
import {
  LEGACY_PASSWORD,
  prepareConsole,
  type ConsoleId,
  type ConsoleSettings,
  type RunningConsole,
} from './consoles.ts';
import { startLoginServer, type LoginServer, type Moments } from './login-server.ts';
import { mailReader, type MailReader } from './mail.ts';
import { openPostOffice, type PostOffice } from './post-office.ts';
import { openVisitor, type Visitor, type VisitorOptions } from './visitor.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

export type Phase = 'prepared' | 'parallel' | 'unified';
export type WorldOptions = {
  phases?: Partial<Record<ConsoleId, Phase>>;
  settings?: Partial<Record<ConsoleId, ConsoleSettings>>;
  /** Pages and API of the login server have a host each. */
  split?: boolean;
};

export type NewPerson = {
  consoles?: readonly ConsoleId[];
  /** `none`: a console knows them, the unified login does not. */
  account?: 'active' | 'suspended' | 'none';
  /** Consoles that the account is linked to; by default those that know the person. */
  links?: readonly ConsoleId[];
  /** Set at the unified login before the journey begins. */
  password?: string;
  locale?: 'ja' | 'en';
};
export type Person = {
  emailAddress: string;
  name: string;
  company: string;
  legacyPassword: string;
  password: string | undefined;
};

/** Everything that a journey needs, real: two consoles, login server, mail on its way, mailbox, Chromium, and a clock to move. */
export type World = {
  clock: MachineClock;
  login: LoginServer;
  consoles: Readonly<Record<ConsoleId, RunningConsole>>;
  mail: MailReader;
  post: PostOffice;
  addPerson(person?: NewPerson): Promise<Person>;
  /** A browser of its own, with its own address on the network; a journey closes those it opened. */
  visitor(options?: VisitorOptions): Promise<Visitor>;
  /** Puts a console into a phase and waits until the console agrees. */
  setPhase(id: ConsoleId, phase: Phase): Promise<void>;
  close(): Promise<void>;
};

export async function openWorld({ phases = {}, settings = {}, split }: WorldOptions = {}): Promise<World> {
  const clock = takeClock();
  const mailbox = buildMailbox({ smtpPort: 0, httpPort: 0, clock: clock.now });
  await mailbox.start();
  const post = await openPostOffice(mailbox.smtpPort);
  const [browser, login, sms, second] = await Promise.all([
    launchChromium(),
    startLoginServer(clock, post.url, split === undefined ? {} : { split }),
    prepareConsole('sms', clock, post.url, { planIntervalMilliseconds: 250, ...settings.sms }),
    prepareConsole('mail', clock, post.url, { planIntervalMilliseconds: 250, ...settings.mail }),
  ]);
  const consoles = { sms, mail: second };
  for (const console of [sms, second]) {
    await login.register({ ...console, nameJa: console.names.ja, nameEn: console.names.en });
    await console.start(login.issuer);
  }
  const world: World = {
    clock,
    login,
    consoles,
    mail: mailReader(`http://127.0.0.1:${mailbox.httpPort}`),
    post,
    addPerson: personAdder(login, consoles),
    visitor: (options = {}) => openVisitor(browser, options, { split: login.pagesUrl !== login.issuer }),
    async setPhase(id, phase) {
      await login.plan(id, momentsOf(phase, clock.now()));
      await agreed(consoles[id], phase);
    },
    close: () => closeAll(browser, [post, login, sms, second], mailbox, clock),
  };
  await world.setPhase('sms', phases.sms ?? 'parallel');
  await world.setPhase('mail', phases.mail ?? 'unified');
  return world;
}

const BOTH: readonly ConsoleId[] = ['sms', 'mail'];

function personAdder(login: LoginServer, consoles: World['consoles']): World['addPerson'] {
  let people = 0;
  return async ({
    consoles: known = BOTH,
    account = 'active',
    links = known,
    password,
    locale = 'ja',
  } = {}) => {
    people += 1;
    const number = String(people).padStart(3, '0');
    const person = {
      emailAddress: `mihon${number}@example.co.jp`,
      name: `見本 花子 ${number}`,
      company: '見本商事 株式会社',
      locale,
    };
    const ids: Partial<Record<ConsoleId, string>> = {};
    for (const id of known) ids[id] = await consoles[id].addUser(person);
    const linked = Object.fromEntries(links.map((id) => [id, ids[id] ?? `unknown-${number}`]));
    const { emailAddress, name, company } = person;
    if (account !== 'none')
      await login.addAccount({ emailAddress, name, company, state: account, links: linked, password });
    return { emailAddress, name, company, legacyPassword: LEGACY_PASSWORD, password };
  };
}

function momentsOf(phase: Phase, now: Date): Moments {
  const at = (hours: number): Date => new Date(now.getTime() + hours * HOUR);
  switch (phase) {
    case 'prepared':
      return { linkAt: at(24 * 30), cutOverAt: null };
    case 'parallel':
      return { linkAt: at(-24), cutOverAt: null };
    case 'unified':
      return { linkAt: at(-48), cutOverAt: at(-24) };
  }
}

/** Asks the console's own legacy page until it shows what the phase says. */
async function agreed({ url }: RunningConsole, phase: Phase): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const answer = await fetch(`${url}/login`, { redirect: 'manual', headers: { 'accept-language': 'ja' } });
    const shown: Phase =
      answer.status === 303
        ? 'unified'
        : (await answer.text()).includes('統合認証画面はこちら')
          ? 'parallel'
          : 'prepared';
    if (shown === phase) return;
    await pause(50);
  }
  throw new Error(`The console at ${url} was not in the phase ${phase} within 10 s.`);
}

async function closeAll(
  browser: Browser,
  parts: readonly { close(): Promise<void> }[],
  mailbox: { stop(): Promise<void> },
  clock: MachineClock,
): Promise<void> {
  await browser.close();
  for (const part of parts.toReversed()) await part.close();
  await mailbox.stop();
  clock.release();
}
