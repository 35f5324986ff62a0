import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingFromDebian } from '../../../test-support/debian.ts';
import { startKannel, type Kannel } from '../../../test-support/kannel.ts';
import { buildCarrier, type Carrier } from './app.ts';

const missing = missingFromDebian('kannel', ['bearerbox', '--version']);

/** Kannel as the client: what the simulator says is understood by a program that nobody here wrote. Its own SMPP server (opensmppbox) is not in Debian. */
describe.skipIf(missing)(`R29: Debian's Kannel sends through the simulator ${missing ?? ''}`, () => {
  let carrier: Carrier;
  let kannel: Kannel;
  let receipts: Server;
  const told: string[] = [];

  beforeAll(async () => {
    carrier = buildCarrier({ port: 0, clock: () => new Date(), behaviour: { receiptDelayMs: 50 } });
    await carrier.start();
    receipts = createServer((request, reply) => {
      told.push(String(request.url));
      reply.end('ok');
    });
    receipts.listen(0, '127.0.0.1');
    await once(receipts, 'listening');
    kannel = await startKannel({
      smpp: carrier.port,
      isBound: () => carrier.boundSystemIds().includes('kannel'),
    });
  }, 60_000);
  afterAll(async () => {
    await kannel.stop();
    receipts.close();
    await carrier.stop();
  });

  async function send(to: string, text: string): Promise<void> {
    const { port } = receipts.address() as AddressInfo;
    const query = new URLSearchParams({
      username: 'sample',
      password: 'mihon',
      to,
      text,
      coding: '2',
      charset: 'UTF-8',
      'dlr-mask': '3',
      'dlr-url': `http://127.0.0.1:${port}/${to}?type=%d`,
    });
    expect((await fetch(`${kannel.sendUrl}?${query.toString()}`)).status).toBe(202);
  }

  test('a long Japanese message is put together, and Kannel understands the receipt', async () => {
    const text = '【見本】本日のお知らせです。髙島店と﨑陽軒。'.repeat(6);
    await send('819012345678', text);
    await expect.poll(() => carrier.messages().map((one) => one.text), { timeout: 15_000 }).toEqual([text]);
    await expect.poll(() => told, { timeout: 15_000 }).toContain('/819012345678?type=1');
  });

  test('a phone that does not get it, and a connection that is cut', async () => {
    await send('819012345690', '見本');
    await expect.poll(() => told, { timeout: 15_000 }).toContain('/819012345690?type=2');
    carrier.dropConnections();
    await send('819012345601', '見本');
    await expect.poll(() => told, { timeout: 30_000 }).toContain('/819012345601?type=1');
  }, 90_000);
});
