import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { hash } from 'bcryptjs';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importPeople } from '#domain/consoles/import/import-people.ts';
import { judgeLegacyHash } from '#domain/credentials/legacy-hash.ts';
import { announce } from '#domain/notices/test-world.ts';
import { DAY, HOUR } from '#support/primitives/durations.ts';
import { apiSteps } from '#test/console-api.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { authorizeUrl, codeIn, linkOf, PASSWORD, redeem } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';
import { findingText } from './rehearse-texts.ts';
import { rehearse, rehearsalFindings, allRehearsalFindings, type Finding } from './rehearse.ts';

/** A mail server that does not know mailboxes that begin with `gone`. */
async function openPost() {
  const codes = new Map<string, string>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: ({ address }, _session, done) =>
      done(
        address.startsWith('gone')
          ? Object.assign(new Error('no such mailbox'), { responseCode: 550 })
          : null,
      ),
    onData: (stream, session, done) =>
      void simpleParser(stream).then((mail) => {
        for (const { address } of session.envelope.rcptTo)
          if (/\d{4} \d{4}/.test(mail.text ?? '')) codes.set(address, codeIn(mail.text ?? ''));
        done();
      }),
  });
  server.on('error', () => undefined);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    codes,
    close: () => new Promise<void>((end) => server.close(end)),
  };
}

type Someone = { label: string; userId: string; address: string; password?: boolean };

const CUT_OVER = new Date('2027-02-28T13:00:00Z');
const TOLD_AT = new Date('2027-01-28T13:00:00Z'); // to the minute a month before, in Japan too
const REHEARSED = new Date('2027-02-20T03:00:00Z');

let world: World;
let post: Awaited<ReturnType<typeof openPost>>;
let consoleId: string;
const everybody: Someone[] = [];
const { call } = apiSteps(() => world);

beforeAll(async () => {
  post = await openPost();
  world = await openWorld({
    now: new Date('2027-01-10T03:00:00Z'),
    environment: { HITOKAGI_SMTP_URL: post.url },
  });
  consoleId = await world.addConsole('sms');
  await world.addConsole('mail');
  await fillTheConsole();
  world.now = REHEARSED;
}, 120_000);
afterAll(async () => {
  await world.close();
  await post.close();
});

