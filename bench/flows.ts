import { createHash, randomBytes } from 'node:crypto';
import type { Answer, Browser } from './browser.ts';
import type { Mailbox } from './mailbox.ts';

/** The console that people sign in to, as the protocol knows it. */
export type Console = { clientId: string; clientSecret: string; redirectUri: string };

/**
 * authorize → sign-in page → password → resume → token: four requests of the browser and one of the console, as the console kit signs people in; who they are stands in the ID token.
 */
export async function fullSignIn(
  browser: Browser,
  console: Console,
  person: { emailAddress: string; password: string },
): Promise<void> {
  const request = authorizationRequest(console);
  const back = await signIn(browser, request, person);
  const { id_token: idToken = '' } = await redeem(browser, console, back, request.verifier);
  const { email } = JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString()) as {
    email: string;
  };
  if (email !== person.emailAddress) throw new Error(`Someone else signed in: ${email}`);
}

/** authorize → sign-in page → password → resume: where the browser is sent back to. */
export async function signIn(
  browser: Browser,
  request: { path: string },
  person: { emailAddress: string; password: string },
): Promise<Answer> {
  const started = expecting(await browser.get(request.path), 303);
  const page = pathOf(started.location);
  expecting(await browser.get(page), 200);
  const sent = expecting(
    await browser.submit(page, { email_address: person.emailAddress, password: person.password }),
    303,
  );
  return expecting(await browser.get(pathOf(sent.location)), 303);
}

/** authorize → token in a browser that is signed in. */
export async function silentSignIn(browser: Browser, console: Console): Promise<void> {
  const request = authorizationRequest(console);
  const back = expecting(await browser.get(request.path), 303);
  await redeem(browser, console, back, request.verifier);
}

/**
 * Asks for a code, waits for it in the mail, and sets a password with it: four requests of the browser.
 * @returns how long the code took from the request to the mail server, in milliseconds
 */
export async function resetPassword(
  browser: Browser,
  console: Console,
  mailbox: Mailbox,
  person: { emailAddress: string; password: string },
): Promise<number> {
  const form = { client_id: console.clientId, email_address: person.emailAddress };
  expecting(await browser.get(`/reset?client_id=${console.clientId}`), 200);
  const asked = performance.now();
  const mailed = mailbox
    .codeFor(person.emailAddress)
    .then((code) => ({ code, after: performance.now() - asked }));
  const accepted = expecting(await browser.submit('/reset', form), 303);
  const page = pathOf(accepted.location);
  expecting(await browser.get(page), 200);
  const { code, after } = await mailed;
  expecting(
    await browser.submit(page, { code, password: person.password, confirmation: person.password }),
    303,
  );
  return after;
}

/** What a console holds of somebody who is signed in. */
export type Tokens = { access: string; refresh: string };

/** A full sign-in that asks for a refresh token too (OpenID Connect Core §11). */
export async function signInForTokens(
  browser: Browser,
  console: Console,
  person: { emailAddress: string; password: string },
): Promise<Tokens> {
  const request = authorizationRequest(console, {
    scope: 'openid email profile offline_access',
    prompt: 'consent',
  });
  const back = await signIn(browser, request, person);
  return tokensOf(await redeem(browser, console, back, request.verifier));
}

/** One request with a refresh token, which is replaced by another (RFC 6749 §6). */
export async function refresh(browser: Browser, console: Console, tokens: Tokens): Promise<Tokens> {
  const form = { grant_type: 'refresh_token', refresh_token: tokens.refresh };
  return tokensOf(answerOf(await browser.post('/token', form, asConsole(console))));
}

/** One request for who somebody is (OpenID Connect Core §5.3). */
export async function userinfo(browser: Browser, { access }: Tokens): Promise<void> {
  expecting(
    await browser.get('/userinfo', { accept: 'application/json', authorization: `Bearer ${access}` }),
    200,
  );
}

/** One question whether a token still holds (RFC 7662). */
export async function introspect(browser: Browser, console: Console, { access }: Tokens): Promise<void> {
  const answer = answerOf(await browser.post('/introspect', { token: access }, asConsole(console)));
  if (answer.active !== true) throw new Error('A token that lives is said not to.');
}

/** One request for a document that is the same for everybody. */
export async function document(browser: Browser, path: string): Promise<void> {
  expecting(await browser.get(path, { accept: 'application/json' }), 200);
}

function tokensOf({ access_token: access, refresh_token: refresh }: TokenAnswer): Tokens {
  if (!access || !refresh) throw new Error('No refresh token was given.');
  return { access, refresh };
}

type TokenAnswer = { id_token?: string; access_token?: string; refresh_token?: string; active?: boolean };

function answerOf(answer: Answer): TokenAnswer {
  return JSON.parse(expecting(answer, 200).body) as TokenAnswer;
}

function asConsole({ clientId, clientSecret }: Console): Record<string, string> {
  return {
    accept: 'application/json',
    authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
  };
}

/** What a console sends its people to, with PKCE. */
export function authorizationRequest(
  console: Console,
  more: Record<string, string> = {},
): { path: string; verifier: string } {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: console.clientId,
    response_type: 'code',
    scope: 'openid email profile',
    redirect_uri: console.redirectUri,
    state: verifier.slice(0, 16),
    nonce: verifier.slice(16, 32),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  });
  return { path: `/authorize?${query.toString()}`, verifier };
}

/** The console's request for the tokens. */
export async function redeem(
  browser: Browser,
  console: Console,
  back: Answer,
  verifier: string,
): Promise<TokenAnswer> {
  const code = new URL(back.location).searchParams.get('code');
  if (!back.location.startsWith(console.redirectUri) || !code)
    throw new Error(`Not sent back with a code: ${back.location}`);
  const form = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: console.redirectUri,
    code_verifier: verifier,
  };
  return answerOf(await browser.post('/token', form, asConsole(console)));
}

function expecting(answer: Answer, status: number): Answer {
  if (answer.status === status) return answer;
  throw new Error(
    `Expected ${status}, got ${answer.status} ${answer.location}\n${answer.body.slice(0, 2_000)}`,
  );
}

function pathOf(location: string): string {
  const { pathname, search } = new URL(location, 'http://localhost');
  return pathname + search;
}
