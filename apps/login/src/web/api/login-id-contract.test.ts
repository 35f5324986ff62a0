import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR, SECOND } from '#support/primitives/durations.ts';
import { apiSteps, expectProblem, type CallAnswer, type Change } from '#test/console-api.ts';
import { basic, codeIn } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
  await world.addConsole('mail');
});
afterAll(() => world.close());
beforeEach(() => world.pass(4 * DAY));

const { call, person, begin, look, confirm, resend, addressOf } = apiSteps(() => world);
const asMail = { authorization: basic('mail') };

/** Begins a change and reads the code that goes out with it. */
async function begun(
  userId: string,
  wanted: string,
  headers: Record<string, string> = {},
): Promise<{ id: string; code: string }> {
  const answer = await call(
    'POST',
    '/login-id-changes',
    { consoleUserId: userId, newEmailAddress: wanted, locale: 'ja' },
    headers,
  );
  expect(answer.statusCode, answer.body).toBe(201);
  return { id: answer.json<Change>().id, code: codeIn((await world.nextMail(wanted)).text) };
}

describe('R18: whoever asks while a change is confirmed', () => {
  it('hears of it as it was before or as it is after, never that it ended; a second tab that it was made, not that something else happened', async () => {
    const states = new Set<string>();
    const refusals = new Set<string>();
    for (let round = 0; round < 12; round += 1) {
      const { userId } = await person();
      const { id, code } = await begun(userId, `torn${round}@example.co.jp`);
      let isOver = false;
      const looking = Array.from({ length: 5 }, async () => {
        while (!isOver) states.add((await look(id)).json<Change>().state);
      });
      const tabs = await Promise.all([confirm(id, code), confirm(id, code)]);
      isOver = true;
      await Promise.all(looking);
      states.add((await look(id)).json<Change>().state);
      expect(tabs.filter((answer) => answer.statusCode === 200)).toHaveLength(1);
      for (const answer of tabs)
        if (answer.statusCode !== 200) refusals.add(answer.json<{ code: string }>().code);
    }
    expect(states).toEqual(new Set(['pending', 'confirmed']));
    for (const code of refusals) expect(['change-ended', 'code-used']).toContain(code);
  });
});

describe('R18: a call that is made again', () => {
  const withKey = (key: string, body: Record<string, unknown>) =>
    call('POST', '/login-id-changes', body, { 'idempotency-key': key });
  const mailsTo = async (requestFor: string) =>
    (await world.database.db.selectFrom('message').select('id').where('recipient', '=', requestFor).execute())
      .length;

  it('with the same key and content is answered with the same change, and one mail goes out, however many come at once', async () => {
    const { userId } = await person();
    const body = { consoleUserId: userId, newEmailAddress: 'once@example.co.jp', locale: 'ja' };
    const answers = await Promise.all(Array.from({ length: 12 }, () => withKey('key-once', body)));
    world.pass(5 * HOUR);
    answers.push(await withKey('key-once', body));
    expect(answers.map((answer) => answer.statusCode)).toEqual(Array.from({ length: 13 }, () => 201));
    expect(new Set(answers.map((answer) => answer.body)).size).toBe(1);
    expect(await mailsTo('once@example.co.jp')).toBe(1);
  });

  it('is answered as the change stands by then, even when the person has left meanwhile', async () => {
    const { userId, accountId } = await person();
    const body = { consoleUserId: userId, newEmailAddress: 'later@example.co.jp', locale: 'ja' };
    const { id } = (await withKey('key-later', body)).json<Change>();
    await confirm(id, codeIn((await world.nextMail('later@example.co.jp')).text));
    await world.database.db
      .updateTable('account')
      .set({ state: 'suspended' })
      .where('id', '=', accountId)
      .execute();
    const again = await withKey('key-later', body);
    expect([again.statusCode, again.json<Change>()]).toMatchObject([
      201,
      { id, state: 'confirmed', version: 1 },
    ]);
  });

  it('with the same key and other content is refused', async () => {
    const { userId } = await person();
    const body = { consoleUserId: userId, newEmailAddress: 'first@example.co.jp', locale: 'ja' };
    expect((await withKey('key-reused', body)).statusCode).toBe(201);
    for (const other of [
      { newEmailAddress: 'second@example.co.jp' },
      { locale: 'en' },
      { sid: 'another' },
      { consoleUserId: (await person()).userId },
    ])
      expectProblem(await withKey('key-reused', { ...body, ...other }), 422, 'idempotency-key-reused');
    expect(await mailsTo('second@example.co.jp')).toBe(0);
  });

  it('of another console has keys of its own', async () => {
    const { userId } = await person();
    await world.addPerson('both@example.co.jp', { mail: 'theirs-1' });
    await withKey('key-shared', {
      consoleUserId: userId,
      newEmailAddress: 'ours@example.co.jp',
      locale: 'ja',
    });
    const theirs = await call(
      'POST',
      '/login-id-changes',
      { consoleUserId: 'theirs-1', newEmailAddress: 'theirs@example.co.jp', locale: 'ja' },
      { 'idempotency-key': 'key-shared', ...asMail },
    );
    expect([theirs.statusCode, theirs.json<Change>().newEmailAddress]).toEqual([201, 'theirs@example.co.jp']);
  });

  it('was refused the first time: the key is free, and the call is judged anew', async () => {
    const { address, userId } = await person();
    const body = { consoleUserId: userId, newEmailAddress: address, locale: 'ja' };
    expectProblem(await withKey('key-free', body), 422, 'address-unchanged');
    const other = await withKey('key-free', { ...body, newEmailAddress: 'free@example.co.jp' });
    expect(other.statusCode).toBe(201);
  });

  it.each(['', 'with space', 'ü', 'x'.repeat(201)])('is refused with the key %j', async (key) => {
    const { userId } = await person();
    const body = { consoleUserId: userId, newEmailAddress: 'nokey@example.co.jp', locale: 'ja' };
    expectProblem(await withKey(key, body), 422, 'malformed');
  });
});

