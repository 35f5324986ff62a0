import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addOperator, removeOperator } from '#domain/operators/operators.ts';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import type { OperatorRole } from '#support/db/schema.ts';
import { DAY, MINUTE } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { apiSteps, expectProblem, type CallAnswer, type Change } from '#test/console-api.ts';
import { codeIn, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
const tokens = { support: '', administrator: '' };
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
  for (const role of ['support', 'administrator'] as const)
    tokens[role] = (await createOperatorToken(world.database.db, { name: role, role }, by())).token;
  await makeOperator(await person(), 'administrator'); // somebody else is always left who can make operators
});
afterAll(() => world.close());
beforeEach(() => world.pass(4 * DAY));

const { call, person, begin, look, confirm, resend, addressOf } = apiSteps(() => world);
const by = () => ({ actor: 'operator:cli', now: world.now });
let moves = 0;
const fresh = () => `elsewhere${++moves}@example.co.jp`;
type Person = Awaited<ReturnType<typeof person>>;

async function makeOperator(one: Person, role: OperatorRole = 'viewer') {
  world.pass(MINUTE);
  const emailAddress = await addressOf(one.accountId);
  return addOperator(world.database.db, { emailAddress, role }, by());
}

async function begun(one: Person, to: string): Promise<{ id: string; code: string }> {
  const answer = await begin(one.userId, to);
  expect(answer.statusCode, answer.body).toBe(201);
  return { id: answer.json<Change>().id, code: codeIn((await world.nextMail(to)).text) };
}

function operator(role: 'support' | 'administrator', path: string, payload: object): Promise<CallAnswer> {
  const headers = { host: 'login.example.co.jp', authorization: `Bearer ${tokens[role]}` };
  const url = `/api/operator/v1${path}`;
  return world.app.server.inject({ method: 'POST', url, headers, payload });
}

const linkIn = (text: string) => /^http\S+$/m.exec(text)?.[0] ?? '';

/** The address of the page that undoes a change, from the mail to the former mailbox. */
const undoLink = async (one: { address: string }) => linkIn((await world.nextMail(one.address)).text);

describe('A1: no console moves the login ID of an operator', () => {
  for (const role of ['viewer', 'support', 'administrator'] as const)
    it(`refuses to begin the change of a ${role} by name: no mail, no change, with or without a key`, async () => {
      const one = await person();
      await makeOperator(one, role);
      const to = fresh();
      const body = { consoleUserId: one.userId, newEmailAddress: to, locale: 'ja' };
      const keys: Record<string, string>[] = [{}, { 'idempotency-key': `key-${role}` }];
      for (const headers of keys) {
        const problem = expectProblem(
          await call('POST', '/login-id-changes', body, headers),
          403,
          'kept-by-administrators',
        );
        expect(problem.detail).toContain('the person asks one of them');
      }
      expectProblem(await begin(one.userId, one.address), 403, 'kept-by-administrators');
      expect(world.mails.filter((mail) => mail.to === to)).toEqual([]);
      expect(
        await world.database.db
          .selectFrom('login_id_change')
          .select('id')
          .where('account_id', '=', one.accountId)
          .execute(),
      ).toEqual([]);
      await removeOperator(world.database.db, one.accountId, by());
      expect((await begin(one.userId, to)).statusCode).toBe(201);
    });

  it('when the role was given meanwhile, the right code changes nothing, none is sent again, and the change has ended', async () => {
    const one = await person();
    const { id, code } = await begun(one, fresh());
    await makeOperator(one);
    expectProblem(await confirm(id, code), 403, 'kept-by-administrators');
    expectProblem(await resend(id), 403, 'kept-by-administrators');
    expect((await look(id)).json<Change>()).toMatchObject({ state: 'ended', version: null });
    expect(await addressOf(one.accountId)).toBe(one.address);
  });

  it('role and code at the same moment, thirty times: the role is never with an address that was not theirs when it was given', async () => {
    const ended = { moved: 0, kept: 0 };
    for (let round = 0; round < 30; round += 1) {
      const one = await person();
      const { id, code } = await begun(one, fresh());
      const { address: emailAddress } = one;
      const [confirmed, made] = await Promise.all([
        confirm(id, code),
        addOperator(world.database.db, { emailAddress, role: 'viewer' }, by()),
      ]);
      if (made.ok) {
        ended.kept += 1;
        expectProblem(confirmed, 403, 'kept-by-administrators');
        expect(await addressOf(one.accountId)).toBe(one.address);
      } else {
        ended.moved += 1;
        expect([confirmed.statusCode, made.reason]).toEqual([200, 'account-unknown']);
      }
    }
    expect(ended.moved + ended.kept).toBe(30);
  });

  it('a console with another address, or one that claims to be ahead, is listed and changes nothing; support cannot ask at that address', async () => {
    const one = await person();
    await makeOperator(one);
    const to = fresh();
    for (const version of [7, 0, null]) {
      const people = [{ consoleUserId: one.userId, emailAddress: to, version }];
      const answer = await call('POST', '/login-ids/compare', { round: randomUUID(), last: true, people });
      expect(answer.json()).toEqual({ differences: [{ consoleUserId: one.userId, action: 'listed' }] });
    }
    const { id } = await world.database.db
      .selectFrom('login_id_drift')
      .select('id')
      .where('account_id', '=', one.accountId)
      .executeTakeFirstOrThrow();
    const repair = { repair: 'ask-person', reason: 'asked at the desk', locale: 'ja' };
    expectProblem(await operator('support', `/login-id-drift/${id}/repair`, repair), 403, 'role-missing');
    expect(world.mails.filter((mail) => mail.to === to)).toEqual([]);
    expect(await addressOf(one.accountId)).toBe(one.address);
  });
});

