import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deliverLogout } from '#domain/logout/deliver.ts';
import { endSession } from '#domain/logout/end-session.ts';
import { deliveryHealth, requeueOverdueDeliveries } from '#domain/logout/health.ts';
import { ledgerEntry, logoutLedger } from '#domain/logout/ledger.ts';
import { openDatabase } from '#support/db/database.ts';
import { openJobs, type Jobs } from '#support/jobs/jobs.ts';
import { loadSigningKeys } from '#support/keys/signing-keys.ts';
import { DAY, HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { newId } from '#support/primitives/ids.ts';
import { createOutbound } from '#support/primitives/outbound.ts';
import { createPlaces } from '#support/primitives/places.ts';
import { secretKeys } from '#support/primitives/secrets.ts';
import { apiSteps } from '#test/console-api.ts';
import { openReceiver, type Receiver } from '#test/receiver.ts';
import { statementsOf } from '#test/statements.ts';
import { MASTER_SECRET, openWorld, type World } from '#test/world.ts';

let world: World;
let receiver: Receiver;
let jobs: Jobs;
const { call } = apiSteps(() => world);
beforeAll(async () => {
  receiver = await openReceiver();
  world = await openWorld({ work: false });
  jobs = await openJobs({ databaseUrl: world.databaseUrl, mailRetryAfter: 30, onError: () => undefined });
  await world.addConsole('sms', { backchannelLogoutUri: receiver.url });
  await world.addConsole('mail', { backchannelLogoutUri: receiver.url });
  await world.addConsole('deaf');
});
afterAll(async () => {
  await jobs.stop();
  await world.close();
  await receiver.close();
});
beforeEach(async () => {
  world.pass(30 * DAY);
  Object.assign(receiver, { received: [], answer: { status: 204 } });
  for (const table of ['logout_delivery', 'single_logout', 'ended_session_list', 'console_delivery_health'])
    await world.database.pool.query(`delete from ${table}`);
});

type Answer = { sessions: { sid: string; endedAt: string }[]; next: string; more: boolean };

let numbers = 0;
/** A session that ended, with a delivery for these consoles; `sid-…` names it. */
async function ended(clientIds = ['sms'], db = world.database.db): Promise<string> {
  const [uid, sid] = [`uid-${++numbers}`, `sid-${numbers}`];
  await db
    .insertInto('sso_session')
    .values({
      uid,
      id_hash: uid,
      account_id: 'acc_sample',
      payload: JSON.stringify({
        authorizations: Object.fromEntries(clientIds.map((clientId) => [clientId, { sid }])),
      }),
      created_at: world.now,
      expires_at: world.now,
    })
    .execute();
  await endSession(db, jobs, uid, 'logout', world.now);
  return sid;
}
const ask = (after?: string, headers = {}) =>
  call('GET', `/ended-sessions${after === undefined ? '' : `?after=${after}`}`, undefined, headers);
const told = async (after?: string): Promise<Answer> => (await ask(after)).json();
const sids = ({ sessions }: Answer) => sessions.map(({ sid }) => sid);
const states = async () =>
  (await logoutLedger(world.database.db, { limit: 1_000 })).map(({ clientId, state, toldBy }) => [
    clientId,
    state,
    toldBy,
  ]);

async function many(count: number): Promise<void> {
  await ended();
  const { db } = world.database;
  const [{ console_id: consoleId, single_logout_id: logout } = { console_id: '', single_logout_id: '' }] =
    await db.selectFrom('logout_delivery').selectAll().execute();
  for (let done = 1; done < count; done += 1_000)
    await db
      .insertInto('logout_delivery')
      .values(
        Array.from({ length: Math.min(1_000, count - done) }, (_, i) => ({
          id: newId('lod', world.now),
          single_logout_id: logout,
          console_id: consoleId,
          account_id: 'acc_sample',
          sid: `many-${done + i}`,
          next_try_at: world.now,
          last_status: null,
          last_error: null,
          created_at: world.now,
          ended_at: null,
        })),
      )
      .execute();
}

describe('R9: a console asks which of its sessions have ended', () => {
  it('is told each one with the second by which it ended, only its own, and where to go on', async () => {
    world.now = new Date(Math.floor(world.now.getTime() / SECOND) * SECOND + 400);
    const first = await ended(['sms', 'mail']);
    await ended(['mail']);
    const answer = await told();
    expect(answer).toEqual({
      sessions: [{ sid: first, endedAt: new Date(world.now.getTime() + 600).toISOString() }],
      next: '1',
      more: false,
    });
    const second = await ended();
    expect(sids(await told())).toEqual([first, second]);
    expect(sids(await told(answer.next))).toEqual([second]);
    expect(await told('2')).toEqual({ sessions: [], next: '2', more: false });
  });

  it('nothing new: 304 to the same question, with one statement and a handful of bytes', async () => {
    await ended();
    const { next } = await told();
    const known = await ask(next);
    expect(known.statusCode).toBe(200);
    const etag = String(known.headers.etag);
    const statements = await statementsOf(async () => {
      const again = await ask(next, { 'if-none-match': etag });
      expect([again.statusCode, again.body]).toEqual([304, '']);
    });
    expect(statements).toHaveLength(1);
    await ended();
    expect((await ask(next, { 'if-none-match': etag })).statusCode).toBe(200);
  });

  it('goes through thousands in pages of 500, each of them once', async () => {
    await many(5_700);
    const seen: string[] = [];
    const sizes: number[] = [];
    let after: string | undefined;
    for (let more = true; more;) {
      const answer = await told(after);
      seen.push(...sids(answer));
      sizes.push(answer.sessions.length);
      ({ next: after, more } = answer);
    }
    expect([seen.length, new Set(seen).size]).toEqual([5_700, 5_700]);
    expect(Math.max(...sizes)).toBe(500);
  });

  it('what another transaction commits late is told later, however long it took', async () => {
    const slow = openDatabase(world.databaseUrl);
    const client = slow.db.startTransaction();
    const trx = await client.execute();
    const late = await ended(['sms'], trx);
    const quick = await ended();
    const answer = await told();
    expect(sids(answer)).toEqual([quick]);
    world.pass(1 * HOUR);
    const another = await ended();
    const later = await told(answer.next);
    expect(sids(later)).toEqual([another]);
    await trx.commit().execute();
    expect(sids(await told(later.next))).toEqual([late]);
    // Whoever asks with an older place gets everything since.
    expect(sids(await told(answer.next))).toEqual([another, late]);
    await slow.close();
  });

  it('20 writers and 8 readers at once: each reader sees each end once, in the same order', async () => {
    const readers = Array.from({ length: 8 }, () => ({ after: '0', seen: [] as string[] }));
    const written: string[] = [];
    let writing = true;
    const read = async (reader: (typeof readers)[number]) => {
      for (let rest = false; !rest;) {
        rest = !writing;
        const answer = await told(reader.after);
        reader.after = answer.next;
        reader.seen.push(...sids(answer));
      }
    };
    const reading = Promise.all(readers.map(read));
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        for (let i = 0; i < 10; i++)
          written.push(await world.database.db.transaction().execute((trx) => ended(['sms', 'mail'], trx)));
      }),
    );
    writing = false;
    await reading;
    for (const { seen } of readers) {
      expect(seen.toSorted()).toEqual(written.toSorted());
      expect(seen).toEqual(readers[0]?.seen);
    }
  });

  it('without a place it begins a day back, and so it does with one that was never given out', async () => {
    await ended();
    world.pass(25 * HOUR);
    const since = await ended();
    expect(sids(await told())).toEqual([since]);
    expect(sids(await told('999'))).toEqual([since]);
    expect(await states()).toEqual([
      ['sms', 'waiting', null],
      ['sms', 'waiting', null],
    ]);
    for (const after of ['x', '-1', '1.5', '1e3', '9'.repeat(40)])
      expect((await ask(after)).statusCode).toBe(422);
  });
});

