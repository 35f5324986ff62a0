import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { missingFromDebian } from '../../../../test-support/debian.ts';
import { freePort } from '../../../../journeys/free-port.ts';
import { gatewayAt, openDeliveryWorld, type DeliveryWorld } from '../delivery.ts';

const missing = missingFromDebian('libnet-smpp-perl', ['perl', '-MNet::SMPP', '-e', '1']);
const SCRIPT = new URL('gateway.pl', import.meta.url).pathname;

type Line = {
  id?: string;
  to: string;
  coding: number;
  class: number;
  octets: string;
  throttled?: 1;
  hungUp?: 1;
};

/** Debian has no SMPP server of Kannel's (opensmppbox), so the gateway that nobody here wrote is Perl's Net::SMPP. */
describe.skipIf(missing)(`R29: through a gateway on Debian's Net::SMPP ${missing ?? ''}`, () => {
  let world: DeliveryWorld;
  const stops: (() => void)[] = [];
  beforeAll(async () => {
    world = await openDeliveryWorld();
  });
  afterEach(async () => {
    await world.reset();
    for (const stop of stops.splice(0)) stop();
  });
  afterAll(() => world.close());

  async function gateway(perSecond: number, hangUpAfter: number): Promise<{ port: number; lines: Line[] }> {
    const port = await freePort();
    const child = spawn('perl', [SCRIPT, String(port), String(perSecond), String(hangUpAfter)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    stops.push(() => child.kill('SIGKILL'));
    const lines: Line[] = [];
    const out = createInterface(child.stdout);
    await once(out, 'line');
    out.on('line', (line) => lines.push(JSON.parse(line) as Line));
    return { port, lines };
  }
  const delivered = (count: number) =>
    expect.poll(() => world.states(), { timeout: 20_000, interval: 50 }).toEqual({ delivered: count });

  test('a long Japanese message arrives whole, and its receipts come back', async () => {
    const peer = await gateway(1_000, -1);
    const text = '【見本】本日のお知らせです。𠮷野家 髙島店😀'.repeat(8);
    await world.queue([text, 'Hello {1} €']);
    await world.deliver(gatewayAt(peer, { sender: 'ZETTAI' }));
    await delivered(2);
    const parts = peer.lines.filter(({ coding }) => coding === 8);
    const ordered = parts.toSorted(
      (a, b) => Number.parseInt(a.octets.slice(10, 12), 16) - Number.parseInt(b.octets.slice(10, 12), 16),
    );
    expect(ordered.every((part) => part.class === 0x40 && part.octets.startsWith('050003'))).toBe(true);
    const octets = Buffer.from(ordered.map((part) => part.octets.slice(12)).join(''), 'hex');
    expect(octets.swap16().toString('utf16le')).toBe(text);
    // GSM 03.38, an octet a septet: the braces and the euro sign are escaped.
    expect(peer.lines.find(({ coding }) => coding === 0)?.octets).toBe('48656c6c6f201b28311b29201b65');
  });

  test('it says that it is too much: all arrive, slower', async () => {
    const peer = await gateway(15, -1);
    await world.queue(Array.from({ length: 40 }, (_, n) => `見本 ${n}`));
    await world.deliver(gatewayAt(peer));
    await delivered(40);
    expect(peer.lines.some(({ throttled }) => throttled)).toBe(true);
    expect(peer.lines.filter(({ id }) => id !== undefined)).toHaveLength(40);
  });

  test('it hangs up in the middle: the delivery comes back and goes on', async () => {
    const peer = await gateway(1_000, 10);
    await world.queue(Array.from({ length: 30 }, (_, n) => `見本 ${n}`));
    await world.deliver(gatewayAt(peer, { window: 5 }));
    await delivered(30);
    expect(peer.lines.filter(({ hungUp }) => hungUp)).toHaveLength(1);
    const taken = peer.lines.flatMap(({ id, to }) => (id === undefined ? [] : [to]));
    expect(new Set(taken).size).toBe(30);
    // Only what had been taken when it hung up, unanswered, may have come twice.
    expect(taken.length).toBeLessThanOrEqual(30 + 5);
  });
});
