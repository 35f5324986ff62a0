import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { importPeople } from '#domain/consoles/import/import-people.ts';
import { announce } from '#domain/notices/test-world.ts';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { DAY } from '#support/primitives/durations.ts';
import { ATTACKER, drawnTricks, tricksOn } from '../../../test-support/address-tricks.ts';
import { expectCleanDialogue, mailboxOf, openPlainSmtp, STRICT } from '../../../test-support/plain-smtp.ts';
import { Browser } from './browser.ts';
import { apiSteps, type Change } from './console-api.ts';
import { askByOperator } from './operator-change.ts';
import { authorizeUrl, PASSWORD } from './steps.ts';
import { openWorld, type World } from './world.ts';

/** Addresses that are drawn for each field; `HITOKAGI_FULL_CAMPAIGN=1`: 10,000. */
const DRAWN = process.env.HITOKAGI_FULL_CAMPAIGN === '1' ? 10_000 : 80;

const SENDER = 'no-reply@login.example.co.jp';

/** Login IDs as the consoles brought them. */
const VICTIMS = [
  'kawa.ishi-1@example.co.jp',
  'strasse+is@example.co.jp',
  'Hanako.Sato@example.co.jp',
  'taro..01.@docomo.ne.jp',
  "o'ikawa@xn--8pvz87e.jp",
] as const;

let world: World;
let smtp: Awaited<ReturnType<typeof openPlainSmtp>>;
let console: string;
/** Every mailbox to which a mail may go at all. */
const mailboxes = new Set<string>(VICTIMS);
beforeAll(async () => {
  smtp = await openPlainSmtp();
  world = await openWorld({ environment: { HITOKAGI_SMTP_URL: `smtp://127.0.0.1:${smtp.port}` } });
  console = await world.addConsole('sms');
  for (const [nth, victim] of VICTIMS.entries())
    await world.addPerson(victim, { sms: `v${nth}` }, { password: PASSWORD });
});
afterAll(async () => {
  await world.close();
  smtp.close();
});
beforeEach(() => world.pass(2 * DAY));

const { call, begin } = apiSteps(() => world);

