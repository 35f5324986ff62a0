import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { consoleCommand } from '#app/cli/commands/console.ts';
import { isEventAddress } from '#domain/consoles/event-stream.ts';
import { eventLedger } from '#domain/events/ledger.ts';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { createOutbound, outboundRefusal } from '#support/primitives/outbound.ts';
import { Browser } from './browser.ts';
import { INSIDE_ADDRESSES, writtenInside } from './inside-addresses.ts';
import { acceptLegacy, STRONG } from './legacy.ts';
import { openNameServer } from './name-server.ts';
import { enter, PASSWORD } from './steps.ts';
import { openTraps, type Traps } from './traps.ts';
import { openWorld, type World } from './world.ts';

/** Notations that are drawn; `HITOKAGI_FULL_CAMPAIGN=1`: 200,000. */
const DRAWN = process.env.HITOKAGI_FULL_CAMPAIGN === '1' ? 200_000 : 5_000;

let traps: Traps;
let world: World;
let addresses: string[];
/** Of an operator. */
let token: string;
beforeAll(async () => {
  traps = await openTraps();
  addresses = [
    ...INSIDE_ADDRESSES.map((address) => address.replace('PORT', String(traps.port))),
    ...traps.addresses.map((address) =>
      address.includes(':') ? `http://[${address}]:${traps.port}/` : `http://${address}:${traps.port}/`,
    ),
  ];
  // One host inside is allowed, by name; nothing else on the same machine is.
  world = await openWorld({ environment: { HITOKAGI_ALLOWED_INTERNAL_HOSTS: 'console.internal' } });
  await world.addConsole('home');
  const by = { actor: 'operator:cli', now: world.now };
  ({ token } = await createOperatorToken(world.database.db, { name: 'desk', role: 'support' }, by));
});
afterAll(async () => {
  await world.close();
  await traps.close();
});

describe('L4: an address inside is refused when it is registered', () => {
  it('as a logout address on the command line, with a sentence that says what to do', async () => {
    for (const address of addresses) {
      const { err, code } = await hitokagi(
        ...['console', 'register', 'refused', '--name-ja', '見本', '--name-en', 'Sample'],
        ...['--home', 'https://refused.example.co.jp/', '--redirect', 'https://refused.example.co.jp/back'],
        ...['--logout', address],
      );
      expect([address, code]).toEqual([address, 1]);
      expect(err).toMatch(/^Nothing was written:\n {2}backchannelLogoutUri: /);
    }
    expect(await consoleRow('refused')).toBeUndefined();
  });

  it('as an event address on the command line', async () => {
    for (const address of addresses) {
      const { err, code } = await hitokagi(
        ...['console', 'register', 'refused', '--name-ja', '見本', '--name-en', 'Sample'],
        ...['--home', 'https://refused.example.co.jp/', '--redirect', 'https://refused.example.co.jp/back'],
        ...['--events', address],
      );
      expect([address, code]).toEqual([address, 1]);
      expect(err).toMatch(/^Nothing was written:\n {2}eventUri: /);
    }
    expect(await consoleRow('refused')).toBeUndefined();
  });

  it('as the address of legacy passwords, on the command line and in the API', async () => {
    const { out } = await hitokagi(
      ...['console', 'register', 'legacy', '--name-ja', '見本', '--name-en', 'Sample', '--json'],
      ...['--home', 'https://legacy.example.co.jp/', '--redirect', 'https://legacy.example.co.jp/back'],
    );
    expect(out).toContain('"ok":true');
    for (const address of addresses) {
      const said = await hitokagi('console', 'legacy-passwords', 'legacy', 'asked', '--uri', address);
      expect([address, said.code]).toEqual([address, 1]);
      expect(said.err).toMatch(/lies inside the network of this server|must be an absolute|Say where/);
    }
    expect(await consoleRow('legacy')).toMatchObject({ legacy_passwords: 'off', legacy_password_uri: null });
  });

  it(`in ${DRAWN} notations of inside networks`, () => {
    fc.assert(
      fc.property(writtenInside, (address) => {
        expect([address, outboundRefusal(address, ['console.internal'])]).not.toEqual([address, undefined]);
      }),
      { numRuns: DRAWN },
    );
  });

  it('and knocks nowhere meanwhile', () => expect(traps.sprung).toEqual([]));
});

