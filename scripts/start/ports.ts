import { once } from 'node:events';
import { createServer } from 'node:net';
import { complaint, StartError } from './texts.ts';

/** The ports of everything that is started, all at a fixed distance from the base (see "Public surface" in the design). */
export type Ports = {
  login: number;
  smsConsole: number;
  secondConsole: number;
  mailbox: number;
  smtp: number;
  smpp: number;
};

/** The ports for a base such as 4100. */
export function portsFrom(base: number): Ports {
  return {
    login: base,
    smsConsole: base + 100,
    secondConsole: base + 200,
    mailbox: base + 300,
    smtp: base + 325,
    smpp: base + 375,
  };
}

/** Throws StartError, naming the first port that cannot be opened and what it is for. */
export async function requireFreePorts(ports: Ports): Promise<void> {
  for (const [use, port] of Object.entries(ports)) {
    for (const host of ['127.0.0.1', '::1']) {
      const code = await tryToListen(port, host);
      if (code === 'EADDRINUSE') throw new StartError(complaint('portTaken', port, use));
      if (code === 'EACCES') throw new StartError(complaint('portForbidden', port, use));
    }
  }
}

// Other codes, such as EADDRNOTAVAIL on a machine without IPv6, say nothing about the port.
async function tryToListen(port: number, host: string): Promise<string | null> {
  const server = createServer().listen({ port, host, exclusive: true });
  try {
    await once(server, 'listening');
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? null;
  } finally {
    server.close();
  }
}
