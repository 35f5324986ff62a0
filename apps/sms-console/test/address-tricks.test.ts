import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ATTACKER, drawnTricks, tricksOn } from '../../../test-support/address-tricks.ts';
import {
  expectCleanDialogue,
  mailboxOf,
  openPlainSmtp,
  STRICT,
  type PlainSmtp,
} from '../../../test-support/plain-smtp.ts';
import type { Page } from './browser.ts';
import { CODE } from './console-api.ts';
import { openWorld, PASSWORD, type World } from './world.ts';

/** Addresses that are drawn for each field; `HITOKAGI_FULL_CAMPAIGN=1`: 10,000. */
const DRAWN = process.env.HITOKAGI_FULL_CAMPAIGN === '1' ? 10_000 : 80;

/** Addresses as the console has them on file. */
const VICTIMS = [
  'kawa.ishi-1@example.co.jp',
  'strasse+is@example.co.jp',
  'Hanako.Sato@example.co.jp',
  'taro..01.@docomo.ne.jp',
  "o'ikawa@xn--8pvz87e.jp",
] as const;

let world: World;
let smtp: PlainSmtp;
beforeAll(async () => {
  smtp = await openPlainSmtp();
  world = await openWorld({ phase: 'prepared', smtpUrl: `smtp://127.0.0.1:${smtp.port}` });
  for (const emailAddress of VICTIMS) await world.addPerson({ emailAddress });
});
afterAll(async () => {
  await world.close();
  smtp.close();
});
beforeEach(() => world.setPhase('prepared'));

describe('V3: an address that is typed into the console to have a mail go elsewhere', () => {
  test(
    'at the legacy reset reaches the owner’s own mailbox as it is on file, or none',
    { timeout: 3_600_000 },
    async () => {
      const reset = async (typed: string): Promise<void> => {
        await forgetThrottles();
        const answer = await ask(typed);
        expect([typed, answer.status]).toEqual([
          typed,
          expect.toSatisfy((s: number) => [200, 422].includes(s)),
        ]);
      };
      for (const victim of VICTIMS) for (const typed of tricksOn(victim)) await reset(typed);
      await fc.assert(fc.asyncProperty(drawnTricks(VICTIMS), reset), { numRuns: DRAWN });
      expect((await mailed()).length).toBeGreaterThan(30);
      await nothingElsewhere();
    },
  );

  test('at the legacy reset as a list, an object, JSON or a repeated field sends nothing to anybody else', async () => {
    const [victim] = VICTIMS;
    const forms = [
      `email_address=${victim}&email_address=${ATTACKER}`,
      `email_address=${ATTACKER}&email_address=${victim}`,
      `email_address[]=${victim}&email_address[]=${ATTACKER}`,
      `email_address[address]=${victim}`,
      `email_address=${victim}&to=${ATTACKER}&bcc=${ATTACKER}`,
    ].map((body) => ({ body, type: 'application/x-www-form-urlencoded' }));
    const bodies = [
      { email_address: [victim, ATTACKER] },
      { email_address: { address: victim, to: ATTACKER } },
      { email_address: { toString: victim } },
    ].map((body) => ({ body: JSON.stringify(body), type: 'application/json' }));
    for (const { body, type } of [...forms, ...bodies]) {
      await forgetThrottles();
      const answer = await postWithToken(body, type);
      expect([body, answer.status]).toEqual([body, expect.toSatisfy((s: number) => s < 500)]);
    }
    await nothingElsewhere();
  });

  test('at the legacy login is nobody but the owner of that spelling', async () => {
    let entered = 0;
    for (const typed of tricksOn('kawa.ishi-1@example.co.jp')) {
      await forgetThrottles();
      const browser = world.browser();
      await browser.open('/login');
      const page = await browser.send('/login', { email_address: typed, password: PASSWORD });
      expect([typed, page.status]).toEqual([typed, expect.toSatisfy((s: number) => s < 500)]);
      if (page.url.pathname !== '/') continue;
      entered += 1;
      // Full-width signs are read as meant; control characters are taken out; whatever else folds to ASCII somewhere is another address.
      const local = typed
        .trim()
        .replace(/\p{Cc}/gu, '')
        .replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
        .split('@')[0];
      expect(local).toMatch(/^[!-~]+$/);
      expect(local?.toLowerCase()).toBe('kawa.ishi-1');
    }
    expect(entered).toBeGreaterThan(2);
  });

  test('C2: at the legacy login has no counter of its own, and is no way around the one of the address', async () => {
    await forgetThrottles();
    const [victim] = VICTIMS;
    const spellings = tricksOn(victim).filter(
      (typed) => typed.normalize('NFKC').trim().toLowerCase().replaceAll('\u0307', '') === victim,
    );
    const signIn = async (typed: string, password: string): Promise<Page> => {
      const browser = world.browser();
      await browser.open('/login');
      return browser.send('/login', { email_address: typed, password });
    };
    expect(spellings.length).toBeGreaterThan(8);
    for (let times = 0; times < 3; times++) for (const typed of spellings) await signIn(typed, 'wrong');
    for (const typed of [...spellings, victim])
      expect([typed, (await signIn(typed, PASSWORD)).status]).toEqual([
        typed,
        expect.toSatisfy((status) => [422, 429].includes(status)),
      ]);
    expect((await signIn(victim, PASSWORD)).status).toBe(429);
    // One of the address and one of the client.
    expect(await world.db.selectFrom('legacy_throttle').select('key').execute()).toHaveLength(2);
  });

  test(
    'as the new address of somebody signed in is refused, or is exactly what the page names and the login server is asked for',
    { timeout: 3_600_000 },
    async () => {
      const person = await world.addPerson();
      await forgetThrottles();
      const browser = world.browser();
      await browser.open('/login');
      await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
      const before = (await mailed()).length;
      const asked = () => [...world.login.api.changes.values()].map((one) => one.newEmailAddress);
      const change = async (typed: string): Promise<void> => {
        const known = asked().length;
        await browser.open('/settings/email');
        const page = await browser.send('/settings/email', { new_address: typed });
        expect([typed, page.status]).toEqual([typed, expect.toSatisfy((s: number) => s < 500)]);
        const [address, ...more] = asked().slice(known);
        expect([typed, more]).toEqual([typed, []]);
        if (address === undefined) return;
        expect([typed, address]).toEqual([typed, expect.stringMatching(STRICT)]);
        expect(page.text).toContain(address);
      };
      for (const typed of tricksOn('moving.to-1@example.co.jp')) await change(typed);
      await fc.assert(fc.asyncProperty(drawnTricks(['moving.to-1@example.co.jp', ...VICTIMS]), change), {
        numRuns: DRAWN,
      });
      expect(asked().length).toBeGreaterThan(5);
      // The code goes out from the login server; the console mails nobody, and takes over what was proved.
      // The last that was typed may have been refused; the change that was asked for before it is open still.
      await browser.open('/settings/email/code');
      await browser.send('/settings/email/code', { code: CODE });
      const row = await world.db
        .selectFrom('person')
        .select('email_address')
        .where('id', '=', person.id)
        .executeTakeFirstOrThrow();
      expect(row.email_address).toBe(asked().at(-1));
      expect((await mailed()).length).toBe(before);
    },
  );
});

