import { describe } from 'vitest';
import { createApiKey } from '../apps/sms-console/src/domain/api-keys/api-keys.ts';
import { expect } from './expect.ts';
import { journeysIn } from './journey.ts';
import { codeIn } from './mail.ts';
import {
  expectInConsole,
  expectLegacyLoginPage,
  expectSignInPage,
  NEW_PASSWORD,
  sendCodeTo,
  setPassword,
  signIn,
  signOut,
  wordsOf,
} from './pages.ts';
import { look } from './screen.ts';
import type { Visitor } from './visitor.ts';
import { expectLegacySignIn } from './walks.ts';
import type { Person, Phase, World } from './world.ts';

/**
 * The cells of R12's table, and where each is walked (p: `phases.test.ts`, h: here, m: `main-journey.test.ts`, c: `clock.test.ts`).
 *
 *                          before link time   parallel period   after cut-over
 * legacy login page        p                  p, c              p
 * legacy sign-in request   p                  p, m              p (every way of sending: the SMS console's after-cut-over.test.ts)
 * unified login            p                  h, m              p
 * reset                    p                  p                 p, h
 * logout                   p, h               h, m              p, h
 * sessions at the change   h                  h                 p, h
 * machine API              h                  h                 h
 */
const journey = journeysIn({ phases: { sms: 'prepared' } });

const PHASES: readonly Phase[] = ['prepared', 'parallel', 'unified'];

describe('R12: sessions that live at a change of phase', () => {
  journey(
    'R12, R16: go on over link time, over the cut-over and back again, whichever login they were born at',
    async (world) => {
      await world.setPhase('sms', 'prepared');
      const [one, other] = [await world.addPerson(), await world.addPerson({ password: NEW_PASSWORD })];
      const legacy = await world.visitor();
      await expectLegacySignIn(world, legacy, one, one.emailAddress);
      const unified = await enterByUnifiedLogin(world, other);
      for (const phase of ['parallel', 'unified', 'parallel', 'prepared', 'unified'] as const) {
        await world.setPhase('sms', phase);
        await legacy.reload();
        await expectInConsole(world, legacy, 'sms', one, 'legacy');
        await unified.reload();
        await expectInConsole(world, unified, 'sms', other);
      }
    },
  );
});

describe('R12: logout', () => {
  for (const phase of PHASES) {
    journey(
      `R12, R9: ${phase}: a session of the legacy login ends by itself alone, one of the unified login ends everywhere`,
      async (world) => {
        await world.setPhase('sms', phase === 'unified' ? 'parallel' : phase);
        const person = await world.addPerson({ password: NEW_PASSWORD });
        const legacy = await world.visitor();
        await expectLegacySignIn(world, legacy, person, person.emailAddress);
        const unified = await enterByUnifiedLogin(world, person);
        await unified.open(world.consoles.mail.url);
        await expectInConsole(world, unified, 'mail', person);
        await world.setPhase('sms', phase);

        await legacy.reload();
        await signOut(legacy, person);
        await expect(legacy.page).toHaveURL(`${world.consoles.sms.url}/signed-out`);
        await unified.open(world.consoles.sms.url);
        await expectInConsole(world, unified, 'sms', person);

        await signOut(unified, person);
        await expect(unified.heading()).toHaveText(wordsOf(unified).signedOut.heading);
        expect(new URL(unified.page.url()).origin).toBe(world.login.pagesUrl);
        await unified.open(world.consoles.mail.url);
        await expectSignInPage(unified);
        await unified.open(world.consoles.sms.url);
        await (phase === 'unified' ? expectSignInPage(unified) : expectLegacyLoginPage(unified));
        await look(unified, `r12-table-${phase}-signed-out`);
      },
    );
  }
});

describe('R12: the unified login in the parallel period', () => {
  journey('R12: is found over the link, and a legacy password does not open it', async (world) => {
    await world.setPhase('sms', 'parallel');
    const person = await world.addPerson({ password: NEW_PASSWORD });
    const visitor = await world.visitor();
    await visitor.open(world.consoles.sms.url);
    await visitor.followLink(wordsOf(visitor).legacy.unifiedLink);
    await signIn(visitor, person.emailAddress, person.legacyPassword);
    await expect(visitor.page.getByRole('alert')).toContainText(wordsOf(visitor).signIn.refused);
    await signIn(visitor, person.emailAddress, NEW_PASSWORD);
    await expectInConsole(world, visitor, 'sms', person);
  });
});

describe('R12: the reset after the cut-over', () => {
  journey(
    'R12, R7: from the settings of a session that lives on, and from the address of the old page, it is the unified one',
    async (world) => {
      await world.setPhase('sms', 'parallel');
      const person = await world.addPerson();
      const visitor = await world.visitor();
      await expectLegacySignIn(world, visitor, person, person.emailAddress);
      await world.setPhase('sms', 'unified');
      const { ask } = wordsOf(visitor);

      const stranger = await world.visitor();
      await stranger.open(`${world.consoles.sms.url}/password/forgot`);
      await expect(stranger.heading()).toHaveText(ask.heading);
      expect(new URL(stranger.page.url()).origin).toBe(world.login.pagesUrl);

      await visitor.open(`${world.consoles.sms.url}/settings/password`);
      await expect(visitor.field(ask.emailAddress)).toHaveValue(person.emailAddress);
      await sendCodeTo(visitor, person.emailAddress);
      await setPassword(visitor, { code: codeIn(await world.mail.next(person.emailAddress)) });
      await expect(visitor.page).toHaveURL(`${world.consoles.sms.url}/settings`);
    },
  );
});

describe('R12, R30: the machine API', () => {
  journey('R12, M4: takes messages in every phase, and while the phase changes', async (world) => {
    const { db, url } = world.consoles.sms;
    const person = await world.addPerson();
    const { id: personId } = await db
      .selectFrom('person')
      .select('id')
      .where('email_address', '=', person.emailAddress)
      .executeTakeFirstOrThrow();
    const made = await createApiKey(db, { personId, name: '受注システム' }, world.clock.now());
    if (!made.ok) throw new Error(made.reason);
    const { secret } = made.key;
    const statuses: number[] = [];
    const send = async (): Promise<void> => {
      const answer = await fetch(`${url}/api/v1/messages`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        body: JSON.stringify({ to: '090-1234-5678', text: '見本のお知らせです。' }),
      });
      await answer.body?.cancel();
      statuses.push(answer.status);
    };
    for (const phase of [...PHASES, 'parallel', 'unified', 'prepared'] as const) {
      const changing = world.setPhase('sms', phase);
      await send();
      await changing;
      await send();
    }
    expect(new Set(statuses.map((status) => Math.floor(status / 100)))).toEqual(new Set([2]));
    expect(statuses).toHaveLength(12);
  });
});

/** Somebody who came in by the unified login, whatever the legacy page shows. */
async function enterByUnifiedLogin(world: World, person: Person): Promise<Visitor> {
  const visitor = await world.visitor();
  await visitor.open(`${world.consoles.sms.url}/auth/start`);
  await signIn(visitor, person.emailAddress, NEW_PASSWORD);
  await expectInConsole(world, visitor, 'sms', person);
  return visitor;
}
