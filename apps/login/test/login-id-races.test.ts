import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { storePassword } from '#domain/credentials/passwords.ts';
import { createPasswordHasher } from '#domain/credentials/password-hash.ts';
import { undoToken } from '#domain/login-id/undo-link.ts';
import { issueCode } from '#domain/verification/codes.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import { secretKeys } from '#support/primitives/secrets.ts';
import { Browser, type Answer } from './browser.ts';
import { apiSteps, type CallAnswer, type Change } from './console-api.ts';
import { authorizeUrl, basic, PASSWORD } from './steps.ts';
import { MASTER_SECRET, openWorld, type World } from './world.ts';

/** The full campaign of R18; CI runs the same code smaller. */
const FULL = process.env.HITOKAGI_FULL_CAMPAIGN === '1';
const RACES = FULL ? 2_000 : 60;
const SECOND_PASSWORD = 'Yama-no-oto 42 desu';

let world: World;
let passwordHash: string;
const codeKey = secretKeys(MASTER_SECRET).derive('verification-codes');
const undoKey = secretKeys(MASTER_SECRET).derive('login-id-undo');

beforeAll(async () => {
  // Mails stay in the queue: the codes are made here, so that a race needs no post.
  world = await openWorld({ work: false });
  await world.addConsole('sms');
  await world.addConsole('mail');
  const hasher = await createPasswordHasher(secretKeys(MASTER_SECRET).derive('password-pepper'));
  passwordHash = await hasher.hash(PASSWORD);
});
afterAll(() => world.close());

const { call } = apiSteps(() => world);
const as = { sms: {}, mail: { authorization: basic('mail') } };
type ConsoleName = keyof typeof as;
type Racer = (n: number) => Promise<Outcome>;
type Outcome = { accounts: string[]; answers: (CallAnswer | Answer)[] };

/** Asks for a change and makes its code. */
async function pending(console: ConsoleName, consoleUserId: string, newEmailAddress: string) {
  const answer = await call(
    'POST',
    '/login-id-changes',
    { consoleUserId, newEmailAddress, locale: 'ja' },
    as[console],
  );
  expect(answer.statusCode, answer.body).toBe(201);
  const { id } = answer.json<Change>();
  const { db } = world.database;
  const change = await db
    .selectFrom('login_id_change')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const code = await codeOf(change.request_id, change.account_id);
  return {
    id,
    confirm: () => call('POST', `/login-id-changes/${id}/confirm`, { code }, as[console]),
    undo: async (): Promise<Answer> =>
      new Browser(world).request('POST', '/login-id/undo', { token: undoToken(undoKey, id) }),
  };
}

async function codeOf(requestId: string, accountId: string): Promise<string> {
  const { db } = world.database;
  const message = await db
    .selectFrom('message')
    .select('id')
    .where('template', '=', 'verification-code')
    .where((eb) => eb(eb.ref('params', '->>').key('requestId' as never), '=', requestId))
    .executeTakeFirstOrThrow();
  const request = await db
    .selectFrom('verification_request')
    .selectAll()
    .where('id', '=', requestId)
    .executeTakeFirstOrThrow();
  return issueCode(db, codeKey, request, accountId, message.id, world.now);
}

/** A person of both consoles, whose login ID has moved if `to` is given: the open way back is in `first`. */
async function somebody(n: number, name: string, to?: string) {
  const address = `${name}-${n}@example.co.jp`;
  const accountId = await world.addPerson(address, { sms: `${name}-${n}`, mail: `${name}-${n}` });
  const first = to === undefined ? undefined : await pending('sms', `${name}-${n}`, to);
  if (first) expect((await first.confirm()).statusCode).toBe(200);
  return { address, accountId, userId: `${name}-${n}`, first };
}

/** At once, more or less: each after a random moment of at most `spread` ms. */
async function atOnce(spread: number, ...acts: (() => Promise<CallAnswer | Answer>)[]) {
  return Promise.all(
    acts.map(async (act) => {
      await pause(Math.random() * spread);
      return act();
    }),
  );
}

