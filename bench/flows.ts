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
  const started = expecting(await browser.get(request.path), 303);
  const page = pathOf(started.location);
  expecting(await browser.get(page), 200);
  const sent = expecting(
    await browser.submit(page, { email_address: person.emailAddress, password: person.password }),
    303,
  );
  const back = expecting(await browser.get(pathOf(sent.location)), 303);
  const claims = await redeem(browser, console, back, request.verifier);
  if (claims.email !== person.emailAddress) throw new Error(`Someone else signed in: ${claims.email}`);
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

function authorizationRequest(console: Console): { path: string; verifier: string } {
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
  });
  return { path: `/authorize?${query.toString()}`, verifier };
}

async function redeem(
  browser: Browser,
  console: Console,
  back: Answer,
  verifier: string,
): Promise<{ email: string }> {
  const code = new URL(back.location).searchParams.get('code');
  if (!back.location.startsWith(console.redirectUri) || !code)
    throw new Error(`Not sent back with a code: ${back.location}`);
  const answer = expecting(
    await browser.post(
      '/token',
      { grant_type: 'authorization_code', code, redirect_uri: console.redirectUri, code_verifier: verifier },
      {
        accept: 'application/json',
        authorization: `Basic ${Buffer.from(`${console.clientId}:${console.clientSecret}`).toString('base64')}`,
      },
    ),
    200,
  );
  const { id_token: idToken } = JSON.parse(answer.body) as { id_token: string };
  return JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString()) as { email: string };
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
