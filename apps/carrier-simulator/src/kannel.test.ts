import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../../journeys/free-port.ts';
import { missingFromDebian } from '../../../test-support/debian.ts';
import { buildCarrier, type Carrier } from './app.ts';

const missing = missingFromDebian('kannel', ['bearerbox', '--version']);

/** Kannel as the client: what the simulator says is understood by a program that nobody here wrote. Its own SMPP server (opensmppbox) is not in Debian. */
describe.skipIf(missing)(`R29: Debian's Kannel sends through the simulator ${missing ?? ''}`, () => {
  let carrier: Carrier;
  let folder: string;
  let receipts: Server;
  let sendUrl: string;
  const told: string[] = [];
  const boxes: ChildProcess[] = [];

  beforeAll(async () => {
    carrier = buildCarrier({ port: 0, clock: () => new Date(), behaviour: { receiptDelayMs: 50 } });
    await carrier.start();
    receipts = createServer((request, reply) => {
      told.push(String(request.url));
      reply.end('ok');
    });
    receipts.listen(0, '127.0.0.1');
    await once(receipts, 'listening');
    folder = await mkdtemp(join(tmpdir(), 'hitokagi-kannel-'));
    const [admin, box, http] = [await freePort(), await freePort(), await freePort()];
    const settings = join(folder, 'kannel.conf');
    await writeFile(settings, configuration({ admin, box, http, smpp: carrier.port }));
    boxes.push(spawn('bearerbox', ['-v', '4', settings], { cwd: folder, stdio: 'ignore' }));
    await vi.waitUntil(() => carrier.boundSystemIds().includes('kannel'), { timeout: 20_000 });
    boxes.push(spawn('smsbox', ['-v', '4', settings], { cwd: folder, stdio: 'ignore' }));
    sendUrl = `http://127.0.0.1:${http}/cgi-bin/sendsms`;
    const answers = () =>
      fetch(sendUrl).then(
        () => true,
        () => false,
      );
    await vi.waitUntil(answers, { timeout: 20_000 });
  }, 60_000);
  afterAll(async () => {
    for (const child of boxes.reverse()) child.kill('SIGKILL');
    receipts.close();
    await carrier.stop();
    await rm(folder, { recursive: true, force: true });
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
    expect((await fetch(`${sendUrl}?${query.toString()}`)).status).toBe(202);
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

function configuration(ports: { admin: number; box: number; http: number; smpp: number }): string {
  return `group = core
admin-port = ${ports.admin}
admin-password = sample
status-password = sample
admin-allow-ip = "127.0.0.1"
smsbox-port = ${ports.box}
box-allow-ip = "127.0.0.1"
dlr-storage = internal

group = smsc
smsc = smpp
smsc-id = simulator
host = 127.0.0.1
port = ${ports.smpp}
transceiver-mode = true
smsc-username = kannel
smsc-password = mihon
system-type = ""
reconnect-delay = 1
enquire-link-interval = 5

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = ${ports.http}
global-sender = 0312345678

group = sendsms-user
username = sample
password = mihon
concatenation = true
max-messages = 10
`;
}
