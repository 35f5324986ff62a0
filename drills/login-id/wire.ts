import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';

/** The steps of a change at which the wire can be cut or a side killed. */
export type Step = 'wish' | 'code' | 'resend' | 'question' | 'comparison';
/** Before the login server hears of it, or after it has answered and nobody has heard. */
export type Side = 'before' | 'after';

/** The wire between consoles and login server: passes everything on, unless told otherwise. */
export type Wire = {
  /** Nothing passes. */
  cut: boolean;
  /** Asked at each step of each change; true: the connection breaks here. */
  onStep: (step: Step, side: Side, clientId: string) => boolean;
  readonly passed: Record<Step, number>;
  close(): Promise<void>;
};

/** Listens at the issuer's port and passes on to the login server's own. */
export async function openWire(port: number, target: number): Promise<Wire> {
  const wire: Wire = {
    cut: false,
    onStep: () => false,
    passed: { wish: 0, code: 0, resend: 0, question: 0, comparison: 0 },
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  const server = createServer((request, response) => pass(wire, target, request, response));
  await new Promise<void>((listening) => server.listen(port, 'localhost', listening));
  return wire;
}

function pass(wire: Wire, target: number, request: IncomingMessage, response: ServerResponse): void {
  const step = stepOf(request);
  const clientId = clientOf(request);
  const breaks = (side: Side): boolean =>
    wire.cut || (step !== undefined && wire.onStep(step, side, clientId));
  if (breaks('before')) return void request.socket.destroy();
  const onwards = ask(
    {
      host: 'localhost',
      port: target,
      method: request.method,
      path: request.url,
      headers: request.headers,
      agent: false,
    },
    (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', () => request.socket.destroy());
      answer.on('end', () => {
        if (step !== undefined) wire.passed[step] += 1;
        if (breaks('after')) return void request.socket.destroy();
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        response.end(Buffer.concat(chunks));
      });
    },
  );
  onwards.on('error', () => request.socket.destroy());
  request.on('error', () => onwards.destroy());
  request.pipe(onwards);
}

function stepOf({ method, url = '' }: IncomingMessage): Step | undefined {
  const path = url.replace('/api/console/v1', '');
  if (path === '/login-id-changes') return 'wish';
  if (path === '/login-ids/compare') return 'comparison';
  if (!path.startsWith('/login-id-changes/')) return undefined;
  if (method === 'GET') return 'question';
  return path.endsWith('/confirm') ? 'code' : 'resend';
}

/** The console by its HTTP Basic user name. */
function clientOf({ headers }: IncomingMessage): string {
  const [, basic = ''] = /^Basic (.+)$/.exec(headers.authorization ?? '') ?? [];
  return Buffer.from(basic, 'base64').toString().split(':')[0] ?? '';
}
