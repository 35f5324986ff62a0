import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { openLink, type Link, type LinkEnd, type LinkSettings, type SubmitAnswer } from './link.ts';

const servers: Server[] = [];
const sockets: Socket[] = [];
const links: Link[] = [];
afterEach(() => {
  for (const link of links.splice(0)) link.close();
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

const BIND_ANSWER = Buffer.from('00000011800000090000000000000001' + '00', 'hex');

/** A server that does with each connection what `act` says, beside what SMPP would have it do. */
async function peer(act: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    act(socket);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function open(port: number, more: Partial<LinkSettings> = {}) {
  const ended = Promise.withResolvers<LinkEnd>();
  const bound = Promise.withResolvers<void>();
  let ends = 0;
  const link = openLink(
    {
      host: '127.0.0.1',
      port,
      tls: null,
      systemId: 'zettai',
      password: 'mihon',
      systemType: '',
      enquireInterval: 200,
      answerTimeout: 300,
      ...more,
    },
    {
      onBound: bound.resolve,
      onDeliver: (_pdu, answer) => answer(0),
      onEnd(end) {
        ends += 1;
        ended.resolve(end);
      },
    },
  );
  links.push(link);
  return { link, ended: ended.promise, bound: bound.promise, ends: () => ends };
}

const bindThen = (act: (socket: Socket) => void) => (socket: Socket) => {
  socket.once('data', () => {
    socket.write(BIND_ANSWER);
    act(socket);
  });
};

describe('R29: a link ends once, whatever the other side does', () => {
  test.each([
    ['an HTTP answer', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'garbage'],
    ['a length beyond all limits', Buffer.from('7fffffff800000090000000000000001', 'hex'), 'garbage'],
    ['a length shorter than the header', Buffer.from('0000000780000009', 'hex'), 'garbage'],
    ['half a header and then silence', Buffer.from('000000', 'hex'), 'silent'],
    ['a length of nothing', Buffer.from('00000000', 'hex'), 'silent'],
  ])('%s instead of an answer to the bind', async (_name, bytes, reason) => {
    const { ended, ends } = open(await peer((socket) => void socket.write(bytes)));
    expect((await ended).reason).toBe(reason);
    expect(ends()).toBe(1);
  });

  test('nobody listens; somebody listens and says nothing; somebody refuses the bind', async () => {
    expect(await open(1).ended).toEqual({ reason: 'broken', detail: 'ECONNREFUSED' });
    expect(await open(await peer(() => undefined)).ended).toEqual({ reason: 'silent' });
    const refusal = Buffer.from('0000001080000009' + '0000000e' + '00000001', 'hex');
    const refusing = await peer((socket) => void socket.write(refusal));
    expect(await open(refusing).ended).toEqual({ reason: 'refused', status: 0x0e });
  });

  test('bound, and then silent for good: enquire_link finds out', async () => {
    const { bound, ended } = open(await peer(bindThen(() => undefined)));
    await bound;
    expect(await ended).toEqual({ reason: 'silent' });
  });

  test('bound, and a submit_sm without an answer is in doubt, once', async () => {
    const { link, bound, ended } = open(await peer(bindThen(() => undefined)), { enquireInterval: 60_000 });
    await bound;
    const answers: SubmitAnswer[] = [];
    const fields = { destination_addr: '819012345678', short_message: Buffer.from('x') };
    expect(link.submit(fields, (answer) => answers.push(answer))).toBe(true);
    expect(await ended).toEqual({ reason: 'silent' });
    expect(answers).toEqual([{ kind: 'in-doubt' }]);
    expect(link.submit(fields, (answer) => answers.push(answer))).toBe(false);
    expect(answers).toHaveLength(1);
  });

  test('the other side asks whether we are there, and leaves with unbind: both are answered', async () => {
    const heard: string[] = [];
    const port = await peer(
      bindThen((socket) => {
        socket.on('data', (chunk) => heard.push(chunk.subarray(4, 8).toString('hex')));
        socket.write(Buffer.from('00000010000000150000000000000007', 'hex'));
        setTimeout(() => socket.write(Buffer.from('00000010000000060000000000000008', 'hex')), 50);
      }),
    );
    const { ended } = open(port, { enquireInterval: 60_000 });
    expect(await ended).toEqual({ reason: 'closed-by-gateway' });
    await expect.poll(() => heard.join(' ')).toBe('80000015 80000006');
  });

  test('TLS: what does not speak it is no gateway', async () => {
    const { ended } = open(await peer((socket) => void socket.end('not TLS')), { tls: {} });
    expect(['broken', 'garbage', 'closed-by-gateway']).toContain((await ended).reason);
  });
});