describe('A1: what was asked for before the role was given moves no operator either', () => {
  const change = (newEmailAddress: string) => ({
    newEmailAddress,
    locale: 'ja',
    reason: 'asked at the desk',
  });

  it('a change that support began, whose code is entered after it', async () => {
    const [one, to] = [await person(), fresh()];
    expect(
      (await operator('support', `/accounts/${one.accountId}/login-id-changes`, change(to))).statusCode,
    ).toBe(201);
    const { text } = await world.nextMail(to);
    await makeOperator(one, 'support');
    const page = await new Browser(world).open(linkIn(text));
    const refused = await new Browser(world).submit(page, page.path, { code: codeIn(text) });
    expect(refused.statusCode).toBe(403);
    expect(textOf(refused)).toContain('統合認証の管理者だけが変更できます');
    expect(await addressOf(one.accountId)).toBe(one.address);
  });

  it('the way back to a former mailbox is over, also where its page stood open, and stays so when the role is taken', async () => {
    const one = await person();
    const to = fresh();
    const { id, code } = await begun(one, to);
    expect((await confirm(id, code)).statusCode).toBe(200);
    const link = await undoLink(one);
    const browser = new Browser(world);
    const open = await browser.open(link);
    await makeOperator(one);
    const pressed = await browser.submit(open, '/login-id/undo', {});
    await removeOperator(world.database.db, one.accountId, by());
    for (const page of [pressed, await browser.open(link)]) {
      expect(page.statusCode).toBe(410);
      expect(page.body).not.toContain(one.address);
    }
    expect(await addressOf(one.accountId)).toBe(to);
  });

  it('but an administrator’s change of an operator is made, and the operator’s former mailbox can undo it', async () => {
    const [one, to] = [await person(), fresh()];
    await makeOperator(one, 'support');
    world.pass(MINUTE);
    const asked = await operator('administrator', `/accounts/${one.accountId}/login-id-changes`, change(to));
    expect(asked.statusCode, asked.body).toBe(201);
    const { text } = await world.nextMail(to);
    const page = await new Browser(world).open(linkIn(text));
    expect((await new Browser(world).submit(page, page.path, { code: codeIn(text) })).statusCode).toBe(200);
    expect(await addressOf(one.accountId)).toBe(to);
    const browser = new Browser(world);
    const back = await browser.open(await undoLink(one));
    await browser.submit(back, '/login-id/undo', {});
    expect(await addressOf(one.accountId)).toBe(one.address);
  });
});