/** One person of each kind; the label is the class that the rehearsal should find them in. */
async function fillTheConsole(): Promise<void> {
  const { db } = world.database;
  const told = [
    await linked('fine', { password: true }),
    await linked('no-password'),
    await linked('fine unreachable with a password', {
      password: true,
      address: 'gone-with-password@example.co.jp',
    }),
    await linked('mail-unreachable', { address: 'gone-refused@example.co.jp' }),
    await linked('mail-unreachable though told otherwise', { address: 'gone-told@example.co.jp' }),
    await linked('no-password with a new address', { address: 'gone-before@example.co.jp' }),
    await linked('told-late', { password: true }),
    await linked('account-suspended', { password: true }),
    await linked('account-closed'),
    await linked('inactive'),
    await linked('address-differs'),
    await linked('fine though another address stands in the console', { password: true }),
  ] as const;
  const byLegacyPassword = await linked('fine by a legacy password', {
    address: 'gone-legacy@example.co.jp',
  });
  someone('fine by a legacy password').password = true;
  const passwordHash = await hash(PASSWORD, 10);
  const judged = judgeLegacyHash(passwordHash);
  if (!judged.ok) throw new Error(judged.reason);
  await db
    .insertInto('legacy_credential')
    .values({
      console_id: consoleId,
      account_id: byLegacyPassword.id,
      password_hash: passwordHash,
      kind: judged.kind,
      imported_at: world.now,
    })
    .execute();
  await db.updateTable('console').set({ legacy_passwords: 'imported' }).where('id', '=', consoleId).execute();
  world.app.forgetCaches();
  const noticeId = await announce(db, consoleId, world.now, { cutOverAt: CUT_OVER });
  const verdict = (person: { id: string }, set: object) =>
    db
      .updateTable('notice_recipient')
      .set(set)
      .where('notice_id', '=', noticeId)
      .where('account_id', '=', person.id)
      .execute();
  for (const one of told)
    await verdict(one, { state: 'accepted', recipient: one.address, verdict_at: TOLD_AT });
  const [, , withPassword, refused, toldOtherwise, moved, late, suspended, closed, inactive] = told;
  const away = { state: 'refused', verdict_at: TOLD_AT, smtp_response: '550 no such mailbox' };
  await verdict(withPassword, { ...away, state: 'bounced' });
  await verdict(refused, away);
  const settled = { settled_at: TOLD_AT, settled_by: 'operator:cli' };
  await verdict(byLegacyPassword, { ...away, ...settled, settlement: 'told-otherwise' });
  await verdict(toldOtherwise, { ...away, ...settled, settlement: 'told-otherwise' });
  await verdict(moved, { ...away, ...settled, settlement: 'new-address' });
  await verdict(late, { verdict_at: new Date(TOLD_AT.getTime() + 1) });
  const rename = { email_address: 'here-now@example.co.jp', email_key: 'here-now@example.co.jp' };
  await db.updateTable('account').set(rename).where('id', '=', moved.id).execute();
  someone('no-password with a new address').address = 'here-now@example.co.jp';
  for (const [{ id }, state] of [
    [suspended, 'suspended'],
    [closed, 'closed'],
    [inactive, 'suspended'],
  ] as const)
    await db.updateTable('account').set({ state }).where('id', '=', id).execute();

  await linked('not-told', { password: true });
  await linked('not-told no password either');
  await linked('not-settled', { password: true, address: 'gone-unsettled@example.co.jp' });
  await db
    .insertInto('notice_recipient')
    .values({
      notice_id: noticeId,
      account_id: (await accountOf('not-settled')) ?? '',
      recipient: 'gone-unsettled@example.co.jp',
      state: 'refused',
      verdict_at: TOLD_AT,
    })
    .execute();
  await verdict(withPassword, {
    settled_at: TOLD_AT,
    settled_by: 'operator:cli',
    settlement: 'told-otherwise',
  });
  await linked('api-only', { apiOnly: true });
  await linked('not-told because API-only, but signs in', { apiOnly: true });
  everybody.push({ label: 'unknown-user', userId: 'unknown-1', address: 'unknown@example.co.jp' });
  everybody.push({
    label: 'unknown-user with an account of another console',
    userId: 'unknown-2',
    address: 'elsewhere@example.co.jp',
    password: true,
  });
  await world.addPerson('elsewhere@example.co.jp', { mail: 'm-1' }, { password: PASSWORD });

  const gone = await world.addPerson('closed-elsewhere@example.co.jp', { mail: 'm-2' });
  await db.updateTable('account').set({ state: 'closed' }).where('id', '=', gone).execute();
  everybody.push({
    label: 'import-refused because the account is closed',
    userId: 'closed-3',
    address: 'closed-elsewhere@example.co.jp',
  });

  const first = someone('fine');
  await imported([
    ['shared-1', 'shared@example.co.jp'],
    ['shared-2', 'shared@example.co.jp'],
    ['holder-2', first.address],
    ['broken-1', 'no address at all'],
    ['closed-2', someone('account-closed').address],
    [someone('address-differs').userId, 'new-in-console@example.co.jp'],
    [someone('fine though another address stands in the console').userId, 'other-in-console@example.co.jp'],
    ['', 'nobody-knows-whose@example.co.jp'],
    ['closed-3', 'closed-elsewhere@example.co.jp'],
  ]);
  someone('address-differs').address = 'new-in-console@example.co.jp';
  everybody.push({ label: 'not-told who was imported', userId: 'shared-1', address: 'shared@example.co.jp' });
  everybody.push({ label: 'address-shared', userId: 'shared-2', address: 'shared@example.co.jp' });
  everybody.push({
    label: 'address-shared with somebody imported before',
    userId: 'holder-2',
    address: first.address,
  });
  everybody.push({ label: 'import-refused', userId: 'broken-1', address: 'broken@example.co.jp' });
  everybody.push({ label: 'account-closed', userId: 'closed-2', address: someone('account-closed').address });
  someone('account-closed', 'closed-2').label = 'address-shared with a closed account';

  world.now = REHEARSED;
  const signedIn = [
    'account-suspended',
    'account-closed',
    'unknown-user',
    'unknown-user with an account of another console',
    'not-told because API-only, but signs in',
    'fine',
    'address-shared',
  ].map((label) => ({
    id: label,
    consoleUserId: someone(label).userId,
    at: new Date(REHEARSED.getTime() - 1 * DAY).toISOString(),
  }));
  const answer = await call('POST', '/legacy-sign-ins', {
    signIns: signedIn.map((one, i) => ({ ...one, id: `e${i}` })),
  });
  expect(answer.json()).toMatchObject({ refused: [] });
  await linked('not-told who was unknown until today', { userId: 'unknown-3' });
}

function someone(label: string, userId?: string): Someone {
  const found = everybody.find(
    (one) => one.label === label && (userId === undefined || one.userId === userId),
  );
  if (!found) throw new Error(`Nobody is ${label}.`);
  return found;
}

