import { setTimeout as pause } from 'node:timers/promises';
import { setLinkTime } from '../apps/login/src/domain/migration/plans.ts';
import type { PersonsBrowser } from './browser.ts';
import { LEGACY_PASSWORD, samplePeople, UNIFIED_PASSWORD, type DrillPerson } from './people.ts';
import { grouped, type Report } from './report.ts';
import { importAll } from './import.ts';
import { brokenInvariants } from './invariants.ts';
import { MASTER_SECRET } from './master-secret.ts';
import { inParallel } from './traffic.ts';
import {
  browserOf,
  firstSignIn,
  isSignInPage,
  isStillIn,
  legacySignIn,
  signOut,
  unifiedSignIn,
} from './walks.ts';
import { openWorld, type Databases, type DrillWorld } from './world.ts';

/** Sign-ins of one person, half of them by each login. */
const OF_ONE_PERSON = 200;
/** Each this many sign-ins, the password of the other login is tried. */
const CROSSING_EVERY = 20;
const PEOPLE_AT_ONCE = 6;

type Tally = {
  legacy: number;
  unified: number;
  crossings: number;
  crossed: string[];
  broken: string[];
  lost: string[];
};

/**
 * M3: the same people sign in by both logins at once, again and again, and try each password at the other login too. Every person stays one
 * account, the passwords stay apart, and sessions of both kinds live side by side.
 */
export async function drillBothLogins(
  databases: Databases,
  { signIns, tell }: { signIns: number; tell: (line: string) => void },
): Promise<Report> {
  const begun = performance.now();
  const world = await openWorld(databases, new Date('2026-11-24T01:00:00Z'), 100);
  try {
    const people = samplePeople(Math.max(3, Math.ceil(signIns / OF_ONE_PERSON)));
    const tally: Tally = { legacy: 0, unified: 0, crossings: 0, crossed: [], broken: [], lost: [] };
    await world.console.addPeople(people);
    await importAll(world, people);
    await openParallelPeriod(world);
    tell(`${people.length} people set a password at the unified login with a mailed code …`);
    await inParallel(people, PEOPLE_AT_ONCE, (person) =>
      guarded(tally, () => firstSignIn(world.place, browserOf(world.place, person), person)),
    );
    tell(`and sign in ${grouped(signIns)} times by both logins at once …`);
    const each = Math.ceil(signIns / people.length / 2);
    await inParallel(people, PEOPLE_AT_ONCE, async (person) => {
      await Promise.all([
        byLegacyLogin(world, person, each, tally),
        byUnifiedLogin(world, person, each, tally),
      ]);
      await guarded(tally, () => sideBySide(world, person, tally));
    });
    return await reportOf(world, people, tally, (performance.now() - begun) / 1_000);
  } finally {
    await world.close();
  }
}

/** From link time on both logins work; the console knows it as soon as its old page shows the link. */
async function openParallelPeriod({ login, console, consoleId, clock }: DrillWorld): Promise<void> {
  const now = clock.now();
  await setLinkTime(login.database.db, consoleId, now, { actor: 'operator:drill', now });
  for (let tries = 0; tries < 100; tries += 1) {
    const page = await (await fetch(`${console.url}/login`)).text();
    if (page.includes('href="/auth/start')) return;
    await pause(100);
  }
  throw new Error('The console did not learn of its link time within 10 s.');
}

async function byLegacyLogin(
  { place }: DrillWorld,
  person: DrillPerson,
  times: number,
  tally: Tally,
): Promise<void> {
  for (let time = 1; time <= times; time += 1)
    await guarded(tally, async () => {
      if (time % CROSSING_EVERY === 2) {
        const browser = browserOf(place, person);
        tally.crossings += 1;
        await browser.open(`${place.consoleUrl}/login`);
        await browser.submit({ email_address: person.emailAddress, password: UNIFIED_PASSWORD });
        if (browser.page?.url.pathname !== '/login' || (await isStillIn(place, browser, person)))
          tally.crossed.push(`${person.emailAddress}: the unified password opened the legacy login`);
      }
      await legacySignIn(place, browserOf(place, person), person);
      tally.legacy += 1;
    });
}

