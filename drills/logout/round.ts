import { setTimeout as pause } from 'node:timers/promises';
import { PersonsBrowser } from '../browser.ts';
import type { DrillPerson } from '../people.ts';
import { isSignInPage, unifiedSignIn, type Place } from '../walks.ts';
import type { ConsoleSession, DrillConsole } from './console.ts';
import type { Outage } from './gate.ts';
import type { Step } from './steps.ts';
import type { Tally } from './tally.ts';
import type { LogoutWorld } from './world.ts';

/** A logout must have its full effect so long after the last thing that was in its way. */
const DEADLINE = 60_000;
const PAGE = 2_500;
const SECOND = 1_000;

/** What is in the way of one logout. */
export type Trouble = {
  /** By the console's place in the row. */
  outages: readonly (Outage | null)[];
  /** Milliseconds that outages last. */
  lasts: number;
  step: Step | null;
  /** Where the person presses the button. */
  from: number;
};

type Person = DrillPerson & { accountId: string };
type Entered = { browser: PersonsBrowser; sessions: readonly ConsoleSession[] };

/** One person in three browsers, each in all consoles; leaves in one of them while consoles are away and the server is killed; comes back at once. */
export async function troubledLogout(
  world: LogoutWorld,
  person: Person,
  trouble: Trouble,
  tally: Tally,
): Promise<void> {
  const what = `${trouble.step?.name ?? 'no kill'}; ${trouble.outages.map((one) => one ?? '-').join(' ')}; from ${trouble.from + 1}`;
  const [here, ...others] = [
    await enter(world, person),
    await enter(world, person),
    await enter(world, person),
  ];
  for (const [index, console] of world.consoles.entries())
    console.gate.outage = trouble.outages[index] ?? null;
  for (const one of trouble.outages) if (one) tally.outages.set(one, (tally.outages.get(one) ?? 0) + 1);
  if (trouble.step) await world.login.arm(trouble.step);
  const kills = world.login.kills.length;
  const stopAsking = askForUnreachable(world, trouble);
  const back = { at: 0 };
  const recovery = pause(trouble.lasts).then(() => {
    for (const [index, console] of world.consoles.entries())
      if (trouble.outages[index] !== 'unreachable') console.gate.outage = null;
    back.at = performance.now();
  });
  try {
    await leave(world, here, trouble.from, tally, what);
    // Comes back before the consoles have heard of anything; what begins now must go on.
    const again = await enter(world, person, here.browser);
    await recovery;
    const out = await untilOut(world, here.sessions, back, tally, what);
    if (out !== undefined) {
      const kill = world.login.kills[kills];
      const last = Math.max(back.at, kill ? kill.at : 0);
      tally.afterTrouble.push(Math.max(0, out - last));
    }
    await checkLedger(world, person, here.sessions, tally, what);
    await stopAsking();
    if (trouble.step) await world.login.arm(null);
    for (const one of [again, ...others]) await checkAlive(world, person, one, tally, what);
    for (const console of world.consoles) console.gate.outage = null;
    for (const one of others) await calmLogout(world, one, tally);
  } finally {
    await stopAsking();
    for (const console of world.consoles) console.gate.outage = null;
  }
}

/** A logout with nothing in its way: how long until all five are out. */
async function calmLogout(world: LogoutWorld, entered: Entered, tally: Tally): Promise<void> {
  const pressed = performance.now();
  await leave(world, entered, 0, tally, 'nothing in the way');
  const out = await untilOut(world, entered.sessions, { at: pressed }, tally, 'nothing in the way');
  if (out !== undefined) tally.calm.push(out - pressed);
}

/** Signs in, and opens all consoles; the password is typed once. */
async function enter(
  world: LogoutWorld,
  person: Person,
  browser = new PersonsBrowser(world.traffic, person.clientAddress),
): Promise<Entered> {
  const before = new Set(world.consoles.flatMap(({ sessions }) => [...sessions.keys()]));
  for (const [index, console] of world.consoles.entries()) {
    const place = placeOf(world, console);
    for (let tries = 0; ; tries += 1) {
      try {
        if (index === 0) await unifiedSignIn(place, browser, person);
        else await browser.open(`${console.url}/auth/start`);
        if (browser.page?.url.href !== `${console.url}/`) throw browser.broken('not in the console');
        break;
      } catch (error) {
        // The server may be killed at this moment: the person waits and tries again.
        if (tries === 5) throw error;
        await pause(SECOND / 2);
        await world.login.up();
        if (index === 0 && (await isIn(console, browser))) break;
      }
    }
  }
  const sessions = world.consoles.flatMap(({ sessions: all }) =>
    [...all.values()].filter((one) => !before.has(one.id)).slice(-1),
  );
  return { browser, sessions };
}

async function isIn(console: DrillConsole, browser: PersonsBrowser): Promise<boolean> {
  const page = await browser.open(`${console.url}/auth/start`).catch(() => null);
  return page?.url.href === `${console.url}/`;
}