async function linked(
  label: string,
  {
    address,
    password = false,
    apiOnly = false,
    userId,
  }: { address?: string; password?: boolean; apiOnly?: boolean; userId?: string } = {},
): Promise<Someone & { id: string }> {
  const person = {
    label,
    userId: userId ?? `user-${everybody.length}`,
    address: address ?? `person${everybody.length}@example.co.jp`,
    password,
  };
  everybody.push(person);
  const id = await world.addPerson(
    person.address,
    { sms: person.userId },
    password ? { password: PASSWORD } : {},
  );
  if (apiOnly)
    await world.database.db
      .updateTable('console_link')
      .set({ api_only: true })
      .where('account_id', '=', id)
      .execute();
  return { ...person, id };
}

async function accountOf(label: string): Promise<string | undefined> {
  const row = await world.database.db
    .selectFrom('console_link')
    .select('account_id')
    .where('console_user_id', '=', someone(label).userId)
    .executeTakeFirst();
  return row?.account_id;
}

async function imported(rows: readonly (readonly [string, string])[]): Promise<void> {
  const file = `ID,メールアドレス\r\n${rows.map((row) => row.join(',')).join('\r\n')}\r\n`;
  const result = await importPeople(world.database.db, {
    consoleId,
    file: () => Readable.from([Buffer.from(file)]),
    fileName: '利用者.csv',
    dryRun: false,
    judgeHash: judgeLegacyHash,
    actor: 'operator:cli',
    clock: () => world.now,
  });
  expect(result).toMatchObject({ ok: true });
}

async function found(group?: Finding['group']): Promise<Finding[]> {
  const all: Finding[] = [];
  for await (const one of allRehearsalFindings(world.database.db, consoleId, CUT_OVER, { group }, world.now))
    all.push(one);
  return all;
}

/** What somebody does after the cut-over who wants to get in: the password if there is one, otherwise a mailed code. True if they are in, as themselves. */
async function getsIn(person: Someone): Promise<boolean> {
  const { url, verifier } = authorizeUrl('sms');
  const browser = new Browser(world);
  const page = await browser.open(url);
  let answer = page;
  if (person.password)
    answer = await browser.submit(page, page.path, { email_address: person.address, password: PASSWORD });
  if (callbackOf(answer) === undefined) answer = await setsPassword(new Browser(world), url, person.address);
  const callback = callbackOf(answer);
  if (!callback) return false;
  return (await redeem(world, 'sms', callback, verifier))['console_user_id'] === person.userId;
}

async function setsPassword(browser: Browser, url: string, address: string): Promise<Answer> {
  post.codes.delete(address);
  const ask = await browser.open(linkOf(await browser.open(url), 'パスワードを忘れた方はこちら'));
  const code = await browser.submit(ask, ask.path, { email_address: address });
  await untilMailsAreConcluded();
  const figures = post.codes.get(address);
  return figures === undefined
    ? code
    : browser.submit(code, code.path, { code: figures, password: PASSWORD, confirmation: PASSWORD });
}

function callbackOf(answer: Answer): URL | undefined {
  const { location } = answer.headers;
  if (answer.statusCode !== 303 || !location) return undefined;
  const url = new URL(String(location), world.config.issuer);
  return url.pathname === '/auth/callback' && url.searchParams.has('code') ? url : undefined;
}

async function untilMailsAreConcluded(): Promise<void> {
  for (;;) {
    const waiting = await world.database.db
      .selectFrom('message')
      .select('id')
      .where('state', '=', 'queued')
      .where('template', '=', 'verification-code')
      .executeTakeFirst();
    if (!waiting) return;
    await new Promise((later) => setTimeout(later, 20));
  }
}