describe('R9: a console that has asked past an end counts as told', () => {
  it('by pull in the ledger, also when it had been given up; what it was only answered is not yet told', async () => {
    await ended(['sms', 'mail']);
    const { next } = await told();
    expect(await states()).toEqual(expect.arrayContaining([['sms', 'waiting', null]]));
    await world.database.pool.query(`update logout_delivery set state = 'failed', next_try_at = null`);
    world.pass(1 * MINUTE);
    await told(next);
    expect((await states()).toSorted()).toEqual([
      ['mail', 'failed', null],
      ['sms', 'delivered', 'pull'],
    ]);
    const [entry] = await logoutLedger(world.database.db, { state: 'delivered', limit: 10 });
    expect(entry).toMatchObject({ endedAt: world.now, nextTryAt: null, lastError: null });
    await requeueOverdueDeliveries(world.database.db, jobs, new Date(world.now.getTime() + 1 * HOUR));
    expect((await ledgerEntry(world.database.db, entry?.deliveryId ?? ''))?.state).toBe('delivered');
  });

  it('a push that was under way meanwhile writes nothing', async () => {
    await ended();
    const { next } = await told();
    const [{ deliveryId } = { deliveryId: '' }] = await logoutLedger(world.database.db, { limit: 1 });
    receiver.answer = 'hang';
    const { db } = world.database;
    const pushing = deliverLogout(
      {
        db,
        jobs,
        keys: await loadSigningKeys(db, secretKeys(MASTER_SECRET), () => world.now),
        issuer: world.config.issuer,
        outbound: createOutbound({ allowedInternalHosts: ['127.0.0.1'] }),
        places: createPlaces(4),
      },
      deliveryId,
      world.now,
    );
    await receiver.until(1);
    await told(next);
    await pushing;
    expect(await ledgerEntry(db, deliveryId)).toMatchObject({
      state: 'delivered',
      toldBy: 'pull',
      attempts: [],
    });
  });

  it('a console without a logout address is told when it asks, once it does ask; after a day it is listed as failed', async () => {
    const byDeaf = (after?: string) =>
      world.app.server.inject({
        url: `/api/console/v1/ended-sessions${after ? `?after=${after}` : ''}`,
        headers: {
          host: 'login.example.co.jp',
          authorization: `Basic ${Buffer.from('deaf:secret-of-a-sample-console-0123456789').toString('base64')}`,
        },
      });
    await ended(['deaf']);
    expect(await states()).toEqual([]);
    const { next } = (await byDeaf()).json<Answer>();
    const sid = await ended(['deaf']);
    expect(await states()).toEqual([['deaf', 'waiting', null]]);
    const answer = (await byDeaf(next)).json<Answer>();
    expect(sids(answer)).toEqual([sid]);
    await byDeaf(answer.next);
    expect(await states()).toEqual([['deaf', 'delivered', 'pull']]);
    expect(
      (await deliveryHealth(world.database.db)).find(({ clientId }) => clientId === 'deaf'),
    ).toMatchObject({
      lastAskedAt: world.now,
      failed: 0,
    });
    world.pass(1 * HOUR);
    await ended(['deaf']);
    expect(await states()).toHaveLength(1);
  });
});
