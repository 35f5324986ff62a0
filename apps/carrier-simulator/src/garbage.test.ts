import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bound, type Sender } from '../test/sender.ts';
import { buildCarrier, type Carrier } from './app.ts';

let carrier: Carrier;
let bystander: Sender;

beforeAll(async () => {
  carrier = buildCarrier({ port: 0, clock: () => new Date('2026-11-21T03:00:00Z'), receiptDelayMs: 0 });
  await carrier.start();
  bystander = await bound(carrier.port);
});
afterAll(() => carrier.stop());

const header = (length: number, command: number, sequence = 1) => {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(length, 0);
  bytes.writeUInt32BE(command, 4);
  bytes.writeUInt32BE(sequence, 12);
  return bytes;
};

test.each([
  ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ['a TLS hello', Buffer.from('16030100c8010000c403030000000000000000', 'hex')],
  ['a length beyond all limits', header(0x7fffffff, 4)],
  ['a length shorter than the header', header(7, 4)],
  ['a submit_sm cut off in its fields', Buffer.concat([header(22, 4), Buffer.from([0, 1, 1, 0x30, 0, 0])])],
  [
    'a submit_sm whose text is longer than the packet',
    Buffer.concat([header(20, 4), Buffer.from([0, 0, 0, 255])]),
  ],
])('R29: %s ends at most its own connection', async (_name, bytes) => {
  await throwAtGateway(bytes);
  await expectHealthy();
});

test.each([0, 1, 2, 3, 4])('R29: a length of %i neither stops nor busies the process', async (length) => {
  const socket = await openTo(carrier.port);
  socket.write(header(length, 4));
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const spent = process.cpuUsage(before);
  socket.destroy();
  expect((spent.user + spent.system) / 1000).toBeLessThan(100);
  await expectHealthy();
});

test('R29: responses nobody asked for and commands that have no response are ignored', async () => {
  for (const command of [0x80000004, 0x80000005, 0x80000000, 0x00000102]) {
    expect(await throwAtGateway(header(16, command))).toHaveLength(0);
  }
  await expectHealthy();
});

test('R29: random bytes, and random bodies behind every command, kill nothing', async () => {
  const commands = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 0x0b, 0x15, 0x21, 0x102, 0x103, 0x111, 0x112, 0x113, 0x80000009,
  ];
  const noise = fc.uint8Array({ maxLength: 200 });
  const packet = fc.tuple(fc.constantFrom(...commands), noise).map(([command, body]) => {
    return Buffer.concat([header(16 + body.length, command), body]);
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(noise, packet), async (bytes) => {
      await throwAtGateway(Buffer.from(bytes));
    }),
    { numRuns: 200 },
  );
  await expectHealthy();
});

/** Sends the bytes, closes and returns what the gateway answered. */
async function throwAtGateway(bytes: Buffer): Promise<Buffer> {
  const socket = await openTo(carrier.port);
  const answered: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => answered.push(chunk));
  const closed = once(socket, 'close');
  socket.end(bytes);
  await closed;
  return Buffer.concat(answered);
}

async function openTo(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

async function expectHealthy(): Promise<void> {
  expect((await bystander.ask('enquire_link')).command_status).toBe(0);
  expect((await bystander.send('09012345678', 'still here')).command_status).toBe(0);
}