const twoConsoles: Racer = async (n) => {
  const p = await somebody(n, 'p');
  const here = await pending('sms', p.userId, `x-${n}@example.co.jp`);
  const there = await pending('mail', p.userId, `y-${n}@example.co.jp`);
  const answers = await atOnce(4, here.confirm, there.confirm, here.confirm);
  expect(answers.filter((one) => one.statusCode === 200)).toHaveLength(1);
  return { accounts: [p.accountId], answers };
};

const oneAddress: Racer = async (n) => {
  const [p, q] = [await somebody(n, 'p'), await somebody(n, 'q')];
  const wanted = `x-${n}@example.co.jp`;
  const one = await pending('sms', p.userId, wanted);
  world.pass(2 * MINUTE);
  const two = await pending('mail', q.userId, wanted);
  const answers = await atOnce(4, one.confirm, two.confirm);
  expect(answers.filter((answer) => answer.statusCode === 200)).toHaveLength(1);
  return { accounts: [p.accountId, q.accountId], answers };
};

const undoAgainstConfirm: Racer = async (n) => {
  const p = await somebody(n, 'p', `x-${n}@example.co.jp`);
  const next = await pending('mail', p.userId, `y-${n}@example.co.jp`);
  const undo = () => p.first?.undo() as Promise<Answer>;
  const answers = await atOnce(6, undo, next.confirm, undo, next.undo);
  expect(await addressOf(p.accountId)).toBe(p.address);
  return { accounts: [p.accountId], answers };
};

const twoUndos: Racer = async (n) => {
  const p = await somebody(n, 'p', `x-${n}@example.co.jp`);
  const second = await pending('mail', p.userId, `y-${n}@example.co.jp`);
  expect((await second.confirm()).statusCode).toBe(200);
  const answers = await atOnce(6, () => p.first?.undo() as Promise<Answer>, second.undo, second.undo);
  expect(await addressOf(p.accountId)).toBe(p.address);
  return { accounts: [p.accountId], answers };
};

const undoAgainstOthers: Racer = async (n) => {
  const p = await somebody(n, 'p', `x-${n}@example.co.jp`);
  const [q, r] = [await somebody(n, 'q'), await somebody(n, 'r')];
  world.pass(2 * MINUTE);
  // One wants the address that is kept, the other the one that the undo sets free.
  const kept = await pending('sms', q.userId, p.address);
  const freed = await pending('mail', r.userId, `x-${n}@example.co.jp`);
  const answers = await atOnce(6, () => p.first?.undo() as Promise<Answer>, kept.confirm, freed.confirm);
  expect(await addressOf(p.accountId)).toBe(p.address);
  expect(await addressOf(q.accountId)).toBe(q.address);
  return { accounts: [p.accountId, q.accountId, r.accountId], answers };
};

/** Somebody with the new mailbox and a password of their own signs in and sets another one while the owner takes the login ID back. */
const undoAgainstEntry: Racer = async (n) => {
  const moved = `x-${n}@example.co.jp`;
  const p = await somebody(n, 'p', moved);
  world.pass(2 * MINUTE);
  await storePassword(world.database.db, p.accountId, passwordHash, world.now);
  const resetting = new Browser(world);
  const codePage = await resetting.submit(await resetting.open('/reset'), '/reset', { email_address: moved });
  const code = await codeOf(codePage.path.split('/').at(-1) ?? '', p.accountId);
  const entries = await Promise.all(
    ['/sign-in', authorizeUrl('sms').url].map(async (start) => {
      const browser = new Browser(world);
      const page = await browser.open(start);
      return () => browser.submit(page, page.path, { email_address: moved, password: PASSWORD });
    }),
  );
  const answers = await atOnce(
    90,
    () => p.first?.undo() as Promise<Answer>,
    ...entries,
    () =>
      resetting.submit(codePage, codePage.path, {
        code,
        password: SECOND_PASSWORD,
        confirmation: SECOND_PASSWORD,
      }),
  );
  expect(await addressOf(p.accountId)).toBe(p.address);
  const { db } = world.database;
  const left = await Promise.all([
    db.selectFrom('sso_session').select('uid').where('account_id', '=', p.accountId).execute(),
    db.selectFrom('oidc_artifact').select('kind').where('account_id', '=', p.accountId).execute(),
    db.selectFrom('password_credential').select('set_at').where('account_id', '=', p.accountId).execute(),
  ]);
  expect(left, 'sessions, pending sign-ins and tokens, passwords').toEqual([[], [], []]);
  return { accounts: [p.accountId], answers };
};