describe('V3: an address that is typed to have a mail go elsewhere', () => {
  it(
    'at the reset reaches the owner’s own mailbox as it is on file, or none',
    { timeout: 3_600_000 },
    async () => {
      const reset = async (typed: string): Promise<void> => {
        world.pass(2 * DAY);
        await new Browser(world).request('POST', '/reset', { email_address: typed });
        // A code is made for the moment of its request.
        await mailed();
      };
      for (const victim of VICTIMS) for (const typed of tricksOn(victim)) await reset(typed);
      await fc.assert(fc.asyncProperty(drawnTricks(VICTIMS), reset), { numRuns: DRAWN });
      // It did send: to whoever was typed in another spelling.
      expect((await mailed()).length).toBeGreaterThan(30);
      await nothingElsewhere();
    },
  );

  it('at the reset of a pending sign-in, too', async () => {
    for (const victim of VICTIMS.slice(0, 2))
      for (const typed of tricksOn(victim).slice(0, 55)) {
        world.pass(2 * DAY);
        const browser = new Browser(world);
        const { path } = await browser.open(authorizeUrl('sms', { login_hint: typed.slice(0, 500) }).url);
        await browser.request('POST', `${path}/reset`, { email_address: typed });
        await mailed();
      }
    await nothingElsewhere();
  });

  it('at the reset as a list, an object, JSON or a repeated field sends nothing', async () => {
    const before = (await mailed()).length;
    const [victim] = VICTIMS;
    const forms = [
      `email_address=${victim}&email_address=${ATTACKER}`,
      `email_address[]=${victim}&email_address[]=${ATTACKER}`,
      `email_address[0]=${victim}`,
      `email_address[address]=${victim}`,
      `email_address.address=${victim}`,
    ].map((payload) => ({ type: 'application/x-www-form-urlencoded', payload }));
    const bodies = [
      { email_address: [victim, ATTACKER] },
      { email_address: { address: victim, to: ATTACKER } },
      { email_address: { toString: victim } },
      { email_address: [[victim]] },
    ].map((body) => ({ type: 'application/json', payload: JSON.stringify(body) }));
    for (const { type, payload } of [...forms, ...bodies]) {
      world.pass(2 * DAY);
      const answer = await world.app.server.inject({
        method: 'POST',
        url: '/reset',
        remoteAddress: '10.200.0.1',
        headers: { host: 'login.example.co.jp', origin: world.config.issuer, 'content-type': type },
        payload,
      });
      expect([payload, answer.statusCode]).toEqual([
        payload,
        expect.toSatisfy((s: number) => s >= 400 && s < 500),
      ]);
    }
    expect((await mailed()).length).toBe(before);
  });

  it('at the sign-in is nobody but the owner of that spelling', async () => {
    for (const typed of tricksOn('kawa.ishi-1@example.co.jp')) {
      const browser = new Browser(world);
      const answer = await browser.request('POST', '/sign-in', { email_address: typed, password: PASSWORD });
      if (answer.statusCode !== 303) continue;
      // Full-width signs are read as meant; whatever else folds to ASCII somewhere is another address.
      const local = typed
        .trim()
        .replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
        .split('@')[0];
      expect(local?.toLowerCase()).toBe('kawa.ishi-1');
      expect(local).toMatch(/^[!-~]+$/);
    }
  });

  it(
    'as the new login ID is refused, or reaches exactly the mailbox that the answer names',
    { timeout: 3_600_000 },
    async () => {
      let people = 0;
      const change = async (typed: string): Promise<void> => {
        const userId = `c${++people}`;
        await world.addPerson(`changing${people}@example.co.jp`, { sms: userId });
        const answer = await begin(userId, typed.toWellFormed());
        expect([typed, answer.statusCode]).toEqual([
          typed,
          expect.toSatisfy((s: number) => [201, 400, 422, 429].includes(s)),
        ]);
        if (answer.statusCode !== 201) return;
        const { newEmailAddress } = answer.json<Change>();
        expect(newEmailAddress).toMatch(STRICT);
        expect(newEmailAddress.toLowerCase()).not.toContain('evil.example,');
        mailboxes.add(newEmailAddress);
        await mailed();
      };
      for (const typed of [
        ...tricksOn('moving.to-1@example.co.jp'),
        ...VICTIMS.map((one) => one.toUpperCase()),
      ]) {
        world.pass(2 * DAY);
        await change(typed);
      }
      await fc.assert(
        fc.asyncProperty(drawnTricks(['moving.to-1@example.co.jp', ...VICTIMS]), async (typed) => {
          world.pass(2 * DAY);
          await change(typed);
        }),
        { numRuns: DRAWN },
      );
      for (const payload of [
        { consoleUserId: 'v0', newEmailAddress: ['a@example.co.jp', ATTACKER], locale: 'ja' },
        { consoleUserId: 'v0', newEmailAddress: { address: ATTACKER }, locale: 'ja' },
        { consoleUserId: ['v0', 'v1'], newEmailAddress: 'a@example.co.jp', locale: 'ja' },
      ])
        expect((await call('POST', '/login-id-changes', payload)).statusCode).toBe(422);
      await nothingElsewhere();
    },
  );

  it(
    'as the login ID that an operator is asked for is refused, or reaches exactly the mailbox that the answer names',
    { timeout: 3_600_000 },
    async () => {
      let people = 0;
      const ask = async (typed: string): Promise<void> => {
        world.pass(2 * DAY);
        const accountId = await world.addPerson(`lost${++people}@example.co.jp`, { sms: `l${people}` });
        const answer = await askByOperator(world, accountId, typed.toWellFormed());
        expect([typed, answer.statusCode]).toEqual([
          typed,
          expect.toSatisfy((s: number) => [201, 400, 409, 422, 429].includes(s)),
        ]);
        if (answer.statusCode !== 201) return;
        const { newEmailAddress } = answer.json<Change>();
        expect(newEmailAddress).toMatch(STRICT);
        mailboxes.add(newEmailAddress);
        await mailed();
      };
      for (const typed of tricksOn('regained.by-1@example.co.jp')) await ask(typed);
      await fc.assert(fc.asyncProperty(drawnTricks(['regained.by-1@example.co.jp', ...VICTIMS]), ask), {
        numRuns: DRAWN,
      });
      const accountId = await world.addPerson('lost@example.co.jp', { sms: 'l0' });
      for (const typed of [
        ['a@example.co.jp', ATTACKER],
        { address: ATTACKER },
        [['a@example.co.jp']],
        null,
        7,
      ])
        expect([typed, (await askByOperator(world, accountId, typed)).statusCode]).toEqual([typed, 422]);
      for (const more of [{ emailAddress: ATTACKER }, { to: ATTACKER }, { locale: `ja\r\nBcc: ${ATTACKER}` }])
        expect((await askByOperator(world, accountId, 'fine@example.co.jp', more)).statusCode).toBe(422);
      await nothingElsewhere();
    },
  );

  it('in an import is refused with its line, or is the mailbox that is on file', async () => {
    const tricks = [...tricksOn('imported.one@example.co.jp'), ...tricksOn('strasse@example.co.jp')];
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    const lines = tricks.map(
      (typed, nth) =>
        `i${nth},${quoted(typed)},${quoted(`見本\r\nBcc: ${ATTACKER}\r\n太郎 <${ATTACKER}>`)},見本`,
    );
    const result = await importPeople(world.database.db, {
      consoleId: console,
      file: () =>
        Readable.from([Buffer.from(`ユーザーID,メールアドレス,氏名,会社名\n${lines.join('\n')}\n`)]),
      fileName: 'people.csv',
      actor: 'operator:cli',
      clock: () => world.now,
    } as Parameters<typeof importPeople>[1]);
    expect(result).toMatchObject({ ok: true });
    const taken = await world.database.db
      .selectFrom('account')
      .innerJoin('console_link', 'account_id', 'account.id')
      .select(['email_address', 'name'])
      .where('console_user_id', 'like', 'i%')
      .execute();
    expect(taken.length).toBeGreaterThan(3);
    for (const { email_address: address, name } of taken) {
      expect(address).toMatch(STRICT);
      expect(address).not.toContain('evil.example,');
      expect(name).not.toMatch(/[\r\n]/);
      mailboxes.add(address);
      world.pass(2 * DAY);
      await new Browser(world).request('POST', '/reset', { email_address: address });
      await mailed();
    }
    await nothingElsewhere();
  });

  it('by an operator, for the test of a notice, is refused or reaches exactly that mailbox', async () => {
    const { token } = await createOperatorToken(
      world.database.db,
      { name: 'v3', role: 'administrator' },
      { actor: 'operator:cli', now: world.now },
    );
    const quiet = await world.addConsole('quiet');
    const notice = await announce(world.database.db, quiet, world.now, {
      texts: { ja: { subject: 'お知らせ' } },
    });
    for (const typed of tricksOn('operator.one@example.co.jp')) {
      const answer = await world.app.server.inject({
        method: 'POST',
        url: `/api/operator/v1/notices/${notice}/test`,
        headers: { host: 'login.example.co.jp', authorization: `Bearer ${token}` },
        payload: { emailAddress: typed },
      });
      expect([typed, answer.statusCode]).toEqual([typed, expect.toSatisfy((s: number) => s < 500)]);
    }
    for (const { recipients } of await mailed()) {
      expect(recipients).toHaveLength(1);
      expect(mailboxOf(recipients[0])).not.toBe(ATTACKER);
    }
    expectCleanDialogue(smtp, SENDER);
  });
});

/** Every mail that went past DATA so far; waits until the queue is empty. */
async function mailed() {
  for (let tries = 0; ; tries++) {
    const queued = await world.database.db
      .selectFrom('message')
      .select('id')
      .where('state', '=', 'queued')
      .executeTakeFirst();
    if (!queued) return smtp.messages;
    if (tries > 2_000) throw new Error('Mails were still queued after 20 seconds.');
    await new Promise((later) => setTimeout(later, 10));
  }
}

/** Each mail went to one mailbox, one that is on file, spelled as it is on file; and nothing was said to the mail server but what we meant. */
async function nothingElsewhere(): Promise<void> {
  for (const { recipients } of await mailed()) {
    expect(recipients).toHaveLength(1);
    expect([...mailboxes]).toContain(mailboxOf(recipients[0]));
  }
  expectCleanDialogue(smtp, SENDER);
}
