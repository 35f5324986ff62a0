import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { SESSION_KEPT } from '#domain/sessions/sessions.ts';
import { changeSettings } from '#domain/settings/change.ts';
import { newId } from '#support/primitives/ids.ts';
import { Browser } from '#test/browser.ts';
import { authorizeUrl, enter, PASSWORD } from '#test/steps.ts';
import { consoleUses } from '#domain/consoles/uses.ts';
import { secretKeys } from '#support/primitives/secrets.ts';
import { MASTER_SECRET, openWorld, type World } from '#test/world.ts';
import { startSchedule } from './schedule.ts';

let world: World;
const queued: string[] = [];
const errors: string[] = [];
beforeAll(async () => {
  world = await openWorld({ work: false });
  await world.addConsole('sms', { backchannelLogoutUri: 'http://sms.example.co.jp/auth/backchannel-logout' });
  await world.addPerson('taro@example.co.jp', { sms: '1' }, { password: PASSWORD });
});
afterAll(() => world.close());

/** Lets the recurring work of an hour run once each, at the world's moment. */
async function anHourOfWork(db = world.database.db): Promise<void> {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const stop = startSchedule({
    db,
    uses: consoleUses(),
    addresses: world.config,
    jobs: {
      enqueue: async (_trx, name, data) => void queued.push(`${name} ${Object.values(data)[0]}`),
      enqueueAll: async (_trx, name, data) =>
        void queued.push(...data.map((one) => `${name} ${Object.values(one)[0]}`)),
      pending: async () => [],
      work: async () => undefined,
      stop: async () => undefined,
    },
    clock: () => world.now,
    log: { error: (_detail, text) => void errors.push(text), info: () => undefined },
    sealKey: Buffer.alloc(32),
    settings: world.app.settings,
    secrets: secretKeys(MASTER_SECRET),
    sayNode: async () => undefined,
    keys: { jwks: { keys: [] }, reload: async () => undefined },
  });
  vi.advanceTimersByTime(1 * HOUR);
  await stop();
  vi.useRealTimers();
}

const count = async (
  table:
    | 'oidc_artifact'
    | 'sso_session'
    | 'verification_request'
    | 'verification_attempt'
    | 'message'
    | 'single_logout',
): Promise<number> =>
  Number(
    (
      await world.database.db
        .selectFrom(table)
        .select((eb) => eb.fn.countAll<string>().as('n'))
        .executeTakeFirstOrThrow()
    ).n,
  );

describe('O2: what is of no use any more goes by itself', () => {
  it('pages that nobody signed in on, codes and tokens at once, pending sign-ins after a day, sessions when no console’s session can hang on them', async () => {
    for (let i = 0; i < 3; i++) await new Browser(world).open(authorizeUrl('sms').url);
    const browser = new Browser(world);
    await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
    await anHourOfWork();
    expect((await browser.open(authorizeUrl('sms').url)).statusCode).toBe(303);
    const kinds = async () =>
      [
        ...new Set(
          (await world.database.db.selectFrom('oidc_artifact').select('kind').execute()).map(
            (row) => row.kind,
          ),
        ),
      ].sort();
    expect(await kinds()).toEqual(['AccessToken', 'AuthorizationCode', 'Interaction']);
    world.pass(13 * HOUR);
    await anHourOfWork();
    expect(await kinds()).toEqual(['Interaction']);
    expect(await count('sso_session')).toBe(1);
    world.pass(1 * DAY);
    await anHourOfWork();
    expect(await count('oidc_artifact')).toBe(0);
    world.pass(SESSION_KEPT);
    await anHourOfWork();
    expect(await count('sso_session')).toBe(0);
  });

  it('requests for codes and their attempts after two days', async () => {
    await new Browser(world).request('POST', '/reset', { email_address: 'taro@example.co.jp' });
    world.pass(47 * HOUR);
    await anHourOfWork();
    expect([await count('verification_request'), await count('verification_attempt')]).toEqual([1, 1]);
    world.pass(2 * HOUR);
    await anHourOfWork();
    expect([await count('verification_request'), await count('verification_attempt')]).toEqual([0, 0]);
    expect(await count('message')).toBe(1);
    world.pass(90 * DAY);
    await anHourOfWork();
    expect(await count('message')).toBe(0);
  });

  it('R27: mails and deliveries when the operators’ settings say so, and not before', async () => {
    const { db } = world.database;
    const changed = await changeSettings(
      db,
      world.config.settings,
      { keepMailDays: 120, keepDeliveryDays: 200 },
      { actor: 'operator:cli', now: world.now, revision: undefined },
    );
    expect(changed.ok).toBe(true);
    await world.app.settings.reload();
    await new Browser(world).request('POST', '/reset', { email_address: 'taro@example.co.jp' });
    const id = newId('slo', world.now);
    const ended = { session_uid: id, account_id: 'acc_x', cause: 'logout' as const, at: world.now };
    await db
      .insertInto('single_logout')
      .values({ id, ...ended })
      .execute();
    const left = async () => [await count('message'), await count('single_logout')];
    world.pass(119 * DAY);
    await anHourOfWork();
    expect(await left()).toEqual([1, 1]);
    world.pass(2 * DAY);
    await anHourOfWork();
    expect(await left()).toEqual([0, 1]);
    world.pass(78 * DAY);
    await anHourOfWork();
    expect(await left()).toEqual([0, 1]);
    world.pass(2 * DAY);
    await anHourOfWork();
    expect(await left()).toEqual([0, 0]);
  });

  it('R2: a few failures are forgotten after two days, but waiting buys nobody another hundred guesses', async () => {
    const fail = async (address: string, times: number): Promise<void> => {
      for (let i = 0; i < times; i++)
        await new Browser(world).request('POST', '/sign-in', { email_address: address, password: 'wrong' });
    };
    await fail('few@example.co.jp', 4);
    await fail('many@example.co.jp', 5);
    const keys = async () =>
      (
        await world.database.db
          .selectFrom('sign_in_throttle')
          .select('key')
          .where('key', 'like', 'account:%')
          .orderBy('key')
          .execute()
      ).map((row) => row.key);
    world.pass(2 * DAY - 1 * MINUTE);
    await anHourOfWork();
    expect(await keys()).toEqual(['account:few@example.co.jp', 'account:many@example.co.jp']);
    world.pass(2 * MINUTE);
    await anHourOfWork();
    expect(await keys()).toEqual(['account:many@example.co.jp']);
    expect(
      await world.database.db
        .selectFrom('sign_in_throttle')
        .select('key')
        .where('key', 'like', 'network:%')
        .execute(),
    ).toEqual([]);
    world.pass(366 * DAY);
    await anHourOfWork();
    expect(await keys()).toEqual([]);
  });
});

