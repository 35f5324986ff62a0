import { createServer, request } from 'node:http';
import { freePort } from '../../journeys/free-port.ts';

/** What is between the login server and a console's logout address. */
export const OUTAGES = [
  'down',
  'hangs',
  'slow',
  '500',
  '429',
  'redirects',
  'rubbish',
  'unreachable',
] as const;
export type Outage = (typeof OUTAGES)[number];

/** Stands before a console's logout address and lets logout requests through, or not. */
export type Gate = {
  readonly url: string;
  outage: Outage | null;
  close(): Promise<void>;
};

/** Answers of a console that is slow, in milliseconds: less than a try may take, more than a page waits. */
const SLOW = 3_000;

export async function openGate(consoleUrl: string): Promise<Gate> {
  const port = await freePort();
  const path = '/auth/backchannel-logout';
  const server = createServer((asked, answer) => {
    const chunks: Buffer[] = [];
    asked.on('data', (chunk: Buffer) => chunks.push(chunk));
    asked.on('end', () => {
      const { outage } = gate;
      const pass = (): void => {
        const { 'content-type': type = '' } = asked.headers;
        const on = request(
          `${consoleUrl}${path}`,
          { method: 'POST', headers: { 'content-type': type } },
          (got) => {
            answer.writeHead(got.statusCode ?? 500);
            got.pipe(answer);
          },
        );
        on.on('error', () => answer.writeHead(502).end());
        on.end(Buffer.concat(chunks));
      };
      if (outage === null) pass();
      else if (outage === 'slow') setTimeout(pass, SLOW);
      else if (outage === '500') answer.writeHead(500).end('<h1>Fault</h1>');
      else if (outage === '429') answer.writeHead(429, { 'retry-after': '2' }).end();
      else if (outage === 'redirects') answer.writeHead(302, { location: `${consoleUrl}${path}` }).end();
      else if (outage === 'rubbish') asked.socket.end('\u0000\u0001 rubbish\r\n\r\n');
      else if (outage !== 'hangs') asked.socket.destroy();
    });
  });
  await new Promise<void>((listening) => server.listen(port, 'localhost', listening));
  const gate: Gate = {
    url: `http://localhost:${port}${path}`,
    outage: null,
    close() {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
  return gate;
}
