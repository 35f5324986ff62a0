import { createServer, type AddressInfo, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Ports of this machine on which nobody may ever knock. */
export type Traps = {
  /** One port number, open on every address of this machine, of both kinds where it has them. */
  readonly port: number;
  /** Addresses of this machine. */
  readonly addresses: readonly string[];
  /** Connections that came, with the first bytes of each. */
  readonly sprung: readonly { to: string; said: string }[];
  close(): Promise<void>;
};

/** Counts connections, not requests: a port that was only tried is a finding too. */
export async function openTraps(): Promise<Traps> {
  const sprung: { to: string; said: string }[] = [];
  const trap = (): Server =>
    createServer((socket) => {
      const one = { to: `${socket.localAddress}:${socket.localPort}`, said: '' };
      sprung.push(one);
      socket.on('data', (bytes) => (one.said += bytes.toString('latin1').slice(0, 200)));
      socket.on('error', () => undefined);
    });
  const servers = [trap(), trap()];
  const port = await listen(servers[0] as Server, 0, '0.0.0.0');
  const six = await listen(servers[1] as Server, port, '::', true).catch(() => undefined);
  const addresses = Object.values(networkInterfaces())
    .flatMap((card) => card ?? [])
    .filter((address) => address.family === 'IPv4' || six !== undefined)
    .map((address) => address.address);
  return {
    port,
    addresses,
    sprung,
    close: async () => {
      await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
    },
  };
}

function listen(server: Server, port: number, host: string, ipv6Only = false): Promise<number> {
  return new Promise((listening, refused) => {
    server.once('error', refused);
    server.listen({ port, host, ipv6Only }, () => listening((server.address() as AddressInfo).port));
  });
}
