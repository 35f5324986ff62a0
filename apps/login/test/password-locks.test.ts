import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endBrowsers } from '#domain/logout/end-browsers.ts';
import { openJobs, type Jobs } from '#support/jobs/jobs.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import { justBefore, oneWaitsForALock } from './between-statements.ts';
import type { Answer } from './browser.ts';
import { passwordWays } from './password-ways.ts';
import { authorizeUrl } from './steps.ts';
import { openWorld, type World } from './world.ts';

/** Whatever touches an account's password locks the account first: two that took account and password in different order would wait for each other, and one would fail. */

/** The full campaign; CI runs the same code smaller. */
const FULL = process.env.HITOKAGI_FULL_CAMPAIGN === '1';
const ROUNDS = FULL ? 500 : 12;

let world: World;
let jobs: Jobs;
beforeAll(async () => {
  world = await openWorld({ work: false });
  await world.addConsole('sms');
  jobs = await openJobs({ databaseUrl: world.databaseUrl, mailRetryAfter: 30, onError: () => undefined });
});
beforeEach(() => world.pass(20 * MINUTE));
afterAll(async () => {
  await jobs.stop();
  await world.close();
});

const { somebody, atCodePage, atSignIn, changeBy, left } = passwordWays(() => world);
const STORES = /insert into "password_credential"/;
const isDone = (answer: Answer): boolean =>
  /^\/(account|reset\/done)/.test(String(answer.headers.location ?? ''));

describe('R11: a change of the password beside what else happens to the account', () => {
  it('waits for a reset that holds the account, and then says that the password is another one', async () => {
    const person = await somebody();
    const change = await changeBy(person);
    const reset = await atCodePage(person, 'Umi-no-oto 43 desu');
    let changing: Promise<Answer> | undefined;
    const done = await justBefore(
      STORES,
      async () => {
        changing = change.send();
        await oneWaitsForALock(world);
      },
      reset.send,
    );
    expect([done.statusCode, isDone(done)], done.body).toEqual([303, true]);
    const refused = await changing;
    expect(refused?.statusCode, refused?.body).toBe(409);
    expect((await left(person.id)).sessions).toBe(1);
  });

  it('holds the account before it looks at the password: a reset waits for it and has the last word', async () => {
    const person = await somebody();
    const change = await changeBy(person);
    const reset = await atCodePage(person, 'Umi-no-oto 43 desu');
    let resetting: Promise<Answer> | undefined;
    const changed = await justBefore(
      STORES,
      async () => {
        resetting = reset.send();
        await oneWaitsForALock(world);
      },
      change.send,
    );
    expect([changed.statusCode, isDone(changed)], changed.body).toEqual([303, true]);
    const after = await resetting;
    expect([after?.statusCode, after && isDone(after)], after?.body).toEqual([303, true]);
    expect((await left(person.id)).sessions).toBe(1);
  });

  it(
    `of changes, resets, sign-ins and an operator who ends all browsers, all at once, none fails (${ROUNDS} rounds)`,
    { timeout: FULL ? 30 * MINUTE : 2 * MINUTE },
    async () => {
      const figures: Record<string, number> = {};
      for (let round = 0; round < ROUNDS; round++) {
        const person = await somebody();
        const reset = await atCodePage(person, 'Umi-no-oto 43 desu');
        const acts = [
          reset.send,
          ...(await Promise.all([1, 2, 3].map(async () => (await changeBy(person)).send))),
          ...(await Promise.all(
            ['/sign-in', authorizeUrl('sms').url].map(async (start) => (await atSignIn(start, person)).send),
          )),
        ];
        await Promise.all([
          ...acts.map(async (act) => {
            await pause(Math.random() * 100);
            const { statusCode, body } = await act();
            figures[statusCode] = (figures[statusCode] ?? 0) + 1;
            expect(statusCode, body).toBeLessThan(500);
          }),
          pause(Math.random() * 150).then(() =>
            endBrowsers({ db: world.database.db, jobs }, person.id, {
              actor: 'operator:support',
              cause: 'operator',
              now: world.now,
            }),
          ),
        ]);
        world.pass(1 * MINUTE);
      }
      process.stdout.write(`${ROUNDS} rounds: ${JSON.stringify(figures)}\n`);
    },
  );
});
