import { createSocket } from 'node:dgram';
import { Resolver, type LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import type { Lookup } from '#support/primitives/outbound.ts';

/** What a name server says to one question: addresses of either kind, none, or that there is no such name. */
export type NameAnswer = readonly string[] | 'no-such-name';

const TYPE_A = 1;
const TYPE_AAAA = 28;
const NO_SUCH_NAME = 3;

/** A small name server on this machine (RFC 1035 §4) that may say something else each time it is asked, as an attacker's own does; nothing is to be kept (TTL 0). */
export async function openNameServer() {
  const socket = createSocket('udp4');
  const server = {
    /** Asked with the name and how often a lookup of it has begun before. */
    answer: (_name: string, _before: number): NameAnswer => 'no-such-name',
    /** Names that were looked up, in order, each lookup once. */
    asked: [] as string[],
    lookup: undefined as unknown as Lookup,
    close: () => new Promise<void>((closed) => socket.close(() => closed())),
  };
  const underWay = new Map<string, NameAnswer>();
  socket.on('message', (question, from) => {
    const { name, type, end } = readQuestion(question);
    const said = underWay.get(name) ?? 'no-such-name';
    socket.send(response(question.subarray(0, end), type, said), from.port, from.address);
  });
  await new Promise<void>((bound) => socket.bind(0, '127.0.0.1', bound));
  const resolver = new Resolver({ timeout: 2_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  server.lookup = (name, _options, callback) => {
    const plain = name.toLowerCase().replace(/\.$/, '');
    underWay.set(plain, server.answer(plain, server.asked.filter((one) => one === plain).length));
    server.asked.push(plain);
    resolver.resolve4(name, (_no4, four = []) =>
      resolver.resolve6(name, (_no6, six = []) => {
        const addresses: LookupAddress[] = [...four, ...six].map((address) => ({
          address,
          family: isIP(address),
        }));
        if (addresses.length > 0) callback(null, addresses);
        else callback(Object.assign(new Error(`no address of ${name}`), { code: 'ENOTFOUND' }), []);
      }),
    );
  };
  return server;
}

function readQuestion(message: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 };
}

function response(question: Buffer, type: number, said: NameAnswer): Buffer {
  const version = type === TYPE_A ? 4 : type === TYPE_AAAA ? 6 : 0;
  const records = said === 'no-such-name' ? [] : said.filter((address) => isIP(address) === version);
  const head = Buffer.from(question);
  head.writeUInt16BE(0x8180 | (said === 'no-such-name' ? NO_SUCH_NAME : 0), 2);
  head.writeUInt16BE(records.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, ...records.map((address) => record(type, bytesOf(address)))]);
}

/** The name is the one that was asked for (a pointer to it), the class IN, the TTL 0. */
function record(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function bytesOf(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const [left = '', right] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const [before, behind] = [groups(left), groups(right ?? '')];
  const all = [...before, ...Array<number>(8 - before.length - behind.length).fill(0), ...behind];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 255]));
}