async function addressOf(accountId: string): Promise<string> {
  const { email_address: address } = await world.database.db
    .selectFrom('account')
    .select('email_address')
    .where('id', '=', accountId)
    .executeTakeFirstOrThrow();
  return address;
}

/** Versions have no gaps; audit log, events and used codes agree with each other and with the account. */
async function expectOneTruth(accountId: string): Promise<number> {
  const { db } = world.database;
  const account = await db
    .selectFrom('account')
    .select(['email_address', 'login_id_version'])
    .where('id', '=', accountId)
    .executeTakeFirstOrThrow();
  const audit = await db
    .selectFrom('audit_event')
    .select(['action', 'detail'])
    .where('account_id', '=', accountId)
    .where('action', 'in', ['login-id.changed', 'login-id.undone'])
    .orderBy('id')
    .execute();
  const events = await db
    .selectFrom('account_event')
    .select('detail')
    .where('account_id', '=', accountId)
    .where('kind', '=', 'login-id-changed')
    .orderBy('number')
    .execute();
  const versions = Array.from({ length: account.login_id_version }, (_, i) => i + 1);
  expect(audit.map(({ detail }) => detail.version)).toEqual(versions);
  expect(events.map(({ detail }) => detail.version)).toEqual(versions);
  audit.forEach(({ detail }, i) => {
    if (i > 0) expect(detail.from).toBe(audit[i - 1]?.detail.to);
    expect([events[i]?.detail.previousEmailAddress, events[i]?.detail.emailAddress]).toEqual([
      detail.from,
      detail.to,
    ]);
  });
  if (audit.length > 0) expect(account.email_address).toBe(audit.at(-1)?.detail.to);
  const used = await db
    .selectFrom('login_id_change')
    .innerJoin('verification_code', 'verification_code.request_id', 'login_id_change.request_id')
    .select(['login_id_change.id', 'login_id_change.new_address', 'login_id_change.version'])
    .where('login_id_change.account_id', '=', accountId)
    .where('verification_code.consumed_at', 'is not', null)
    .orderBy('login_id_change.version')
    .execute();
  expect(used.map(({ id, new_address: to, version }) => ({ changeId: id, to, version }))).toEqual(
    audit
      .filter(({ action }) => action === 'login-id.changed')
      .map(({ detail: { changeId, to, version } }) => ({ changeId, to, version })),
  );
  return audit.length;
}

it(
  `R18: ${RACES} races for login IDs leave one truth each: one address an account, the one whose code was used, versions without gaps`,
  { timeout: FULL ? 60 * MINUTE : 2 * MINUTE },
  async () => {
    const kinds = {
      twoConsoles,
      oneAddress,
      undoAgainstConfirm,
      twoUndos,
      undoAgainstOthers,
      undoAgainstEntry,
    };
    const figures: Record<string, Record<string, number>> = {};
    let moves = 0;
    for (let n = 0; n < RACES; n++) {
      const [name, race] = Object.entries(kinds)[n % 6] as [string, Racer];
      const { accounts, answers } = await race(n);
      const outcome = answers.map((answer) => answer.statusCode).join(' ');
      expect(
        answers.filter((answer) => answer.statusCode >= 500).map((answer) => answer.body),
        name,
      ).toEqual([]);
      const counts = (figures[name] ??= {});
      counts[outcome] = (counts[outcome] ?? 0) + 1;
      for (const accountId of accounts) moves += await expectOneTruth(accountId);
      world.pass(1 * MINUTE);
    }
    process.stdout.write(`${RACES} races, ${moves} moves: ${JSON.stringify(figures)}\n`);
  },
);
