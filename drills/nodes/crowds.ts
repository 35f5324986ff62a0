import { createHash, randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { fullSignIn } from '../../bench/flows.ts';
import { UNIFIED_PASSWORD } from '../people.ts';
import { asAdmin, type Scene } from './scene.ts';

const OVERLOAD = 150;
const SLOW = 150;
const SLOW_FOR = 3_000;
const ABANDONED = 300;
const LOCKED_FOR = 3_000;
const WHO_WAIT = 60;
/** With slow clients at the door others sign in within this, in milliseconds; a server that they keep busy serves nobody until they are gone. */
const STILL_SERVED_WITHIN = 30_000;

/** O1: many at once, each of whom is served, or told to come again. */
export async function overload({ world, crowd: [, ...crowd] }: Scene): Promise<void> {
  const odd: string[] = [];
  await Promise.all(
    Array.from({ length: OVERLOAD }, async (_, number) => {
      const person = crowd[number % crowd.length];
      if (!person) return;
      await fullSignIn(world.browser(), world.console, { ...person, password: UNIFIED_PASSWORD }).catch(
        (error: Error) => {
          // Busy, or this account or network has been tried too often meanwhile.
          if (!/got (503|429)/.test(error.message)) odd.push(error.message.slice(0, 300));
        },
      );
    }),
  );
  if (odd.length > 0) throw new Error(`${odd.length} were answered otherwise: ${odd[0]}`);
}

/** Requests that wait for a table take all connections of a node; whoever finds none is told so. */
export async function emptyPool({ world, crowd: [, ...crowd], chance }: Scene): Promise<void> {
  const node = chance.pick(world.nodes);
  const { port } = node;
  await asAdmin(world.databaseUrl, async (admin) => {
    await admin.query('begin; lock table sign_in_throttle in access exclusive mode');
    const waiting = Array.from({ length: WHO_WAIT }, async (_, number) => {
      const emailAddress = crowd[number % crowd.length]?.emailAddress ?? '';
      await world
        .browser(port)
        .submit('/sign-in', { email_address: emailAddress, password: 'not the password' })
        .catch(() => undefined);
    });
    await pause(LOCKED_FOR);
    await admin.query('rollback');
    await Promise.all(waiting);
    // Their failures are nobody's.
    await admin.query('delete from sign_in_throttle where key = any($1)', [
      crowd.map(({ emailAddress }) => `account:${emailAddress}`),
    ]);
  });
}

/** O1, slow loris: a third sends its request line byte by byte, a third a form that never ends, a third does not read its answers. Somebody else must be served meanwhile. */
export async function slowClients({ world, crowd }: Scene): Promise<void> {
  const sockets: Socket[] = [];
  const head = (line: string): string =>
    `${line} HTTP/1.1\r\nhost: ${world.issuerHost}\r\naccept: text/html\r\n`;
  const form = 'content-type: application/x-www-form-urlencoded\r\ncontent-length: 60000\r\n';
  const texts = [
    head('GET /sign-in'),
    `${head('POST /sign-in')}origin: http://${world.issuerHost}\r\n${form}\r\nemail_address=`,
    `${head('GET /sign-in')}\r\n`.repeat(50),
  ];
  for (let number = 0; number < SLOW; number += 1) {
    const node = world.nodes[number % world.nodes.length];
    const text = texts[number % texts.length] ?? '';
    const socket = connect(node?.port ?? 0, 'localhost');
    socket.on('error', () => undefined);
    // Nothing listens for data: what is answered stays in the way.
    if (text === texts[2]) socket.write(text);
    else void trickle(socket, text);
    sockets.push(socket);
  }
  await pause(SLOW_FOR / 2);
  const begun = performance.now();
  const person = crowd[0]?.emailAddress ?? '';
  const served = await fullSignIn(world.browser(), world.console, {
    emailAddress: person,
    password: UNIFIED_PASSWORD,
  }).then(
    () => undefined,
    (error: Error) => error,
  );
  const took = performance.now() - begun;
  await pause(SLOW_FOR / 2);
  for (const socket of sockets) socket.destroy();
  if (served) throw new Error(`somebody else was not served meanwhile: ${served.message.slice(0, 200)}`);
  if (took > STILL_SERVED_WITHIN) throw new Error(`somebody else was served after ${Math.round(took)} ms`);
}

async function trickle(socket: Socket, text: string): Promise<void> {
  for (let at = 0; !socket.destroyed; at += 1) {
    socket.write(text[at] ?? 'x');
    await pause(50);
  }
}

/** O2: what is begun and left must be in nobody's way. */
export async function abandonSignIns({ world }: Scene): Promise<void> {
  const odd: string[] = [];
  await Promise.all(
    Array.from({ length: ABANDONED }, async () => {
      const status = await beginSignIn(world).catch((error: Error) => error.message);
      if (status !== 303 && status !== 503) odd.push(String(status));
    }),
  );
  if (odd.length > 0) throw new Error(`${odd.length} were answered otherwise: ${odd[0]}`);
}

/** A console's request for somebody who never comes back; the answer's status. */
export async function beginSignIn({
  browser,
  console,
}: Pick<Scene['world'], 'browser' | 'console'>): Promise<number> {
  const query = new URLSearchParams({
    client_id: console.clientId,
    response_type: 'code',
    scope: 'openid',
    redirect_uri: console.redirectUri,
    code_challenge: createHash('sha256').update(randomBytes(32)).digest('base64url'),
    code_challenge_method: 'S256',
  });
  return (await browser().get(`/authorize?${query.toString()}`)).status;
}
