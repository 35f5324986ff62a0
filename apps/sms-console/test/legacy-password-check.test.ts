import { hash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MINUTE } from '#support/primitives/durations.ts';
import { openWorld, PASSWORD, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ phase: 'unified' });
});
afterAll(() => world.close());

async function ask(
  emailAddress: string,
  password: string,
  token?: string,
): Promise<{ status: number; answer: unknown }> {
  const body = JSON.stringify({ emailAddress, password });
  const claims = { body_sha256: hash('sha256', body, 'base64url') };
  const bearer = token ?? (await world.login.sign('legacy-password-check+jwt', claims, world.clock.now()));
  const response = await world.app.inject({
    method: 'POST',
    url: '/auth/legacy-password-check',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
    payload: body,
  });
  return { status: response.statusCode, answer: response.json() };
}

describe('R21: the login server asks this console whether a legacy password is right', () => {
  test('also after cut-over, when the console itself accepts none any more', async () => {
    const person = await world.addPerson();
    expect(await ask(person.emailAddress.toUpperCase(), PASSWORD)).toEqual({
      status: 200,
      answer: { matches: true, consoleUserId: person.id },
    });
    expect(await ask(person.emailAddress, 'wrong')).toEqual({ status: 200, answer: { matches: false } });
    expect(await ask('nobody@example.co.jp', PASSWORD)).toEqual({ status: 200, answer: { matches: false } });
  });

  test('R6: nothing of the legacy password changes by it', async () => {
    const person = await world.addPerson();
    const stored = () =>
      world.db.selectFrom('person').selectAll().where('id', '=', person.id).executeTakeFirstOrThrow();
    const before = await stored();
    await ask(person.emailAddress, PASSWORD);
    expect(await stored()).toEqual(before);
  });

  test('a person who left is nobody', async () => {
    const person = await world.addPerson();
    await world.db.updateTable('person').set({ active: false }).where('id', '=', person.id).execute();
    expect((await ask(person.emailAddress, PASSWORD)).answer).toEqual({ matches: false });
  });

  test('whoever is not the login server learns nothing: 401', async () => {
    const person = await world.addPerson();
    expect((await ask(person.emailAddress, PASSWORD, 'x.y.z')).status).toBe(401);
    const logoutToken = await world.login.sign('logout+jwt', {}, world.clock.now());
    expect((await ask(person.emailAddress, PASSWORD, logoutToken)).status).toBe(401);
  });

  test('guesses of an address are counted with those at the legacy login: ten in 15 minutes, then even the right one is not told', async () => {
    const person = await world.addPerson();
    const another = await world.addPerson();
    for (let i = 0; i < 10; i++) expect((await ask(person.emailAddress, `guess ${i}`)).status).toBe(200);
    expect((await ask(person.emailAddress, PASSWORD)).answer).toEqual({ matches: false });
    expect((await ask(another.emailAddress, PASSWORD)).answer).toMatchObject({ matches: true });
    await world.setPhase('parallel');
    const browser = world.browser();
    await browser.open('/login');
    const refused = await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
    expect(refused.status).toBe(429);
    world.clock.advance(15 * MINUTE);
    expect((await ask(person.emailAddress, PASSWORD)).answer).toMatchObject({ matches: true });
  });
});
