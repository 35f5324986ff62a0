import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { hash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addOperator } from '#domain/operators/operators.ts';
import { DAY } from '#support/primitives/durations.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { acceptLegacy, STRONG, WEAK } from '#test/legacy.ts';
import { authorizeUrl, locationOf, PASSWORD, setPassword, signIn, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

type Question = {
  headers: IncomingHttpHeaders;
  body: string;
  asked: { emailAddress: string; password: string };
};

let world: World;
let server: Server;
let port: number;
let questions: Question[] = [];
/** What the console answers; 'hang' never does. */
let answer: (
  question: Question,
) => { status?: number; type?: string; body: string; location?: string } | 'hang';

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const question = { headers: request.headers, body, asked: JSON.parse(body) as Question['asked'] };
      questions.push(question);
      const made = answer(question);
      if (made === 'hang') return;
      response.writeHead(made.status ?? 200, {
        'content-type': made.type ?? 'application/json',
        ...(made.location ? { location: made.location } : {}),
      });
      response.end(made.body);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  port = (server.address() as AddressInfo).port;
  world = await openWorld({ environment: { HITOKAGI_LOG_LEVEL: 'debug' } });
  await world.addConsole('sms');
  await acceptLegacy(world, 'sms', 'asked', `http://127.0.0.1:${port}/auth/legacy-password-check`);
  await world.addPerson('taken@example.co.jp', { sms: 'taken' }, { password: PASSWORD });
});
afterAll(async () => {
  await world.close();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});
beforeEach(() => {
  questions = [];
  answer = knowing({});
  world.pass(1 * DAY);
});

/** A console that knows these passwords, by user id. */
function knowing(passwords: Record<string, { emailAddress: string; password: string }>): typeof answer {
  return ({ asked }) => {
    const found = Object.entries(passwords).find(
      ([, one]) => one.emailAddress === asked.emailAddress && one.password === asked.password,
    );
    return { body: JSON.stringify(found ? { matches: true, consoleUserId: found[0] } : { matches: false }) };
  };
}

let people = 0;
async function person(): Promise<{ who: string; id: string }> {
  const id = `asked${++people}`;
  const who = `${id}@example.co.jp`;
  await world.addPerson(who, { sms: id });
  return { who, id };
}

const attempt = (who: string, password: string): Promise<Answer> =>
  signIn(new Browser(world), authorizeUrl('sms').url, who, password);

