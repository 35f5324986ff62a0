import { createHash, randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import type { Answer, Browser } from './browser.ts';
import { CONSOLE_SECRET, type World } from './world.ts';

/** A password that meets the rules. */
export const PASSWORD = 'Kawa-no-oto 41 desu';

/** What a console sends its people to, with PKCE; `extra` adds parameters or takes them away (undefined). */
export function authorizeUrl(
  clientId: string,
  extra: Record<string, string | undefined> = {},
): { url: string; verifier: string } {
  const verifier = randomBytes(32).toString('base64url');
  const parameters = {
    client_id: clientId,
    response_type: 'code',
    scope: 'openid email profile',
    redirect_uri: `http://${clientId}.example.co.jp/auth/callback`,
    state: 'state-of-the-console',
    nonce: 'nonce-of-the-console',
    code_challenge: challengeOf(verifier),
    code_challenge_method: 'S256',
    ...extra,
  };
  const given = Object.entries(parameters).filter((one): one is [string, string] => one[1] !== undefined);
  return { url: `/authorize?${new URLSearchParams(given).toString()}`, verifier };
}

export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

export function basic(clientId: string, secret = CONSOLE_SECRET): string {
  return `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`;
}

/** A console's back channel: POSTs a form with the console's credentials. */
export async function consolePost(
  world: World,
  clientId: string,
  path: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
) {
  return world.app.server.inject({
    method: 'POST',
    url: path,
    headers: {
      host: new URL(world.config.issuer).host,
      authorization: basic(clientId),
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    },
    payload: new URLSearchParams(form).toString(),
  });
}

export type Tokens = {
  access_token: string;
  id_token: string;
  refresh_token?: string;
  expires_in: number;
  token_type: string;
  scope: string;
};

/** Exchanges the code of a callback as the console would. */
export function exchange(world: World, clientId: string, callback: URL, verifier: string) {
  return consolePost(world, clientId, '/token', {
    grant_type: 'authorization_code',
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: callback.origin + callback.pathname,
    code_verifier: verifier,
  });
}

/** The tokens for a callback's code; fails the test when there are none. */
export async function tokensOf(
  world: World,
  clientId: string,
  callback: URL,
  verifier: string,
): Promise<Tokens> {
  const answer = await exchange(world, clientId, callback, verifier);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<Tokens>();
}

/** The claims of the ID token for a callback's code. */
export async function redeem(
  world: World,
  clientId: string,
  callback: URL,
  verifier: string,
): Promise<Record<string, unknown>> {
  return claimsOf((await tokensOf(world, clientId, callback, verifier)).id_token);
}

export function claimsOf(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

/** Where a redirect leads. */
export function locationOf(answer: Answer): URL {
  expect(answer.statusCode, answer.body).toBe(303);
  return new URL(String(answer.headers.location), 'http://login.example.co.jp');
}

/** Sets out for a console, asks for a code, reads it and sets the password. */
export async function setPassword(
  world: World,
  browser: Browser,
  start: string,
  address: string,
  password = PASSWORD,
): Promise<Answer> {
  const signIn = await browser.open(start);
  const ask = await browser.open(linkOf(signIn, 'パスワードを忘れた方はこちら'));
  const code = await browser.submit(ask, ask.path, { email_address: address });
  const figures = codeIn((await world.nextMail(address)).text);
  return browser.submit(code, code.path, { code: figures, password, confirmation: password });
}

/** Opens an address that leads to the sign-in page and signs in there. */
export async function signIn(
  browser: Browser,
  start: string,
  address: string,
  password = PASSWORD,
): Promise<Answer> {
  const page = await browser.open(start);
  return browser.submit(page, page.path, { email_address: address, password });
}

/** Signs in at a console from the beginning: the callback's address and the tokens. */
export async function enter(
  world: World,
  browser: Browser,
  clientId: string,
  person: { address: string; password?: string },
  extra: Record<string, string | undefined> = {},
): Promise<{ callback: URL; tokens: Tokens; claims: Record<string, unknown> }> {
  const { url, verifier } = authorizeUrl(clientId, extra);
  const opened = await browser.open(url);
  const answer =
    opened.statusCode === 200
      ? await browser.submit(opened, opened.path, {
          email_address: person.address,
          password: person.password ?? PASSWORD,
        })
      : opened;
  const callback = locationOf(answer);
  const tokens = await tokensOf(world, clientId, callback, verifier);
  return { callback, tokens, claims: claimsOf(tokens.id_token) };
}

/** Where the link with this text leads. */
export function linkOf(page: { body: string }, text: string): string {
  const link = [...page.body.matchAll(/<a [^>]*href="([^"]*)"[^>]*>([\s\S]*?)<\/a>/g)].find(
    (one) => one[2]?.replace(/<[^>]+>/g, '').trim() === text,
  );
  if (!link?.[1]) throw new Error(`No link 「${text}」 in: ${textOf(page)}`);
  return link[1].replace(/&amp;/g, '&');
}

/** The eight figures of a mail, as they stand in it without the space. */
export function codeIn(text: string): string {
  const found = /(\d{4}) (\d{4})/.exec(text);
  if (!found) throw new Error(`No code in: ${text}`);
  return `${found[1]}${found[2]}`;
}

/** A code that is not this one. */
export function otherCode(code: string): string {
  return String((Number(code) + 1) % 100_000_000).padStart(8, '0');
}

/** What a page says, without markup. */
export function textOf(answer: { body: string }): string {
  const body = /<body[\s\S]*<\/body>/.exec(answer.body)?.[0] ?? answer.body;
  return (
    body
      // An address in a sentence, and where it may break.
      .replace(/<wbr\/?>/g, '')
      .replace(/<span class="ui-literal[^>]*>(.*?)<\/span>/g, '$1')
      .replace(/<[^>]+>/g, ' ')
      .replace(/&quot;/g, '"')
      .replace(/&#39;/g, "'")
      .replace(/&lt;/g, '<')
      .replace(/&gt;/g, '>')
      .replace(/&amp;/g, '&')
      .replace(/\s+/g, ' ')
      .trim()
  );
}