async function byUnifiedLogin(
  { place }: DrillWorld,
  person: DrillPerson,
  times: number,
  tally: Tally,
): Promise<void> {
  for (let time = 1; time <= times; time += 1)
    await guarded(tally, async () => {
      if (time % CROSSING_EVERY === 2) {
        const browser = browserOf(place, person);
        tally.crossings += 1;
        await browser.open(`${place.consoleUrl}/auth/start`);
        await browser.submit({ email_address: person.emailAddress, password: LEGACY_PASSWORD });
        const refused =
          browser.page?.url.origin === place.issuer && browser.page.url.pathname.startsWith('/sign-in/');
        await browser.open(`${place.consoleUrl}/auth/start`);
        if (!refused || !isSignInPage(place, browser.page))
          tally.crossed.push(`${person.emailAddress}: the legacy password opened the unified login`);
      }
      await unifiedSignIn(place, browserOf(place, person), person);
      tally.unified += 1;
    });
}

/** One browser by each login: both go on; leaving the unified one ends only that. */
async function sideBySide({ place }: DrillWorld, person: DrillPerson, tally: Tally): Promise<void> {
  const [legacy, unified] = [browserOf(place, person), browserOf(place, person)];
  await legacySignIn(place, legacy, person);
  await unifiedSignIn(place, unified, person);
  tally.legacy += 1;
  tally.unified += 1;
  const expectIn = async (browser: PersonsBrowser, which: string) => {
    if (!(await isStillIn(place, browser, person))) tally.lost.push(`${person.emailAddress}: ${which}`);
  };
  await expectIn(legacy, 'legacy, beside a unified one');
  await expectIn(unified, 'unified, beside a legacy one');
  await signOut(place, unified);
  await expectIn(legacy, 'legacy, after the unified one was left');
}

async function guarded(tally: Tally, walk: () => Promise<void>): Promise<void> {
  try {
    await walk();
  } catch (error) {
    tally.broken.push((error as Error).message);
  }
}

async function reportOf(
  world: DrillWorld,
  people: readonly DrillPerson[],
  tally: Tally,
  seconds: number,
): Promise<Report> {
  const { pool } = world.login.database;
  const { rows } = await pool.query<{ accounts: number; links: number }>(
    `select (select count(*)::int from account) as accounts, (select count(*)::int from console_link) as links`,
  );
  const sessions = await world.console.db
    .selectFrom('console_session')
    .select((eb) => [
      'person_id',
      'kind',
      eb.fn.count<string>('sub').distinct().as('subs'),
      eb.fn.countAll<string>().as('sessions'),
    ])
    .groupBy(['person_id', 'kind'])
    .execute();
  const counted = (kind: string) =>
    sessions.filter((row) => row.kind === kind).reduce((sum, row) => sum + Number(row.sessions), 0);
  const { accounts = 0, links = 0 } = rows[0] ?? {};
  // The first sign-in of each person is a unified one too.
  const unexplained =
    Math.abs(counted('legacy') - tally.legacy) + Math.abs(counted('unified') - tally.unified - people.length);
  return {
    title: 'Drill: both logins at once (M3)',
    lead: [
      `${people.length} people signed in by the legacy and by the unified login at the same time, each in a browser of its own every time, over HTTP`,
      'with real pages, cookies and databases; in between each password was tried at the other login.',
    ],
    tables: [
      {
        title: 'Sign-ins',
        head: ['kind', 'count'],
        rows: [
          ['legacy', grouped(tally.legacy)],
          ['unified', grouped(tally.unified + people.length)],
          ['password of the other login tried', grouped(tally.crossings)],
          ['HTTP requests', grouped(world.traffic.requests)],
        ],
      },
    ],
    zeros: [
      ...(await brokenInvariants(world.login.database, {
        masterSecret: MASTER_SECRET,
        now: world.clock.now(),
      })),
      { what: 'failed requests', count: world.traffic.failed, samples: world.traffic.samples },
      {
        what: 'sign-ins that did not end in the console',
        count: tally.broken.length,
        samples: tally.broken.slice(0, 5),
      },
      {
        what: 'passwords that opened the other login',
        count: tally.crossed.length,
        samples: tally.crossed.slice(0, 5),
      },
      {
        what: 'sessions lost beside one of the other kind',
        count: tally.lost.length,
        samples: tally.lost.slice(0, 5),
      },
      {
        what: 'accounts more or fewer than people',
        count: Math.abs(accounts - people.length) + Math.abs(links - people.length),
      },
      {
        what: 'people with more than one account in their sessions',
        count: sessions.filter((row) => Number(row.subs) > 1).length,
      },
      { what: 'console sessions that no sign-in explains', count: unexplained },
    ],
    seconds,
  };
}