/** Presses the button; when the server is killed meanwhile the browser shows its own error page, and the person loads it again. */
async function leave(
  world: LogoutWorld,
  { browser, sessions }: Entered,
  from: number,
  tally: Tally,
  what: string,
): Promise<void> {
  const console = world.consoles[from];
  if (!console) throw new Error('There is no such console.');
  console.lastSignOut = null;
  await browser.open(`${console.url}/`);
  const failed = world.traffic.failed;
  tally.logouts += 1;
  let began = performance.now();
  let killed = false;
  for (let tries = 0; ; tries += 1) {
    try {
      if (tries === 0) await browser.press('/leave');
      else await browser.open(console.lastSignOut ?? world.issuer);
      break;
    } catch (error) {
      if (tries === 10) throw error;
      tally.askedAgain += 1;
      killed = true;
      await pause(SECOND / 4);
      await world.login.up();
      began = performance.now();
    }
  }
  // Requests that a kill cut off are what this drill is about.
  world.traffic.failed = failed;
  const took = performance.now() - began;
  // A page that is loaded again meets a server that has just started.
  (killed ? tally.pagesAgain : tally.pages).push(took);
  if (!killed && took > PAGE) tally.slowPages.push(`${Math.round(took)} ms: ${what}`);
  const { page } = browser;
  if (page?.status !== 200 || !page.url.pathname.startsWith('/signed-out'))
    tally.broken.push(`no signed-out page but ${page?.status} ${page?.url.pathname}: ${what}`);
  checkPage(world, page?.html ?? '', sessions, tally, what);
}

/** What the page says of each console is so. */
function checkPage(
  world: LogoutWorld,
  html: string,
  sessions: readonly ConsoleSession[],
  tally: Tally,
  what: string,
): void {
  const text = html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
  for (const [index, { name }] of world.consoles.entries())
    if (text.includes(`${name} ログアウト済み`) && sessions[index]?.endedAt === null)
      tally.untrue.push(`${name} is said to be out and is not: ${what}`);
  const alive = sessions.some(({ endedAt }) => endedAt === null);
  if (alive && text.includes('すべての管理画面からログアウトしました'))
    tally.untrue.push(`all are said to be out and are not: ${what}`);
}

/** When the last of these sessions ended; undefined when some did not in time. */
async function untilOut(
  world: LogoutWorld,
  sessions: readonly ConsoleSession[],
  back: { at: number },
  tally: Tally,
  what: string,
): Promise<number | undefined> {
  const alive = (): ConsoleSession[] => sessions.filter(({ endedAt }) => endedAt === null);
  while (alive().length > 0) {
    const last = Math.max(back.at, ...world.login.kills.map(({ at }) => at));
    if (performance.now() - last > DEADLINE) {
      const places = alive().map((one) => sessions.indexOf(one) + 1);
      tally.lost.push(`still in after ${DEADLINE / SECOND} s at ${places.join(', ')}: ${what}`);
      return undefined;
    }
    await pause(20);
  }
  return Math.max(...sessions.map(({ endedAt }) => endedAt ?? 0));
}

/** One logout, one delivery for each console, all told in the end, and no delivery for any other session. */
async function checkLedger(
  { database, consoles }: LogoutWorld,
  person: Person,
  sessions: readonly ConsoleSession[],
  tally: Tally,
  what: string,
): Promise<void> {
  const rows = async () =>
    database.db
      .selectFrom('logout_delivery')
      .select(['sid', 'state', 'tries', 'told_by', 'single_logout_id', 'last_error'])
      .where('account_id', '=', person.accountId)
      .execute();
  let all = await rows();
  for (const began = performance.now(); all.some(({ state }) => state !== 'delivered'); all = await rows()) {
    if (performance.now() - began > DEADLINE) {
      tally.lost.push(`a delivery is ${all.map((one) => one.last_error ?? one.state).join(', ')}: ${what}`);
      break;
    }
    await pause(100);
  }
  const sids = new Set(sessions.map(({ sid }) => sid));
  if (all.some(({ sid }) => !sids.has(sid))) tally.wrong.push(`another session was told to end: ${what}`);
  if (all.length !== consoles.length || new Set(all.map((one) => one.single_logout_id)).size !== 1)
    tally.doubled.push(`${all.length} deliveries instead of ${consoles.length}: ${what}`);
  for (const { told_by: by, tries } of all) {
    tally.told.set(by ?? 'nobody', (tally.told.get(by ?? 'nobody') ?? 0) + 1);
    tally.tries += tries;
  }
}

async function checkAlive(
  world: LogoutWorld,
  person: Person,
  { browser, sessions }: Entered,
  tally: Tally,
  what: string,
): Promise<void> {
  const ended = sessions.filter(({ endedAt }) => endedAt !== null);
  if (ended.length > 0) tally.wrong.push(`${ended.length} sessions ended that should go on: ${what}`);
  const [first] = world.consoles;
  if (!first) return;
  await browser.open(`${first.url}/auth/start`);
  if (isSignInPage(placeOf(world, first), browser.page))
    tally.wrong.push(`${person.emailAddress} must sign in again in a browser that was not left: ${what}`);
}

/** The consoles that the login server cannot reach ask by themselves, every few seconds instead of once a minute. */
function askForUnreachable({ consoles }: LogoutWorld, { outages }: Trouble): () => Promise<void> {
  let stopped = false;
  const asking = consoles
    .filter((_, index) => outages[index] === 'unreachable')
    .map(async ({ kit }) => {
      while (!stopped) {
        await kit.endedSessions.ask();
        for (let waited = 0; waited < 3 * SECOND && !stopped; waited += 100) await pause(100);
      }
    });
  return async () => {
    stopped = true;
    await Promise.all(asking);
  };
}

function placeOf({ issuer, traffic }: LogoutWorld, console: DrillConsole): Place {
  return { consoleUrl: console.url, issuer, traffic, mail: undefined as never };
}
