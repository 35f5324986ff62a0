// The floor of HTTP: answers every request as small as an answer of a sign-in is, and does nothing else.
import { once } from 'node:events';
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  request.resume();
  response.writeHead(303, { location: '/', 'cache-control': 'no-store' });
  response.end();
});
server.listen(Number(process.env.BENCH_PORT), '127.0.0.1');
await once(server, 'listening');
process.stdout.write('ready bare-server\n');
process.once('SIGTERM', () => process.exit(0));