/** Every mail that went past DATA so far; waits until none is due. */
async function mailed(): Promise<PlainSmtp['messages']> {
  await vi.waitFor(
    async () => {
      const due = await world.db
        .selectFrom('legacy_reset')
        .select('id')
        .where('next_mail_at', 'is not', null)
        .execute();
      expect(due).toEqual([]);
    },
    { timeout: 30_000, interval: 20 },
  );
  return smtp.messages;
}

/** Each mail went to one mailbox, one that is on file, spelled as it is on file; and nothing was said to the mail server but what we meant. */
async function nothingElsewhere(): Promise<void> {
  for (const { recipients } of await mailed()) {
    expect(recipients).toHaveLength(1);
    expect([...VICTIMS]).toContain(mailboxOf(recipients[0]));
  }
  expectCleanDialogue(smtp, 'no-reply@sms.example.co.jp');
}

async function ask(typed: string): Promise<Page> {
  const browser = world.browser();
  await browser.open('/password/forgot');
  return browser.send('/password/forgot', { email_address: typed });
}

/** Sends a body as it is to the page of the reset, with the token of its form. */
async function postWithToken(body: string, type: string): Promise<Page> {
  const browser = world.browser();
  const { html } = await browser.open('/password/forgot');
  const token = /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
  const whole = body.startsWith('{')
    ? JSON.stringify({ ...(JSON.parse(body) as object), _csrf: token })
    : `${body}&_csrf=${encodeURIComponent(token)}`;
  return browser.request('POST', new URL('/password/forgot', world.config.url), whole, type);
}

/** The limits are not what is attacked here. */
async function forgetThrottles(): Promise<void> {
  await world.db.deleteFrom('legacy_throttle').execute();
}