describe('R21: the console is asked whether a legacy password is right', () => {
  it('by a call that is signed as logout tokens are, for a minute, for one body; the person is signed in', async () => {
    const { who, id } = await person();
    answer = knowing({ [id]: { emailAddress: who, password: STRONG } });
    expect(locationOf(await attempt(who, STRONG)).origin).toBe('http://sms.example.co.jp');
    expect(questions).toHaveLength(1);
    const [{ headers, body, asked }] = questions as [Question];
    expect(asked).toEqual({ emailAddress: who, password: STRONG });
    expect(headers['content-type']).toBe('application/json');
    const token = headers.authorization?.replace('Bearer ', '') ?? '';
    const jwks = (
      await world.app.server.inject({ url: '/jwks', headers: { host: new URL(world.config.issuer).host } })
    ).json<JSONWebKeySet>();
    const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), {
      issuer: world.config.issuer,
      audience: 'sms',
      typ: 'legacy-password-check+jwt',
      currentDate: world.now,
    });
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256', kid: expect.any(String) as string });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(60);
    expect(payload.jti).toMatch(/^[\w-]{43}$/);
    expect(payload.body_sha256).toBe(hash('sha256', body, 'base64url'));
    expect(JSON.stringify(payload)).not.toContain(STRONG);

    expect((await world.nextMail(who)).subject).toContain('パスワードを設定しました');
    expect((await attempt(who, STRONG)).statusCode).toBe(303);
    expect(questions).toHaveLength(1);
  });

  it('one that does not meet our rules leads to the page for a new one', async () => {
    const { who, id } = await person();
    answer = knowing({ [id]: { emailAddress: who, password: WEAK } });
    expect((await attempt(who, WEAK)).path).toContain('/new-password/lgp_');
  });

  it('A1: who controls the console becomes no operator: it is not asked about them, and a proof from before the role sets nothing', async () => {
    const by = { actor: 'operator:cli', now: world.now };
    const [asked, proved] = [await person(), await person()];
    answer = ({ asked: { emailAddress } }) => ({
      body: JSON.stringify({ matches: true, consoleUserId: emailAddress.split('@')[0] }),
    });
    const browser = new Browser(world);
    const page = await signIn(browser, authorizeUrl('sms').url, proved.who, WEAK);
    expect(page.path).toContain('/new-password/lgp_');
    questions = [];
    for (const { who } of [asked, proved]) {
      expect(
        await addOperator(world.database.db, { emailAddress: who, role: 'administrator' }, by),
      ).toMatchObject({
        ok: true,
      });
      expect((await attempt(who, STRONG)).statusCode).toBe(401);
    }
    expect(questions.map((one) => one.asked.emailAddress)).toEqual(
      [1, 2].map(() => expect.stringMatching(/@decoy\.invalid$/) as string),
    );
    const late = await browser.submit(page, page.path, { password: STRONG, confirmation: STRONG });
    expect([late.statusCode, late.headers.location]).toEqual([404, undefined]);
    for (const { who } of [asked, proved]) expect((await attempt(who, STRONG)).statusCode).toBe(401);
    // By the mailbox they set their password as ever.
    await setPassword(world, new Browser(world), '/sign-in', proved.who, STRONG);
    expect((await attempt(proved.who, STRONG)).statusCode).toBe(303);
  });

  it('a password that is right for another user of the console is not accepted', async () => {
    const { who } = await person();
    answer = knowing({ somebodyElse: { emailAddress: who, password: STRONG } });
    expect((await attempt(who, STRONG)).statusCode).toBe(401);
  });

  it('about people who are unknown or have a password the console is asked all the same, but about nobody: neither address nor password leave', async () => {
    for (const who of ['unknown@example.co.jp', 'taken@example.co.jp']) {
      questions = [];
      expect((await attempt(who, 'Typed-but-wrong 99')).statusCode).toBe(401);
      expect(questions).toHaveLength(1);
      expect(questions[0]?.asked.emailAddress).toMatch(/@decoy\.invalid$/);
      expect(questions[0]?.body).not.toContain('Typed-but-wrong');
      expect(questions[0]?.body).not.toContain(who);
    }
    questions = [];
    expect((await attempt('taken@example.co.jp', PASSWORD)).statusCode).toBe(303);
    expect(questions).toHaveLength(0);
  });

  it.each<[string, typeof answer]>([
    ['500', () => ({ status: 500, body: '{"matches":true,"consoleUserId":"x"}' })],
    ['a page', () => ({ type: 'text/html', body: '<p>matches</p>' })],
    ['a redirect', () => ({ status: 302, body: '', location: 'https://evil.example/' })],
    [
      'true as text',
      ({ asked }) => ({ body: JSON.stringify({ matches: 'true', consoleUserId: asked.emailAddress }) }),
    ],
    ['no user id', () => ({ body: '{"matches":true}' })],
    ['much too much', () => ({ body: `{"matches":true,"pad":"${'x'.repeat(100_000)}"}` })],
    ['nothing', () => ({ body: '' })],
  ])('%s is no yes: the person is led to the reset by mail as ever', async (_, says) => {
    const { who } = await person();
    answer = says;
    const refused = await attempt(who, STRONG);
    expect(refused.statusCode).toBe(401);
    expect(textOf(refused)).toContain('ログインIDまたはパスワードが違います。');
    expect(textOf(refused)).toContain('はじめての方：パスワードを設定する');
  });

  it('a console that hangs delays this person three seconds and nobody else', async () => {
    const { who } = await person();
    answer = () => 'hang';
    const begun = performance.now();
    const hanging = attempt(who, STRONG).then((page) => ({ page, after: performance.now() - begun }));
    await expect.poll(() => questions.length).toBe(1);
    expect((await attempt('taken@example.co.jp', PASSWORD)).statusCode).toBe(303);
    const others = performance.now() - begun;
    const { page, after } = await hanging;
    expect(page.statusCode).toBe(401);
    expect(after).toBeGreaterThan(2_900);
    expect(others).toBeLessThan(after);
  });

  it('a console that is down, and an address that is not allowed, are no yes either', async () => {
    const { who } = await person();
    for (const uri of [
      'http://127.0.0.1:1/auth/legacy-password-check',
      'https://10.0.0.1/auth/legacy-password-check',
      'http://sms.example.co.jp/auth/legacy-password-check',
    ]) {
      // Registration refuses the last two; here they were registered before the operators took hosts from the allowed ones.
      await world.database.db
        .updateTable('console')
        .set({ legacy_password_uri: uri })
        .where('client_id', '=', 'sms')
        .execute();
      world.app.forgetCaches();
      expect((await attempt(who, STRONG)).statusCode).toBe(401);
    }
    expect(questions).toHaveLength(0);
    await acceptLegacy(world, 'sms', 'asked', `http://127.0.0.1:${port}/auth/legacy-password-check`);
  });

  it('V4: the log holds neither passwords nor the tokens of these calls', () => {
    const log = world.logLines.join('\n');
    expect(world.logLines.length).toBeGreaterThan(20);
    for (const secret of [STRONG, WEAK, 'Typed-but-wrong', 'eyJ']) expect(log).not.toContain(secret);
  });
});
