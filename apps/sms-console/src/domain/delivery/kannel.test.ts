import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openDeliveryWorld, type DeliveryWorld } from '../../../test/delivery.ts';
import { readGatewaySettings, type GatewaySettings } from './gateway-settings.ts';
import { readKannelAnswer, readKannelReceipt } from './kannel-answers.ts';

/** Faults that the real Kannel has no switch for come from this HTTP server; the chain with the real one is in test/interop/kannel.test.ts. */
let world: DeliveryWorld;
let smsbox: Server;
let requests: URLSearchParams[] = [];
let reply: (response: ServerResponse, count: number) => void;

beforeAll(async () => {
  world = await openDeliveryWorld();
  smsbox = createServer((request, response) => {
    const query = new URL(String(request.url), 'http://smsbox').searchParams;
    if (query.get('username') === null) return void response.writeHead(403).end('Authorization failed');
    requests.push(query);
    reply(response, requests.length);
  });
  smsbox.listen(0, '127.0.0.1');
  await once(smsbox, 'listening');
});
afterAll(async () => {
  smsbox.closeAllConnections();
  smsbox.close();
  await world.close();
});

const SETTINGS = {
  kind: 'kannel',
  name: 'kannel',
  username: 'sample',
  password: 'mihon',
  receiptsTo: 'https://sms.example.co.jp',
  receiptSecret: 'mihon-of-the-secret-for-receipts-0123456789',
  perSecond: 1_000,
};
const read = (more: object) =>
  readGatewaySettings(
    JSON.stringify([{ url: 'http://kannel/cgi-bin/sendsms', ...SETTINGS, ...more }]),
    () => '',
  );
function kannelAt(more: object = {}): GatewaySettings {
  const { port } = smsbox.address() as AddressInfo;
  const settings = read({ url: `http://127.0.0.1:${port}/cgi-bin/sendsms`, ...more });
  if (!settings.ok || !settings.gateways[0]) throw new Error(settings.ok ? 'none' : settings.problem);
  return settings.gateways[0];
}
const accept = (response: ServerResponse) => void response.writeHead(202).end('0: Accepted for delivery');
const inStates = (states: object) =>
  expect.poll(() => world.states(), { timeout: 15_000, interval: 20 }).toEqual(states);
const theMessage = () => world.db.selectFrom('message').selectAll().executeTakeFirstOrThrow();

describe('R29: to Kannel by the HTTP interface of its smsbox', () => {
  afterEach(async () => {
    await world.reset();
    requests = [];
  });

  test('a message goes whole, in the coding that it needs, with the way for its receipt', async () => {
    reply = accept;
    const [japanese] = await world.queue(['見本\n𠮷']);
    await world.queue(['Sample €'], { to: 819000000100 });
    const settings = kannelAt({ sender: 'ZETTAI', smsc: 'one', numbers: 'national' });
    const delivery = await world.deliver(settings);
    await inStates({ sent: 2 });
    const sent = Object.fromEntries(requests.find((one) => one.get('coding') === '2') ?? []);
    expect(sent).toMatchObject({
      username: 'sample',
      password: 'mihon',
      from: 'ZETTAI',
      smsc: 'one',
      to: '09000000000',
      text: '見本\n𠮷',
      charset: 'UTF-8',
      validity: '2880',
      'dlr-mask': '19',
      'dlr-url': `https://sms.example.co.jp/internal/v1/kannel/kannel/${SETTINGS.receiptSecret}/${japanese}?type=%d&answer=%A`,
    });
    expect(requests.map((one) => one.get('coding')).sort()).toEqual(['0', '2']);
    const receipt = readKannelReceipt(2, 'id:7 stat:UNDELIV err:001 text:見本', japanese!)!;
    expect(await delivery.receipt(settings, receipt)).toBe(true);
    await inStates({ sent: 1, undelivered: 1 });
  });

  test('503: again after a while; a wrong password: the gateway rests and nothing fails', async () => {
    reply = (response) => void response.writeHead(503).end('Temporal failure, try again later.');
    await world.queue(['見本']);
    const delivery = await world.deliver(kannelAt());
    await expect.poll(async () => (await theMessage()).tries, { timeout: 10_000, interval: 20 }).toBe(1);
    expect(await theMessage()).toMatchObject({ state: 'queued', gateway: null });
    reply = (response) => void response.writeHead(403).end('Authorization failed for sendsms');
    world.advance(6_000);
    await expect
      .poll(() => delivery.states()[0], { timeout: 10_000, interval: 20 })
      .toMatchObject({ state: 'resting', lastError: 'HTTP 403 not authorized' });
    await inStates({ queued: 1 });
    expect((await theMessage()).tries).toBeGreaterThan(1);
  });

  test('what is not answered is in doubt: it goes again, or is settled where the setting says so', async () => {
    reply = (response, count) => (count === 1 ? void response.destroy() : accept(response));
    await world.queue(['見本']);
    const first = await world.deliver(kannelAt());
    await inStates({ sent: 1 });
    expect(requests).toHaveLength(2);
    expect(await theMessage()).toMatchObject({ doubts: 1, fault: null });
    await first.stop();
    await world.reset();
    requests = [];
    reply = () => undefined;
    await world.queue(['見本']);
    const second = await world.deliver(kannelAt({ inDoubt: 'settle', answerSeconds: 0.2 }));
    await inStates({ sent: 1 });
    expect(second.states()[0]?.lastError).toBe('ETIMEDOUT');
    expect(requests).toHaveLength(1);
    expect(await theMessage()).toMatchObject({ fault: 'in-doubt' });
  });

  test('nobody listens: the message keeps its place, no try is counted, and a redirect leads nowhere', async () => {
    await world.queue(['見本']);
    const away = await world.deliver(kannelAt({ url: 'http://127.0.0.1:9/cgi-bin/sendsms' }));
    await expect
      .poll(() => away.states()[0]?.lastError, { timeout: 10_000, interval: 20 })
      .toBe('ECONNREFUSED');
    expect(await theMessage()).toMatchObject({ state: 'queued', tries: 0, doubts: 0 });
    await away.stop();
    reply = (response) => void response.writeHead(302, { location: '/elsewhere?username=x' }).end();
    const delivery = await world.deliver(kannelAt());
    await expect
      .poll(() => delivery.states()[0]?.lastError, { timeout: 10_000, interval: 20 })
      .toBe('HTTP 302');
    expect(requests.every((query) => query.get('username') === 'sample')).toBe(true);
  });
});