describe('R15: a rehearsal', () => {
  it('finds everybody once, in the strongest class', async () => {
    const findings = await found();
    const expected = everybody
      .filter((one) => !/^(fine|inactive|api-only)/.test(one.label))
      .map((one) => [one.userId, one.label.split(' ')[0]]);
    expect(
      findings
        .filter((one) => one.consoleUserId !== null)
        .map((one) => [one.consoleUserId, one.class])
        .sort(),
    ).toEqual(expected.sort());
    expect(findings.filter((one) => one.consoleUserId === null)).toMatchObject([
      { class: 'import-refused', refusal: { line: 9, reason: 'id-missing', fileName: '利用者.csv' } },
    ]);
    const figures = await rehearse(world.database.db, consoleId, CUT_OVER, world.now);
    expect(figures).toMatchObject({
      people: everybody.length + 1,
      lockedOut: (await found('locked-out')).length,
      toldLate: (await found('told-late')).length,
      mustSetPassword: (await found('must-set-password')).length,
      fine: 4,
      apart: { apiOnly: 1, inactive: 1 },
    });
    const { lockedOut, toldLate, mustSetPassword, fine, apart } = figures;
    expect(lockedOut + toldLate + mustSetPassword + fine + apart.apiOnly + apart.inactive).toBe(
      figures.people,
    );
  });

  it('page by page gives the same people, the strongest class first', async () => {
    const paged: Finding[] = [];
    let cursor: string | undefined;
    do {
      const page: Awaited<ReturnType<typeof rehearsalFindings>> = await rehearsalFindings(
        world.database.db,
        consoleId,
        CUT_OVER,
        { cursor, limit: 2 },
        world.now,
      );
      expect(page.findings.length).toBeLessThanOrEqual(2);
      paged.push(...page.findings);
      cursor = page.next ?? undefined;
    } while (cursor);
    expect(paged).toEqual(await found());
    const groups = paged.map((one) => one.group);
    expect(groups).toEqual([...groups].sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)));
  });

  it('says of each why, and what to do, in Japanese and in English', async () => {
    for (const finding of await found()) {
      const { ja, en } = { ja: findingText(finding, 'ja'), en: findingText(finding, 'en') };
      for (const text of [ja.why, ja.next]) expect(text).toMatch(/[ぁ-ん].*。$/);
      for (const text of [en.why, en.next])
        expect(text.replaceAll('利用者.csv', '')).toMatch(/^[\u0020-\u007e]+\.$/);
    }
    const [shared] = (await found()).filter((one) => one.consoleUserId === 'holder-2');
    expect(shared && findingText(shared, 'ja').why).toContain(
      `最後の取り込み「利用者.csv」の 4 行目が取り込まれていません。理由: 「${someone('fine').address}」は、この管理画面のユーザーID「${someone('fine').userId}」の人のログインIDです。`,
    );
    const [unreachable] = (await found()).filter((one) => one.emailAddress === 'gone-refused@example.co.jp');
    expect(unreachable && findingText(unreachable, 'en').why).toContain('550 no such mailbox');
  });

  it('R14: what was told counts by date: of an earlier cut-over nobody has been told, and none since a rollback', async () => {
    const { db } = world.database;
    const count = async (at: Date) => (await rehearse(db, consoleId, at, world.now)).classes;
    const then = await count(CUT_OVER);
    const earlier = await count(new Date(CUT_OVER.getTime() - 1));
    expect(earlier['not-told']).toBeGreaterThan(then['not-told']);
    expect([earlier['told-late'], earlier['not-settled']]).toEqual([0, 0]);
    // Two more people are told early enough of a later date, and it is one minute more than a month for the late one.
    expect((await count(new Date(CUT_OVER.getTime() + 1)))['told-late']).toBe(0);
    await db
      .insertInto('plan_change')
      .values({
        console_id: consoleId,
        revision: 900,
        at: world.now,
        actor: 'operator:cli',
        action: 'rolled-back',
        link_at: null,
        announce_at: null,
        cut_over_at: null,
        closed_at: null,
      })
      .execute();
    const after = await count(CUT_OVER);
    expect(after['not-told']).toBe(earlier['not-told']);
  });

  it('is proved by the cut-over itself: exactly the people in its list cannot get in, and everybody else can', async () => {
    const lockedOut = (await found('locked-out')).map((one) => one.consoleUserId);
    await world.database.db
      .updateTable('migration_plan')
      .set({ link_at: world.now, cut_over_at: CUT_OVER })
      .where('console_id', '=', consoleId)
      .execute();
    world.now = new Date(CUT_OVER.getTime() + HOUR);
    const plan = (await call('GET', '/plan')).json<{
      cutOverAt: string;
      allows: Record<string, { legacySignIn: boolean }>;
    }>();
    expect(Date.parse(plan.cutOverAt)).toBeLessThan(world.now.getTime());
    expect(plan.allows['unified']?.legacySignIn).toBe(false);

    const out: string[] = [];
    for (const person of everybody) if (!(await getsIn(person))) out.push(person.userId);
    // Suspended, and never seen at the legacy login: nobody expects them, and the rehearsal counts them apart.
    const expected = [...lockedOut.filter((id) => id !== null), someone('inactive').userId];
    expect(out.sort()).toEqual(expected.sort());
  }, 120_000);
});

const ORDER: readonly Finding['group'][] = ['locked-out', 'told-late', 'must-set-password'];
