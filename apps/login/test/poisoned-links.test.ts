import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, MINUTE } from '#support/primitives/durations.ts';
import { announce } from '#domain/notices/test-world.ts';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import type { Change } from './console-api.ts';
import { Browser } from './browser.ts';
import { authorizeUrl, basic, codeIn, enter, PASSWORD } from './steps.ts';
import { openWorld, type World } from './world.ts';

const EVIL = 'evil.example';
const HOST = 'login.example.co.jp';

/** Request targets and headers by which a server may be told another name for itself; `PATH` stands for the path that is asked for. */
const POISONS: readonly { target?: string; headers: readonly string[] }[] = [
  { headers: [`Host: ${EVIL}`] },
  { headers: [`Host: ${HOST}:80@${EVIL}`] },
  { headers: [`Host: ${HOST}.${EVIL}`] },
  { headers: [`Host: ${HOST}, ${EVIL}`] },
  { headers: [`Host: ${HOST}:${EVIL}`] },
  { headers: [`Host: ${HOST}`, `Host: ${EVIL}`] },
  { headers: [`Host: ${EVIL}`, `Host: ${HOST}`] },
  { headers: [`Host: ${HOST}`, `X-Forwarded-Host: ${EVIL}`] },
  { headers: [`Host: ${HOST}`, `X-Forwarded-Host: ${HOST}, ${EVIL}`] },
  {
    headers: [
      `Host: ${HOST}`,
      `X-Forwarded-Host: ${EVIL}`,
      'X-Forwarded-Proto: https',
      'X-Forwarded-Port: 444',
    ],
  },
  { headers: [`Host: ${HOST}`, `X-Forwarded-Proto: ${EVIL}://x`] },
  { headers: [`Host: ${HOST}`, 'X-Forwarded-Proto: javascript'] },
  { headers: [`Host: ${HOST}`, `X-Forwarded-For: ${EVIL}`, `X-Real-IP: ${EVIL}`] },
  {
    headers: [
      `Host: ${HOST}`,
      `X-Forwarded-Server: ${EVIL}`,
      `X-Host: ${EVIL}`,
      `X-HTTP-Host-Override: ${EVIL}`,
    ],
  },
  {
    headers: [
      `Host: ${HOST}`,
      `X-Forwarded-Prefix: //${EVIL}`,
      `X-Original-URL: //${EVIL}/`,
      `X-Rewrite-URL: //${EVIL}/`,
    ],
  },
  { headers: [`Host: ${HOST}`, `Forwarded: for=1.2.3.4;host=${EVIL};proto=https`] },
  { headers: [`Host: ${HOST}`, `Forwarded: host="${EVIL}"`, `Via: 1.1 ${EVIL}`] },
  { headers: [`Host: ${HOST}`, `Referer: https://${EVIL}/`] },
  { target: `http://${EVIL}PATH`, headers: [`Host: ${HOST}`] },
  { target: `http://${EVIL}PATH`, headers: [`Host: ${EVIL}`] },
  { target: `https://${HOST}@${EVIL}PATH`, headers: [`Host: ${HOST}`] },
  { target: `http://${HOST}@${EVIL}PATH`, headers: [`Host: ${HOST}`] },
  { target: `http://${HOST}.${EVIL}PATH`, headers: [`Host: ${HOST}`] },
  { target: `http://${HOST}PATH`, headers: [`Host: ${EVIL}`] },
  { target: `//${EVIL}PATH`, headers: [`Host: ${HOST}`] },
  { target: `/\\${EVIL}PATH`, headers: [`Host: ${HOST}`] },
  { target: `PATH@${EVIL}`, headers: [`Host: ${HOST}`] },
  { headers: [] },
];

