import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mailTemplates } from '#app/mail-templates.ts';
import { DAY, MINUTE } from '#support/primitives/durations.ts';
import { announce } from '#domain/notices/test-world.ts';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { codeMailTexts } from '#domain/verification/code-mail.ts';
import { Browser } from './browser.ts';
import { EVIL, HOST, POISONS, type Poison } from './poisons.ts';
import { authorizeUrl, basic, codeIn, enter, PASSWORD } from './steps.ts';
import { openWorld, type World } from './world.ts';

/** Without a proxy that is believed, and behind one: a proxy passes on what the attacker sent to it. */
describe.each([
  ['on its own', {}],
  ['behind a proxy', { HITOKAGI_TRUSTED_PROXIES: '127.0.0.1' }],
])('V2: a login server %s', (_where, environment) => {
  let world: World;
  let port: number;
  let notice: string;
  const answers: { asked: string; answer: string }[] = [];
  beforeAll(async () => {
    world = await openWorld({ environment });
    const sms = await world.addConsole('sms');
    await world.addPerson('taro@example.co.jp', { sms: '1' }, { password: PASSWORD });
    await world.app.server.listen({ port: 0, host: '127.0.0.1' });
    port = (world.app.server.server.address() as AddressInfo).port;
    notice = await announce(world.database.db, sms, world.now, {});
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
    for (const [number, poison] of POISONS.entries()) {
      world.pass(4 * DAY);
      await askForEveryMail(poison, number, token);
    }
    await mailsAreOut();
    const sent = await world.database.db
      .selectFrom('message')
      .select('template')
      .where('state', '=', 'accepted')
      .distinct()
      .execute();
    const key = Buffer.alloc(32);
    const { db } = world.database;
    const templates = mailTemplates({
      brand: world.app.settings.current().brand,
      pagesUrl: world.config.pagesUrl,
      db,
      codeKey: key,
      undoKey: key,
    });
    expect(sent.map((one) => one.template).sort()).toEqual(Object.keys(templates).sort());
    const bare = (text: string): string => text.replaceAll(/\s/g, '');
    const texts = world.mails.map((mail) => bare(mail.text));
    for (const [kind, one] of Object.entries(codeMailTexts.ja))
      if (typeof one === 'object' && 'why' in one)
        expect([kind, texts.some((text) => text.includes(bare(one.why)))]).toEqual([kind, true]);
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

  /** Every request on which a mail goes out, by somebody of their own; what the server refuses for its poison sends none. */
  async function askForEveryMail(poison: Poison, number: number, token: string): Promise<void> {
    const [mover, wanted, regained] = ['mover', 'moved', 'regained'].map(
      (name) => `${name}${number}@example.co.jp`,
    ) as [string, string, string];
    const consoleUserId = `m${number}`;
    const accountId = await world.addPerson(mover, { sms: consoleUserId }, { password: PASSWORD });
    const form = (fields: Record<string, string>, path: string, more: readonly string[] = []) =>
      send(poison, 'POST', path, new URLSearchParams(fields).toString(), [
        'Content-Type: application/x-www-form-urlencoded',
        `Origin: ${world.config.issuer}`,
        ...more,
      ]);
    const json = (path: string, body: object, authorization: string) =>
      send(poison, 'POST', path, JSON.stringify(body), [
        'Content-Type: application/json',
        `Authorization: ${authorization}`,
      ]);
    const api = '/api/console/v1/login-id-changes';
    const ofOperators = '/api/operator/v1';

    await form({ email_address: 'taro@example.co.jp' }, '/reset');
    const browser = new Browser(world);
    const page = await browser.submit(await browser.open('/reset'), '/reset', { email_address: mover });
    const cookies = [...browser.cookies].map(([name, { value }]) => `${name.split(';')[0]}=${value}`);
    const code = codeIn((await world.nextMail(mover)).text);
    await form({ code, password: PASSWORD, confirmation: PASSWORD }, page.path, [
      `Cookie: ${cookies.join('; ')}`,
    ]);

    await json(api, { consoleUserId, newEmailAddress: 'taro@example.co.jp', locale: 'ja' }, basic('sms'));
    const begun = await json(api, { consoleUserId, newEmailAddress: wanted, locale: 'ja' }, basic('sms'));
    const id = /"id":"(lic_[^"]*)"/.exec(begun)?.[1];
    if (id) {
      const typed = { code: codeIn((await world.nextMail(wanted)).text) };
      const confirmed = await json(`${api}/${id}/confirm`, typed, basic('sms'));
      if (/^HTTP\/1.1 200/.test(confirmed))
        await form({ token: await tokenOfTheWayBack(mover) }, '/login-id/undo');
    }
    await json(
      `${ofOperators}/accounts/${accountId}/login-id-changes`,
      { newEmailAddress: regained, locale: 'ja', reason: '本人確認済み（見本）' },
      `Bearer ${token}`,
    );
    await world.addPerson(`listed${number}@example.co.jp`, { sms: `s${number}` });
    const listed = await world.app.server.inject({
      url: `/scim/v2/Users?filter=${encodeURIComponent(`externalId eq "s${number}"`)}`,
      headers: { host: HOST, authorization: basic('sms') },
    });
    const [user] = listed.json<{ Resources: { id: string }[] }>().Resources;
    const renamed = { op: 'replace', path: 'userName', value: `relisted${number}@example.co.jp` };
    await send(
      poison,
      'PATCH',
      `/scim/v2/Users/${user?.id}`,
      JSON.stringify({ schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [renamed] }),
      ['Content-Type: application/scim+json', `Authorization: ${basic('sms')}`],
    );
    await json(`${ofOperators}/accounts/${accountId}/set-up-mail`, {}, `Bearer ${token}`);
    await json(
      `${ofOperators}/notices/${notice}/test`,
      { emailAddress: 'test@example.co.jp' },
      `Bearer ${token}`,
    );
  }

  async function tokenOfTheWayBack(to: string): Promise<string> {
    for (let tries = 0; tries < 500; tries++) {
      for (const mail of world.mails) {
        const token = /\/login-id\/undo\?token=([\w-]+)/.exec(mail.text)?.[1];
        if (mail.to === to && token) return token;
      }
      await new Promise((later) => setTimeout(later, 20));
    }
    throw new Error(`No way back was mailed to ${to} within 10 s.`);
  }

  /** One request, byte by byte, on a connection of its own; the whole answer as it comes. */
  function send(
    poison: Poison,
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
      ...(method === 'GET' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
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
