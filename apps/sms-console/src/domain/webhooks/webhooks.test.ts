import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase } from '../../../../../test-support/fresh-database.ts';
import { actOnCampaign } from '#domain/campaigns/acts.ts';
import { workOnCampaigns } from '#domain/campaigns/work.ts';
import { acceptMessages } from '#domain/messages/accept-messages.ts';
import { cancelMessage } from '#domain/messages/read-messages.ts';
import { openDatabase, type Db } from '#support/db/database.ts';
import { migrate } from '#support/db/migrate.ts';
import { after, DAY, HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { newId } from '#support/primitives/ids.ts';
import { createOutbound } from '#support/primitives/outbound.ts';
import { createSealer } from '#support/primitives/sealed-text.ts';
import { deliverDue, PAUSES, tryAgain } from './deliver.ts';
import { addEndpoint, changeSecret, listEndpoints, MOST_ENDPOINTS, removeEndpoint } from './endpoints.ts';
import { listDeliveries } from './list.ts';
import { sealSecrets } from './seal-secrets.ts';
import { makeDeliveries } from './tell.ts';

type Got = { path: string; headers: NodeJS.Dict<string | string[]>; body: string };

let db: Db;
let receiver: Server;
let port: number;
let got: Got[] = [];
/** What the receiver answers. */
let answer: { status: number; headers?: Record<string, string> };
let now: Date;
const KEY = 'sample-client-secret-0123456789abcdef';
const PURPOSE = 'secrets of webhooks';
const sealer = createSealer([KEY], PURPOSE);
const outbound = createOutbound({ allowedInternalHosts: ['localhost'] });
beforeAll(async () => {
  db = openDatabase((await freshDatabase()).url, () => undefined);
  await migrate(db);
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      got.push({ path: request.url ?? '', headers: request.headers, body });
      response.writeHead(answer.status, answer.headers).end('thanks');
    });
  });
  await new Promise<void>((listening) => receiver.listen(0, 'localhost', listening));
  ({ port } = receiver.address() as AddressInfo);
});
afterAll(async () => {
  receiver.close();
  await db.destroy();
});
beforeEach(async () => {
  await db.deleteFrom('webhook_delivery').execute();
  got = [];
  answer = { status: 204 };
  now = new Date('2026-11-23T05:00:00Z');
});

