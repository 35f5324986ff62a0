import { createServer, request, type IncomingHttpHeaders } from 'node:http';

/** A load balancer as small as can be: passes each request to the next node in turn, with its headers as they are. */
export async function shareOut(port: number, ports: readonly number[]): Promise<{ close(): Promise<void> }> {
  let turn = 0;
  const server = createServer((asked, answer) => {
    turn += 1;
    const onward = request(
      {
        host: 'localhost',
        port: ports[turn % ports.length],
        method: asked.method,
        path: asked.url,
        headers: endToEnd(asked.headers),
      },
      (answered) => {
        answer.writeHead(answered.statusCode ?? 502, endToEnd(answered.headers));
        answered.pipe(answer);
      },
    );
    onward.on('error', () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()));
    answer.on('close', () => onward.destroy());
    asked.pipe(onward);
  });
  await new Promise<void>((listening) => server.listen(port, 'localhost', listening));
  return {
    close() {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}

/** How long a connection is kept is for each connection to say: a node's word for it must not become ours (RFC 9110 §7.6.1). */
function endToEnd({ connection: _, 'keep-alive': __, ...headers }: IncomingHttpHeaders): IncomingHttpHeaders {
  return headers;
}