describe('R9: a logout delivery whose job was lost', () => {
  it('is queued again when it is overdue, once', async () => {
    const delivery = async (nextTryAt: Date): Promise<string> => {
      const [logoutId, id] = [newId('slo', world.now), newId('lod', world.now)];
      const { id: consoleId } = await world.database.db
        .selectFrom('console')
        .select('id')
        .executeTakeFirstOrThrow();
      await world.database.db
        .insertInto('single_logout')
        .values({ id: logoutId, session_uid: logoutId, account_id: 'acc_x', cause: 'logout', at: world.now })
        .execute();
      await world.database.db
        .insertInto('logout_delivery')
        .values({
          id,
          single_logout_id: logoutId,
          console_id: consoleId,
          account_id: 'acc_x',
          sid: null,
          next_try_at: nextTryAt,
          last_status: null,
          last_error: null,
          created_at: world.now,
          ended_at: null,
        })
        .execute();
      return id;
    };
    const lost = await delivery(new Date(world.now.getTime() - 10 * MINUTE));
    const waiting = await delivery(new Date(world.now.getTime() + 10 * SECOND));
    queued.length = 0;
    await anHourOfWork();
    expect(queued).toEqual([`logout.deliver ${lost}`]);
    expect(queued).not.toContain(`logout.deliver ${waiting}`);
    await anHourOfWork();
    expect(queued).toHaveLength(1);
    await world.database.db.deleteFrom('logout_delivery').execute();
  });
});

describe('J1: a mail whose job was lost', () => {
  it('is queued again, in the queue that it was in', async () => {
    const message = (id: string, state: 'queued' | 'accepted', bulk: boolean) =>
      world.database.db
        .insertInto('message')
        .values({
          id,
          template: 'x',
          recipient: 'taro@example.co.jp',
          locale: 'ja',
          params: '{}',
          account_id: null,
          state,
          bulk,
          smtp_response: null,
          created_at: world.now,
          ended_at: null,
        })
        .execute();
    await message('msg_lost', 'queued', false);
    await message('msg_lost_notice', 'queued', true);
    await message('msg_done', 'accepted', false);
    queued.length = 0;
    await anHourOfWork();
    expect(queued).toEqual([]);
    world.pass(2 * MINUTE);
    await anHourOfWork();
    expect(queued.sort()).toEqual(['mail.bulk msg_lost_notice', 'mail.send msg_lost']);
  });
});

describe('recurring work that fails', () => {
  it('is logged by its name, and the rest goes on', async () => {
    const broken = world.database.db.withPlugin({
      transformQuery() {
        throw new Error('down');
      },
      transformResult: async ({ result }) => result,
    });
    await anHourOfWork(broken);
    expect(new Set(errors).size).toBeGreaterThanOrEqual(4);
    expect(errors).toContain('forget old attempts');
  });
});