/** Without a proxy that is believed, and behind one: a proxy passes on what the attacker sent to it. */
describe.each([
  ['on its own', {}],
  ['behind a proxy', { HITOKAGI_TRUSTED_PROXIES: '127.0.0.1' }],
])('V2: a login server %s', (_where, environment) => {
  let world: World;
  let port: number;
  let operator: string;
  const answers: { asked: string; answer: string }[] = [];
  beforeAll(async () => {
    world = await openWorld({ environment });
    const sms = await world.addConsole('sms');
    await world.addPerson('taro@example.co.jp', { sms: '1' }, { password: PASSWORD });
    await world.app.server.listen({ port: 0, host: '127.0.0.1' });
    port = (world.app.server.server.address() as AddressInfo).port;
    operator = await announce(world.database.db, sms, world.now, {});
  });
  afterAll(() => world.close());

  it('mails nothing with a foreign host, whatever a request calls it', async () => {
    const session = new Browser(world);
    await enter(world, session, 'sms', { address: 'taro@example.co.jp' });
    const { token } = await createOperatorToken(
      world.database.db,
      { name: 'v2', role: 'administrator' },
      { actor: 'operator:cli', now: world.now },
    );
    let moves = 0;
    for (const poison of POISONS) {
      world.pass(2 * DAY);
      // A code for a password, a change of the login ID with its notice and its way back, the test of a notice.
      await send(poison, 'POST', '/reset', 'email_address=taro%40example.co.jp', [
        'Content-Type: application/x-www-form-urlencoded',
        `Origin: ${world.config.issuer}`,
      ]);
      const wanted = `moved${++moves}@example.co.jp`;
      await world.addPerson(`mover${moves}@example.co.jp`, { sms: `m${moves}` }, { password: PASSWORD });
      const json = ['Content-Type: application/json', `Authorization: ${basic('sms')}`];
      const begun = await send(
        poison,
        'POST',
        '/api/console/v1/login-id-changes',
        JSON.stringify({ consoleUserId: `m${moves}`, newEmailAddress: wanted, locale: 'ja' }),
        json,
      );
      const id = /"id":"(lic_[^"]*)"/.exec(begun)?.[1] as Change['id'] | undefined;
      if (id) {
        const code = codeIn((await world.nextMail(wanted)).text);
        await send(
          poison,
          'POST',
          `/api/console/v1/login-id-changes/${id}/confirm`,
          JSON.stringify({ code }),
          json,
        );
      }
      await send(
        poison,
        'POST',
        `/api/operator/v1/notices/${operator}/test`,
        '{"emailAddress":"test@example.co.jp"}',
        ['Content-Type: application/json', `Authorization: Bearer ${token}`],
      );
    }
    await mailsAreOut();
    const templates = await world.database.db.selectFrom('message').select('template').distinct().execute();
    expect(templates.length).toBeGreaterThanOrEqual(4);
    expect(world.mails.length).toBeGreaterThan(20);
    for (const { subject, text, html, raw } of world.mails) {
      const whole = [subject, text, html, ...raw.headerLines.map((one) => one.line)].join('\n');
      expect(whole).not.toContain(EVIL);
      for (const [, host] of whole.matchAll(/https?:\/\/([^/\s"'<>]+)/g))
        expect([HOST, 'sms.example.co.jp']).toContain(host);
    }
  }, 120_000);

  it('leads nobody to a foreign host, and names none in what it says of itself', async () => {
    for (const poison of POISONS)
      for (const path of [
        ...['/', '/sign-in', '/reset', '/reset/', '/account', '/signed-out', '/nothing-here', '/language'],
        ...['/logout', '/authorize', '/.well-known/openid-configuration', '/api/openapi.json', '/healthz'],
        authorizeUrl('sms').url,
        `/logout?post_logout_redirect_uri=${encodeURIComponent(`http://${EVIL}/`)}&client_id=sms`,
      ])
        await send(poison, 'GET', path);
    world.pass(1 * MINUTE);
    for (const poison of POISONS)
      await send(
        poison,
        'POST',
        '/sign-in',
        `email_address=taro%40example.co.jp&password=${encodeURIComponent(PASSWORD)}`,
        ['Content-Type: application/x-www-form-urlencoded', `Origin: ${world.config.issuer}`],
      );
    expect(answers.length).toBeGreaterThan(400);
    for (const { asked, answer } of answers) {
      const [head = '', body = ''] = [
        answer.slice(0, answer.indexOf('\r\n\r\n')),
        answer.slice(answer.indexOf('\r\n\r\n')),
      ];
      for (const [, target = ''] of head.matchAll(/^(?:location|content-location|refresh|link): *(.*)$/gim)) {
        const host = new URL(target, world.config.issuer).host;
        expect([asked, target, host]).toEqual([
          asked,
          target,
          expect.stringMatching(/^(login|sms)\.example\.co\.jp$/),
        ]);
      }
      expect(head.toLowerCase().includes(EVIL) ? `${asked}\n${head}` : '').toBe('');
      for (const [, address] of body.matchAll(/(?:href|action|src|content)="(?:https?:)?\/\/([^/"]*)/g))
        expect([asked, address]).toEqual([asked, expect.not.stringContaining(EVIL)]);
      // What the server says of itself in JSON; a page for a path that leads nowhere may repeat that path to the one who typed it.
      if (/content-type: application\/json/i.test(head))
        expect([asked, body.includes(EVIL)]).toEqual([asked, false]);
    }
  }, 120_000);

  /** One request, byte by byte, on a connection of its own; the whole answer as it comes. */
  function send(
    poison: (typeof POISONS)[number],
    method: string,
    path: string,
    body = '',
    headers: readonly string[] = [],
  ): Promise<string> {
    const target = (poison.target ?? 'PATH').replace('PATH', path);
    const request = [
      `${method} ${target} HTTP/1.1`,
      ...poison.headers,
      ...headers,
      'Accept: text/html, application/json',
      'Connection: close',
      ...(method === 'POST' ? [`Content-Length: ${Buffer.byteLength(body)}`] : []),
      '',
      body,
    ].join('\r\n');
    return new Promise((resolve, reject) => {
      let answer = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(request));
      socket.setTimeout(10_000, () => socket.destroy(new Error(`No answer to: ${request}`)));
      socket.on('data', (bytes) => (answer += bytes.toString()));
      socket.on('error', reject);
      socket.on('close', () => {
        answers.push({ asked: `${method} ${target} ${poison.headers.join(' ')}`, answer });
        expect(answer).not.toMatch(/^HTTP\/1\.1 5/);
        resolve(answer);
      });
    });
  }

  async function mailsAreOut(): Promise<void> {
    for (let tries = 0; tries < 1_000; tries++) {
      const queued = await world.database.db
        .selectFrom('message')
        .select('id')
        .where('state', '=', 'queued')
        .executeTakeFirst();
      if (!queued) return;
      await new Promise((later) => setTimeout(later, 20));
    }
    throw new Error('Mails were still queued after 20 s.');
  }
});