describe('L4: an address inside that stands in the database all the same is not called', () => {
  it('as a logout address: the delivery says why it cannot be made', async () => {
    const consoles = addresses.map((address, nth) => ({ clientId: `inside-${nth}`, address }));
    for (const { clientId } of consoles)
      await world.addConsole(clientId, { backchannelLogoutUri: 'https://outside.example.co.jp/' });
    const links = Object.fromEntries(consoles.map(({ clientId }) => [clientId, '1']));
    await world.addPerson('taro@example.co.jp', { home: '1', ...links }, { password: PASSWORD });
    const browser = new Browser(world);
    for (const { clientId } of consoles)
      await enter(world, browser, clientId, { address: 'taro@example.co.jp' });
    for (const { clientId, address } of consoles)
      await world.database.db
        .updateTable('console')
        .set({ backchannel_logout_uri: address })
        .where('client_id', '=', clientId)
        .execute();
    await browser.submit(await browser.open('/'), '/sign-out', {});

    const tried = await allTried(consoles.length);
    for (const { backchannel_logout_uri: address, last_error: error, state } of tried) {
      expect([address, state, error]).toEqual([
        address,
        'waiting',
        expect.stringMatching(/^address-not-allowed/),
      ]);
    }
    expect(traps.sprung).toEqual([]);
  }, 120_000);

  it('as an event address: the ledger says why it cannot be told', async () => {
    const told = await world.addConsole('told', { eventUri: 'https://outside.example.co.jp/events' });
    for (const [nth, address] of addresses.entries()) {
      await registerForEvents(told, { registered: address, stream: address });
      const accountId = await world.addPerson(`told${nth}@example.co.jp`, { told: String(nth) });
      await suspend(accountId);
      // What can be no registered address of a console is refused before it is looked at as one of a network.
      const expected = isEventAddress(address, address)
        ? { state: 'waiting', lastError: expect.stringMatching(/^address-not-allowed: /) as string }
        : { state: 'failed', lastError: 'the address is not registered' };
      expect([address, await triedEvent(accountId)]).toMatchObject([address, expected]);
      // One that waits has the console spared, and those behind it are not tried.
      await world.database.db.deleteFrom('event_delivery').where('account_id', '=', accountId).execute();
    }
    expect(traps.sprung).toEqual([]);
  }, 120_000);

  it('as a registered address that is none, or another one than the stream’s', async () => {
    const told = await consoleRow('told');
    const inside = `http://127.0.0.1:${traps.port}/`;
    const outside = 'https://outside.example.co.jp/events';
    const odd = [
      { registered: 'no address', stream: inside },
      { registered: inside, stream: outside },
      { registered: outside, stream: inside },
    ];
    for (const [nth, addresses] of odd.entries()) {
      await registerForEvents(told?.id ?? '', addresses);
      const accountId = await world.addPerson(`odd${nth}@example.co.jp`, { told: `odd${nth}` });
      await suspend(accountId);
      expect(await triedEvent(accountId)).toMatchObject({
        state: 'failed',
        lastError: 'the address is not registered',
      });
    }
    expect(traps.sprung).toEqual([]);
  });

  it('as the address of legacy passwords: the password is wrong, and stays here', async () => {
    await world.addConsole('asked');
    await acceptLegacy(world, 'asked', 'asked', 'https://outside.example.co.jp/check');
    for (const [nth, address] of addresses.entries()) {
      await world.database.db
        .updateTable('console')
        .set({ legacy_password_uri: address })
        .where('client_id', '=', 'asked')
        .execute();
      world.app.forgetCaches();
      const person = `legacy${nth}@example.co.jp`;
      await world.addPerson(person, { asked: String(nth) });
      const answer = await new Browser(world).request('POST', '/sign-in', {
        email_address: person,
        password: STRONG,
      });
      expect([address, answer.statusCode]).toEqual([address, 401]);
    }
    expect(traps.sprung).toEqual([]);
  }, 120_000);
});

