import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer as createPlainServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { decodeJwt } from 'jose';

/** How a console behaves when it is told that somebody has left. */
export const RECEIVER_MOODS = [
  'well',
  'hangs',
  'answers byte by byte',
  'redirects',
  'answers without end',
  'answers 500',
  'speaks no HTTP',
  'shows a foreign certificate',
] as const;
export type ReceiverMood = (typeof RECEIVER_MOODS)[number];

/** The console's address for logout tokens (OpenID Connect Back-Channel Logout §2.5), over TLS where this machine can make a certificate. */
export type LogoutReceiver = {
  readonly url: string;
  /** File of the certificate that login servers must trust; undefined: plain http. */
  readonly certificate: string | undefined;
  mood: ReceiverMood;
  /** `sid`s of the logout tokens that it has taken with 200. */
  readonly told: ReadonlySet<string>;
  /** Requests that followed a redirect, which nobody may. */
  readonly followed: readonly string[];
  close(): Promise<void>;
};

const PATH = '/auth/backchannel-logout';
const ELSEWHERE = '/elsewhere';

export async function openLogoutReceiver(folder: string): Promise<LogoutReceiver> {
  const own = await makeCertificate(folder, 'console');
  const foreign = own && (await makeCertificate(folder, 'foreign'));
  const told = new Set<string>();
  const followed: string[] = [];
  let mood: ReceiverMood = 'well';

  const take: RequestListener = (asked, answer) => {
    asked.on('error', () => undefined);
    answer.on('error', () => undefined);
    if (asked.url !== PATH) followed.push(`${asked.method} ${asked.url}`);
    let body = '';
    asked.on('data', (chunk: Buffer) => (body += chunk.toString()));
    asked.on('end', () => {
      const note = (): void => {
        const { sid } = decodeJwt(new URLSearchParams(body).get('logout_token') ?? '');
        if (typeof sid === 'string') told.add(sid);
      };
      switch (mood) {
        case 'hangs':
          return;
        case 'answers byte by byte':
          return void trickle(asked.socket, 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
        case 'redirects':
          return void answer.writeHead(302, { location: ELSEWHERE }).end();
        case 'answers without end':
          note();
          return void pour(answer.writeHead(200));
        case 'answers 500':
          return void answer.writeHead(500).end();
        case 'speaks no HTTP':
          asked.socket.end('\u0000rubbish\r\n\r\n');
          return;
        case 'well':
        case 'shows a foreign certificate':
          note();
          return void answer.writeHead(200).end();
      }
    });
  };
  const server = own ? createTlsServer(own, take) : createPlainServer(take);
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((listening) => server.listen(0, 'localhost', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${own ? 'https' : 'http'}://localhost:${port}${PATH}`,
    certificate: own?.file,
    told,
    followed,
    get mood() {
      return mood;
    },
    set mood(next) {
      mood = next;
      if (own && foreign && 'setSecureContext' in server)
        server.setSecureContext(next === 'shows a foreign certificate' ? foreign : own);
      // Nobody waits any longer for what began in another mood.
      server.closeAllConnections();
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** A certificate for localhost that nobody but itself vouches for; undefined where there is no openssl. */
async function makeCertificate(
  folder: string,
  name: string,
): Promise<{ file: string; key: string; cert: string } | undefined> {
  const [key, file] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-keyout', key, '-out', file, '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
  ]);
  if (made.status !== 0) return undefined;
  return { file, key: await readFile(key, 'utf8'), cert: await readFile(file, 'utf8') };
}

async function trickle(
  socket: { write(text: string): boolean; destroyed: boolean },
  text: string,
): Promise<void> {
  for (const byte of text) {
    if (socket.destroyed) return;
    socket.write(byte);
    await pause(300);
  }
}

async function pour(answer: {
  write(chunk: Buffer, done: () => void): boolean;
  destroyed: boolean;
}): Promise<void> {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  while (!answer.destroyed) {
    await new Promise<void>((done) => answer.write(chunk, () => done()));
    await pause(5);
  }
}
