import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { apiSteps, expectProblem, type Change } from '#test/console-api.ts';
import { codeIn, otherCode } from '#test/steps.ts';
import { accountRow, whileHeld } from '#test/while-held.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms', { backchannelLogoutUri: 'http://sms.example.co.jp/auth/backchannel-logout' });
  await world.addConsole('mail', { clientSecret: 'another secret: with/odd+characters%' });
});
afterAll(() => world.close());
beforeEach(() => world.pass(2 * DAY));

const { call, person, begin, confirm, resend, addressOf } = apiSteps(() => world);

describe('R18: the code of a change', () => {
  async function begun(): Promise<{
    id: string;
    wanted: string;
    code: string;
    accountId: string;
    address: string;
    userId: string;
  }> {
    const one = await person();
    const wanted = `wanted-by-${one.userId}@example.co.jp`;
    const { id } = (await begin(one.userId, wanted)).json<Change>();
    return { ...one, id, wanted, code: codeIn((await world.nextMail(wanted)).text) };
  }

  it('is refused when wrong, malformed, expired, used or superseded, each with its own code', async () => {
    const at = await begun();
    expect(expectProblem(await confirm(at.id, otherCode(at.code)), 422, 'code-wrong').triesLeft).toBe(4);
    expectProblem(await confirm(at.id, '123'), 422, 'code-malformed');
    world.pass(10 * MINUTE);
    expectProblem(await confirm(at.id, at.code), 422, 'code-expired');
    const codes: string[] = [];
    for (let i = 0; i < 2; i++) {
      expect((await resend(at.id)).statusCode).toBe(200);
      codes.push(codeIn((await world.nextMail(at.wanted)).text));
      world.pass(61 * SECOND);
    }
    expectProblem(await confirm(at.id, at.code), 422, 'code-superseded');
    expect((await confirm(at.id, codes[0] as string)).statusCode).toBe(200);
    expectProblem(await confirm(at.id, codes[1] as string), 410, 'change-ended');
  });

  it('is understood as people type it', async () => {
    const at = await begun();
    expect((await confirm(at.id, ` ${at.code.slice(0, 4)}－${at.code.slice(4)} `)).statusCode).toBe(200);
  });

  it('sent again too soon or too often: 429 with Retry-After', async () => {
    const at = await begun();
    const soon = await resend(at.id);
    expectProblem(soon, 429, 'too-soon');
    expect(soon.headers['retry-after']).toBe('60');
    for (let i = 0; i < 2; i++) {
      world.pass(60 * SECOND);
      const again = await resend(at.id);
      expect(again.json()).toMatchObject({
        id: at.id,
        newEmailAddress: at.wanted,
        resendAt: new Date(world.now.getTime() + 60 * SECOND).toISOString(),
      });
    }
    world.pass(60 * SECOND);
    const often = await resend(at.id);
    expectProblem(often, 429, 'too-many');
    expect(Number(often.headers['retry-after'])).toBe(12 * 60);
    const begunAgain = await begin(at.userId, at.wanted);
    expectProblem(begunAgain, 429, 'too-many');
  });

  it('belongs to its change, which belongs to its console', async () => {
    const at = await begun();
    const theirs = {
      authorization: `Basic ${Buffer.from(`mail:${encodeURIComponent('another secret: with/odd+characters%')}`).toString('base64')}`,
    };
    expectProblem(
      await call('POST', `/login-id-changes/${at.id}/confirm`, { code: at.code }, theirs),
      404,
      'change-unknown',
    );
    expectProblem(
      await call('POST', `/login-id-changes/${at.id}/resend`, undefined, theirs),
      404,
      'change-unknown',
    );
    for (const id of ['lic_never', 'x', '%00', '%E2%9C%93']) {
      const answer = await confirm(id, at.code);
      expect(answer.statusCode).toBeGreaterThanOrEqual(400);
      expect(answer.statusCode).toBeLessThan(500);
    }
    expect((await confirm(at.id, at.code)).statusCode).toBe(200);
  });

  it('begun anew, the earlier change has ended; and each ends after a day', async () => {
    const at = await begun();
    world.pass(61 * SECOND);
    const next = (await begin(at.userId, `newer-${at.userId}@example.co.jp`)).json<Change>();
    expectProblem(await confirm(at.id, at.code), 410, 'change-ended');
    expectProblem(await resend(at.id), 410, 'change-ended');
    world.pass(1 * DAY);
    expectProblem(await confirm(next.id, '12345678'), 410, 'change-ended');
    expect(await addressOf(at.accountId)).toBe(at.address);
  });

  it('V1: a code that was looked at and not used yet is worth nothing after the fifth wrong try', async () => {
    const at = await begun();
    const answer = await whileHeld(
      world,
      accountRow(at.accountId),
      () => confirm(at.id, at.code),
      async () => {
        for (let tries = 0; tries < 5; tries += 1) await confirm(at.id, otherCode(at.code));
      },
    );
    expectProblem(answer, 429, 'too-many-tries');
    expect(await addressOf(at.accountId)).toBe(at.address);
  });

  it('V1: 30 confirmations at once change the address once', async () => {
    const at = await begun();
    const answers = await Promise.all(Array.from({ length: 30 }, () => confirm(at.id, at.code)));
    expect(answers.filter((answer) => answer.statusCode === 200)).toHaveLength(1);
    expect(answers.every((answer) => answer.statusCode < 500)).toBe(true);
    const notices = await world.database.db
      .selectFrom('message')
      .select('id')
      .where('template', '=', 'login-id-changed')
      .where('account_id', '=', at.accountId)
      .execute();
    expect(notices).toHaveLength(1);
  });
});