describe('R18: a console that lost an answer asks how the change stands', () => {
  it('pending, confirmed with the version that it made; versions have no gaps', async () => {
    const { userId } = await person();
    for (const version of [1, 2, 3]) {
      const { id, code } = await begun(userId, `v${version}-${userId}@example.co.jp`);
      const before = await look(id);
      expect([before.statusCode, before.json<Change>()]).toMatchObject([200, { id, state: 'pending' }]);
      expect(before.json<Change>().version).toBeNull();
      expect((await confirm(id, code)).json()).toMatchObject({ version });
      expect((await look(id)).json<Change>()).toMatchObject({ state: 'confirmed', version });
      world.pass(61 * SECOND);
    }
  });

  it('says when the code runs out and may be sent again, after another one too', async () => {
    const { userId } = await person();
    const { id } = await begun(userId, 'times@example.co.jp');
    world.pass(61 * SECOND);
    const again = (await resend(id)).json<Change>();
    expect((await look(id)).json<Change>()).toEqual(again);
  });

  it('ended: by a newer one, and after a day', async () => {
    const { userId } = await person();
    const first = await begun(userId, 'older@example.co.jp');
    world.pass(61 * SECOND);
    const second = await begun(userId, 'newer@example.co.jp');
    expect((await look(first.id)).json<Change>().state).toBe('ended');
    expect((await look(second.id)).json<Change>().state).toBe('pending');
    world.pass(1 * DAY);
    expect((await look(second.id)).json<Change>().state).toBe('ended');
  });

  it('one that is not there, or another console’s, is unknown', async () => {
    const { userId } = await person();
    const { id } = await begun(userId, 'mine@example.co.jp');
    expectProblem(await look('lic_never'), 404, 'change-unknown');
    expectProblem(await call('GET', `/login-id-changes/${id}`, undefined, asMail), 404, 'change-unknown');
    expectProblem(
      await call('GET', `/login-id-changes/${id}`, undefined, { authorization: 'none' }),
      401,
      'unauthenticated',
    );
  });
});

describe('R18: one login ID, several consoles and accounts', () => {
  it('changed from another console meanwhile: the earlier code changes nothing, and the console is told why', async () => {
    const address = 'two-consoles@example.co.jp';
    const accountId = await world.addPerson(address, { sms: 'here', mail: 'there' });
    const here = await begun('here', 'from-here@example.co.jp');
    const there = await begun('there', 'from-there@example.co.jp', asMail);
    expect((await look(here.id)).json<Change>().state).toBe('pending');
    expect(
      (await call('POST', `/login-id-changes/${there.id}/confirm`, { code: there.code }, asMail)).statusCode,
    ).toBe(200);
    expectProblem(await confirm(here.id, here.code), 409, 'changed-meanwhile');
    expectProblem(await resend(here.id), 409, 'changed-meanwhile');
    expect((await look(here.id)).json<Change>()).toMatchObject({ state: 'ended', version: null });
    expect(await addressOf(accountId)).toBe('from-there@example.co.jp');
  });

  it('the former address is kept for its owner for 72 hours; who proves its mailbox is told so, and nobody else learns it', async () => {
    const [owner, other] = [await person(), await person()];
    const away = await begun(owner.userId, 'moved-away@example.co.jp');
    await confirm(away.id, away.code);
    await world.nextMail(owner.address);
    world.pass(71 * HOUR);

    const asked = await begin(other.userId, owner.address);
    const free = await begin((await person()).userId, 'never-used@example.co.jp');
    const masked = (answer: CallAnswer) =>
      answer.body.replace(/lic_\w+/, 'ID').replace(/[\w-]+@example/, 'ADDRESS');
    expect(masked(asked)).toBe(masked(free));
    const { id } = asked.json<Change>();
    const code = codeIn((await world.nextMail(owner.address)).text);
    expectProblem(await confirm(id, code), 409, 'address-reserved');
    expect((await look(id)).json<Change>().state).toBe('pending');
    world.pass(1 * HOUR);
    expect((await resend(id)).statusCode).toBe(200);
    const later = codeIn((await world.nextMail(owner.address)).text);
    expect((await confirm(id, later)).statusCode).toBe(200);
    expect(await addressOf(other.accountId)).toBe(owner.address);
  });

  it('the owner may take the former address back in the console at once', async () => {
    const { address, userId, accountId } = await person();
    const away = await begun(userId, 'for-a-moment@example.co.jp');
    await confirm(away.id, away.code);
    await world.nextMail(address);
    world.pass(61 * SECOND);
    const back = await begun(userId, address);
    expect((await confirm(back.id, back.code)).json()).toMatchObject({ version: 2, emailAddress: address });
    expect(await addressOf(accountId)).toBe(address);
  });
});
