import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readGatewaySettings } from '#domain/delivery/gateway-settings.ts';
import { openWorld, type World } from '../../../test/world.ts';

const SECRET = 'mihon-of-the-secret-for-receipts-0123456789';
const MESSAGE = 'msg_test00000001';
const SETTINGS = [
  {
    kind: 'kannel',
    name: 'kannel',
    // Nobody listens there: only what comes back is looked at.
    url: 'http://127.0.0.1:9/cgi-bin/sendsms',
    username: 'sample',
    password: 'mihon',
    receiptsTo: 'http://localhost:5701',
    receiptSecret: SECRET,
  },
];

let world: World;
beforeAll(async () => {
  const read = readGatewaySettings(JSON.stringify(SETTINGS), () => '');
  if (!read.ok) throw new Error(read.problem);
  world = await openWorld();
  Object.assign(world.config, { gateways: read.gateways });
  await world.restart();
  const { companyId } = await world.addPerson();
  const at = world.clock.now();
  const message = { id: MESSAGE, company_id: companyId, recipient: '+819012345678', body: '見本' };
  await world.db
    .insertInto('message')
    .values({ ...message, state: 'sent', lane: 1, due_at: at, accepted_at: at, gateway: 'kannel' })
    .execute();
  const part = { message_id: MESSAGE, number: 1, gateway: 'kannel', carrier: 'kannel' };
  await world.db
    .insertInto('message_part')
    .values({ ...part, state: 'taken', carrier_id: MESSAGE })
    .execute();
});
afterAll(() => world.close());

const report = async (path: string) => (await world.app.inject(`/internal/v1/kannel/${path}`)).statusCode;
const state = async () =>
  (await world.db.selectFrom('message').select('state').executeTakeFirstOrThrow()).state;

describe("R29: Kannel's delivery reports", () => {
  test('only who knows the secret of the gateway can say what became of a message; the log does not have it', async () => {
    for (const path of [
      `kannel/${SECRET.replace('0123', '0124')}/${MESSAGE}?type=2`,
      `kannel/${SECRET.slice(0, -1)}/${MESSAGE}?type=2`,
      `other/${SECRET}/${MESSAGE}?type=2`,
      `kannel/${SECRET}/${MESSAGE}%20or?type=2`,
    ])
      expect(await report(path)).toBe(404);
    for (const query of ['', '?type=x', '?type=1&type=2'])
      expect(await report(`kannel/${SECRET}/${MESSAGE}${query}`)).toBe(400);
    expect(await report(`kannel/${SECRET}/${MESSAGE}?type=8`)).toBe(200);
    expect(await state()).toBe('sent');
    expect(await report(`kannel/${SECRET}/${MESSAGE}?type=1&answer=stat:DELIVRD`)).toBe(200);
    expect(await state()).toBe('delivered');
    expect(world.logLines.filter((line) => line.includes(SECRET))).toEqual([]);
  });
});