describe('L4: a name that leads inside', () => {
  const OUTSIDE = '2d00::1';
  const post = async (
    url: string,
    allowedInternalHosts: string[],
    names: Awaited<ReturnType<typeof openNameServer>>,
  ) => {
    const outbound = createOutbound({ allowedInternalHosts, lookup: names.lookup });
    const form = await outbound.postForm(url, { logout_token: 'a.b.c' }, { timeout: 400 });
    const json = await outbound.postJson(url.replace('http:', 'https:'), '{}', { timeout: 400, bearer: 'x' });
    return [form, json];
  };

  it.each<[string, string[][]]>([
    ['always', [['127.0.0.1']]],
    ['by both kinds of addresses', [['127.0.0.1', '::1']]],
    ['by an IPv4 address in the clothes of IPv6', [['::ffff:127.0.0.1']]],
    ['by one of NAT64', [['64:ff9b::7f00:1']]],
    ['by the unspecified address', [['0.0.0.0', '::']]],
    ['to the metadata of a cloud', [['169.254.169.254', 'fd00:ec2::254']]],
  ])('%s is refused', async (_name, answers) => {
    const names = await openNameServer();
    names.answer = () => answers[0] as string[];
    for (const answer of await post(`http://rebind.example.jp:${traps.port}/`, ['console.internal'], names))
      expect(answer).toMatchObject({ ok: false, reason: 'address-not-allowed' });
    expect(traps.sprung).toEqual([]);
    await names.close();
  });

  it('from the second question on (rebinding) is asked once a request, and the address that was looked at is the one that is called', async () => {
    const names = await openNameServer();
    names.answer = (_name, before) => (before % 2 === 0 ? [OUTSIDE] : ['127.0.0.1', '::1']);
    const outbound = createOutbound({ allowedInternalHosts: [], lookup: names.lookup });
    for (let round = 0; round < 10; round++) {
      const before = names.asked.length;
      const answer = await outbound.postForm(
        `http://rebind.example.jp:${traps.port}/`,
        { logout_token: 'a.b.c' },
        { timeout: 200 },
      );
      expect(names.asked.length - before).toBe(1);
      // Nobody has the address outside: it cannot be reached, or not in time.
      expect(answer).toMatchObject({
        ok: false,
        reason:
          round % 2 === 0
            ? (expect.stringMatching(/unreachable|timed-out/) as string)
            : 'address-not-allowed',
      });
    }
    expect(traps.sprung).toEqual([]);
    await names.close();
  });

  it('beside one that leads outside: only the latter is called', async () => {
    const names = await openNameServer();
    names.answer = () => ['127.0.0.1', '10.0.0.1', '::1', OUTSIDE];
    for (const answer of await post(`http://both.example.jp:${traps.port}/`, [], names))
      expect(answer).toMatchObject({
        ok: false,
        reason: expect.stringMatching(/unreachable|timed-out/) as string,
      });
    expect(traps.sprung).toEqual([]);
    await names.close();
  });

  it('is called when the installation names it, and where it redirects to is not', async () => {
    const called: string[] = [];
    const inside = createServer((request, response) => {
      called.push(request.headers.host ?? '');
      response.writeHead(307, { location: `http://127.0.0.1:${traps.port}/landed` }).end();
    });
    await new Promise<void>((listening) => inside.listen(0, '127.0.0.1', listening));
    const { port } = inside.address() as AddressInfo;
    const names = await openNameServer();
    names.answer = () => ['127.0.0.1'];
    const outbound = createOutbound({ allowedInternalHosts: ['console.internal'], lookup: names.lookup });
    const send = (host: string) =>
      outbound.postForm(`http://${host}:${port}/`, { logout_token: 'a.b.c' }, { timeout: 2_000 });
    expect(await send('console.internal')).toMatchObject({ ok: true, status: 307 });
    expect(await send('CONSOLE.internal')).toMatchObject({ ok: true, status: 307 });
    for (const other of [
      '127.0.0.1',
      'x.console.internal',
      'console.internal.example.jp',
      'console.internal.',
    ])
      expect(await send(other)).toMatchObject({ ok: false, reason: 'address-not-allowed' });
    expect(called).toEqual([`console.internal:${port}`, `console.internal:${port}`]);
    expect(traps.sprung).toEqual([]);
    inside.close();
    await names.close();
  });
});

