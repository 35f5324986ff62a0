import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { keysCommand } from '../../../cli/commands/keys.ts';
import { buildLogin, type LoginApp } from '#app/app.ts';
import { addOperator } from '#domain/operators/operators.ts';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { KEPT_FOR, rotateDueKeys } from '#domain/signing-keys/rotate.ts';
import { DAY, HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { secretKeys } from '#support/primitives/secrets.ts';
import { Browser } from '#test/browser.ts';
import { enter, PASSWORD, signIn } from '#test/steps.ts';
import { MASTER_SECRET, openWorld, type World } from '#test/world.ts';

let world: World;
let other: LoginApp;
/** The same world, seen through the second node. */
let there: World;
let operator: Browser;
let token = '';
const secrets = secretKeys(MASTER_SECRET);
const TARO = { address: 'taro@example.co.jp' };

beforeAll(async () => {
  world = await openWorld({ work: false });
  const { db } = world.database;
  const by = { actor: 'operator:cli', now: world.now };
  await world.addConsole('sms');
  await world.addPerson('taro@example.co.jp', { sms: '1' }, { password: PASSWORD });
  await world.addPerson('hanako@example.co.jp', {}, { password: PASSWORD });
  await addOperator(db, { emailAddress: 'hanako@example.co.jp', role: 'administrator' }, by);
  ({ token } = await createOperatorToken(db, { name: 'program', role: 'administrator', days: 365 }, by));
  operator = new Browser(world);
  await signIn(operator, '/sign-in', 'hanako@example.co.jp');
  const clock = (): Date => world.now;
  other = await buildLogin(world.config, world.database, world.databaseUrl, MASTER_SECRET, clock);
  there = Object.create(world, { app: { value: other } }) as World;
}, 60_000);
afterAll(async () => {
  await other.close();
  await world.close();
});

const api = async (method: 'GET' | 'POST', path: string, payload?: object) =>
  world.app.server.inject({
    method,
    url: `/api/operator/v1/signing-keys${path}`,
    headers: { host: 'login.example.co.jp', authorization: `Bearer ${token}` },
    ...(payload ? { payload } : {}),
  });
type Listed = {
  keys: { kid: string; alg: string; state: string; useFrom: string }[];
  nextRotationAt: string;
};
const listed = async (): Promise<Listed> => (await api('GET', '')).json<Listed>();
const published = async ({ app }: World): Promise<JSONWebKeySet> =>
  (await app.server.inject({ url: '/jwks', headers: { host: 'login.example.co.jp' } })).json<JSONWebKeySet>();
const kidsOf = (set: JSONWebKeySet): string[] => set.keys.map((key) => key.kid ?? '').sort();
const signedBy = (idToken: string): string => decodeProtectedHeader(idToken).kid ?? '';

describe('R17: signing keys', () => {
  it('are shown with their moments and the fingerprint of the master key, never with a private part', async () => {
    const page = await operator.open('/operator/keys');
    const { keys, nextRotationAt } = await listed();
    expect(keys.map((key) => `${key.alg} ${key.state}`).sort()).toEqual(['ES256 in-use', 'RS256 in-use']);
    expect(Date.parse(nextRotationAt) - world.now.getTime()).toBe(90 * DAY);
    for (const { kid } of keys) expect(page.body.replaceAll('<wbr/>', '')).toContain(kid);
    const answers = page.body + (await api('GET', '')).body + JSON.stringify(await published(world));
    expect(answers).toMatch(/[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}/);
    expect(answers).not.toContain(MASTER_SECRET);
    expect(answers).not.toMatch(/"(d|p|q|dp|dq|qi)":/);
  });

  it('are replaced while people sign in on two nodes, without one that fails', async () => {
    const before = kidsOf(await published(world));
    const browsers = [new Browser(world), new Browser(there)];
    const tokens: string[] = [];
    const signInOnce = async () => {
      for (const [i, browser] of browsers.entries())
        tokens.push((await enter(i === 0 ? world : there, browser, 'sms', TARO)).tokens.id_token);
    };
    await signInOnce();
    const [oldToken = ''] = tokens;
    const rotated = await operator.request('POST', '/operator/keys/rotate', { when: 'urgent' });
    expect(rotated.statusCode).toBe(303);
    expect((await operator.open('/operator/keys?rotated=1')).body).toContain('次の鍵を公開しました');
    await expect.poll(async () => kidsOf(await published(there)), { timeout: 5_000 }).toHaveLength(4);
    const set = await published(world);
    expect(kidsOf(set)).toEqual(expect.arrayContaining(before));
    expect(await published(there)).toEqual(set);

    // A console keeps the set that it has fetched before the switch.
    const verify = createLocalJWKSet(set);
    for (let step = 0; step < 12; step++) {
      world.pass(1 * MINUTE);
      await signInOnce();
    }
    for (const one of tokens) await jwtVerify(one, verify, { currentDate: world.now, clockTolerance: 1_800 });
    const kids = tokens.map(signedBy);
    expect(new Set(kids).size).toBe(2);
    expect(before).toContain(kids[0]);
    expect(before).not.toContain(kids.at(-1));
    // In order: nothing is signed with the old key once the new one is in use.
    expect(kids).toEqual(kids.toSorted((a, b) => Number(!before.includes(a)) - Number(!before.includes(b))));

    // What the old key signed still counts, as at a logout.
    const logout = await new Browser(world).open(`/logout?client_id=sms&id_token_hint=${oldToken}`);
    expect(logout.statusCode).toBe(200);
  });

  it('that were replaced leave the set a day after their last token, and their private part is deleted', async () => {
    const { keys } = await listed();
    const kept = keys.filter((key) => key.state === 'kept');
    expect(kept).toHaveLength(2);
    const switched = Date.parse(keys.find((key) => key.state === 'in-use')?.useFrom ?? '');
    world.now = new Date(switched + KEPT_FOR - SECOND);
    await rotateDueKeys(world.database.db, secrets, world.now);
    expect((await published(world)).keys).toHaveLength(4);
    world.pass(1 * SECOND);
    await rotateDueKeys(world.database.db, secrets, world.now);
    for (const node of [world, there])
      await expect.poll(async () => (await published(node)).keys, { timeout: 5_000 }).toHaveLength(2);
    const rows = await world.database.db
      .selectFrom('signing_key')
      .select(['sealed_jwk', 'retired_at'])
      .where(
        'kid',
        'in',
        kept.map((key) => key.kid),
      )
      .execute();
    for (const row of rows) expect(row).toEqual({ sealed_jwk: '', retired_at: world.now });
  });

  it('follow each other every 90 days by themselves, published a day ahead, once whoever runs the schedule', async () => {
    const { nextRotationAt } = await listed();
    world.now = new Date(Date.parse(nextRotationAt) - 24 * HOUR - SECOND);
    await rotateDueKeys(world.database.db, secrets, world.now);
    expect((await published(world)).keys).toHaveLength(2);
    world.pass(1 * SECOND);
    await Promise.all([1, 2, 3].map(() => rotateDueKeys(world.database.db, secrets, world.now)));
    const { keys } = await listed();
    const next = keys.filter((key) => key.state === 'next');
    expect(next.map((key) => key.alg).sort()).toEqual(['ES256', 'RS256']);
    expect(next.every((key) => key.useFrom === nextRotationAt)).toBe(true);
  });

  it('R26: by the API too: refused while a next key is published, but for an urgent one', async () => {
    expect((await api('POST', '/rotate', {})).json()).toMatchObject({ code: 'rotation-under-way' });
    const urgent = await api('POST', '/rotate', { urgent: true });
    expect(urgent.json()).toEqual({ useFrom: new Date(world.now.getTime() + 10 * MINUTE).toISOString() });
    expect((await api('POST', '/rotate', { urgent: true })).statusCode).toBe(409);
    world.pass(11 * MINUTE);
    expect((await listed()).keys.filter((key) => key.state === 'in-use')).toHaveLength(2);
    const { claims } = await enter(world, new Browser(world), 'sms', TARO);
    expect(claims).toMatchObject({ console_user_id: '1' });
  });

  it('R26: by the command line too', async () => {
    const written: string[] = [];
    const out = vi
      .spyOn(process.stdout, 'write')
      .mockImplementation((text) => written.push(String(text)) > 0);
    const deps = {
      openDatabase: async () => world.database,
      secrets: async () => secrets,
      clock: () => world.now,
    };
    try {
      await keysCommand(deps).parseAsync(['rotate', '--json'], { from: 'user' });
      await keysCommand(deps).parseAsync(['list', '--json'], { from: 'user' });
    } finally {
      out.mockRestore();
    }
    const useFrom = new Date(world.now.getTime() + DAY).toISOString();
    expect(JSON.parse(written[0] ?? '')).toEqual({ ok: true, useFrom });
    const { keys } = JSON.parse(written[1] ?? '') as Listed;
    expect(keys.filter((key) => key.state === 'next').map((key) => key.useFrom)).toEqual([useFrom, useFrom]);
  });
});