let companies = 0;
async function company(): Promise<{ companyId: string; personId: string }> {
  companies += 1;
  const { id } = await db
    .insertInto('company')
    .values({ name: `見本 ${companies}` })
    .returning('id')
    .executeTakeFirstOrThrow();
  const person = await db
    .insertInto('person')
    .values({
      company_id: id,
      email_address: `user${companies}@example.co.jp`,
      name: '見本 太郎',
      locale: 'ja',
      legacy_password_hash: null,
      created_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { companyId: id, personId: person.id };
}
async function endpointOf(who: { companyId: string; personId: string }, path = '/hook') {
  const added = await addEndpoint(
    db,
    sealer,
    { ...who, url: `http://localhost:${port}${path}`, allowedHosts: ['localhost'] },
    now,
  );
  if (!added.ok) throw new Error(added.reason);
  return added;
}
/** A message that is cancelled: the event that the console itself makes. */
async function cancelled(companyId: string): Promise<string> {
  const [one] = await acceptMessages(db, { companyId, lane: 1 }, [{ to: '09012345678', text: '見本' }], now);
  if (!one?.ok) throw new Error('refused');
  await cancelMessage(db, companyId, one.message.id, now);
  return one.message.id;
}
async function send(): Promise<void> {
  while (await makeDeliveries(db, now));
  while ((await deliverDue(db, { outbound, sealer }, () => now)) > 0);
}

describe('R30: receipts by webhook', () => {
  test('an event is told once, to the company that it concerns, signed as Standard Webhooks says', async () => {
    const who = await company();
    const { secret } = await endpointOf(who);
    await endpointOf(await company(), '/stranger');
    const messageId = await cancelled(who.companyId);
    await send();
    await send();
    expect(got).toHaveLength(1);
    const [one] = got;
    expect(one?.path).toBe('/hook');
    expect(JSON.parse(one?.body ?? '')).toEqual({
      type: 'message.cancelled',
      timestamp: now.toISOString(),
      data: { id: messageId, to: '+819012345678', state: 'cancelled', fault: null, bulkId: null },
    });
    const {
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signature,
    } = one?.headers ?? {};
    expect(Number(timestamp)).toBe(now.getTime() / 1_000);
    const expected = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
      .update(`${String(id)}.${String(timestamp)}.${one?.body}`)
      .digest('base64');
    expect(signature).toBe(`v1,${expected}`);
  });

  test('who cancels a campaign is told of each message, and nothing is cancelled that is not told', async () => {
    const who = await company();
    await endpointOf(who);
    const campaignId = newId('cmp', now);
    await db
      .insertInto('campaign')
      .values({
        id: campaignId,
        company_id: who.companyId,
        created_by: who.personId,
        name: '見本',
        kind: 'composed',
        state: 'sending',
        body: '見本',
        created_at: now,
      })
      .execute();
    const wishes = [1, 2, 3].map((n) => ({ to: `0901234500${n}`, text: '見本' }));
    await acceptMessages(db, { ...who, campaignId, lane: 2 }, wishes, now);
    await sql`update message set state = 'sending' where recipient = '+819012345003' and campaign_id = ${campaignId}`.execute(
      db,
    );
    expect(await actOnCampaign(db, who.companyId, { id: campaignId, act: 'cancel' }, now)).toBe(true);
    const work = () => workOnCampaigns(db, { clock: () => now, isStopping: () => false });
    const states = async () =>
      (
        await db
          .selectFrom('message')
          .select('state')
          .where('campaign_id', '=', campaignId)
          .orderBy('recipient')
          .execute()
      ).map(({ state }) => state);
    await sql`alter table message_event add constraint untold check (state <> 'cancelled') not valid`.execute(
      db,
    );
    await expect(work()).rejects.toThrow('untold');
    expect(await states()).toEqual(['queued', 'queued', 'sending']);
    await sql`alter table message_event drop constraint untold`.execute(db);
    now = after(now, MINUTE);
    await work();
    await work();
    expect(await states()).toEqual(['cancelled', 'cancelled', 'sending']);
    await send();
    const told = got.map(({ body }) => JSON.parse(body) as { type: string; data: Record<string, string> });
    const whom = told.map(({ type, data }) => [type, data['to'], data['bulkId']]);
    expect(whom.toSorted()).toEqual(
      ['+819012345001', '+819012345002'].map((to) => ['message.cancelled', to, campaignId]),
    );
  });

  test('while a secret is changed both are valid, a day long; a third has to wait', async () => {
    const who = await company();
    const { id } = await endpointOf(who);
    expect(await changeSecret(db, sealer, who.companyId, id, now)).toMatchObject({
      previousEndsAt: after(now, DAY),
    });
    expect(await changeSecret(db, sealer, who.companyId, id, now)).toBeNull();
    await cancelled(who.companyId);
    await send();
    expect(String(got[0]?.headers['webhook-signature']).split(' ')).toHaveLength(2);
    now = after(now, DAY);
    await cancelled(who.companyId);
    await send();
    expect(String(got[1]?.headers['webhook-signature']).split(' ')).toHaveLength(1);
    expect(await changeSecret(db, sealer, (await company()).companyId, id, now)).toBeNull();
  });

  test('what does not arrive is sent again with growing pauses and the same id, then listed, and can be sent by hand', async () => {
    const who = await company();
    const { id } = await endpointOf(who);
    await cancelled(who.companyId);
    answer = { status: 500 };
    await send();
    for (const [at, pause] of PAUSES.entries()) {
      now = after(now, pause - 1);
      await send();
      expect(got).toHaveLength(at + 1);
      now = after(now, 1);
      await send();
      expect(got).toHaveLength(at + 2);
    }
    now = after(now, 30 * DAY);
    await send();
    expect(got).toHaveLength(PAUSES.length + 1);
    expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    const { deliveries } = await listDeliveries(db, id, { after: null, failedOnly: true }, 10);
    expect(deliveries).toMatchObject([{ state: 'failed', tries: 10, lastAnswer: '500' }]);
    const delivery = deliveries[0]?.id ?? '';
    expect(await tryAgain(db, (await company()).companyId, delivery, now)).toBe(false);
    answer = { status: 200 };
    expect(await tryAgain(db, who.companyId, delivery, now)).toBe(true);
    await send();
    expect((await listDeliveries(db, id, { after: null, failedOnly: false }, 10)).deliveries).toMatchObject([
      { state: 'delivered', lastAnswer: '200' },
    ]);
    expect(await tryAgain(db, who.companyId, delivery, now)).toBe(false);
  });

  test('Retry-After is obeyed where it is longer', async () => {
    const who = await company();
    await endpointOf(who);
    await cancelled(who.companyId);
    answer = { status: 429, headers: { 'retry-after': '120' } };
    await send();
    now = after(now, MINUTE);
    await send();
    expect(got).toHaveLength(1);
    now = after(now, MINUTE);
    await send();
    expect(got).toHaveLength(2);
  });

  test('L4: a redirect is not followed, wherever it leads', async () => {
    const who = await company();
    const { id } = await endpointOf(who);
    for (const location of [
      `http://localhost:${port}/inside`,
      'http://169.254.169.254/latest/meta-data',
      'http://127.0.0.1/',
    ]) {
      answer = { status: 307, headers: { location } };
      await cancelled(who.companyId);
      await send();
    }
    expect(got.map(({ path }) => path)).toEqual(['/hook', '/hook', '/hook']);
    const { deliveries } = await listDeliveries(db, id, { after: null, failedOnly: false }, 10);
    expect(deliveries.map((one) => [one.state, one.lastAnswer])).toEqual(Array(3).fill(['waiting', '307']));
  });

  test('a receiver that is down does not hold up the one beside it, and a program that died tries again', async () => {
    const who = await company();
    await endpointOf(who);
    const gone = await addEndpoint(
      db,
      sealer,
      { ...who, url: 'http://localhost:1/gone', allowedHosts: ['localhost'] },
      now,
    );
    for (let n = 0; n < 30; n += 1) await cancelled(who.companyId);
    await send();
    expect(got).toHaveLength(30);
    if (!gone.ok) throw new Error(gone.reason);
    const { deliveries } = await listDeliveries(db, gone.id, { after: null, failedOnly: false }, 50);
    expect(deliveries).toHaveLength(30);
    expect(deliveries.every((one) => one.state === 'waiting' && one.lastAnswer === 'unreachable')).toBe(true);
    expect(await removeEndpoint(db, who.companyId, gone.id, now)).toBe(true);
    now = after(now, HOUR);
    await send();
    expect(got).toHaveLength(30);
    // Claimed, and never settled.
    await cancelled(who.companyId);
    await makeDeliveries(db, now);
    const died = deliverDue(db, { outbound: () => Promise.reject(new Error('killed')), sealer }, () => now);
    await expect(died).rejects.toThrow('killed');
    await send();
    expect(got).toHaveLength(30);
    now = after(now, MINUTE);
    await send();
    expect(got).toHaveLength(31);
  });

  test('two nodes at once send each delivery once', async () => {
    const who = await company();
    await endpointOf(who);
    for (let n = 0; n < 20; n += 1) await cancelled(who.companyId);
    await Promise.all([send(), send(), send(), send()]);
    expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(20);
    expect(got).toHaveLength(20);
  });

  test('what happened before an endpoint was registered is not told to it', async () => {
    const who = await company();
    await cancelled(who.companyId);
    now = after(now, SECOND);
    await endpointOf(who);
    await cancelled(who.companyId);
    await send();
    expect(got).toHaveLength(1);
  });
});

/** What a signature by this secret would be for what the receiver got. */
function signatureBy(secret: string, { headers, body }: Got): string {
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  return `v1,${createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
    .update(signed)
    .digest('base64')}`;
}
const stored = (id: string) =>
  db
    .selectFrom('webhook_endpoint')
    .select(['secret', 'previous_secret'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();

describe('R30: secrets of webhooks at rest', () => {
  test('no secret stands readable in the database, and a sealed one opens for no other endpoint', async () => {
    const who = await company();
    const first = await endpointOf(who);
    const second = await endpointOf(who, '/second');
    const changed = await changeSecret(db, sealer, who.companyId, first.id, now);
    const { rows } = await sql<{
      row: string;
    }>`select webhook_endpoint::text as row from webhook_endpoint`.execute(db);
    const all = rows.map(({ row }) => row).join();
    for (const secret of [first.secret, second.secret, changed?.secret ?? ''])
      for (const form of [secret, secret.slice(6), Buffer.from(secret.slice(6), 'base64').toString('hex')])
        expect(all).not.toContain(form);
    const { secret } = await stored(second.id);
    await db.updateTable('webhook_endpoint').set({ secret }).where('id', '=', first.id).execute();
    await cancelled(who.companyId);
    await send();
    expect(got.map(({ path }) => path)).toEqual(['/second']);
    const { deliveries } = await listDeliveries(db, first.id, { after: null, failedOnly: false }, 5);
    expect(deliveries).toMatchObject([{ state: 'waiting', lastAnswer: 'secret-unreadable' }]);
  });

  test('secrets of the release before are sealed in place and sign as they did; a secret that changes meanwhile stays', async () => {
    const who = await company();
    const { id, secret } = await endpointOf(who);
    const before = `whsec_${Buffer.from('sample of the release before').toString('base64')}`;
    await db
      .updateTable('webhook_endpoint')
      .set({ secret, previous_secret: before, previous_secret_ends_at: after(now, DAY) })
      .where('id', '=', id)
      .execute();
    await Promise.all([sealSecrets(db, sealer), sealSecrets(db, sealer), sealSecrets(db, sealer)]);
    const kept = await stored(id);
    expect(kept.secret).toMatch(/^sealed1\./);
    expect(kept.previous_secret).toMatch(/^sealed1\./);
    expect(await sealSecrets(db, sealer)).toMatchObject({ sealed: 0 });
    await cancelled(who.companyId);
    await send();
    expect(got).toHaveLength(1);
    const [one] = got as [Got];
    expect(one.headers['webhook-signature']).toBe(`${signatureBy(secret, one)} ${signatureBy(before, one)}`);
  });

  test('a new key before the old one takes over what the old one sealed; without the old one nothing is sent and the loss is told', async () => {
    const who = await company();
    const { id, secret } = await endpointOf(who);
    const both = createSealer(['sample-key-that-is-new-0123456789', KEY], PURPOSE);
    const stranger = createSealer(['sample-key-of-somebody-else-01234'], PURPOSE);
    const { lost } = await sealSecrets(db, stranger);
    expect(lost).toBeGreaterThan(0);
    expect(sealer.open((await stored(id)).secret, id)).toBe(secret);
    await sealSecrets(db, both);
    expect(sealer.open((await stored(id)).secret, id)).toBeNull();
    await cancelled(who.companyId);
    await makeDeliveries(db, now);
    await deliverDue(db, { outbound, sealer }, () => now);
    expect(got).toEqual([]);
    now = after(now, MINUTE);
    await deliverDue(
      db,
      { outbound, sealer: createSealer(['sample-key-that-is-new-0123456789'], PURPOSE) },
      () => now,
    );
    expect(got).toHaveLength(1);
    const [one] = got as [Got];
    expect(one.headers['webhook-signature']).toBe(signatureBy(secret, one));
  });

  test('what is altered by one bit does not open', () => {
    const sealed = sealer.seal('whsec_c2FtcGxl', 'whe_1');
    expect(sealer.open(sealed, 'whe_1')).toBe('whsec_c2FtcGxl');
    expect(sealer.seal('whsec_c2FtcGxl', 'whe_1')).not.toBe(sealed);
    const bytes = Buffer.from(sealed.slice(sealer.mark.length), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const altered = Buffer.from(bytes);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(sealer.open(sealer.mark + altered.toString('base64url'), 'whe_1'), `bit ${bit}`).toBeNull();
    }
  });
});

describe('L4: where webhooks may lead', () => {
  test('addresses inside, plain http and what is no address are refused when they are registered', async () => {
    const who = await company();
    const cases: [string, string][] = [
      ['https://127.0.0.1/', 'address-internal'],
      ['https://[::1]/', 'address-internal'],
      ['https://0x7f.1/', 'address-internal'],
      ['https://2130706433/', 'address-internal'],
      ['https://10.0.0.1/', 'address-internal'],
      ['https://169.254.169.254/latest', 'address-internal'],
      ['https://[::ffff:10.0.0.1]/', 'address-internal'],
      ['https://intranet.localhost/', 'address-internal'],
      ['http://example.co.jp/', 'address-not-https'],
      ['ftp://example.co.jp/', 'address-malformed'],
      ['https://user:secret@example.co.jp/', 'address-malformed'],
      ['https://example.co.jp/\\@10.0.0.1', 'address-malformed'],
      ['hook', 'address-malformed'],
      [`https://example.co.jp/${'x'.repeat(500)}`, 'address-malformed'],
    ];
    for (const [url, reason] of cases)
      expect(await addEndpoint(db, sealer, { ...who, url, allowedHosts: [] }, now), url).toEqual({
        ok: false,
        reason,
      });
  });

  test('a name that leads inside by its DNS entries is refused at each sending, and the checked address is the one connected to', async () => {
    let asked = 0;
    const rebinding = createOutbound({
      allowedInternalHosts: [],
      lookup: (_name, _options, callback) => {
        asked += 1;
        callback(null, [{ address: '127.0.0.1', family: 4 }]);
      },
    });
    const result = await rebinding(`https://hook.example.co.jp:${port}/`, '{}', {
      timeout: 1_000,
      headers: {},
    });
    expect(result).toEqual({ ok: false, reason: 'address-not-allowed', detail: 'address-internal' });
    expect(asked).toBe(1);
    expect(got).toEqual([]);
  });

  test('a company has five endpoints at most, each address once, also when many are added at once', async () => {
    const who = await company();
    const added = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        addEndpoint(db, sealer, { ...who, url: `https://example.co.jp/${n % 8}`, allowedHosts: [] }, now),
      ),
    );
    expect(added.filter(({ ok }) => ok)).toHaveLength(MOST_ENDPOINTS);
    expect(await listEndpoints(db, who.companyId)).toHaveLength(MOST_ENDPOINTS);
    expect(
      await addEndpoint(db, sealer, { ...who, url: 'https://example.co.jp/9', allowedHosts: [] }, now),
    ).toEqual({
      ok: false,
      reason: 'too-many-endpoints',
    });
  });
});
