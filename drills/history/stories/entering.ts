import type { Answer, Browser } from '../../../bench/browser.ts';
import { authorizationRequest, type Console } from '../../../bench/flows.ts';
import { answered, basic, type Stage } from '../story.ts';

/** More steps than any way to a console has. */
const MOST_STEPS = 8;

/** Where the way to a console ended. */
export type Arrival = { callback: URL; verifier: string };

/** Sets out for a console and follows wherever the login server leads; undefined where something is not answered. A page that asks for something is an answer without a callback. */
export async function setOut(
  stage: Stage,
  browser: Browser,
  console: Console,
  more: Record<string, string>,
): Promise<Arrival | Answer | undefined> {
  const { path, verifier } = authorizationRequest(console, more);
  let answer = await answered(stage, browser.get(path));
  for (let step = 0; step < MOST_STEPS && answer?.status === 303; step += 1) {
    if (answer.location.startsWith(console.redirectUri))
      return { callback: new URL(answer.location), verifier };
    const { pathname, search } = new URL(answer.location, 'http://localhost');
    answer = await answered(stage, browser.get(pathname + search));
  }
  return answer;
}

/** Exchanges a code, as its console does (RFC 6749 §4.1.3). */
export function redeem(
  browser: Browser,
  console: Console,
  { code, verifier }: { code: string; verifier: string },
): Promise<Answer> {
  const form = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: console.redirectUri,
    code_verifier: verifier,
  };
  return browser.post('/token', form, { accept: 'application/json', authorization: basic(console) });
}

/** The session as the console knows it, from an ID token. */
export function sidIn(answer: Answer): string | undefined {
  const { id_token: idToken = '' } = JSON.parse(answer.body) as { id_token?: string };
  const claims = Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString();
  return claims === '' ? undefined : (JSON.parse(claims) as { sid?: string }).sid;
}