describe('R29: what Kannel says, and what it is told', () => {
  test.each([
    [202, '3: Queued for later delivery', 'taken'],
    [200, 'a page', 'in-doubt'],
    [502, '', 'in-doubt'],
    [504, '', 'in-doubt'],
    [500, 'Sending failed.', 'passing'],
    [429, '', 'slow-down'],
    [403, 'Not routable. Do not try again.', 'number'],
    [400, 'Number(s) has/have been denied by white- and/or black-lists.', 'number'],
    [400, 'Missing receiver number, rejected', 'number'],
    [400, 'Charset or body misformed, rejected', 'content'],
    [400, 'Empty text not allowed, rejected', 'content'],
    [400, 'Sender missing and no global set, rejected', 'gateway'],
    [400, 'DLR-URL field misformed, rejected', 'gateway'],
    [414, '', 'content'],
    [404, 'Not found', 'gateway'],
  ])('the answer %i "%s" means %s', (status, text, meaning) => {
    const outcome = readKannelAnswer(status, text, 'msg_1');
    expect(outcome.kind === 'refused' ? outcome.verdict : outcome.kind).toBe(meaning);
    if (outcome.kind === 'taken') expect(outcome.carrierId).toBe('msg_1');
  });

  test.each([
    [1, 'stat:DELIVRD err:000', 'delivered', null],
    [2, 'id:7 stat:UNDELIV err:001 text:secret', 'undelivered', 'UNDELIV 001'],
    [2, '', 'undelivered', 'UNDELIV'],
    [2, 'stat:EXPIRED', 'expired', 'EXPIRED'],
    [34, 'stat:EXPIRED err:027', 'expired', 'EXPIRED 027'],
    [66, 'stat:UNKNOWN', 'undelivered', 'UNKNOWN'],
    [16, 'NACK/0x0000000b/Invalid Destination Address', 'undelivered', 'ESME_RINVDSTADR'],
    [16, 'NACK/', 'undelivered', 'REJECTD'],
  ])('the report %i "%s" means %s (%s)', (type, answer, state, fault) => {
    expect(readKannelReceipt(type, answer, 'msg_1')).toEqual({ carrierId: 'msg_1', state, fault });
  });
  test.each([0, 4, 8, 3, 999])('the report %i is not the last one', (type) => {
    expect(readKannelReceipt(type, 'stat:DELIVRD', 'msg_1')).toBeNull();
  });

  test.each([
    [{ url: 'ftp://kannel/' }, 'url'],
    [{ url: 'http://user:pass@kannel/' }, 'url'],
    [{ url: 'http://kannel/?x=1' }, 'url'],
    [{ receiptSecret: 'short' }, 'receiptSecret'],
    [{ receiptsTo: 'https://sms.example.co.jp/path' }, 'receiptsTo'],
    [{ longMessages: 'sar' }, 'longMessages'],
    [{ kind: 'other' }, 'kind'],
  ])('a setting that cannot be is refused by its field: %o', (more, field) => {
    const settings = read(more);
    expect(settings).toMatchObject({ ok: false, problem: expect.stringContaining(field) });
    expect(JSON.stringify(settings)).not.toMatch(/mihon|pass@|short"/);
  });
});