it('L4: the protocol engine fetches nothing that a request names', async () => {
  const browser = new Browser(world);
  const target = `http://127.0.0.1:${traps.port}/`;
  for (const parameter of [
    'request_uri',
    'jwks_uri',
    'sector_identifier_uri',
    'logo_uri',
    'registration',
    'id_token_hint',
  ])
    await browser.open(
      `/authorize?client_id=home&response_type=code&scope=openid&redirect_uri=http://home.example.co.jp/auth/callback&${parameter}=${encodeURIComponent(target)}`,
    );
  expect(traps.sprung).toEqual([]);
});

it('L4: and a knock at a trap would have been noticed', async () => {
  const outbound = createOutbound({ allowedInternalHosts: ['127.0.0.1'] });
  await outbound.postForm(`http://127.0.0.1:${traps.port}/`, { logout_token: 'a.b.c' }, { timeout: 200 });
  expect(traps.sprung).toMatchObject([{ said: expect.stringContaining('POST / HTTP/1.1') as string }]);
});

/** Runs a command of `hitokagi` in this process. */
async function hitokagi(...[name, ...args]: string[]): Promise<{ out: string; err: string; code: unknown }> {
  expect(name).toBe('console');
  const said = { out: '', err: '' };
  process.exitCode = 0;
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((said.out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((said.err += String(text)), true));
  const command = consoleCommand({
    openDatabase: async () => world.database,
    clock: () => world.now,
    locale: 'en',
    allowedInternalHosts: () => world.config.allowedInternalHosts,
    openCheck: async () => world.app.checkTools,
  }).exitOverride();
  await command.parseAsync(args, { from: 'user' });
  vi.restoreAllMocks();
  const code = process.exitCode;
  process.exitCode = 0;
  return { ...said, code };
}

function consoleRow(clientId: string) {
  return world.database.db
    .selectFrom('console')
    .selectAll()
    .where('client_id', '=', clientId)
    .executeTakeFirst();
}

/** Writes what no registration accepts. */
async function registerForEvents(consoleId: string, to: { registered: string; stream: string }) {
  const { db } = world.database;
  await db.updateTable('console').set({ event_uri: to.registered }).where('id', '=', consoleId).execute();
  await db
    .updateTable('event_stream')
    .set({ endpoint_url: to.stream })
    .where('console_id', '=', consoleId)
    .execute();
}

/** Something that consoles are told of by an event. */
async function suspend(accountId: string): Promise<void> {
  const answer = await world.app.server.inject({
    method: 'POST',
    url: `/api/operator/v1/accounts/${accountId}/suspend`,
    headers: { host: 'login.example.co.jp', authorization: `Bearer ${token}` },
    payload: { reason: '見本' },
  });
  expect(answer.statusCode, answer.body).toBe(200);
}

/** What the ledger says of the account's one event, once it was tried. */
async function triedEvent(accountId: string) {
  return vi.waitFor(
    async () => {
      const [entry] = await eventLedger(world.database.db, { accountId, limit: 1 });
      if (!entry?.lastError) throw new Error('The event was not tried within half a minute.');
      return entry;
    },
    { timeout: 30_000, interval: 20 },
  );
}

/** The deliveries, when each has been tried once. */
async function allTried(count: number) {
  for (let tries = 0; tries < 600; tries++) {
    const rows = await world.database.db
      .selectFrom('logout_delivery')
      .innerJoin('console', 'console.id', 'console_id')
      .select(['backchannel_logout_uri', 'last_error', 'logout_delivery.state'])
      .where('last_error', 'is not', null)
      .execute();
    if (rows.length >= count) return rows;
    await new Promise((later) => setTimeout(later, 100));
  }
  throw new Error('Not every delivery was tried within a minute.');
}
