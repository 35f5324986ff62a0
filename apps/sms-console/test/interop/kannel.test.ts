import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readGatewaySettings } from '#domain/delivery/gateway-settings.ts';
import { missingFromDebian } from '../../../../test-support/debian.ts';
import { startKannel, type Kannel } from '../../../../test-support/kannel.ts';
import { freePort } from '../../../../journeys/free-port.ts';
import { buildCarrier, type Carrier } from '../../../carrier-simulator/src/app.ts';
import { machineOf, newKey } from '../machine.ts';
import { openWorld, type World } from '../world.ts';

const missing = missingFromDebian('kannel', ['bearerbox', '--version']);
const SECRET = 'mihon-of-the-secret-for-receipts-0123456789';

/** The whole chain: a campaign of a customer's program, the console's queue, Kannel by its HTTP interface, the carrier by SMPP, and receipts all the way back. */
describe.skipIf(missing)(`R29: a campaign through Debian's Kannel ${missing ?? ''}`, () => {
  let carrier: Carrier;
  let kannel: Kannel;
  let world: World;
  let machine: ReturnType<typeof machineOf>;
  let origin: string;

  beforeAll(async () => {
    carrier = buildCarrier({ port: 0, clock: () => new Date(), receiptDelayMs: 20 });
    await carrier.start();
    kannel = await startKannel({
      smpp: carrier.port,
      isBound: () => carrier.boundSystemIds().includes('kannel'),
    });
    const port = await freePort();
    origin = `http://127.0.0.1:${port}`;
    const read = readGatewaySettings(
      JSON.stringify([
        {
          kind: 'kannel',
          name: 'kannel',
          url: kannel.sendUrl,
          username: 'sample',
          password: 'mihon',
          receiptsTo: origin,
          receiptSecret: SECRET,
          perSecond: 100,
        },
      ]),
      () => '',
    );
    if (!read.ok) throw new Error(read.problem);
    world = await openWorld();
    Object.assign(world.config, { gateways: read.gateways });
    await world.restart();
    await world.app.listen({ port, host: '127.0.0.1' });
    machine = machineOf(world, await newKey(world, '見本の鍵', (await world.addPerson()).id));
  }, 90_000);
  afterAll(async () => {
    await world?.close();
    await kannel?.stop();
    await carrier?.stop();
  });

  const campaign = async (messages: readonly { to: string; text: string }[]): Promise<void> => {
    const answer = await machine.call('POST', '/api/v1/bulks', { body: { name: '見本', messages } });
    expect(answer.statusCode).toBe(202);
  };
  const states = async () => {
    const rows = await world.db
      .selectFrom('message')
      .select((select) => ['state', select.fn.countAll<string>().as('count')])
      .groupBy('state')
      .execute();
    return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]));
  };
  const inStates = (wanted: object) => expect.poll(states, { timeout: 30_000, interval: 50 }).toEqual(wanted);

  test('short, long and undeliverable messages end as the carrier says, and arrive as they were written', async () => {
    const long = '【見本】本日のお知らせです。𠮷野家、髙島店と﨑陽軒😀。';
    const texts = [
      ...Array.from({ length: 20 }, (_, n) => `見本 ${n}\n検証コードは 1234 です。`),
      ...Array.from({ length: 10 }, (_, n) => `Sample ${n} {1} [2] €3 @_$`),
      ...Array.from({ length: 14 }, (_, n) => `${n} ${long.repeat(4 + (n % 3))}`),
      ...Array.from({ length: 3 }, (_, n) => `Long ${n} [€] ${'a sample of a text '.repeat(12)}`),
      '見'.repeat(660),
    ];
    const messages = texts.map((text, n) => ({ to: `0901234${String(n + 1).padStart(2, '0')}01`, text }));
    const undeliverable = { to: '09012345690', text: '届かない見本' };
    const late = { to: '09012345691', text: '電源が切れている見本' };
    await campaign([...messages, undeliverable, late]);
    await inStates({ delivered: 48, undelivered: 1, expired: 1 });
    const arrived = new Map(carrier.messages().map(({ to, text }) => [to, text]));
    for (const { to, text } of messages) expect(arrived.get(`81${to.slice(1)}`)).toBe(text);
    expect(carrier.messages()).toHaveLength(50);
    const parts = await world.db.selectFrom('message_part').select(['state', 'fault']).execute();
    expect(parts).toHaveLength(50);
    expect(parts.flatMap(({ fault }) => fault ?? []).sort()).toEqual(['EXPIRED 027', 'UNDELIV 001']);
    expect(await world.db.selectFrom('early_receipt').selectAll().execute()).toEqual([]);
  }, 60_000);

  test('what the carrier refuses comes back as its receipt, with its reason', async () => {
    carrier.behave({ refusals: { ESME_RINVDSTADR: 1 } });
    await campaign([{ to: '09011110001', text: '断られる見本' }]);
    await inStates({ delivered: 48, undelivered: 2, expired: 1 });
    carrier.behave({ refusals: {} });
    const { fault } = await world.db
      .selectFrom('message_part as p')
      .innerJoin('message as m', 'm.id', 'p.message_id')
      .select('p.fault')
      .where('m.recipient', '=', '+819011110001')
      .executeTakeFirstOrThrow();
    expect(fault).toBe('ESME_RINVDSTADR');
  }, 60_000);

  test('smsbox is killed: what is written meanwhile waits, and leaves once when it is back', async () => {
    await kannel.killSmsbox();
    await campaign(Array.from({ length: 5 }, (_, n) => ({ to: `0902222000${n}`, text: `待つ見本 ${n}` })));
    await expect
      .poll(() => world.logLines.some((line) => line.includes('ECONNREFUSED')), { timeout: 10_000 })
      .toBe(true);
    await inStates({ queued: 5, delivered: 48, undelivered: 2, expired: 1 });
    await kannel.startSmsbox();
    await inStates({ delivered: 53, undelivered: 2, expired: 1 });
    expect(carrier.messages().filter(({ text }) => text.startsWith('待つ'))).toHaveLength(5);
    // Nothing twice, and no answer of ours to a report taken for a message.
    expect(carrier.messages()).toHaveLength(55);
  }, 60_000);

  test('only who knows the secret can say what became of a message, and nothing that is left behind tells it', async () => {
    const before = await states();
    const { id } = await world.db
      .selectFrom('message')
      .select('id')
      .where('state', '=', 'delivered')
      .limit(1)
      .executeTakeFirstOrThrow();
    await world.db
      .updateTable('message')
      .set({ state: 'sent', settled_at: null })
      .where('id', '=', id)
      .execute();
    await world.db
      .updateTable('message_part')
      .set({ state: 'taken', settled_at: null })
      .where('message_id', '=', id)
      .execute();
    const report = async (path: string, method = 'GET') =>
      (await fetch(`${origin}/internal/v1/kannel/${path}`, { method })).status;
    const wrong = SECRET.replace('0123', '0124');
    for (const path of [
      `kannel/${wrong}/${id}?type=2`,
      `kannel/${SECRET.slice(0, -1)}/${id}?type=2`,
      `other/${SECRET}/${id}?type=2`,
      `kannel//${id}?type=2`,
      `kannel/${SECRET}/${id}%20or?type=2`,
    ])
      expect(await report(path)).toBe(404);
    expect(await report(`kannel/${SECRET}/${id}?type=2`, 'POST')).not.toBe(200);
    for (const query of ['', '?type=', '?type=2%20', '?type=1&type=2', `?type=2&answer=${'x'.repeat(2_001)}`])
      expect(await report(`kannel/${SECRET}/${id}${query}`)).toBe(400);
    expect(await report(`kannel/${SECRET}/${id}?type=8&answer=ACK/`)).toBe(200);
    expect(await states()).toMatchObject({ sent: 1 });
    // Twice: Kannel repeats what it is not sure of.
    for (let n = 0; n < 2; n++)
      expect(await report(`kannel/${SECRET}/${id}?type=1&answer=stat:DELIVRD`)).toBe(200);
    await inStates(before);
    expect(world.logLines.filter((line) => line.includes(SECRET) || line.includes('mihon-of'))).toEqual([]);
    expect(world.logLines.filter((line) => line.includes('見本のお知らせ'))).toEqual([]);
  }, 60_000);
});
